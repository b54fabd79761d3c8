"""Importing this module makes commits of sqlite ten times faster: they do not wait until data is on the disk.

Commits of a killed process are kept, so tests that kill processes stay valid. Only a power failure would lose them.
"""

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine


@event.listens_for(Engine, "connect")
def _do_not_wait_for_the_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")
