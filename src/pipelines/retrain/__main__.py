"""`python -m pipelines.retrain`: retrain what is stale. Exit status 0: done; 1: a step failed; 2: wrong arguments.

A rejected challenger and nothing to do are both 0.
"""

import argparse
import sys
from io import TextIOWrapper
from pathlib import Path

from atelier.errors import AtelierError, nearest
from pipelines.lifecycle.families import FAMILIES
from pipelines.retrain.retrain import Retraining
from pipelines.retrain.stages import environment

PROJECT = Path(__file__).parents[3]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    if isinstance(sys.stdout, TextIOWrapper):  # tests may have replaced it
        sys.stdout.reconfigure(errors="replace")  # what the tools print may have characters that a terminal has not
    parser = argparse.ArgumentParser("python -m pipelines.retrain", description="Retrain what is stale.")
    parser.add_argument("--env", default="", help="environment; default: that of dvc.yaml")
    parser.add_argument("--families", default="", help="names with commas between them; default: all")
    given = parser.parse_args(arguments)
    try:
        env = given.env or environment(PROJECT)
    except AtelierError as error:
        sys.exit(f"error: {error}")
    if not (PROJECT / "conf" / env).is_dir():
        known = [path.name for path in (PROJECT / "conf").iterdir() if path.is_dir()]
        parser.error(f"There is no environment {env!r} in conf/. Did you mean {nearest(env, known)}?")
    families = [name.strip() for name in given.families.split(",") if name.strip()] or list(FAMILIES)
    for name in families:
        if name not in FAMILIES:
            parser.error(f"There is no family {name!r}. Did you mean {nearest(name, FAMILIES)}?")
    try:
        return 0 if Retraining(PROJECT, env, families).run() else 1
    except AtelierError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    sys.exit(main())
