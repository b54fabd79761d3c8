import subprocess
import sys
from pathlib import Path

import pytest

from atelier.errors import AtelierError
from pipelines.lifecycle import job_lock

HOLD = """
import sys
from pathlib import Path
from pipelines.lifecycle import job_lock

job_lock.hold(Path(sys.argv[1]), "toy")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path: Path):
    """A process that works on the job `toy`."""
    path = [entry for entry in sys.path if entry]
    process = subprocess.Popen(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}\n{HOLD}", str(tmp_path / "toy")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_a_second_process_is_told_who_works_on_the_job(other: subprocess.Popen[str], tmp_path: Path) -> None:
    with pytest.raises(AtelierError, match=rf"toy is being trained by process {other.pid}"):
        job_lock.hold(tmp_path / "toy", "toy")


def test_a_kill_releases_the_job(other: subprocess.Popen[str], tmp_path: Path) -> None:
    other.kill()
    other.wait()
    job_lock.hold(tmp_path / "toy", "toy")
    job_lock.hold(tmp_path / "toy", "toy")  # of this process: nothing happens
    job_lock.release(tmp_path / "toy")
    job_lock.release(tmp_path / "toy")
