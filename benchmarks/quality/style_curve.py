"""Plot of content and style distance of the style transfer families, with Gatys' optimization as reference.

    python -m benchmarks.quality.gatys                                      # the curves
    python -m benchmarks.quality.gatys --paintings styles
    kedro run --env small --pipelines fast_style,arbitrary_style            # the points
    python -m benchmarks.quality.style_curve [data/small]                   # docs/images/style_curve.png

A star is the mean over all test pairs of a family's last evaluation; small dots are the means of its styles. A family
is compared with Gatys' curve on the same kind of paintings. Missing results are left out.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from atelier.evaluation.figures import BLUE, ORANGE, QUIET, png
from benchmarks.report import RESULTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TARGET = Path(__file__).parents[2] / "docs" / "images" / "style_curve.png"
FAMILIES = {
    "fast_style": (BLUE, "styles", "its own paintings"),
    "arbitrary_style": (ORANGE, "test", "unseen paintings"),
}
"""Family → (color, kind of paintings in the results of Gatys' method, label)."""
REFERENCES = {"the photo itself": "s", "color match": "^"}

Rows = list[dict[str, Any]]


def main() -> None:
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "data/small")
    points = {name: pairs_of(data, name) for name in FAMILIES}
    curves = {name: curve_of(kind) for name, (_, kind, _) in FAMILIES.items()}
    TARGET.write_bytes(png((7.0, 4.8), lambda axes: draw(axes, points, curves)))
    print(TARGET)


def pairs_of(data: Path, family: str) -> Rows:
    """All pairs of the family's last evaluation; empty without an evaluation."""
    return _read(data / "models" / family / "evaluation" / "tables" / "pairs.json") or []


def curve_of(kind: str) -> Rows:
    """The rows of means for the photo itself, the color match, and Gatys' method at each weight."""
    return (_read(RESULTS / f"gatys_{kind}.json") or {"rows": []})["rows"]  # type: ignore[no-any-return]


def draw(axes: "Axes", points: dict[str, Rows], curves: dict[str, Rows]) -> None:
    for family, (color, _, what) in FAMILIES.items():
        _draw_curve(axes, curves[family], color, what)
        _draw_family(axes, points[family], color, family)
    axes.set_title("Content and style distance")
    axes.set_xlabel("content distance to the photo")
    axes.set_ylabel("style distance to the painting")
    axes.set_xlim(-0.03, None)
    axes.set_ylim(0, None)
    axes.grid()
    axes.legend(frameon=False, fontsize=8)


def _draw_curve(axes: "Axes", rows: Rows, color: str, what: str) -> None:
    slow = sorted((row for row in rows if row["picture"].startswith("Gatys")), key=lambda row: float(row["content"]))
    if slow:
        content, style = ([row[name] for row in slow] for name in ("content", "style"))
        axes.plot(content, style, "o-", color=color, markersize=3, linewidth=1.2, label=f"Gatys, 200 steps, {what}")
    for row in slow:
        weight = row["picture"].rpartition(" ")[2]
        axes.annotate(weight, (row["content"], row["style"]), (3, 4), textcoords="offset points", color=QUIET)
    for row in rows:
        if row["picture"] in REFERENCES:
            marker, label = REFERENCES[row["picture"]], f"{row['picture']}, {what}"
            axes.plot(row["content"], row["style"], marker, color=color, fillstyle="none", linestyle="", label=label)


def _draw_family(axes: "Axes", pairs: Rows, color: str, family: str) -> None:
    if not pairs:
        return
    content, style = (np.array([pair[name] for pair in pairs]) for name in ("content", "style"))
    painting = np.array([pair["painting"] for pair in pairs])
    means = np.array([(content[painting == one].mean(), style[painting == one].mean()) for one in np.unique(painting)])
    axes.plot(*means.T, ".", color=color, alpha=0.5, markersize=5)
    label = f"{family}: {content.mean():.2f} / {style.mean():.2f}"
    axes.plot(content.mean(), style.mean(), "*", color=color, markersize=14, linestyle="", label=label)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


if __name__ == "__main__":
    main()
