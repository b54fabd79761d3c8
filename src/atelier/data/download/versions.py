"""What a mirror says about its files, so that changed ones are noticed and fetched again."""

import hashlib
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from atelier.data.download.archives import ArchiveSpec
from atelier.data.download.listing import is_web
from atelier.data.download.open_remote import FileVersion, file_version
from atelier.errors import AtelierError

log = logging.getLogger(__name__)

MAX_WEB_FILES = 2000
"""A web server is asked about each file separately: with more files than these, it is not asked."""
_WORKERS = 16


def source_versions(files: Mapping[str, str | ArchiveSpec]) -> dict[str, FileVersion]:
    """Name in the raw folder → version of what it is fetched from, where the source tells it.

    The version of an archive is made of those of its files. Empty where the source does not answer, with a warning:
    files that are here already can be used without it.
    """
    parts = {name: _addresses(source) for name, source in files.items()}
    addresses = [address for group in parts.values() for address in group]
    web = sum(map(is_web, addresses))
    if web > MAX_WEB_FILES:
        log.warning("Whether any of the %d files at the mirror has changed is not checked: they are too many.", web)
        return {}
    try:
        with ThreadPoolExecutor(_WORKERS) as pool:
            found = dict(zip(addresses, pool.map(file_version, addresses), strict=True))
    except (OSError, AtelierError) as error:
        log.warning("Whether the files at the mirror have changed cannot be checked: %s", error)
        return {}
    versions = {name: _combined([found[address] for address in group]) for name, group in parts.items()}
    return {name: version for name, version in versions.items() if version is not None}


def _addresses(source: str | ArchiveSpec) -> list[str]:
    return [source] if isinstance(source, str) else [source.address_of(name) for name in source.names]


def _combined(versions: list[FileVersion | None]) -> FileVersion | None:
    if len(versions) == 1 or not any(versions):
        return versions[0]
    return FileVersion(None, hashlib.sha256(repr(versions).encode()).hexdigest())
