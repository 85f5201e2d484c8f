"""One frame in, detections out: the street classes, detectors, training, evaluation and export."""
