import pytest

from atelier.errors import BadInputError
from atelier.onnx.pixel_range import RANGES
from pipelines.adopt.ranges import best_range, ranges_named


def test_the_usual_range_is_taken_unless_another_is_clearly_better():
    equal = dict.fromkeys(RANGES, 0.3)
    assert best_range(equal, "float32").name == "0 to 1"
    assert best_range(equal, "uint8").name == "0 to 255"
    for clear in RANGES:
        assert best_range({**equal, clear: 0.1}, "float32") == clear


def test_ranges_are_named():
    assert ranges_named(None) == RANGES
    assert [pixels.offset for pixels in ranges_named("-1 to 1")] == [-1]
    # As Kedro's command line, which splits at commas, can give it.
    assert [pixels.offset for pixels in ranges_named("0 to 1 dark on light")] == [1]
    with pytest.raises(BadInputError, match="0 to 1; -1 to 1"):
        ranges_named("0-1")


def test_a_range_without_a_number_is_left_out():
    losses = {RANGES[0]: float("nan"), RANGES[1]: 0.3, RANGES[2]: 0.1}
    assert best_range(losses, "float32") == RANGES[2]
    with pytest.raises(BadInputError, match="NaN or infinity"):
        best_range(dict.fromkeys(RANGES, float("nan")), "float32")
