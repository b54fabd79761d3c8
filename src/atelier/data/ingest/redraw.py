"""The same drawings at another size or with another pen, for a model that was made for these.

An older champion may have been trained on drawings of another size than today's. It is compared with its challenger on
the same test items, each drawn as its card says.
"""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from atelier.data.download.source import Source
from atelier.data.ingest.quickdraw import read_drawings
from atelier.data.ingest.quickdraw_names import category_of
from atelier.data.prepared.dataset import PreparedData, SplitName
from atelier.errors import BadInputError
from atelier.preprocessing.raster import rasterize
from atelier.preprocessing.spec import DrawingInput


def drawn_as(
    bitmap: DrawingInput, data: PreparedData, raw: Path, splits: Sequence[SplitName], folder: Path
) -> PreparedData:
    """Draw the items of some splits of prepared drawings again.

    Parameters
    ----------
    bitmap
        Size, pen and padding.
    data
        The prepared drawings.
    raw
        The raw folder that they were made from.
    splits
        The splits that are drawn; the result has only these.
    folder
        Empty folder for the result.

    Raises
    ------
    BadInputError
        When `raw` is not complete, does not hold all drawings, or holds bitmaps instead of strokes.
    """
    source = Source.read(raw)
    source.check_files(raw)
    if source.request.parameters["format"] == "numpy_bitmap":
        raise BadInputError(f"{raw} holds bitmaps of 28 x 28, which cannot be drawn with {bitmap}.")
    for split in splits:
        _draw_split(bitmap, data, source, raw, split, folder)
    manifest = data.manifest.model_copy(update={"preprocessing": bitmap})
    (folder / "manifest.json").write_text(manifest.model_dump_json(), encoding="utf-8")
    return PreparedData(folder)


def _draw_split(
    bitmap: DrawingInput, data: PreparedData, source: Source, raw: Path, split: SplitName, folder: Path
) -> None:
    fields = data.split(split)
    ids = fields["id"][:]  # sorted
    shape = (len(ids), bitmap.size, bitmap.size)
    images = open_memmap(folder / f"{split}-00000.image.npy", "w+", np.uint8, shape)
    missing = np.ones(len(ids), np.bool_)
    for found, drawings in _drawings(ids, fields["label"][:], data.manifest.labels, source, raw, bitmap):
        images[found] = drawings
        missing[found] = False
    images.flush()
    if missing.any():
        raise BadInputError(f"{raw} lacks {missing.sum():,} drawings of the {split} split. Prepare the data again.")
    for field in fields.keys() - {"image"}:
        for path in sorted(data.folder.glob(f"{split}-*.{field}.npy")):
            shutil.copy(path, folder)


def _drawings(
    ids: NDArray[np.uint64],
    labels: NDArray[np.integer],
    names: Sequence[str],
    source: Source,
    raw: Path,
    bitmap: DrawingInput,
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.uint8]]]:
    """Batches of drawings that are wanted, and their places in `ids`. Of several with one id, the first one only."""
    seen = np.zeros(len(ids), np.bool_)
    for file in sorted(source.files):
        label = names.index(category_of(file))
        for batch in read_drawings(raw / file, source.request):
            identities = batch.identities[:, 0].astype(np.uint64)
            place = np.minimum(np.searchsorted(ids, identities), len(ids) - 1)
            wanted = (ids[place] == identities) & (labels[place] == label) & ~seen[place]
            chosen = np.flatnonzero(wanted)
            chosen = chosen[np.unique(place[chosen], return_index=True)[1]]
            seen[place[chosen]] = True
            drawings = [batch.items[int(index)] for index in chosen]
            yield place[chosen], rasterize(drawings, bitmap.size, bitmap.line_diameter, bitmap.padding)
