"""What families in PyTorch share: trainer, checkpoints, export, the perceptual network."""
