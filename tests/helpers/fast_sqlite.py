"""Importing this lets sqlite leave writing to the disk to the system: commits take a tenth of the time.

What a killed process has committed stays, so tests that kill still prove what they did; only a power cut would lose it.
"""

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine


@event.listens_for(Engine, "connect")
def _do_not_wait_for_the_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")
