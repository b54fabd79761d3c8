"""Arbitrary style transfer: any photo in the manner of any painting."""
