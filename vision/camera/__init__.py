"""Where the camera is mounted and what it looks through, read off what it shows."""
