"""Images and strokes to model inputs: the same code in data preparation, evaluation and service."""
