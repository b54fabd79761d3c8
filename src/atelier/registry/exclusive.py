"""One process at a time moves the aliases of a family, also where several machines share a tracking server.

MLflow has no locks, but it creates a registered model of a given name only once. A process holds the lock of a family
while a registered model with the name of the lock exists, which it created. Its tags say who holds it. The lock of a
process that was killed is taken over, when that process is known to be gone or the lock is older than `LEASE_S`.
"""

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from atelier.errors import AtelierError
from atelier.registry.models import Registry
from atelier.registry.tracking.processes import is_gone, this_process

LEASE_S = 600.0
"""After so many seconds a lock that another machine holds is taken over. Aliases are moved within seconds."""
PATIENCE_S = 30.0
"""How many seconds a process waits for the lock."""
HOLDER, TOKEN, SINCE = "atelier.process", "atelier.token", "atelier.since"
"""Tags of a lock: the process, a random text, and the time in seconds since 1970."""
_POLL_S = 0.2


@contextmanager
def exclusive(registry: Registry, family: str, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Hold the lock of a family within the block.

    Parameters
    ----------
    patience_s
        How many seconds to wait while another process holds it.

    Raises
    ------
    AtelierError
        When another process still holds it after that time. The message names this process.
    """
    lock = f"{registry.name(family)}.lock"
    end = time.monotonic() + patience_s
    while not _create(registry, lock):
        holder = _read(registry, lock)
        if holder is None or (_is_abandoned(holder) and _take_over(registry, lock, holder[TOKEN])):
            continue
        if time.monotonic() >= end:
            raise AtelierError(
                f"{family} is being promoted or rolled back by the process {holder[HOLDER]} (host:process:started). "
                f"Try again later. If that process has ended, delete the registered model {lock} in MLflow."
            )
        time.sleep(_POLL_S)
    try:
        yield
    finally:
        registry.client.delete_registered_model(lock)


def _create(registry: Registry, lock: str) -> bool:
    """Create a lock. False when it exists."""
    from mlflow.exceptions import MlflowException

    tags = {HOLDER: this_process(), TOKEN: secrets.token_hex(8), SINCE: str(time.time())}
    try:
        registry.client.create_registered_model(lock, tags, "Exists while the aliases of the model are moved.")
    except MlflowException as error:
        # MLflow looks at the model of the same name before it says that it exists: it may be gone again.
        if error.error_code not in ("RESOURCE_ALREADY_EXISTS", "RESOURCE_DOES_NOT_EXIST"):
            raise
        return False
    return True


def _read(registry: Registry, lock: str) -> Mapping[str, str] | None:
    """The tags of a lock, or None when it was released meanwhile: MLflow reads the tags after the model."""
    found = next(iter(registry.client.search_registered_models(f"name = '{lock}'")), None)
    return found.tags if found and {HOLDER, TOKEN, SINCE} <= found.tags.keys() else None


def _is_abandoned(tags: Mapping[str, str]) -> bool:
    return is_gone(tags[HOLDER]) or time.time() - float(tags[SINCE]) > LEASE_S


def _take_over(registry: Registry, lock: str, token: str) -> bool:
    """Delete an abandoned lock. False when another process is about to do so.

    Of several processes that see the same abandoned lock, only one creates the lock of its token. It looks again before
    it deletes: the lock may be a new one by then.
    """
    guard = f"{lock}.{token}"
    if not _create(registry, guard):
        return False
    try:
        tags = _read(registry, lock)
        if tags is not None and tags[TOKEN] == token:
            registry.client.delete_registered_model(lock)
    finally:
        registry.client.delete_registered_model(guard)
    return True
