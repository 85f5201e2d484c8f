"""How well a network sees: measured, compared and shown."""
