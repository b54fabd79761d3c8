"""Rich tables as text."""

import io

from rich.console import Console
from rich.table import Table


def as_text(table: Table) -> str:
    """A table as a terminal of 140 columns without colors shows it."""
    console = Console(file=io.StringIO(), width=140, no_color=True, highlight=False)
    console.print(table)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text
