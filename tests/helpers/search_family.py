"""A family whose training takes no time, for tests of the search."""

from pathlib import Path
from typing import Any

from pipelines.tune.study_spec import StudySpec
from tests.helpers.tuning import make_tuning

MODULE = "fake_family_nodes"
FAMILY = '''
"""A family whose training takes no time: `value` rises with each epoch, the more the nearer `x` is to 3.

While there is a file `hold` beside this one, trials from the number in it on wait after their first epoch.
"""

import time
from pathlib import Path

from pydantic import Field

from atelier.settings import Settings
from pipelines.lifecycle.tuning import TuningSettings

HOLD = Path(__file__).with_name("hold")


class Training(Settings):
    x: float = Field(default=0.0, ge=-10, le=10)
    epochs: int = Field(default=3, ge=0)


class FakeSettings(Settings):
    training: Training = Training()
    hardware: dict[str, str] = {}
    tuning: TuningSettings | None = None


def train(settings: FakeSettings, log, folder):
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
    """Write the family's module into `folder`, which must be on the module path; returns the module's name."""
    folder.mkdir(exist_ok=True)
    (folder / f"{MODULE}.py").write_text(FAMILY)
    return MODULE


def make_spec(folder: Path, **changes: Any) -> StudySpec:
    """The specification of a study of the fake family, stored in `folder`."""
    fields = {
        "study": "study",
        "nodes": MODULE,
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
