import io

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from atelier.evaluation.stylization.artifacts import BORDER_LIMIT, CHECKERBOARD_LIMIT
from atelier.evaluation.stylization.cost import cost_table
from atelier.evaluation.stylization.evaluate import evaluate_stylization
from atelier.evaluation.stylization.metrics import ContentStyleDistance, match_colors
from atelier.evaluation.stylization.pairs import ImageSet, Pairs
from atelier.evaluation.stylization.settings import EvaluationSettings
from atelier.evaluation.unit_bootstrap import mean_over_units
from atelier.onnx.model import OnnxModel
from atelier.pretrained.perceptual.architectures import RANDOM
from atelier.pretrained.perceptual.extractor import Extractor
from tests.helpers.perceptual_networks import images, write_perceptual
from tests.helpers.stylizer_champions import arbitrary_model, arbitrary_spec, arbitrary_stylizer

SETTINGS = EvaluationSettings(
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
    seed=0,
    sheet_photos=6,
    sheet_paintings=10,
)


def image_set(count, seed, first_id):
    return ImageSet.from_images(
        list(images(64, 64, count, seed).astype(np.uint8)), range(first_id, first_id + count), 64
    )


PHOTOS, PAINTINGS = image_set(5, 0, 1), image_set(3, 1, 100)


@pytest.fixture(scope="module")
def distance(tmp_path_factory):
    return ContentStyleDistance(
        RANDOM, Extractor(write_perceptual(tmp_path_factory.mktemp("random") / "random", "random"))
    )


def evaluate(stylize, distance, **changes):
    return evaluate_stylization(stylize, PHOTOS, PAINTINGS, distance, SETTINGS.model_copy(update=changes), {"peak": 1})


def color_transfer():
    """A network with known results: it gives the photo the means and deviations of the painting's colors."""
    network = arbitrary_stylizer()
    statistics = [network.statistics(painting) for painting in PAINTINGS.images]
    return lambda photo, painting, strength: network.stylize(photo, statistics[painting], strength)


def unchanged(photo, painting, strength):
    return photo


@pytest.fixture(scope="module")
def found(distance):
    return evaluate(color_transfer(), distance)


@pytest.fixture(scope="module")
def unchanged_evaluation(distance):
    return evaluate(unchanged, distance)


def test_every_photo_is_stylized_in_every_style_and_measured(found, distance):
    stylize = color_transfer()
    pairs = Pairs.all(PHOTOS.first(3), PAINTINGS.first(2))
    assert found.item_ids.tolist() == pairs.ids.tolist()
    pictures = [stylize(PHOTOS.images[photo], painting, 1.0) for photo, painting in pairs.indices]
    content, style = distance(pictures, pairs.photo_of_each, pairs.painting_of_each)
    np.testing.assert_array_equal(found.items["content"], content)
    np.testing.assert_array_equal(found.items["style"], style)
    assert found.metrics["style"].value == pytest.approx(style.mean())
    assert found.metrics["style"].low < style.mean() < found.metrics["style"].high
    every_pair, some_pairs = (
        {"content", "style", "gap_closed", "checkerboard"},
        {"shift_instability", "strength_monotonicity"},
    )
    assert set(found.items) == every_pair | some_pairs
    for name, values in found.items.items():
        assert found.metrics[name].value == pytest.approx(values.mean()), name


def test_the_units_of_every_pair_are_recorded(found):
    assert found.units["photos"].tolist() == [1, 2, 3, 1, 2, 3]
    assert found.units["paintings"].tolist() == [100, 100, 100, 101, 101, 101]
    shifted = found.units_of(found.ids_of("shift_instability"))
    assert {kind: unit.tolist() for kind, unit in shifted.items()} == {"photos": [1, 2], "paintings": [100, 101]}
    assert set(found.subset_ids) == {"shift_instability", "strength_monotonicity"}


def test_intervals_are_over_photos_and_paintings(found):
    for name in ("content", "style", "checkerboard", "shift_instability"):
        units = found.units_of(found.ids_of(name))
        assert found.metrics[name] == mean_over_units(found.items[name], units, SETTINGS.resamples, SETTINGS.seed)
    assert found.metrics["border"].low < found.metrics["border"].value < found.metrics["border"].high
    assert found.metrics["strength_monotonicity"].low == -np.inf  # measured on a single pair


