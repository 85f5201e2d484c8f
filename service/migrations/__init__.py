"""Alembic migrations, from the first table on; `service.database.open_database` runs them."""
