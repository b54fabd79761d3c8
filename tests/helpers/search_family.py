"""A family whose training takes no time, for tests of the search."""

from pathlib import Path
from typing import Any

from pipelines.tune.study_spec import StudySpec
from tests.helpers.tuning import make_tuning

PACKAGE = "fake_family"
SETTINGS = '''
"""Parameters of a family whose training takes no time."""

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from atelier.settings import Settings
from pipelines.lifecycle.contracts import FamilyInputs, FamilySettings
from pipelines.lifecycle.tuning import TuningSettings


class Training(Settings):
    x: float = Field(default=0.0, ge=-10, le=10)
    epochs: int = Field(default=3, ge=0)


class FakeSettings(FamilySettings):
    training: Training = Training()
    hardware: dict[str, str] = {}
    gate: Any = None
    tuning: TuningSettings | None = None


@dataclass(frozen=True)
class FakeInputs(FamilyInputs):
    """None."""
'''
TRAINING = '''
"""`value` rises with each epoch, the more the nearer `x` is to 3.

While there is a file `hold` beside this one, trials from the number in it on wait after their first epoch.
"""

import time
from pathlib import Path

HOLD = Path(__file__).with_name("hold")


def train(inputs, settings, log, folder):
    checkpoint = folder / "epoch"
    start = int(checkpoint.read_text()) if checkpoint.exists() else 0
    for epoch in range(start, settings.training.epochs):
        while epoch and HOLD.exists() and is_held(int(folder.name)):
            time.sleep(0.01)
        log({"value": (epoch + 1) * -(settings.training.x - 3) ** 2, "epoch": epoch}, epoch)
        checkpoint.write_text(str(epoch + 1))


def is_held(trial: int) -> bool:
    try:
        return trial >= int(HOLD.read_text())
    except FileNotFoundError:
        return False
'''


def write_family(folder: Path) -> str:
    """Write the family's package into `folder`, which must be on the module path; returns the package's name."""
    package = folder / PACKAGE
    package.mkdir(parents=True, exist_ok=True)
    for name, text in {"__init__": "", "settings": SETTINGS, "training": TRAINING, "export": ""}.items():
        (package / f"{name}.py").write_text(text)
    return PACKAGE


def make_spec(folder: Path, **changes: Any) -> StudySpec:
    """The specification of a study of the fake family, stored in `folder`."""
    fields = {
        "study": "study",
        "package": PACKAGE,
        "settings": {},
        "tuning": make_tuning(),
        "data": {},
        "trials": 4,
        "workers": 1,
        "tracking_uri": "",
        "run_id": "",
        "storage": folder / "tuning.db",
    }
    return StudySpec.model_validate(fields | changes)
