import io

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from atelier.evaluation.stylization.artifacts import BORDER_LIMIT, GRID_LIMIT
from atelier.evaluation.stylization.cost import cost_table
from atelier.evaluation.stylization.evaluate import evaluate_stylisation
from atelier.evaluation.stylization.metrics import Judge, match_colours
from atelier.evaluation.stylization.pairs import Gallery, Pairs
from atelier.evaluation.stylization.settings import EvaluationSettings
from atelier.onnx.model import OnnxModel
from atelier.pretrained.perceptual.architectures import RANDOM
from atelier.pretrained.perceptual.extractor import Extractor
from tests.helpers.perceptual_networks import images, write_perceptual
from tests.helpers.stylizer_champions import arbitrary_model, arbitrary_spec, arbitrary_stylizer

ASKED = EvaluationSettings(
    resamples=50,
    size=64,
    photos=3,
    paintings=2,
    strengths=(0.0, 0.5, 1.0),
    strength_pairs=1,
    shifted_pairs=2,
    cost_sizes=(64, 96),
    cost_calls=2,
    slow_style=0.1,
)


def hung(count, seed, first_id):
    return Gallery.hang(list(images(64, 64, count, seed).astype(np.uint8)), range(first_id, first_id + count), 64)


PHOTOS, PAINTINGS = hung(5, 0, 1), hung(3, 1, 100)


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    return Judge(RANDOM, Extractor(write_perceptual(tmp_path_factory.mktemp("random") / "random", "random")))


def evaluate(paint, judge, **changes):
    return evaluate_stylisation(paint, PHOTOS, PAINTINGS, judge, ASKED.model_copy(update=changes), {"peak": 1})


def painter():
    """The colours' means and deviations of the painting: a network whose results are known."""
    network = arbitrary_stylizer()
    statistics = [network.statistics(painting) for painting in PAINTINGS.pictures]
    return lambda photo, painting, strength: network.paint(photo, statistics[painting], strength)


def untouched(photo, painting, strength):
    return photo


@pytest.fixture(scope="module")
def found(judge):
    return evaluate(painter(), judge)


@pytest.fixture(scope="module")
def as_it_is(judge):
    return evaluate(untouched, judge)


def test_every_photo_is_painted_in_every_style_and_judged(found, judge):
    paint = painter()
    pairs = Pairs.all(PHOTOS.first(3), PAINTINGS.first(2))
    assert found.item_ids.tolist() == pairs.ids.tolist()
    pictures = [paint(PHOTOS.pictures[photo], painting, 1.0) for photo, painting in pairs.places]
    content, style = judge(pictures, pairs.photo_of_each, pairs.painting_of_each)
    np.testing.assert_array_equal(found.items["content"], content)
    np.testing.assert_array_equal(found.items["style"], style)
    assert found.metrics["style"].value == pytest.approx(style.mean())
    assert found.metrics["style"].low < style.mean() < found.metrics["style"].high
    assert set(found.items) == {"content", "style", "reached", "grid"}
    for name, values in found.items.items():
        assert found.metrics[name].value == pytest.approx(values.mean()), name


def test_the_anchors_are_measured_on_the_same_pairs(found, as_it_is, judge):
    assert as_it_is.metrics["content"].value == 0
    assert as_it_is.metrics["style"] == found.metrics["untouched_style"]
    matched = evaluate(lambda photo, painting, s: match_colours(photo, PAINTINGS.pictures[painting]), judge)
    assert matched.metrics["style"] == found.metrics["colour_match_style"]
    assert matched.metrics["content"] == found.metrics["colour_match_content"]


def test_reached_is_0_at_the_photo_1_at_the_slow_method_and_left_out_without_one(found, as_it_is, judge):
    start, end = (side.metrics["style"].value for side in (as_it_is, found))
    assert as_it_is.items["reached"] == pytest.approx(np.zeros(6))
    assert found.metrics["reached"].value == pytest.approx((start - end) / (start - 0.1))
    assert evaluate(painter(), judge, slow_style=end).metrics["reached"].value == pytest.approx(1)
    assert "reached" not in evaluate(untouched, judge, slow_style=None).metrics


def test_strength_that_turns_back_is_found(judge):
    paint, ends = painter(), (0.0, 1.0)
    assert evaluate(paint, judge, strengths=ends).metrics["monotone"].value == 1
    turned = evaluate(lambda photo, at, strength: paint(photo, at, 1 - strength), judge, strengths=ends)
    assert turned.metrics["monotone"].value == 0


def test_a_grid_a_border_and_shimmer_are_found(found, judge):
    paint, clean = painter(), found.metrics

    def spoilt(photo, painting, strength):
        picture = paint(photo, painting, strength).astype(int)
        picture[::2, ::2] += 20  # stays where it is when the photo moves
        picture[0], picture[-1], picture[:, 0], picture[:, -1] = 0, 0, 0, 0
        return np.clip(picture, 0, 255).astype(np.uint8)

    bad = evaluate(spoilt, judge).metrics
    for name, limit in {"grid": GRID_LIMIT, "border": BORDER_LIMIT, "shimmer": 0.1}.items():
        assert bad[name].value > max(limit, 2 * clean[name].value), name
    assert clean["shimmer"].value < 0.1 < 0.5 < clean["border"].value < BORDER_LIMIT


def test_the_same_network_gives_the_same_evaluation_to_the_byte(found, judge, tmp_path):
    found.write(tmp_path / "one")
    evaluate(painter(), judge).write(tmp_path / "other")
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*"))
    assert {path.name for path in files} >= {"metrics.json", "pairs.json", "cost.json", "sheet.png", "strengths.png"}
    for path in files:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "other" / path).read_bytes(), path


def test_tables_name_every_pair_and_hand_on_the_cost(found):
    rows = found.tables["pairs.json"]
    assert len(rows) == 6
    assert (rows[0]["photo"], rows[0]["painting"], rows[0]["style_name"]) == (f"{1:016x}", f"{100:016x}", "000000")
    assert [row["style"] for row in rows] == pytest.approx(found.items["style"], abs=1e-6)
    assert found.tables["cost.json"] == {"peak": 1}


def test_sheets_show_photos_across_and_paintings_down(found, as_it_is, judge):
    narrow = evaluate(painter(), judge, sheet_photos=2)
    sizes = [Image.open(io.BytesIO(side.pictures["sheet.png"])).size for side in (found, narrow)]
    assert sizes[1][0] < sizes[0][0]
    assert sizes[1][1] == sizes[0][1]
    for name in ("sheet.png", "strengths.png"):
        assert as_it_is.pictures[name] != found.pictures[name]


def test_what_a_picture_costs_is_measured_by_size_and_in_a_process_of_its_own():
    model = OnnxModel(arbitrary_model().SerializeToString())
    table = cost_table(painter(), model, arbitrary_spec(), ASKED)
    assert [row["size"] for row in table["latency"]] == [64, 96]
    assert all(0 < row["median_ms"] <= row["slowest_ms"] for row in table["latency"])
    assert table["peak_memory_size"] == 96
    assert table["peak_memory_mb"] > 20


def test_strengths_that_do_not_rise_are_refused():
    for strengths in ((0.5, 0.2), (0.5,), (0.0, 1.1), (-0.1, 1.0), (0.5, 0.5)):
        with pytest.raises(ValidationError):
            EvaluationSettings(strengths=strengths)
    with pytest.raises(ValidationError):
        EvaluationSettings(size=32)