def test_reference_values_are_measured_on_the_same_pairs(found, unchanged_evaluation, distance):
    assert unchanged_evaluation.metrics["content"].value == 0
    assert unchanged_evaluation.metrics["style"] == found.metrics["untouched_style"]
    matched = evaluate(lambda photo, painting, s: match_colors(photo, PAINTINGS.images[painting]), distance)
    assert matched.metrics["style"] == found.metrics["color_match_style"]
    assert matched.metrics["content"] == found.metrics["color_match_content"]


def test_gap_closed_is_0_at_the_photo_and_1_at_gatys_method(found, unchanged_evaluation, distance):
    start, end = (side.metrics["style"].value for side in (unchanged_evaluation, found))
    assert unchanged_evaluation.items["gap_closed"] == pytest.approx(np.zeros(6))
    assert found.metrics["gap_closed"].value == pytest.approx((start - end) / (start - 0.1))
    assert evaluate(color_transfer(), distance, slow_style=end).metrics["gap_closed"].value == pytest.approx(1)
    assert "gap_closed" not in evaluate(unchanged, distance, slow_style=None).metrics


def test_falling_strength_is_found(distance):
    stylize, ends = color_transfer(), (0.0, 1.0)
    assert evaluate(stylize, distance, strengths=ends).metrics["strength_monotonicity"].value == 1
    turned = evaluate(lambda photo, at, strength: stylize(photo, at, 1 - strength), distance, strengths=ends)
    assert turned.metrics["strength_monotonicity"].value == 0


def test_a_checkerboard_a_border_and_shift_instability_are_found(found, distance):
    stylize, clean = color_transfer(), found.metrics

    def add_artifacts(photo, painting, strength):
        picture = stylize(photo, painting, strength).astype(int)
        picture[::2, ::2] += 20  # does not move with the photo
        picture[0], picture[-1], picture[:, 0], picture[:, -1] = 0, 0, 0, 0
        return np.clip(picture, 0, 255).astype(np.uint8)

    bad = evaluate(add_artifacts, distance).metrics
    for name, limit in {"checkerboard": CHECKERBOARD_LIMIT, "border": BORDER_LIMIT, "shift_instability": 0.1}.items():
        assert bad[name].value > max(limit, 2 * clean[name].value), name
    assert clean["shift_instability"].value < 0.1 < 0.5 < clean["border"].value < BORDER_LIMIT


def test_the_same_network_gives_the_same_files(found, distance, tmp_path):
    found.write(tmp_path / "one")
    evaluate(color_transfer(), distance).write(tmp_path / "other")
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*"))
    assert {path.name for path in files} >= {"metrics.json", "pairs.json", "cost.json", "sheet.png", "strengths.png"}
    for path in files:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "other" / path).read_bytes(), path


def test_tables_contain_every_pair_and_the_cost(found):
    rows = found.tables["pairs.json"]
    assert len(rows) == 6
    assert (rows[0]["photo"], rows[0]["painting"], rows[0]["style_name"]) == (f"{1:016x}", f"{100:016x}", "000000")
    assert [row["style"] for row in rows] == pytest.approx(found.items["style"], abs=1e-6)
    assert found.tables["cost.json"] == {"peak": 1}


def test_grids_have_a_column_per_photo_and_a_row_per_painting(found, unchanged_evaluation, distance):
    narrow = evaluate(color_transfer(), distance, sheet_photos=2)
    sizes = [Image.open(io.BytesIO(side.pictures["sheet.png"])).size for side in (found, narrow)]
    assert sizes[1][0] < sizes[0][0]
    assert sizes[1][1] == sizes[0][1]
    for name in ("sheet.png", "strengths.png"):
        assert unchanged_evaluation.pictures[name] != found.pictures[name]


def test_cost_is_measured_by_size_and_memory_in_a_separate_process():
    model = OnnxModel(arbitrary_model().SerializeToString())
    table = cost_table(color_transfer(), model, arbitrary_spec(), SETTINGS)
    assert [row["size"] for row in table["latency"]] == [64, 96]
    assert all(0 < row["median_ms"] <= row["slowest_ms"] for row in table["latency"])
    assert table["peak_memory_size"] == 96
    assert table["peak_memory_mb"] > 20


def test_strengths_that_do_not_rise_are_refused():
    for strengths in ((0.5, 0.2), (0.5,), (0.0, 1.1), (-0.1, 1.0), (0.5, 0.5)):
        with pytest.raises(ValidationError):
            EvaluationSettings(**SETTINGS.model_dump() | {"strengths": strengths})
    with pytest.raises(ValidationError):
        EvaluationSettings(**SETTINGS.model_dump() | {"size": 32})
