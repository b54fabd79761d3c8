"""From a recommendation to a challenger: the classifier trained with the generated drawings, for the gate to judge."""

from collections.abc import Callable, Sequence

from atelier.registry.tracking.run import Run
from pipelines.augment.comparison import Comparison
from pipelines.augment.experiment import Experiment
from pipelines.augment.training_run import Cell, is_finished, tidy
from pipelines.augment.workers import run_cells
from pipelines.processes.locks import Lock


def helps(found: Sequence[Comparison]) -> bool:
    """Whether generated drawings help where it counts for the champion: at all real drawings."""
    return any(row.size is None and row.effect == "help" for row in found)


def challenge(experiment: Experiment, run: Run, lock: Lock, say: Callable[[str], None]) -> None:
    """Train on all real and the generated drawings, as long as the classifier is trained otherwise, and register it."""
    cell = Cell(size=None, generated=True, seed=None)
    folder = experiment.begin(cell, experiment.state(cell, experiment.classifier), run, challenger=True)
    if not is_finished(folder):
        say(f"Training the challenger; log in {experiment.folder}")
        run_cells([folder], 1, experiment.folder, lock, tidy)
    say(
        f"{experiment.settings.classifier}, trained with generated drawings, is registered. "
        "Let the gate decide, with the same --env: kedro run --pipelines promote. "
        f"Mind that a champion which learned from {experiment.settings.generator} judges it no longer independently."
    )
