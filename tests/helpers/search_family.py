"""A family whose training takes no time, for tests of the search around it."""

from pathlib import Path
from typing import Any

from pipelines.tune.plan import Plan

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

While a file `slow` is beside this one, an epoch takes long enough to be killed in.
"""

import time
from pathlib import Path

SLOW = Path(__file__).with_name("slow")


def train(inputs, settings, log, folder):
    checkpoint = folder / "epoch"
    start = int(checkpoint.read_text()) if checkpoint.exists() else 0
    for epoch in range(start, settings.training.epochs):
        time.sleep(0.3 if SLOW.exists() else 0)
        log({"value": (epoch + 1) * -(settings.training.x - 3) ** 2, "epoch": epoch}, epoch)
        checkpoint.write_text(str(epoch + 1))
'''

TUNING = {
    "metric": "value",
    "space": {"training.x": {"kind": "float", "low": -10, "high": 10}},
    "startup_trials": 3,
    "pruning": {"kind": "none"},
    "heartbeat_s": 1,
}


def write_family(folder: Path) -> str:
    """Write the family's package into `folder`, which must be on the module path; its name."""
    (folder / PACKAGE).mkdir(parents=True, exist_ok=True)
    (folder / PACKAGE / "__init__.py").touch()
    (folder / PACKAGE / "settings.py").write_text(SETTINGS)
    (folder / PACKAGE / "training.py").write_text(TRAINING)
    return PACKAGE


def make_plan(folder: Path, **changes: Any) -> Plan:
    """A plan for a study of the fake family, stored in `folder`."""
    fields = {
        "study": "study",
        "package": PACKAGE,
        "settings": {},
        "tuning": TUNING,
        "data": {},
        "trials": 4,
        "workers": 1,
        "tracking_uri": "",
        "run_id": "",
        "storage": folder / "tuning.db",
    }
    return Plan.model_validate(fields | changes)
