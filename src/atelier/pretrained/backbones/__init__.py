"""Backbones: networks that were trained on ImageNet and whose features a classifier starts from."""
