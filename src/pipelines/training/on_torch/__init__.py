"""Training code that the PyTorch families share: trainer, checkpoints, export, the perceptual network."""
