"""The labels of an adopted model: one a line, in the order of its output."""

from collections.abc import Sequence
from pathlib import Path

from atelier.errors import BadInputError


def read_labels(
    path: Path | None, classes: int | None, known: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The labels in the spelling of the data, and sentences about what differs from the data.

    Parameters
    ----------
    path
        A text file with one label a line.
    classes
        Size of the model's output; None where the file does not say.
    known
        Labels of the data.

    Raises
    ------
    BadInputError
        When there is no such file, it is not UTF-8, its labels are not as many as the outputs, or none of them is
        known.
    """
    if path is None or not path.is_file():
        missing = "No labels are given" if path is None else f"There is no file {path}"
        raise BadInputError(
            f"{missing}. Give the names of the outputs, one a line, with --params labels=path/labels.txt."
        )
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors begin a file with a byte order mark
    except UnicodeDecodeError as error:
        raise BadInputError(f"{path} is not text in UTF-8. Save it in this encoding.") from error
    given = tuple(line.strip() for line in text.splitlines() if line.strip())
    if classes is not None and len(given) != classes:
        raise BadInputError(f"{path} has {len(given)} labels, the model has {classes} outputs. Write one label a line.")
    spelling = {_plain(label): label for label in known}
    labels = tuple(spelling.get(_plain(label), label) for label in given)
    if len(set(labels)) < len(labels):
        twice = sorted({label for label in labels if labels.count(label) > 1})
        raise BadInputError(f"{path} names {', '.join(twice)} more than once. Each output needs a label of its own.")
    if not set(labels) & set(known):
        raise BadInputError(
            f"The data has none of the labels in {path} ({_some(given)}). It has {_some(known)}. Is it the right file?"
        )
    return labels, tuple(_differences(given, labels, known))


def _differences(given: Sequence[str], labels: Sequence[str], known: Sequence[str]) -> list[str]:
    spelled = [f"{old} is {new}" for old, new in zip(given, labels, strict=True) if old != new]
    unknown = [label for label in labels if label not in known]
    missing = [label for label in known if label not in labels]
    texts = [
        f"Labels: spelled differently ({_some(spelled)}); the data's spelling is used." if spelled else "",
        f"Labels: the data does not have {_some(unknown)}; predicting one of them counts as wrong." if unknown else "",
        f"Labels: the model does not know {_some(missing)}; each such test item counts as wrong." if missing else "",
        "Labels: in another order than the data's; they are matched by name."
        if set(labels) == set(known) and tuple(labels) != tuple(known)
        else "",
    ]
    return [text for text in texts if text]


def _plain(label: str) -> str:
    return label.casefold().replace("_", " ").replace("-", " ")


def _some(names: Sequence[str], most: int = 5) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest
