"""The whole experiment: its trainings, prepared, run and compared."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from atelier.data.prepared.dataset import PreparedData
from atelier.registry.models import Registry
from atelier.registry.tracking.run import Run
from atelier.settings import apply
from pipelines.augment.comparison import Comparison, compare
from pipelines.augment.generated_drawings import GeneratedDrawings
from pipelines.augment.mixed_data import MixedData
from pipelines.augment.settings import SEED, AugmentSettings
from pipelines.augment.training_run import (
    RunSpec,
    TrainingRun,
    is_finished,
    read_evaluation,
    remove_weights,
    start_run,
)
from pipelines.augment.workers import run_in_workers
from pipelines.lifecycle.contracts import FamilySettings
from pipelines.lifecycle.families import family
from pipelines.lifecycle.job import Job, JobState, job_key
from pipelines.processes.locks import Lock


@dataclass(frozen=True)
class Experiment:
    """What all trainings have in common.

    Attributes
    ----------
    settings
        What is compared.
    classifier
        The classifier's own parameters, without the overrides.
    data
        Its data sets, by name.
    generated
        File of the generated drawings.
    champions
        The champions that made them: role (`generator`, `filter`) → version.
    folder
        Folder of all files of the experiment.
    registry
        Where results are tracked and a challenger is registered.
    """

    settings: AugmentSettings
    classifier: FamilySettings
    data: dict[str, PreparedData]
    generated: Path
    champions: dict[str, str]
    folder: Path
    registry: Registry

    @property
    def mixed(self) -> str:
        """The data set that is cut to size and to which generated drawings are added: the classifier's first."""
        return next(iter(self.data))

    def job_state(self, training_run: TrainingRun, settings: FamilySettings) -> JobState:
        """The job of a training; its key is a hash of everything that changes the result."""
        data = {**self.data, self.mixed: self.mix(training_run)}
        return JobState(
            family=self.settings.classifier,
            key=job_key(self.settings.classifier, settings, family(self.settings.classifier).inputs(data)),
            tracking_uri=self.registry.uri,
            prefix=self.registry.prefix,
            settings=settings.model_dump(mode="json"),
        )

    def job_states(self) -> dict[TrainingRun, JobState]:
        """The jobs of all trainings, in the order in which they are run."""
        states = {}
        for seed, size, generated in product(self.settings.seeds, self.settings.sizes, (False, True)):
            training_run = TrainingRun(size=size, generated=generated, seed=seed)
            states[training_run] = self.job_state(training_run, with_overrides(self.classifier, self.settings, seed))
        return states

    def mix(self, training_run: TrainingRun) -> MixedData:
        """The data of a training."""
        generated = GeneratedDrawings.read(self.generated) if training_run.generated else None
        return MixedData(self.data[self.mixed], training_run.size, generated, self.champions)

    def prepare_folder(self, training_run: TrainingRun, state: JobState, run: Run, challenger: bool = False) -> Path:
        """The folder of a training, with everything that a worker needs. What was done in it before is kept."""
        job = Job.begin(self.folder / ("challengers" if challenger else "runs") / state.key[:12], state)
        spec = RunSpec(
            name="challenger" if challenger else str(training_run),
            training_run=training_run,
            data={name: prepared.folder for name, prepared in self.data.items()},
            mixed=self.mixed,
            generated=self.generated,
            champions=self.champions,
            run_id=run.run_id,
            last="register" if challenger else "evaluate",
        )
        spec.write(job.folder)
        return job.folder

    def train(
        self, states: dict[TrainingRun, JobState], run: Run, lock: Lock, say: Callable[[str], None]
    ) -> dict[TrainingRun, Path]:
        """Finish all trainings, resuming those that a kill interrupted.

        Returns
        -------
        dict
            Training → its folder.
        """
        folders = {each: self.prepare_folder(each, state, run) for each, state in states.items()}
        names = {folder: str(each) for each, folder in folders.items()}
        unfinished = [folder for folder in folders.values() if not is_finished(folder)]
        say(
            f"{len(folders)} trainings, {len(folders) - len(unfinished)} of them finished before; logs in {self.folder}"
        )
        metric = self.classifier.gate.primary

        def report(folder: Path) -> None:
            say(f"  {names[folder]}: {metric} {read_evaluation(folder).metrics[metric].value:.4f}")

        run_in_workers(unfinished, self.settings.workers, self.folder, lock, report)
        for folder in folders.values():
            remove_weights(folder)
            job, spec = Job.open(folder), RunSpec.read(folder)
            with start_run(run, job, spec, spec.open_data()) as child:
                child.log_evaluation(replace(read_evaluation(folder), pictures={}, tables={}))
        return folders

    def compare(self, folders: dict[TrainingRun, Path]) -> list[Comparison]:
        """One comparison a size."""
        return [self._compare(size, folders) for size in self.settings.sizes]

    def _compare(self, size: int | None, folders: dict[TrainingRun, Path]) -> Comparison:
        sides = [
            [TrainingRun(size=size, generated=generated, seed=seed) for seed in self.settings.seeds]
            for generated in (False, True)
        ]
        without, with_generated = ([read_evaluation(folders[each]) for each in side] for side in sides)
        real, mixed = (len(self.mix(side[0]).split("train")["label"]) for side in sides)
        return compare(
            size,
            (real, mixed - real, len(self.data[self.mixed].manifest.labels)),
            without,
            with_generated,
            self.classifier.gate.primary,
            resamples=self.settings.resamples,
            seed=self.settings.seed,
        )


def with_overrides(classifier: FamilySettings, settings: AugmentSettings, seed: int) -> FamilySettings:
    """The classifier's parameters in a training of this experiment.

    Raises
    ------
    BadInputError
        When an override is not a path to a setting, or its value is not allowed there.
    """
    return apply(classifier, {**settings.overrides, SEED: seed})
