"""The style of all plots, and rendering them as PNG bytes.

matplotlib is imported when the first plot is drawn, because the import takes half a second. Only its object-oriented
interface is used, so there is no global figure and no backend is selected. The same numbers give the same bytes.
"""

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, QUIET, LINES = "#22303c", "#6b7a88", "#dfe5ea"
BLUE, ORANGE = "#2a6f97", "#e07a3f"

STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.color": INK,
    "text.parse_math": False,  # a class may be named `$5`
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "grid.color": LINES,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "figure.dpi": 120,
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.w_pad": 0.15,
    "figure.constrained_layout.h_pad": 0.15,
    "savefig.facecolor": "white",
}


def png(inches: tuple[float, float], draw: Callable[["Axes"], None]) -> bytes:
    """Draw on one pair of axes and render as PNG bytes. The file contains neither a date nor a version."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context(STYLE):
        figure: Figure = Figure(figsize=inches)
        FigureCanvasAgg(figure)
        draw(figure.add_subplot())
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def name_rows(axes: "Axes", labels: Sequence[str]) -> None:
    """Label the bars of a horizontal bar chart, the first one at the top."""
    axes.set_yticks(range(len(labels)), [shorten(label, 48) for label in labels])
    axes.set_ylim(max(len(labels), 2) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")


def shorten(text: str, length: int) -> str:
    """Cut a text to at most `length` characters; an ellipsis replaces what was cut off."""
    return text if len(text) <= length else text[: length - 1] + "…"
