from typing import Any

import pytest

from atelier.errors import BadInputError
from atelier.service.http.values import (
    LARGEST_SEED,
    file_of,
    known_label,
    number,
    one_of,
    seed_or_any,
    shares,
    whole_number,
    yes_or_no,
)

LABELS = ("alarm clock", "cat", "cup")


@pytest.mark.parametrize("value", [1, 3, 9])
def test_a_whole_number_within_bounds_is_taken(value: int) -> None:
    assert whole_number("count", value, 1, 9) == value


@pytest.mark.parametrize("value", [0, 10, -1, 2.0, "3", True, None, [3], 10**40, float("nan")])
def test_anything_else_is_refused_with_the_bounds(value: Any) -> None:
    with pytest.raises(BadInputError, match=r"count must be a whole number from 1 to 9\."):
        whole_number("count", value, 1, 9)


def test_a_missing_seed_is_drawn_at_random() -> None:
    seeds = {seed_or_any(None) for _ in range(5)}
    assert len(seeds) > 1
    assert all(0 <= seed <= LARGEST_SEED for seed in seeds)
    assert seed_or_any(0) == 0
    assert seed_or_any(LARGEST_SEED) == LARGEST_SEED
    with pytest.raises(BadInputError, match=f"seed must be a whole number from 0 to {LARGEST_SEED}"):
        seed_or_any(LARGEST_SEED + 1)


@pytest.mark.parametrize(
    ("label", "near"), [("cap", "cup or cat"), ("Alarm Clock", "alarm clock"), ("c" * 10**6, "cat")]
)
def test_an_unknown_label_is_answered_with_the_nearest(label: str, near: str) -> None:
    with pytest.raises(BadInputError, match=rf"no label .*There is, for example, .*{near}") as refused:
        known_label(label, LABELS)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("label", [None, 3, ["cat"], {"cat": 1}])
def test_a_label_is_text(label: Any) -> None:
    with pytest.raises(BadInputError, match="label must be text"):
        known_label(label, LABELS)


def test_a_word_is_one_of_the_choices() -> None:
    assert one_of("as", "png", ("png", "array")) == "png"
    for wrong in ("PNG", None, 1, ["png"]):
        with pytest.raises(BadInputError, match=r"as must be 'png' or 'array'\."):
            one_of("as", wrong, ("png", "array"))


@pytest.mark.parametrize("value", [0, 0.5, 1, 1.0])
def test_a_number_within_bounds_is_taken(value: float) -> None:
    assert number("strength", value, 0, 1) == value


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf"), 10**400, True, "1", None, [1]])
def test_any_other_number_is_refused_with_the_bounds(value: Any) -> None:
    with pytest.raises(BadInputError, match=r"strength must be a number from 0 to 1\."):
        number("strength", value, 0, 1)


def test_weights_become_shares() -> None:
    assert shares("weights", [1, 3, 0]) == [0.25, 0.75, 0]
    for wrong in ([], [0, 0], [1, -1], [1, None], [float("nan")], [10**7]):
        with pytest.raises(BadInputError, match=r"^weights must be numbers from 0 to 1000000, not all of them 0\.$"):
            shares("weights", wrong)


def test_truth_is_true_or_false() -> None:
    assert yes_or_no("keep_colours", True) is True
    for wrong in (1, "true", None):
        with pytest.raises(BadInputError, match=r"keep_colours must be true or false\."):
            yes_or_no("keep_colours", wrong)


def test_a_file_is_bytes() -> None:
    assert file_of("image", b"") == b""
    with pytest.raises(BadInputError, match=r"There is no image\. Send it"):
        file_of("image", None)
    with pytest.raises(BadInputError, match=r"image must be a file\. Send it"):
        file_of("image", "a.png")
