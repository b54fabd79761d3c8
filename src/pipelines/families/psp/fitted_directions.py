"""The directions of the attributes, for the joint stage and for the export: fitted to training faces and rescaled."""

import logging
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from atelier.data.prepared.dataset import PreparedData, ShardedArray
from atelier.errors import AtelierError
from atelier.model_card import Direction
from pipelines.families.psp.attributes import UNITS, Attributes
from pipelines.families.psp.batches import to_images
from pipelines.families.psp.directions import fit_directions
from pipelines.families.psp.networks import Networks
from pipelines.families.psp.response import rescaled, responses, usable_range
from pipelines.families.psp.settings import DirectionSettings

BATCH = 64
"""Number of faces that are encoded at a time."""

logger = logging.getLogger(__name__)


@torch.no_grad()
def training_directions(
    networks: Networks, faces: PreparedData, attributes: Attributes, settings: DirectionSettings, count: int
) -> Tensor:
    """Directions (attributes, layers, width) for the joint stage, fitted to the first `count` training faces.

    They are rescaled on training faces, too, so that a slope on validation faces remains a measure of quality.
    """
    # The first rows of a split are a random sample, because it is ordered by a hash.
    latents = encode(networks, faces.split("train")["image"], count)
    labels = attributes.training_labels(faces)[: len(latents)]
    return _fit(networks, latents, labels, latents[: settings.items], settings)[0]


@torch.no_grad()
def final_directions(
    networks: Networks, faces: PreparedData, attributes: Attributes, settings: DirectionSettings
) -> tuple[Direction, ...]:
    """The direction of each attribute that can be edited.

    It is fitted to the latents of the training faces whose labels it may use. It is rescaled so that the slope is 1, as
    the regressor sees it on validation faces. An attribute that does not change is left out, with a warning.

    Raises
    ------
    AtelierError
        When there is none.
    """
    latents = encode(networks, faces.split("val")["image"], settings.items)
    fitted_to = encode(networks, faces.split("train")["image"])
    directions, slope = _fit(networks, fitted_to, attributes.training_labels(faces), latents, settings)
    works, names = slope >= settings.drop_below, np.array(attributes.names)
    if not works.any():
        raise AtelierError(f"No attribute of {', '.join(names)} changes along its direction. Train for more epochs.")
    if not works.all():
        logger.warning("%s: no direction, because the attribute does not change along it.", ", ".join(names[~works]))
    ranges = _usable_ranges(networks, latents, directions, settings)
    return tuple(
        Direction.of(
            directions[index].numpy(),
            attribute=attributes.names[index],
            unit=UNITS.get(attributes.names[index], ""),
            mean=float(attributes.means[index]),
            standard_deviation=float(attributes.deviations[index]),
            range=ranges[index],
        )
        for index in np.flatnonzero(works)
    )


def encode(networks: Networks, images: ShardedArray, count: int | None = None) -> Tensor:
    """Latents of the first faces, or of all, by the averaged encoder: (n, layers, width)."""
    end, device = min(count or len(images), len(images)), networks.directions.device
    parts = [to_images(images[start : min(start + BATCH, end)]) for start in range(0, end, BATCH)]
    return torch.cat([networks.encoder_average(part.to(device)).float() for part in parts])


def _fit(
    networks: Networks, latents: Tensor, labels: NDArray[np.float32], measured: Tensor, settings: DirectionSettings
) -> tuple[Tensor, NDArray[np.float64]]:
    """Directions for `latents`, rescaled by what edits of the latents `measured` do; and the slopes before that."""
    fitted = fit_directions(latents.cpu().numpy(), labels, settings.ridge, settings.orthogonal)
    return rescaled(_seen(networks), measured, torch.from_numpy(fitted).to(latents.device))


def _usable_ranges(
    networks: Networks, latents: Tensor, directions: Tensor, settings: DirectionSettings
) -> list[tuple[float, float]]:
    """The usable range of each direction."""
    steps = int(settings.largest / settings.step + 1e-9)  # 0.3 / 0.1 is a little less than 3
    amounts = [settings.step * step for step in range(-steps, steps + 1)]
    changes = responses(_seen(networks), latents, directions, amounts)
    return [usable_range(amounts, changes[a, :, a], settings.min_slope) for a in range(len(directions))]


def _seen(networks: Networks) -> Callable[[Tensor], Tensor]:
    """Latents (n, layers, width) → the attributes that the regressor sees in their images."""

    def attributes(latents: Tensor) -> Tensor:
        found: Tensor = networks.regressor(networks.synthesis_average(latents)).float()
        return found

    return attributes
