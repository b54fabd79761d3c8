"""The base class of all settings: frozen, and unknown keys are an error."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from atelier.errors import BadInputError, nearest

S = TypeVar("S", bound=BaseModel)


class Settings(BaseModel):
    """Parameters of one component, validated once at the start of a run and not changed after it."""

    # JSON has no NaN; written as a string, a metric that is NaN is read back as NaN and not as null.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


def problems(error: ValidationError) -> str:
    """The problems of a validation error in one line: `training.epochs: Input should be greater than 0; …`."""
    return "; ".join(f"{'.'.join(map(str, item['loc'])) or 'all'}: {item['msg']}" for item in error.errors())


def apply(settings: S, changes: Mapping[str, Any]) -> S:
    """Return the settings with some values changed, validated again.

    Settings are addressed by dotted paths: `training.learning_rate` is `settings.training.learning_rate`.

    Parameters
    ----------
    changes
        Dotted path → value.

    Raises
    ------
    BadInputError
        When a path does not exist (the message names the closest ones), or a value is not valid.
    """
    if not changes:
        return settings
    values, known = settings.model_dump(), sorted(_paths(settings))
    for path, value in changes.items():
        if path not in known:
            raise BadInputError(f"There is no setting {path!r}. Did you mean {nearest(path, known)}?")
        *parents, name = path.split(".")
        block = values
        for parent in parents:
            block = block[parent]
        block[name] = value
    try:
        return type(settings).model_validate(values)
    except ValidationError as error:
        given = ", ".join(f"{path} = {value!r}" for path, value in changes.items())
        raise BadInputError(f"With {given} the settings are not valid. {problems(error)}.") from error


def _paths(settings: BaseModel, prefix: str = "") -> Iterator[str]:
    for name, value in settings:
        if isinstance(value, BaseModel):
            yield from _paths(value, f"{prefix}{name}.")
        else:
            yield prefix + name
