"""Errors whose message tells the reader what to change."""


class AtelierError(Exception):
    """Base of every error that Atelier raises on purpose; shown without a traceback."""


class BadInputError(AtelierError):
    """What a user or a data file handed in cannot be used; the message says why and what would work."""
