"""Predict: the champion's answers for all photos of a folder or a bucket."""
