"""Evaluation of translated photos as a set: distance to paintings, content, diversity."""
