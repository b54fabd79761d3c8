"""Arbitrary style transfer: any photo in the style of any painting."""
