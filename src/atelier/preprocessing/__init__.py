"""From a picture or strokes to the array a model reads: the same code in preparation, evaluation and service."""
