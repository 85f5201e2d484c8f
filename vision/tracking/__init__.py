"""From detections to tracks in the picture: who is who from frame to frame."""
