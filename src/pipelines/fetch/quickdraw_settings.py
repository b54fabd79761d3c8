"""Where Quick, Draw! drawings come from."""

from typing import Literal, Self

from pydantic import Field, model_validator

from pipelines.fetch.settings import FetchSettings

Format = Literal["simplified", "raw", "numpy_bitmap"]


class QuickdrawFetch(FetchSettings):
    """Which Quick, Draw! drawings to get, from where, and in which of the three published formats.

    A mirror holds `quickdraw/<format>/<category>.<ext>`.
    """

    format: Format = "simplified"
    categories: tuple[str, ...] | Literal["all"] = "all"
    """Names of Quick, Draw! categories; `all` means all that the source has."""
    items_per_category: int | None = Field(default=None, ge=1)
    """The first so many drawings of each category; None for all of them."""
    seed: int = 0
    """Of the sample data."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.source == "sample" and self.format != "simplified":
            raise ValueError("the sample data is made in the format `simplified`: set format: simplified")
        if self.source == "sample" and self.items_per_category is None:
            raise ValueError("the sample data needs a number of drawings: set items_per_category")
        if self.categories != "all" and len(set(self.categories)) != len(self.categories):
            raise ValueError("a category is named twice")
        return self
