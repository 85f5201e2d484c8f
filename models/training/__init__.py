"""Training the street network, from its starting point to a checkpoint."""
