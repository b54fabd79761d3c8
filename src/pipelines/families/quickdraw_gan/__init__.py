"""The Quick Draw generator: one class-conditional DCGAN for all labels of the data."""
