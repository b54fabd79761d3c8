"""The Quick Draw generator: one class-conditional DCGAN that draws every label of the data."""
