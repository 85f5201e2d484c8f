"""What is painted on the road, from bars in one picture to lines in the local frame."""
