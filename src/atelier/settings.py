"""The base of every settings model: frozen, and unknown keys are an error."""

from pydantic import BaseModel, ConfigDict, ValidationError


class Settings(BaseModel):
    """Parameters of one part, validated once at the start of a run and never changed after it."""

    # NaN as a string: JSON has no other way to keep it, and a metric that is NaN must not come back as nothing.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


def problems(error: ValidationError) -> str:
    """What a validation found wrong: `training.epochs: Input should be greater than 0; …`."""
    return "; ".join(f"{'.'.join(map(str, item['loc'])) or 'all'}: {item['msg']}" for item in error.errors())
