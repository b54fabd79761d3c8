"""Evaluation of style transfer."""
