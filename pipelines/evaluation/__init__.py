"""The measuring stick: what the product found in labelled real footage, held against its labels.

Truth is read from CSV files (`clip_truth`, `drive_truth`), scores are pure functions of truth and observation log
(`follow`, `incidents`, `rest`, `parked`, `lamps`, `cuts`, `ground`), `report` adds them up, `contact_sheet` shows the
mistakes.
docs/evaluation.md describes the files and what each number means.
"""
