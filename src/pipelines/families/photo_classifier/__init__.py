"""The photo classifier: from one folder of photos per class, from scratch or on a pretrained backbone."""
