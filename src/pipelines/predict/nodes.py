"""The one node of the pipeline: read photos one by one, classify them in batches, write one line for each."""

import json
import logging
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from atelier.atomic_files import write_atomically
from atelier.data.download.archives import ArchiveSpec
from atelier.data.download.listing import find_files
from atelier.data.download.open_remote import open_at
from atelier.errors import BadInputError
from atelier.model_card import MODEL, ModelSpec
from atelier.onnx.model import OnnxModel
from atelier.predictors.classifier import Classifier
from atelier.preprocessing.images import SUFFIXES, ImageArray, Rejected, decode_square
from atelier.preprocessing.spec import PhotoInput
from atelier.registry.models import Registry
from pipelines.fetch.images import inside_zip
from pipelines.fetch.settings import expanded
from pipelines.lifecycle.judges import champion
from pipelines.predict.settings import PredictSettings

log = logging.getLogger(__name__)


def predict(settings: PredictSettings, folder: Path, registry: Registry) -> Path:
    """Write `<family>.jsonl`: for each photo its name with label, confidence, unsure and guesses, or with an error.

    Raises
    ------
    BadInputError
        When no source is given, it holds no photo, or the family does not classify photos.
    AtelierError
        When the family has no champion.
    """
    if settings.source is None:
        raise BadInputError("Name the photos: --params predict.source=<folder, zip file or URL>")
    version = champion(registry, settings.family, "The prediction needs")
    spec = registry.card(version).spec
    square = _square(spec, settings.family)
    classifier = Classifier(OnnxModel(registry.onnx(version)[MODEL], threads=0), spec)
    source = ArchiveSpec(inside_zip(expanded(settings.source)), ())
    names = iter(find_files(source.address, SUFFIXES))
    lines: list[str] = []
    while some := list(islice(names, settings.batch_size)):
        lines += (json.dumps(row, ensure_ascii=False) for row in _rows(classifier, source, some, square, settings))
    target = folder / f"{settings.family}.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(target, "".join(f"{line}\n" for line in lines))
    log.info("%s: %d photos classified by %s", target, len(lines), version)
    return target


def _square(spec: ModelSpec, family: str) -> Callable[[bytes], ImageArray]:
    """The function that prepares the content of a file as the training photos were."""
    preprocessing = spec.preprocessing
    if not isinstance(preprocessing, PhotoInput) or preprocessing.size is None or not spec.labels:
        raise BadInputError(f"{family} does not classify photos: set predict.family to a family that does.")
    size, fit = preprocessing.size[0], preprocessing.fit
    return lambda content: decode_square(content, size, fit=fit)[0]


def _rows(
    classifier: Classifier,
    source: ArchiveSpec,
    names: list[str],
    square: Callable[[bytes], ImageArray],
    settings: PredictSettings,
) -> Iterator[dict[str, Any]]:
    """One row for each file, in order."""
    found = {name: _read(source.address_of(name), square, settings.max_bytes) for name in names}
    photos = [image for image in found.values() if not isinstance(image, str)]
    answers = iter(classifier(np.stack(photos), settings.top_k) if photos else [])
    for name, image in found.items():
        if isinstance(image, str):
            yield {"file": name, "error": image}
        else:
            answer = next(answers)
            best = answer.guesses[0]
            guesses = [guess.model_dump() for guess in answer.guesses]
            row = {"file": name, "label": best.label, "confidence": best.probability}
            yield row | {"unsure": answer.unsure, "guesses": guesses}


def _read(address: str, square: Callable[[bytes], ImageArray], max_bytes: int) -> ImageArray | str:
    """The prepared photo, or why it cannot be used."""
    try:
        with open_at(address) as opened:
            content = opened.stream.read(max_bytes + 1)
        if len(content) > max_bytes:
            return f"the file has more than {max_bytes:,} bytes"
        return square(content)
    except (Rejected, OSError) as error:
        return str(error) or type(error).__name__
