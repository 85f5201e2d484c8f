"""Where tracked things are on the ground, how they move there, and whether they stood."""
