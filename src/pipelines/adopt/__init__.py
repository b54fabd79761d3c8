"""Models that were trained elsewhere join the lifecycle of a family."""
