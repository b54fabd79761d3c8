"""The base of every settings model: frozen, and unknown keys are an error."""

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Parameters of one part, validated once at the start of a run and never changed after it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
