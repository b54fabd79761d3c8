"""Pretrained networks, each with its source, hash and licence."""
