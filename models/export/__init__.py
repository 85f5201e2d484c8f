"""From a trained checkpoint to what ships."""
