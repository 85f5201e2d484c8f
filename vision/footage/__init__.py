"""Files to frames: videos on disk, what they are, which belong together, and their pictures with true times."""
