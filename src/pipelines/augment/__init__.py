"""An experiment: do generated drawings help a classifier? Trainings with and without them are compared."""
