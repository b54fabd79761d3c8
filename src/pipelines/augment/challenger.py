"""The classifier trained with the generated drawings, registered as a challenger for the gate."""

from collections.abc import Callable

from atelier.registry.tracking.run import Run
from pipelines.augment.experiment import Experiment
from pipelines.augment.training_run import TrainingRun, is_finished, remove_weights
from pipelines.augment.workers import run_in_workers
from pipelines.processes.locks import Lock


def train_challenger(experiment: Experiment, run: Run, lock: Lock, say: Callable[[str], None]) -> None:
    """Train on all real and the generated drawings, with the classifier's own parameters, and register the model."""
    training_run = TrainingRun(size=None, generated=True, seed=None)
    state = experiment.job_state(training_run, experiment.classifier)
    folder = experiment.prepare_folder(training_run, state, run, challenger=True)
    if not is_finished(folder):
        say(f"Training the challenger; log in {experiment.folder}")
        run_in_workers([folder], 1, experiment.folder, lock, remove_weights)
    say(
        f"{experiment.settings.classifier}, trained with generated drawings, is registered. "
        "Send it through the gate, with the same --env: kedro run --pipelines promote. "
        f"If it becomes champion, it is no longer an independent judge of {experiment.settings.generator}, "
        "because it learned from its drawings."
    )
