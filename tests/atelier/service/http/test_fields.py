from typing import Any

import pytest

from atelier.errors import BadInputError
from atelier.service.endpoints.generate_drawing import GenerateDrawingRequest
from atelier.service.endpoints.stylize import StylizeRequest
from atelier.service.endpoints.stylize_with import StylizeWithRequest
from atelier.service.http.fields import MAX_RANDOM_SEED, MAX_SEED, known_label, seed_or_random, shares
from atelier.service.http.requests import EndpointRequest

LABELS = ("alarm clock", "cat", "cup")


def generate(**parts: Any) -> GenerateDrawingRequest:
    return GenerateDrawingRequest.from_parts({"label": "cat", **parts})


def stylize(**parts: Any) -> StylizeRequest:
    return StylizeRequest.from_parts({"image": b"photo", "styles": "sea", **parts})


@pytest.mark.parametrize("value", [1, 3, 64])
def test_a_whole_number_within_bounds_is_accepted(value: int) -> None:
    assert generate(count=value).count == value


@pytest.mark.parametrize("value", [0, 65, -1, 2.0, "3", True, None, [3], 10**40, float("nan")])
def test_any_other_whole_number_is_rejected_with_the_bounds(value: Any) -> None:
    with pytest.raises(BadInputError, match=r"^count must be a whole number from 1 to 64\.$"):
        generate(count=value)


@pytest.mark.parametrize("value", [MAX_SEED + 1, -1, 1.0, "7", False])
def test_the_bounds_of_an_optional_number_are_in_the_message(value: Any) -> None:
    with pytest.raises(BadInputError, match=rf"^seed must be a whole number from 0 to {MAX_SEED}\.$"):
        generate(seed=value)


def test_a_missing_seed_is_random() -> None:
    assert generate(seed=None).seed is None
    seeds = {seed_or_random(None) for _ in range(5)}
    assert len(seeds) > 1
    assert all(0 <= seed <= MAX_RANDOM_SEED for seed in seeds)
    assert seed_or_random(generate(seed=0).seed) == 0
    assert seed_or_random(generate(seed=MAX_SEED).seed) == MAX_SEED


@pytest.mark.parametrize(
    ("label", "near"), [("cap", "cup or cat"), ("Alarm Clock", "alarm clock"), ("c" * 10**6, "cat")]
)
def test_the_message_for_an_unknown_label_suggests_similar_ones(label: str, near: str) -> None:
    with pytest.raises(BadInputError, match=rf"no label .*There is, for example, .*{near}") as error:
        known_label(label, LABELS)
    assert len(str(error.value)) < 200


@pytest.mark.parametrize("label", [None, 3, ["cat"], {"cat": 1}])
def test_a_label_is_text(label: Any) -> None:
    with pytest.raises(BadInputError, match=r"^label must be text, such as 'house'\.$"):
        generate(label=label)


@pytest.mark.parametrize("value", ["PNG", None, 1, ["png"]])
def test_a_choice_is_one_of_its_values(value: Any) -> None:
    assert generate(**{"as": "array"}).form == "array"
    with pytest.raises(BadInputError, match=r"^as must be 'png' or 'array'\.$"):
        generate(**{"as": value})


@pytest.mark.parametrize("value", [0, 0.5, 1, 1.0])
def test_a_number_within_bounds_is_accepted(value: float) -> None:
    assert stylize(strength=value).strength == value


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf"), 10**400, True, "1", None, [1]])
def test_any_other_number_is_rejected_with_the_bounds(value: Any) -> None:
    with pytest.raises(BadInputError, match=r"^strength must be a number from 0 to 1\.$"):
        stylize(strength=value)


def test_weights_become_shares() -> None:
    assert shares("weights", [1, 3, 0]) == [0.25, 0.75, 0]
    for wrong in ([], [0, 0], [1, -1], [1, None], [True], ["1"], [float("nan")], [10**7], [10**400]):
        with pytest.raises(BadInputError, match=r"^weights must be numbers from 0 to 1000000, not all of them 0\.$"):
            shares("weights", wrong)


@pytest.mark.parametrize("value", [1, "true", None])
def test_a_boolean_is_true_or_false(value: Any) -> None:
    assert stylize(keep_colours=True).keep_colours is True
    with pytest.raises(BadInputError, match=r"^keep_colours must be true or false\.$"):
        stylize(keep_colours=value)


def test_a_file_is_bytes() -> None:
    assert stylize(image=b"").image == b""
    for missing in ({"style": b""}, {"image": None, "style": b""}):
        with pytest.raises(
            BadInputError, match=r"^There is no image\. Send it as multipart/form-data, with a file name"
        ):
            StylizeWithRequest.from_parts(missing)
    with pytest.raises(BadInputError, match=r"^image must be a file\. Send it"):
        stylize(image="a.png")


def test_an_unknown_part_is_reported_before_a_wrong_value() -> None:
    with pytest.raises(
        BadInputError, match=r"^There is no part called 'x{40}'\. The parts are: label, count, seed, as\.$"
    ):
        generate(count=0, **{"x" * 99: 1})


def test_a_name_that_is_not_unicode_is_rejected() -> None:
    with pytest.raises(BadInputError, match=r"^A part has a name that cannot be read\. The parts are: label"):
        generate(**{"\ud800": 1})


class StrokesRequest(EndpointRequest):
    """A request whose only field is a list."""

    strokes: list[list[float]]


@pytest.mark.parametrize("parts", [{}, {"strokes": 3}])
def test_a_list_that_is_missing_or_no_list_is_named(parts: dict[str, Any]) -> None:
    with pytest.raises(BadInputError, match=r"strokes"):
        StrokesRequest.from_parts(parts)
