"""Fast style transfer: one network that repaints photos in the manner of chosen paintings, and of their blends."""
