"""Fast style transfer: one network for the styles of several paintings and their blends."""
