"""What an observation log says, drawn over its video: a film or a sheet of pictures to look at."""
