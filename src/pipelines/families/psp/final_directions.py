"""The directions of a trained model: fitted to training faces, rescaled, with their usable range."""

import logging

import numpy as np
import torch
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

    def seen(latents: Tensor) -> Tensor:
        answers: Tensor = networks.regressor(networks.synthesis_average(latents))
        return answers

    fitted = fit_directions(
        encode(networks, faces.split("train")["image"]).numpy(),
        attributes.training_labels(faces),
        settings.ridge,
        settings.orthogonal,
    )
    latents = encode(networks, faces.split("val")["image"], settings.items)
    directions, slope = rescaled(seen, latents, torch.from_numpy(fitted))
    works, names = slope >= settings.drop_below, np.array(attributes.names)
    if not works.any():
        raise AtelierError(f"No attribute of {', '.join(names)} changes along its direction. Train for more epochs.")
    if not works.all():
        logger.warning("%s: no direction, because the attribute does not change along it.", ", ".join(names[~works]))
    steps = int(settings.largest / settings.step)
    amounts = [settings.step * step for step in range(-steps, steps + 1)]
    changes = responses(seen, latents, directions, amounts)
    return tuple(
        Direction.of(
            directions[index].numpy(),
            attribute=attributes.names[index],
            unit=UNITS.get(attributes.names[index], ""),
            mean=float(attributes.means[index]),
            standard_deviation=float(attributes.deviations[index]),
            range=usable_range(amounts, changes[index, :, index], settings.min_slope),
        )
        for index in np.flatnonzero(works)
    )


def encode(networks: Networks, images: ShardedArray, count: int | None = None) -> Tensor:
    """Latents of the first faces, or of all, by the averaged encoder: (n, layers, width)."""
    end = min(count or len(images), len(images))
    parts = [to_images(images[start : min(start + BATCH, end)]) for start in range(0, end, BATCH)]
    return torch.cat([networks.encoder_average(part) for part in parts])
