"""What several processes on one machine need: locks, a pool of worker processes, and their share of the cores."""
