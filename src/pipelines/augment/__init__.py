"""Do generated drawings help a classifier? Trainings with and without them, compared on the same real test items."""
