"""Where data comes from: mirrors, publishers, archives."""
