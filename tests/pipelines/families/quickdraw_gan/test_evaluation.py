import io
import json

import numpy as np
import pytest
from PIL import Image

from atelier.errors import BadInputError
from atelier.evaluation.bootstrap import paired_difference
from atelier.onnx.model import OnnxModel
from pipelines.families.quickdraw_gan.evaluation import evaluate
from pipelines.families.quickdraw_gan.settings import GanSettings
from tests.helpers.generator_champion import NOISE, remembering
from tests.helpers.onnx_graphs import generator_spec
from tests.helpers.prepared_data import write_prepared
from tests.helpers.shape_classifier import doodles, judge

LABELS = ("bar", "box", "cross")
SAMPLES = 24
COUNTS = {"train": (60, 40, 30), "val": (4, 4, 4), "test": (30, 20, 9)}


@pytest.fixture(scope="module")
def quickdraw(tmp_path_factory):
    splits = {}
    for seed, (split, counts) in enumerate(COUNTS.items()):
        order = np.random.default_rng(seed).permutation(sum(counts))
        images = np.concatenate([doodles(label, count, seed) for label, count in enumerate(counts)])
        labels = np.repeat(np.arange(3, dtype=np.uint16), counts)
        splits[split] = {"image": images[order], "label": labels[order], "id": order.astype(np.uint64)}
    return write_prepared(tmp_path_factory.mktemp("data") / "quickdraw", LABELS, splits, "0")


def training_drawings(quickdraw, label):
    train = quickdraw.split("train")
    return train["image"][np.flatnonzero(train["label"][:] == label)[:16]]


def evaluated(quickdraw, drawings, labels=LABELS, judges=LABELS, **changes):
    """Evaluate a generator that knows 16 drawings of each label."""
    settings = {"resamples": 20, "samples_per_class": SAMPLES, "large_class": 60, "columns": 3} | changes
    return evaluate(
        quickdraw,
        OnnxModel(remembering(np.stack(drawings)).SerializeToString()),
        generator_spec(labels, NOISE),
        GanSettings.model_validate({"evaluation": settings}),
        judge(*judges),
    )


def unseen(label):
    return doodles(label, 16, seed=50)


@pytest.fixture(scope="module")
def good(quickdraw):
    """Of a generator whose drawings are as good as real ones, and its own."""
    return evaluated(quickdraw, [unseen(label) for label in range(3)])


def values(evaluation):
    return {name: metric.value for name, metric in evaluation.metrics.items()}


def test_drawings_as_good_as_real_ones_pass(good):
    metrics = values(good)
    assert metrics["agreement"] > 0.95
    assert metrics["copies"] <= 0.1
    assert 0.8 < metrics["diversity"] < 1.25
    assert 0.8 < metrics["diversity_pixels"] < 1.25
    assert metrics["accuracy_score"] > 0.9


def test_every_metric_stands_beside_that_of_real_drawings(good):
    names = {name for name in good.metrics if not name.startswith("real_")}
    assert set(good.metrics) == names | {f"real_{name}" for name in names}
    assert names == {
        *("agreement", "agreement_large", "frechet", "kernel", "diversity", "diversity_pixels", "copies"),
        "accuracy_score",
    }
    assert good.metrics["real_agreement"].value > 0.95
    assert good.metrics["real_copies"].value == pytest.approx(
        1 / 53
    )  # the least that is not none; 24 + 20 + 9 drawings
    assert all(metric.low <= metric.value <= metric.high for metric in good.metrics.values())


def test_items_are_what_metrics_are_means_of(good):
    assert set(good.items) == {"agreement", "agreement_large", "copies"}
    for name, items in good.items.items():
        assert items.shape == (3 * SAMPLES,)
        assert items.mean() == pytest.approx(good.metrics[name].value)
    assert good.item_ids.dtype == np.uint64
    assert len(set(good.item_ids.tolist())) == 3 * SAMPLES


def test_tables_and_pictures(good):
    rows = json.loads(json.dumps(good.tables["per_class.json"], allow_nan=False))
    assert [(row["label"], row["drawings"]) for row in rows] == [("bar", 94), ("box", 64), ("cross", 43)]
    assert np.mean([row["agreement"]["value"] for row in rows]) == pytest.approx(good.metrics["agreement"].value)
    assert good.tables["labels.json"] == {"not_drawn": [], "not_judged": [], "not_in_the_data": []}
    assert set(good.pictures) == {"samples.png", "nearest.png", "agreement.png"}
    for png in good.pictures.values():
        Image.open(io.BytesIO(png)).load()


def test_a_generator_that_copies_is_found_out(quickdraw, good):
    copying = evaluated(quickdraw, [training_drawings(quickdraw, label) for label in range(3)])
    assert copying.metrics["copies"].value == 1
    assert copying.metrics["agreement"].value > 0.95
    assert copying.metrics["diversity"].value > 0.8


def test_a_generator_that_always_draws_the_same_is_found_out(quickdraw, good):
    collapsed = values(evaluated(quickdraw, [np.repeat(unseen(label)[:1], 16, axis=0) for label in range(3)]))
    assert collapsed["diversity"] == collapsed["diversity_pixels"] == 0
    assert collapsed["agreement"] == 1
    assert collapsed["frechet"] > 2 * good.metrics["frechet"].value


