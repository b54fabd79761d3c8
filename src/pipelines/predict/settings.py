"""Parameters of the pipeline `predict`."""

from pydantic import Field, PositiveInt

from atelier.settings import Settings


class PredictSettings(Settings):
    """Which champion answers for which photos."""

    family: str
    """A family of photo classifiers."""
    source: str | None
    """Folder, zip file, or fsspec URL such as `s3://photos/2026`, with photos in folders or not."""
    top_k: PositiveInt
    """Number of labels for each photo."""
    max_bytes: int = Field(ge=1)
    """Larger files are not read."""
    batch_size: PositiveInt
    """Number of photos that are classified at a time."""
