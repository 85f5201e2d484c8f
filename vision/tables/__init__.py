"""The observation log's tables, one row type each. Frames of reference as in `vision.log`."""
