"""The labels and groups of images, from their names."""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from atelier.errors import BadInputError

log = logging.getLogger(__name__)

FEW = 10
"""With fewer training photos than this, a class is named in a warning."""
UNEVEN = 3
"""When a class has so many times the training photos of another, both are named in a warning."""


@dataclass(frozen=True)
class Labels:
    """The labels and groups of images by their names. Without names of classes, images have neither."""

    names: tuple[str, ...] = ()
    """The classes."""
    label_of: Callable[[str], str] = field(default=str)
    """Name of an image → its class."""
    group_of: Callable[[str], str | None] = field(default=str)
    """Name of an image → the group that it belongs to, or None."""

    def of(self, names: Iterable[str]) -> tuple[list[int], list[str | None]]:
        """The number of the class, and the group, of each of these images; empty lists where there are no classes."""
        if not self.names:
            return [], []
        number = {name: index for index, name in enumerate(self.names)}
        pairs = [(number[self.label_of(name)], self.group_of(name)) for name in names]
        return [label for label, _ in pairs], [group for _, group in pairs]


def labels_from_names(names: Iterable[str], label: str | None, group: str | None) -> Labels:
    """Labels of photos in one folder per class.

    Parameters
    ----------
    names
        Paths of all photos, such as `cats/2019/001.jpg`.
    label
        Regular expression whose first group is the class; None: the first folder of the path.
    group
        Regular expression; photos with equal matches (of its first group, where it has one) belong together. None, or
        where it does not match: a photo is independent of all others.

    Raises
    ------
    BadInputError
        When a photo has no class, or there are fewer than two classes.
    """
    find_label, find_group = _finder(label or "^([^/]+)/"), _finder(group) if group else (lambda _: None)
    found: dict[str, str] = {}
    for name in names:
        of_name = find_label(name)
        if of_name is None:
            where = "is in no folder" if label is None else f"does not match the pattern {label!r}"
            raise BadInputError(f"The photo {name} {where}, so it has no class. Put each class into its own folder.")
        found.setdefault(of_name, name)
    if len(found) < 2:
        only = next(iter(found), "none")
        raise BadInputError(
            f"A classifier needs photos of at least two classes; there is {only}. Each folder is one class: name the "
            "folder that holds the folders of the classes."
        )
    return Labels(tuple(sorted(found)), lambda name: str(find_label(name)), find_group)


def check_labels(counts: Mapping[str, Mapping[str, int]], report: Path) -> None:
    """Raise an error when a class has no photo to learn from, and warn of uneven, rare and untested classes.

    Parameters
    ----------
    counts
        Split → label → number of items.
    report
        The file that says why images were left out, for the message.

    Raises
    ------
    BadInputError
        The message names the classes.
    """
    train = counts["train"]
    if list(train) == [""]:
        return
    empty = [
        f"{name} ({sum(split[name] for split in counts.values())} photos in all)" for name in train if not train[name]
    ]
    if empty:
        raise BadInputError(
            f"No photo to learn from is left of {', '.join(empty)}: the others were left out or are for testing. Add "
            f"photos of it, or remove its folder. {report} says which photos were left out, and why."
        )
    rare = [f"{name} ({number})" for name, number in train.items() if number < FEW]
    most, least = max(train, key=lambda name: train[name]), min(train, key=lambda name: train[name])
    if train[most] >= UNEVEN * train[least]:
        log.warning(
            "Uneven classes: %d photos to learn from of %s, %d of %s. training.class_weights gives all classes the "
            "same weight; macro_f1 counts them alike.",
            train[most],
            most,
            train[least],
            least,
        )
    if rare:
        log.warning("Few photos to learn from: %s. More of them would help.", ", ".join(rare))
    untested = [name for name in train if not counts["test"][name]]
    if untested:
        log.warning("No test photo of: %s. The metrics say nothing about it.", ", ".join(untested))


def _finder(pattern: str) -> Callable[[str], str | None]:
    """A function that returns the first group of the match, or the whole match; None where there is no match."""
    compiled = re.compile(pattern)

    def find(name: str) -> str | None:
        match = compiled.search(name)
        return None if match is None else match[1] if compiled.groups else match[0]

    return find
