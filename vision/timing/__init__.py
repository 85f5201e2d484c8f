"""What time it was: clocks of files, of GPS and of what the pictures show, and whether time passed as they say."""
