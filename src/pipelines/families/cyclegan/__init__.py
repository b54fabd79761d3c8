"""Unpaired translation of photos to paintings and back: CycleGAN with a residual or a U-Net generator."""
