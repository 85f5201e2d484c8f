"""Observation logs in, incidents with evidence out: sites, rules, judging, batches, simulation."""
