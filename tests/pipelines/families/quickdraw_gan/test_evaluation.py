import io
import json

import numpy as np
import pytest
from PIL import Image

from atelier.errors import BadInputError
from atelier.evaluation.bootstrap import paired_difference
from atelier.onnx.model import OnnxModel
from pipelines.families.quickdraw_gan.evaluation import evaluate
from pipelines.families.quickdraw_gan.settings import GanInputs
from tests.helpers.family_settings import family_settings
from tests.helpers.generator_champion import NOISE, storing_generator
from tests.helpers.onnx_graphs import generator_spec
from tests.helpers.prepared_data import write_prepared
from tests.helpers.shape_classifier import noisy_shapes, shape_judge

LABELS = ("bar", "box", "cross")
SAMPLES = 24
COUNTS = {"train": (60, 40, 30), "val": (4, 4, 4), "test": (30, 20, 9)}


@pytest.fixture(scope="module")
def quickdraw(tmp_path_factory):
    splits = {}
    for seed, (split, counts) in enumerate(COUNTS.items()):
        order = np.random.default_rng(seed).permutation(sum(counts))
        images = np.concatenate([noisy_shapes(label, count, seed) for label, count in enumerate(counts)])
        labels = np.repeat(np.arange(3, dtype=np.uint16), counts)
        splits[split] = {"image": images[order], "label": labels[order], "id": order.astype(np.uint64)}
    return write_prepared(tmp_path_factory.mktemp("data") / "quickdraw", LABELS, splits, "0")


def training_drawings(quickdraw, label):
    train = quickdraw.split("train")
    return train["image"][np.flatnonzero(train["label"][:] == label)[:16]]


def evaluated(quickdraw, drawings, labels=LABELS, judge_labels=LABELS, **changes):
    """Evaluate a generator with 16 stored drawings of each label."""
    settings = {"resamples": 20, "samples_per_class": SAMPLES, "large_class": 60, "columns": 3} | changes
    return evaluate(
        GanInputs(quickdraw),
        OnnxModel(storing_generator(np.stack(drawings)).SerializeToString()),
        generator_spec(labels, NOISE),
        family_settings("quickdraw_gan", {"evaluation": settings}),
        shape_judge(*judge_labels),
    )


def new_drawings(label):
    return noisy_shapes(label, 16, seed=50)


@pytest.fixture(scope="module")
def good(quickdraw):
    """Evaluation of a generator with realistic drawings that are not in the data."""
    return evaluated(quickdraw, [new_drawings(label) for label in range(3)])


def values(evaluation):
    return {name: metric.value for name, metric in evaluation.metrics.items()}


def test_realistic_drawings_have_good_metrics(good):
    metrics = values(good)
    assert metrics["label_accuracy"] > 0.95
    assert metrics["memorization_rate"] <= 0.1
    assert 0.8 < metrics["diversity"] < 1.25
    assert 0.8 < metrics["diversity_pixels"] < 1.25
    assert metrics["accuracy_score"] > 0.9


def test_every_metric_is_also_computed_on_real_drawings(good):
    names = {name for name in good.metrics if not name.startswith("real_")}
    assert set(good.metrics) == names | {f"real_{name}" for name in names}
    assert names == {
        *(
            "label_accuracy",
            "label_accuracy_large",
            "frechet",
            "kernel",
            "diversity",
            "diversity_pixels",
            "memorization_rate",
        ),
        "accuracy_score",
    }
    assert good.metrics["real_label_accuracy"].value > 0.95
    assert good.metrics["real_memorization_rate"].value == pytest.approx(
        1 / 53
    )  # the smallest rate above 0 of 24 + 20 + 9 drawings
    assert all(metric.low <= metric.value <= metric.high for metric in good.metrics.values())


def test_metrics_are_the_means_of_their_items(good):
    assert set(good.items) == {"label_accuracy", "label_accuracy_large", "memorization_rate"}
    for name, items in good.items.items():
        assert items.shape == (3 * SAMPLES,)
        assert items.mean() == pytest.approx(good.metrics[name].value)
    assert good.item_ids.dtype == np.uint64
    assert len(set(good.item_ids.tolist())) == 3 * SAMPLES


def test_tables_and_pictures(good):
    rows = json.loads(json.dumps(good.tables["per_class.json"], allow_nan=False))
    assert [(row["label"], row["drawings"]) for row in rows] == [("bar", 94), ("box", 64), ("cross", 43)]
    assert np.mean([row["label_accuracy"]["value"] for row in rows]) == pytest.approx(
        good.metrics["label_accuracy"].value
    )
    assert good.tables["labels.json"] == {"not_drawn": [], "not_judged": [], "not_in_the_data": []}
    assert set(good.pictures) == {"samples.png", "nearest.png", "label_accuracy.png"}
    for png in good.pictures.values():
        Image.open(io.BytesIO(png)).load()


def test_a_generator_that_copies_is_detected(quickdraw, good):
    copies = evaluated(quickdraw, [training_drawings(quickdraw, label) for label in range(3)])
    assert copies.metrics["memorization_rate"].value == 1
    assert copies.metrics["label_accuracy"].value > 0.95
    assert copies.metrics["diversity"].value > 0.8


def test_a_generator_that_always_draws_the_same_is_detected(quickdraw, good):
    collapsed = values(evaluated(quickdraw, [np.repeat(new_drawings(label)[:1], 16, axis=0) for label in range(3)]))
    assert collapsed["diversity"] == collapsed["diversity_pixels"] == 0
    assert collapsed["label_accuracy"] == 1
    assert collapsed["frechet"] > 2 * good.metrics["frechet"].value


