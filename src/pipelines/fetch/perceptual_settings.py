"""Where the perceptual network comes from."""

from typing import Literal, Self

from pydantic import Field, model_validator

from atelier.data.source import Kind
from pipelines.fetch.settings import FetchSettings

_SOURCES: dict[str, tuple[Kind, ...]] = {
    "random": ("sample",),
    "squeezenet": ("mirror",),
    "vgg16": ("mirror", "origin"),
}


class PerceptualFetch(FetchSettings):
    """Which perceptual network to get, and from where. A mirror holds `weights/<file>`."""

    network: Literal["random", "squeezenet", "vgg16"] = "random"
    seed: int = Field(default=0, ge=0)
    """Of the random weights."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        sources = _SOURCES[self.network]
        if self.source not in sources:
            raise ValueError(
                f"the weights of {self.network} are not to be had there: set source to {' or '.join(sources)}"
            )
        return self
