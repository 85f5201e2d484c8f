"""What tracks are in the world: bodies with a state over time, one for each thing."""
