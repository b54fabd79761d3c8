"""What the families that train with TensorFlow share; it knows none of them."""
