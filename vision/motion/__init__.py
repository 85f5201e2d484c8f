"""How the camera moved: the flow of the picture, heading, speed, and the drive on the map."""