def test_a_generator_that_mixes_up_its_labels_is_detected(quickdraw, good):
    mixed = values(evaluated(quickdraw, [new_drawings(label) for label in (1, 2, 0)]))
    assert mixed["label_accuracy"] < 0.05
    assert mixed["accuracy_score"] < 0.1


def test_labels_are_matched_by_name_and_samples_are_paired_by_class_and_noise(quickdraw, good):
    permuted = evaluated(
        quickdraw, [new_drawings(label) for label in (2, 0, 1)], ("cross", "bar", "box"), ("bar", "box", "cross")
    )
    assert values(permuted) == values(good)
    assert permuted.item_ids.tolist() == good.item_ids.tolist()
    assert all((permuted.items[name] == good.items[name]).all() for name in good.items)


def test_samples_of_a_class_that_an_old_champion_lacks_count_as_wrong(quickdraw, good):
    old = evaluated(quickdraw, [new_drawings(0), new_drawings(2), new_drawings(1)], ("bar", "cross", "house"))
    assert old.tables["labels.json"] == {"not_drawn": ["box"], "not_judged": [], "not_in_the_data": ["house"]}
    assert old.item_ids.tolist() == good.item_ids.tolist()
    missing = slice(SAMPLES, 2 * SAMPLES)
    assert not old.items["label_accuracy"][missing].any()
    assert not old.items["memorization_rate"][missing].any()
    assert old.metrics["label_accuracy"].value == pytest.approx(2 / 3, abs=0.05)
    assert paired_difference(good.items["label_accuracy"], old.items["label_accuracy"]).low > 0.1


def test_a_champion_that_knows_no_class_of_the_data(quickdraw):
    metrics = values(evaluated(quickdraw, [new_drawings(0)], ("house",)))
    assert metrics["label_accuracy"] == metrics["diversity"] == metrics["memorization_rate"] == 0


def test_a_class_that_the_judge_does_not_know_is_left_out_of_the_label_accuracy(quickdraw):
    evaluation = evaluated(
        quickdraw, [new_drawings(0), new_drawings(2), new_drawings(2)], judge_labels=("bar", "house", "cross")
    )
    assert evaluation.tables["labels.json"]["not_judged"] == ["box"]
    assert evaluation.tables["per_class.json"][1]["label_accuracy"] is None
    assert evaluation.metrics["label_accuracy"].value > 0.95
    assert evaluation.metrics["real_label_accuracy"].value > 0.95
    assert evaluation.items["label_accuracy"].mean() == pytest.approx(evaluation.metrics["label_accuracy"].value)


def test_a_judge_that_knows_no_class_is_refused(quickdraw):
    with pytest.raises(BadInputError, match=r"version 3 .* knows none of the 3 classes .* kedro run"):
        evaluated(quickdraw, [new_drawings(0)], ("bar",), judge_labels=("house", "sun", "tree"))


def test_large_classes_are_those_with_many_drawings(quickdraw):
    drawings = [new_drawings(0), new_drawings(1), new_drawings(1)]
    some, none = (evaluated(quickdraw, drawings, large_class=large) for large in (60, 1000))
    assert some.metrics["label_accuracy_large"].value > 0.95
    assert (
        none.metrics["label_accuracy_large"].value
        == none.metrics["label_accuracy"].value
        == pytest.approx(2 / 3, abs=0.05)
    )


def test_the_seed_fixes_the_drawings_and_the_metrics(quickdraw, good):
    drawings = [new_drawings(label) for label in range(3)]
    again, other = evaluated(quickdraw, drawings), evaluated(quickdraw, drawings, seed=1)
    assert again.metrics == good.metrics
    assert again.pictures == good.pictures
    assert other.pictures["samples.png"] != good.pictures["samples.png"]
    assert other.item_ids.tolist() == good.item_ids.tolist()


def test_a_class_without_test_or_training_drawings(tmp_path):
    images = {label: noisy_shapes(label, 12, seed=0) for label in range(3)}
    present = {"train": (0, 1), "val": (0,), "test": (0, 2)}
    splits = {
        split: {
            "image": np.concatenate([images[label] for label in labels]),
            "label": np.repeat(np.array(labels, np.uint16), 12),
            "id": np.arange(12 * len(labels), dtype=np.uint64),
        }
        for split, labels in present.items()
    }
    data = write_prepared(tmp_path / "quickdraw", LABELS, splits, "0")
    evaluation = evaluated(data, [new_drawings(label) for label in range(3)])
    rows = evaluation.tables["per_class.json"]
    assert [row["real_label_accuracy"] is None for row in rows] == [False, True, False]
    assert [row["diversity"] is None for row in rows] == [False, True, False]
    assert rows[2]["relative_distance"] == 1
    assert all(np.isfinite(metric.value) for metric in evaluation.metrics.values())


def test_too_few_test_drawings_are_refused(tmp_path):
    splits = {
        split: {
            "image": noisy_shapes(0, count, 0),
            "label": np.zeros(count, np.uint16),
            "id": np.zeros(count, np.uint64),
        }
        for split, count in {"train": 8, "val": 1, "test": 1}.items()
    }
    data = write_prepared(tmp_path / "quickdraw", LABELS, splits, "0")
    with pytest.raises(BadInputError, match="too few drawings"):
        evaluated(data, [new_drawings(label) for label in range(3)])
