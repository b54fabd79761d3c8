"""Where folders of images come from."""

from typing import Literal, Self

from pydantic import Field, model_validator

from pipelines.fetch.settings import FetchSettings


class ImagesFetch(FetchSettings):
    """Which images to get and from where. A mirror holds `<data set>/`."""

    items: int | None = Field(default=None, ge=1)
    """So many of all there are, a fair choice: the same ones every time, and among those of any larger number."""
    licence: str | None = None
    """Of a mirror's images, where it is not the publisher's."""
    side: int = Field(default=192, ge=16, le=1024)
    """Short side of the sample images, in pixels."""
    seed: int = 0
    """Of the sample images."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.source == "sample" and self.items is None:
            raise ValueError("the sample data needs a number of images: set items")
        return self


class CocoFetch(ImagesFetch):
    """Which of COCO's images to get and from where."""

    part: Literal["train2017", "val2017"] = "train2017"
    """118,287 or 5,000 images, and their instance annotations."""
