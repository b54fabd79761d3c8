"""A registered version, and the names of the tags that Atelier gives to versions, runs and registered models."""

import json
import logging
from collections.abc import Mapping

from pydantic import Field, ValidationError, field_validator

from atelier.registry.gate.verdict import Verdict
from atelier.settings import Settings, problems

log = logging.getLogger(__name__)

HIDDEN = "mlflow."
"""MLflow's pages do not show tags whose names begin so: JSON is for programs."""
VERDICT = f"{HIDDEN}atelier.verdict"
"""Version tag: the gate's verdict, as JSON."""
PREDECESSOR = "atelier.predecessor"
"""Version tag: number of the champion that this version replaced."""
ROLLED_BACK = f"{HIDDEN}atelier.rollback"
"""Version tag: the record of the last rollback that left this version, as JSON, see `rollback.Rollback`."""
PARTS = f"{HIDDEN}atelier.parts"
"""Version and run tag: part → id of the MLflow model that holds it, as JSON."""
FILES = f"{HIDDEN}atelier.files"
"""Version and run tag: part → SHA-256 of its ONNX file, as JSON."""
LOG = f"{HIDDEN}atelier.history."
"""Beginning of the family tags with the changes of the champion, see `history`; the number of the change follows."""


class Version(Settings):
    """A registered version of a family."""

    family: str
    number: int
    run_id: str
    tags: dict[str, str] = Field(default_factory=dict)

    @field_validator("tags")
    @classmethod
    def _read_old_names(cls, tags: dict[str, str]) -> dict[str, str]:
        return with_todays_names(tags)

    def __str__(self) -> str:
        return f"{self.family} v{self.number}"

    @property
    def model_ids(self) -> tuple[str, ...]:
        """The MLflow models that hold its parts; empty for a version from before there were parts."""
        return tuple(json.loads(self.tags[PARTS]).values()) if PARTS in self.tags else ()

    def verdict(self) -> Verdict | None:
        """The gate's last verdict on this version, or None without one, or with one that cannot be read here.

        A later Atelier may have written it: fields that are unknown here are ignored.
        """
        if VERDICT not in self.tags:
            return None
        try:
            return Verdict.model_validate_json(self.tags[VERDICT], extra="ignore")
        except ValidationError as error:
            log.warning("The verdict on %s cannot be read and is ignored. %s.", self, problems(error))
            return None


def with_todays_names(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags with the names of today: earlier versions stored the hidden ones without `HIDDEN`."""
    hidden = (VERDICT, ROLLED_BACK, PARTS, FILES, LOG)
    return {f"{HIDDEN}{key}" if f"{HIDDEN}{key}".startswith(hidden) else key: value for key, value in tags.items()}


def predecessor(version: Version) -> int | None:
    """Number of the champion that this version replaced, or None."""
    before = version.tags.get(PREDECESSOR, "")
    return int(before) if before else None
