"""One video in, an observation log out: time, place, ego-motion, tracks and signal states."""
