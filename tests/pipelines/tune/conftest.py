import textwrap

import pytest

from pipelines.tune.plan import Plan
from pipelines.tune.settings import TuningSettings

FAMILY = '''
"""A family whose training takes no time: `value` rises with each epoch, the more the nearer `x` is to 3."""

import time

from pydantic import Field

from atelier.settings import Settings
from pipelines.tune.settings import TuningSettings


class Training(Settings):
    x: float = Field(default=0.0, ge=-10, le=10)
    epochs: int = Field(default=3, ge=0)
    seconds: float = 0.0


class FakeSettings(Settings):
    training: Training = Training()
    tuning: TuningSettings | None = None


def train(settings: FakeSettings, log, folder):
    checkpoint = folder / "epoch"
    start = int(checkpoint.read_text()) if checkpoint.exists() else 0
    for epoch in range(start, settings.training.epochs):
        time.sleep(settings.training.seconds)
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


@pytest.fixture
def fake_family(tmp_path, monkeypatch):
    """Name of an importable module that has a family's `train`."""
    package = tmp_path / "code"
    package.mkdir()
    (package / "fake_family_nodes.py").write_text(textwrap.dedent(FAMILY))
    monkeypatch.syspath_prepend(str(package))
    return "fake_family_nodes"


@pytest.fixture
def plan_of(tmp_path, fake_family):
    def build(tuning=TUNING, training=None, **changes):
        fields = {
            "study": "study",
            "nodes": fake_family,
            "settings": {"training": training or {}},
            "tuning": TuningSettings.model_validate(tuning),
            "data": {},
            "trials": 4,
            "workers": 1,
            "tracking_uri": "",
            "run_id": "",
            "storage": tmp_path / "tuning.db",
        }
        return Plan.model_validate(fields | changes)

    return build
