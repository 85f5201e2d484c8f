"""What things look like, and how much alike they are."""
