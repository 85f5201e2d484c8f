"""The second, closer look at signal heads: its network, from training data to what ships."""
