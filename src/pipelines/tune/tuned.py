"""`conf/<env>/tuned.yml`: the best values of each tuned family, which the next training in that environment uses.

It is not a parameter file: parameter files of `base` hold in every environment, but values that were found on sample
data must not be used to train the real model.
"""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import yaml

from atelier.atomic_files import write_atomically
from atelier.errors import BadInputError

HEAD = """\
# Written by `kedro run --pipelines tune`: the next training of a family uses these values instead of those in its
# own parameter file. Delete the block of a family to use its parameter file again.
"""


def read_tuned(path: Path, families: Collection[str]) -> dict[str, dict[str, Any]]:
    """Family → (dotted path → value); empty for a family that was not tuned.

    Raises
    ------
    BadInputError
        When the file, edited by hand, holds another key or an unknown family.
    """
    content = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None
    blocks = (content or {}).get("tuned") or {}
    if unknown := sorted({*(content or {})} - {"tuned"} | {*blocks} - {*families}):
        raise BadInputError(
            f"{path} holds {', '.join(unknown)}; below `tuned:` it may hold blocks of {', '.join(sorted(families))}."
        )
    return {family: dict(blocks.get(family) or {}) for family in families}


def write_tuned(path: Path, family: str, values: Mapping[str, Any], comment: str) -> None:
    """Write the values of a family to the file; those of other families and their comments stay.

    Parameters
    ----------
    values
        Dotted path → value.
    comment
        Where the values come from, for the line above them.
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
