"""Training data: sources in YOLO format, merged into one set with our classes."""
