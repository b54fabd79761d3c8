"""Where the networks that stylise stand between the photo and the painting, beside what the slow method reaches.

    python benchmarks/gatys.py && python benchmarks/gatys.py --paintings styles     # the curves
    kedro run --env small --pipelines fast_style,arbitrary_style                    # the points
    python benchmarks/style_curve.py [data/small]                                   # docs/images/style_curve.png

A point is the mean over all test pairs of a family's last evaluation, small dots are its styles, each a mean over
photos. A family is compared with Gatys' curve on the same kind of paintings. What is not there is left out.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from atelier.evaluation.figures import BLUE, ORANGE, QUIET, png
from report import RESULTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TARGET = Path(__file__).parents[1] / "docs" / "images" / "style_curve.png"
FAMILIES = {
    "fast_style": (BLUE, "styles", "its own paintings"),
    "arbitrary_style": (ORANGE, "test", "unseen paintings"),
}
"""Family → (colour, which result of Gatys', on what)."""
ANCHORS = {"the photo itself": "s", "colour match": "^"}

Rows = list[dict[str, Any]]


def main() -> None:
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "data/small")
    points = {name: pairs_of(data, name) for name in FAMILIES}
    curves = {name: curve_of(kind) for name, (_, kind, _) in FAMILIES.items()}
    TARGET.write_bytes(png((7.0, 4.8), lambda axes: draw(axes, points, curves)))
    print(TARGET)


def pairs_of(data: Path, family: str) -> Rows:
    """Every pair of the family's last evaluation; none where there was none."""
    return _read(data / "models" / family / "evaluation" / "tables" / "pairs.json") or []


def curve_of(kind: str) -> Rows:
    """A row of means for the photo itself, the colour match, and Gatys' method at each weight."""
    return (_read(RESULTS / f"gatys_{kind}.json") or {"rows": []})["rows"]  # type: ignore[no-any-return]


def draw(axes: "Axes", points: dict[str, Rows], curves: dict[str, Rows]) -> None:
    for family, (colour, _, what) in FAMILIES.items():
        _draw_curve(axes, curves[family], colour, what)
        _draw_family(axes, points[family], colour, family)
    axes.set_title("Content kept and style reached, both as distances")
    axes.set_xlabel("content distance from the photo")
    axes.set_ylabel("style distance from the painting")
    axes.set_xlim(-0.03, None)
    axes.set_ylim(0, None)
    axes.grid()
    axes.legend(frameon=False, fontsize=8)


def _draw_curve(axes: "Axes", rows: Rows, colour: str, what: str) -> None:
    slow = sorted((row for row in rows if row["picture"].startswith("Gatys")), key=lambda row: float(row["content"]))
    if slow:
        content, style = ([row[name] for row in slow] for name in ("content", "style"))
        axes.plot(content, style, "o-", color=colour, markersize=3, linewidth=1.2, label=f"Gatys, 200 steps, {what}")
    for row in slow:
        weight = row["picture"].rpartition(" ")[2]
        axes.annotate(weight, (row["content"], row["style"]), (3, 4), textcoords="offset points", color=QUIET)
    for row in rows:
        if row["picture"] in ANCHORS:
            marker, label = ANCHORS[row["picture"]], f"{row['picture']}, {what}"
            axes.plot(row["content"], row["style"], marker, color=colour, fillstyle="none", linestyle="", label=label)


def _draw_family(axes: "Axes", pairs: Rows, colour: str, family: str) -> None:
    if not pairs:
        return
    content, style = (np.array([pair[name] for pair in pairs]) for name in ("content", "style"))
    painting = np.array([pair["painting"] for pair in pairs])
    means = np.array([(content[painting == one].mean(), style[painting == one].mean()) for one in np.unique(painting)])
    axes.plot(*means.T, ".", color=colour, alpha=0.5, markersize=5)
    label = f"{family}: {content.mean():.2f} / {style.mean():.2f}"
    axes.plot(content.mean(), style.mean(), "*", color=colour, markersize=14, linestyle="", label=label)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


if __name__ == "__main__":
    main()
