"""Quick, Draw!: the formats it is published in, and drawings like it that are made here."""
