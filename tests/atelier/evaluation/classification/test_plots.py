import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from atelier.evaluation.classification import plots
from atelier.evaluation.classification.metrics import calibration
from atelier.model_card import Metric

LONG = "a name that is much longer than the name of any drawing in the data"


def opened(png):
    image = Image.open(io.BytesIO(png))
    image.load()
    return image


def matrix_of(classes, wrong=5):
    rng = np.random.default_rng(0)
    return 50 * np.eye(classes, dtype=np.int64) + rng.integers(0, wrong, (classes, classes))


@pytest.mark.parametrize("classes", [1, 2, 27, 60, 345])
def test_confusion_has_one_size_for_any_number_of_classes(classes):
    image = opened(plots.confusion(matrix_of(classes), [f"class {i}" for i in range(classes)]))
    assert image.size == (1152, 1080)


def test_a_plot_of_345_classes_shows_every_class():
    names = [str(i) for i in range(345)]
    full = np.asarray(opened(plots.confusion(np.ones((345, 345), np.int64), names)).convert("L"))
    diagonal = np.asarray(opened(plots.confusion(np.eye(345, dtype=np.int64), names)).convert("L"))
    assert (np.abs(full.astype(int) - diagonal) > 20).sum() > 400_000
    dark = diagonal < 80
    assert dark[100:900, 80:980].any(axis=1).mean() > 0.95


@pytest.mark.parametrize("names", [["$a_b$", "ünïcode"], [LONG, LONG + "!"], ["", " "]])
def test_unusual_names_are_drawn(names):
    matrix = np.array([[3, 1], [0, 0]])
    assert opened(plots.confusion(matrix, names)).size == (1152, 1080)
    assert opened(plots.most_confused(matrix, names)).width == 960


def test_most_confused_grows_with_the_pairs_up_to_its_limit():
    none = opened(plots.most_confused(np.diag([3, 4]), ["a", "b"]))
    many = opened(plots.most_confused(matrix_of(27), [str(i) for i in range(27)]))
    more = opened(plots.most_confused(matrix_of(60), [str(i) for i in range(60)]))
    assert none.height < many.height == more.height


def test_reliability_with_empty_bins():
    bins = calibration(np.array([0.9, 0.95, 0.3]), np.array([True, False, True]), 15)
    assert opened(plots.reliability(bins, Metric(value=0.2, low=0.1, high=0.3))).size == (720, 768)


def test_class_bars_omit_undefined_scores_and_the_middle_of_many():
    score = {"value": 0.5, "low": 0.4, "high": 0.6}
    few = opened(plots.class_bars({"a": score, "b": None}, "F1"))
    sixty = opened(plots.class_bars({str(i): score for i in range(60)}, "F1"))
    many = opened(plots.class_bars({str(i): score for i in range(345)}, "F1"))
    nothing = opened(plots.class_bars({"a": None}, "F1"))
    assert nothing.size == few.size
    assert few.height < sixty.height == many.height


def test_the_same_numbers_give_the_same_bytes():
    names = [str(i) for i in range(10)]
    assert plots.confusion(matrix_of(10), names) == plots.confusion(matrix_of(10), names)


def test_import_is_cheap_and_drawing_leaves_no_global_figure():
    code = (
        "import sys, numpy as np\n"
        "from atelier.evaluation.classification import plots\n"
        "assert 'matplotlib' not in sys.modules\n"
        "plots.confusion(np.eye(2, dtype=np.int64), ['a', 'b'])\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
