"""Who was champion of a family when."""
