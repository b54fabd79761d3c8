"""The experiment as a whole: its cells, begun, trained and compared."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from atelier.data.prepared.dataset import PreparedData
from atelier.registry.tracking.run import Run
from atelier.settings import apply
from pipelines.augment import training_run as cells
from pipelines.augment.comparison import Comparison, compare
from pipelines.augment.generated import Generated
from pipelines.augment.mixed import MixedData
from pipelines.augment.settings import SEED, AugmentSettings
from pipelines.augment.training_run import Cell, Plan
from pipelines.augment.workers import run_cells
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
        What it learns from.
    generated
        File of the generated drawings.
    champions
        Who made and judged them: role (`generator`, `filter`) → version.
    folder
        Where everything is kept.
    uri
        Of MLflow.
    """

    settings: AugmentSettings
    classifier: FamilySettings
    data: dict[str, PreparedData]
    generated: Path
    champions: dict[str, str]
    folder: Path
    uri: str

    @property
    def mixed(self) -> str:
        """The data set that is cut to size and gets generated drawings: the classifier's first."""
        return next(iter(self.data))

    def state(self, cell: Cell, settings: FamilySettings) -> JobState:
        """The job of a cell; its key stands for everything that its result depends on."""
        data = {**self.data, self.mixed: self.mix(cell)}
        return JobState(
            family=self.settings.classifier,
            key=job_key(self.settings.classifier, settings, family(self.settings.classifier).inputs(data)),
            tracking_uri=self.uri,
            settings=settings.model_dump(mode="json"),
        )

    def states(self) -> dict[Cell, JobState]:
        """Every training of the experiment, in the order in which they begin."""
        found = {}
        for seed, size, generated in product(self.settings.seeds, self.settings.sizes, (False, True)):
            cell = Cell(size=size, generated=generated, seed=seed)
            found[cell] = self.state(cell, with_overrides(self.classifier, self.settings, seed))
        return found

    def mix(self, cell: Cell) -> MixedData:
        generated = Generated.read(self.generated) if cell.generated else None
        return MixedData(self.data[self.mixed], cell.size, generated, self.champions)

    def begin(self, cell: Cell, state: JobState, run: Run, challenger: bool = False) -> Path:
        """The folder of a cell, made ready to be worked on, or found finished."""
        place = self.folder / ("challengers" if challenger else "cells") / state.key[:12]
        job = Job.begin(place, state)
        plan = Plan(
            name="challenger" if challenger else str(cell),
            cell=cell,
            data={name: prepared.folder for name, prepared in self.data.items()},
            mixed=self.mixed,
            generated=self.generated,
            champions=self.champions,
            run_id=run.run_id,
            last="register" if challenger else "evaluate",
        )
        plan.write(job.folder)
        return job.folder

    def train(self, states: dict[Cell, JobState], run: Run, lock: Lock, say: Callable[[str], None]) -> dict[Cell, Path]:
        """Finish every cell, whatever a killed run left of it; cell → folder."""
        folders = {cell: self.begin(cell, state, run) for cell, state in states.items()}
        names = {folder: str(cell) for cell, folder in folders.items()}
        left = [folder for folder in folders.values() if not cells.is_finished(folder)]
        say(f"{len(folders)} trainings, {len(folders) - len(left)} of them finished before; logs in {self.folder}")

        def report(folder: Path) -> None:
            value = cells.result(folder).metrics[self.classifier.gate.primary].value
            say(f"  {names[folder]}: {self.classifier.gate.primary} {value:.4f}")

        run_cells(left, self.settings.workers, self.folder, lock, report)
        for folder in folders.values():
            cells.tidy(folder)
            job, plan = Job.open(folder), Plan.read(folder)
            with cells.described(run, job, plan, plan.open_data()) as child:
                child.log_evaluation(replace(cells.result(folder), pictures={}, tables={}))
        return folders

    def compare(self, folders: dict[Cell, Path]) -> list[Comparison]:
        """One comparison a size."""
        return [self._compare(size, folders) for size in self.settings.sizes]

    def _compare(self, size: int | None, folders: dict[Cell, Path]) -> Comparison:
        sides = [
            [Cell(size=size, generated=generated, seed=seed) for seed in self.settings.seeds]
            for generated in (False, True)
        ]
        without, with_generated = ([cells.result(folders[cell]) for cell in side] for side in sides)
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
    """The classifier's parameters in this experiment.

    Raises
    ------
    BadInputError
        When an override leads to no setting, or its value is not allowed there.
    """
    return apply(classifier, {**settings.overrides, SEED: seed})
