"""Where an answer comes from, for answers that are files: in the headers, and in the file itself."""

import json
from urllib.parse import quote

from atelier.settings import Settings


def told(origin: Settings) -> dict[str, str]:
    """Every text, number and truth value of `origin` as text."""
    plain = {name: value for name, value in origin if isinstance(value, str | int | float)}
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in plain.items()}


def header_name(field: str) -> str:
    """`keep_colours` → `Atelier-Keep-Colours`."""
    return f"Atelier-{field.replace('_', '-').title()}"


def headers_of(origin: Settings) -> dict[str, str]:
    """What `told` tells as headers, `Atelier-Seed: 7`, percent-encoded where they leave ASCII."""
    return {header_name(name): quote(value, safe=' ,:;/(){}"') for name, value in told(origin).items()}