def test_a_generator_that_mixes_up_its_labels_is_found_out(quickdraw, good):
    mixed = values(evaluated(quickdraw, [unseen(label) for label in (1, 2, 0)]))
    assert mixed["agreement"] < 0.05
    assert mixed["accuracy_score"] < 0.1


def test_labels_are_matched_by_name_and_samples_are_paired_by_class_and_noise(quickdraw, good):
    turned = evaluated(
        quickdraw, [unseen(label) for label in (2, 0, 1)], ("cross", "bar", "box"), ("bar", "box", "cross")
    )
    assert values(turned) == values(good)
    assert turned.item_ids.tolist() == good.item_ids.tolist()
    assert all((turned.items[name] == good.items[name]).all() for name in good.items)


def test_an_old_champion_that_lacks_a_class_loses_its_samples(quickdraw, good):
    old = evaluated(quickdraw, [unseen(0), unseen(2), unseen(1)], ("bar", "cross", "house"))
    assert old.tables["labels.json"] == {"not_drawn": ["box"], "not_judged": [], "not_in_the_data": ["house"]}
    assert old.item_ids.tolist() == good.item_ids.tolist()
    lacking = slice(SAMPLES, 2 * SAMPLES)
    assert not old.items["agreement"][lacking].any()
    assert not old.items["copies"][lacking].any()
    assert old.metrics["agreement"].value == pytest.approx(2 / 3, abs=0.05)
    assert paired_difference(good.items["agreement"], old.items["agreement"]).low > 0.1


def test_a_champion_that_knows_nothing_of_the_data(quickdraw):
    stranger = values(evaluated(quickdraw, [unseen(0)], ("house",)))
    assert stranger["agreement"] == stranger["diversity"] == stranger["copies"] == 0


def test_a_class_that_the_judge_does_not_know_is_left_out_of_the_agreement(quickdraw):
    evaluation = evaluated(quickdraw, [unseen(0), unseen(2), unseen(2)], judges=("bar", "house", "cross"))
    assert evaluation.tables["labels.json"]["not_judged"] == ["box"]
    assert evaluation.tables["per_class.json"][1]["agreement"] is None
    assert evaluation.metrics["agreement"].value > 0.95
    assert evaluation.metrics["real_agreement"].value > 0.95
    assert evaluation.items["agreement"].mean() == pytest.approx(evaluation.metrics["agreement"].value)


def test_a_judge_that_knows_no_class_cannot_judge(quickdraw):
    with pytest.raises(BadInputError, match=r"version 3 .* knows none of the 3 classes .* kedro run"):
        evaluated(quickdraw, [unseen(0)], ("bar",), judges=("house", "sun", "tree"))


def test_large_classes_are_those_with_many_drawings(quickdraw):
    drawings = [unseen(0), unseen(1), unseen(1)]
    some, none = (evaluated(quickdraw, drawings, large_class=large) for large in (60, 1000))
    assert some.metrics["agreement_large"].value > 0.95
    assert none.metrics["agreement_large"].value == none.metrics["agreement"].value == pytest.approx(2 / 3, abs=0.05)


def test_the_same_again_and_other_drawings_with_another_seed(quickdraw, good):
    drawings = [unseen(label) for label in range(3)]
    again, other = evaluated(quickdraw, drawings), evaluated(quickdraw, drawings, seed=1)
    assert again.metrics == good.metrics
    assert again.pictures == good.pictures
    assert other.pictures["samples.png"] != good.pictures["samples.png"]
    assert other.item_ids.tolist() == good.item_ids.tolist()


def test_a_class_without_test_or_training_drawings(tmp_path):
    images = {label: doodles(label, 12, seed=0) for label in range(3)}
    has = {"train": (0, 1), "val": (0,), "test": (0, 2)}
    splits = {
        split: {
            "image": np.concatenate([images[label] for label in labels]),
            "label": np.repeat(np.array(labels, np.uint16), 12),
            "id": np.arange(12 * len(labels), dtype=np.uint64),
        }
        for split, labels in has.items()
    }
    data = write_prepared(tmp_path / "quickdraw", LABELS, splits, "0")
    evaluation = evaluated(data, [unseen(label) for label in range(3)])
    rows = evaluation.tables["per_class.json"]
    assert [row["real_agreement"] is None for row in rows] == [False, True, False]
    assert [row["diversity"] is None for row in rows] == [False, True, False]
    assert rows[2]["relative_distance"] == 1
    assert all(np.isfinite(metric.value) for metric in evaluation.metrics.values())


def test_too_few_test_drawings_are_named(tmp_path):
    splits = {
        split: {"image": doodles(0, count, 0), "label": np.zeros(count, np.uint16), "id": np.zeros(count, np.uint64)}
        for split, count in {"train": 8, "val": 1, "test": 1}.items()
    }
    data = write_prepared(tmp_path / "quickdraw", LABELS, splits, "0")
    with pytest.raises(BadInputError, match="too few drawings"):
        evaluated(data, [unseen(label) for label in range(3)])
