"""Incidents in, answers out: database, API, review page and the `patrol` command."""
