"""`conf/<env>/tuned.yml`: the best values of every tuned family, where the environment's next training picks them up.

It is no parameter file: those of `base` reach every environment, and what was found on sample data must not train the
real model.
"""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import yaml

from atelier.atomic_files import write_atomically
from atelier.errors import BadInputError

HEAD = """\
# Written by `kedro run --pipelines tune`: the next lifecycle of a family starts with these values instead of those
# in its own parameter file. Delete a family's block to go back.
"""


def read_tuned(path: Path, families: Collection[str]) -> dict[str, dict[str, Any]]:
    """Family → the values found for it, dotted path → value; empty for one that was not tuned.

    Raises
    ------
    BadInputError
        When the file, edited by hand, holds something else.
    """
    content = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None
    blocks = (content or {}).get("tuned") or {}
    if unknown := sorted({*(content or {})} - {"tuned"} | {*blocks} - {*families}):
        raise BadInputError(
            f"{path} holds {', '.join(unknown)}; below `tuned:` it may hold blocks of {', '.join(sorted(families))}."
        )
    return {family: dict(blocks.get(family) or {}) for family in families}


def write_tuned(path: Path, family: str, values: Mapping[str, Any], comment: str) -> None:
    """Put a family's values into the file; those of other families, and the comments above them, stay.

    Parameters
    ----------
    values
        Dotted path → value.
    comment
        One line that says where the values come from.
    """
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    blocks = dict((yaml.safe_load(text) or {}).get("tuned") or {})
    comments = {name: line for line, name in re.findall(r"^  # (.*)\n  ([^\s#].*?):", text, re.MULTILINE)}
    blocks[family], comments[family] = dict(values), " ".join(comment.split())
    body = "".join(_block(name, blocks[name], comments.get(name)) for name in sorted(blocks))
    write_atomically(path, f"{HEAD}tuned:\n{body}")


def _block(family: str, values: Mapping[str, Any], comment: str | None) -> str:
    lines = yaml.safe_dump({family: dict(values)}, sort_keys=False, allow_unicode=True, width=10_000).splitlines()
    return "".join(f"  {line}\n" for line in ([f"# {comment}"] if comment else []) + lines)
