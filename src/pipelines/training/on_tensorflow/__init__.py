"""Training code that the TensorFlow families share: trainer, checkpoints, export, the perceptual network."""
