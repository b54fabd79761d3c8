"""Progress of training: what the averaged networks do with validation faces, as metrics and as sheets of images."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from atelier.data.prepared.dataset import PreparedData
from atelier.evaluation.generation.distances import kernel_distance_value
from atelier.evaluation.grids import image_grid
from pipelines.families.psp.attributes import Attributes
from pipelines.families.psp.batches import to_faces, to_images
from pipelines.families.psp.edits import edited
from pipelines.families.psp.networks import Networks
from pipelines.families.psp.perception import Perception, identity_distance, perceptual_distance
from pipelines.families.psp.response import responses, slopes
from pipelines.families.psp.settings import PspSettings
from pipelines.families.psp.training_settings import Stage

BATCH = 64
"""Number of faces that are computed at a time."""
CELL = 64
"""Side of an image in a sheet, in pixels."""
SAMPLE_ROWS, COLUMNS = 4, 10
"""Rows of samples on a sheet; columns of samples and of faces."""
SHOWN_EDITS = (-2.0, 2.0)
"""Edits on a sheet, in standard deviations."""
_RECONSTRUCTED = ("val_samples", "val_regressor", "val_l2", "val_perceptual", "val_identity")
STAGE_METRICS: dict[Stage, tuple[str, ...]] = {
    "generator": ("val_samples", "val_regressor"),
    "encoder": _RECONSTRUCTED,
    "autoencoder": _RECONSTRUCTED,
    "joint": (*_RECONSTRUCTED, "val_slope", "val_leakage"),
}
"""Stage → metrics of `measure`."""


class Progress:
    """The averaged networks on the same faces and the same noise after each epoch.

    Parameters
    ----------
    networks, perception
        The networks, and what images are compared with.
    faces
        The data set, of which the first validation faces are used.
    attributes
        Its attributes.
    settings
        All parameters of the family.
    """

    def __init__(
        self,
        networks: Networks,
        perception: Perception,
        faces: PreparedData,
        attributes: Attributes,
        settings: PspSettings,
    ) -> None:
        self._networks, self._perception, self._settings = networks, perception, settings
        self._attributes, self._faces = attributes, faces
        count = settings.training.val_items
        self._images = to_images(faces.split("val")["image"][:count])
        self._labels = attributes.standardized(faces, "val")[:count]
        random = torch.Generator().manual_seed(settings.training.seed)
        self._noise = torch.randn(max(len(self._images), SAMPLE_ROWS * COLUMNS), networks.noise, generator=random)

    @torch.no_grad()
    def measure(self, stage: Stage) -> dict[str, float]:
        """Metrics of the validation faces.

        - `val_samples`: kernel distance of samples to faces, in the identity features.
        - `val_regressor`: correlation of the regressor's answers with the labels, mean over the attributes.
        - `val_l2`, `val_perceptual`, `val_identity`: as the losses, of reconstructions.
        - `val_slope`: change of an attribute for an edit by one standard deviation, as the regressor sees it, mean over
          the attributes; `val_leakage`: mean absolute change of the others.
        """
        images = self._images.to(self._networks.directions.device)
        metrics = {"val_samples": self._sample_distance(images), "val_regressor": self._correlation(images)}
        if stage != "generator":
            metrics |= self._reconstruction(images)
        if stage == "joint":
            metrics |= self._edits(images)
        return metrics

    @torch.no_grad()
    def sheets(self, epoch: int, stage: Stage) -> dict[str, bytes]:
        """Samples, and from the second stage on reconstructions and edits, as PNG files; empty between intervals."""
        settings = self._settings.training
        if epoch % settings.sheet_every and epoch != settings.epochs:
            return {}
        samples = to_faces(self._samples()[: SAMPLE_ROWS * COLUMNS])
        title = f"Epoch {epoch}: the same noise every time"
        sheets = {"samples": image_grid(list(samples), columns=COLUMNS, cell=CELL, title=title)}
        if stage != "generator":
            sheets["edits"] = self._edit_sheet(epoch)
        return sheets

    def _edit_sheet(self, epoch: int) -> bytes:
        images = self._images[:COLUMNS].to(self._networks.directions.device)
        latents, names = self._encode(images), self._attributes.names
        rows, headers = [images, self._decode(latents)], ["face", "reconstruction"]
        if self._networks.directions.any():
            for index, name in enumerate(names):
                for amount in SHOWN_EDITS:
                    edits = torch.zeros(len(images), len(names), device=images.device)
                    edits[:, index] = amount
                    rows.append(self._decode(edited(latents, self._networks.directions, edits)))
                    headers.append(f"{name} {amount:+g}")
        title = f"Epoch {epoch}: validation faces, edits in standard deviations"
        return image_grid(
            list(to_faces(torch.cat(rows))), columns=len(images), cell=CELL, row_headers=headers, title=title
        )

    def _samples(self) -> Tensor:
        networks = self._networks
        noise = self._noise.to(networks.directions.device)
        latents = networks.mapping_average(noise)[:, None].expand(-1, networks.layers, -1)
        return self._decode(latents)

    def _sample_distance(self, images: Tensor) -> float:
        """NaN when a pixel is NaN or infinite."""
        features = self._features(self._samples()[: len(images)])
        return kernel_distance_value(self._features(images), features) if np.isfinite(features).all() else math.nan

    def _encode(self, images: Tensor) -> Tensor:
        images = images.to(self._networks.directions.device)
        return torch.cat([self._networks.encoder_average(part) for part in torch.split(images, BATCH)])

    def _decode(self, latents: Tensor) -> Tensor:
        return torch.cat([self._networks.synthesis_average(part) for part in torch.split(latents, BATCH)])

    def _seen(self, latents: Tensor) -> Tensor:
        """The attributes that the regressor sees in the images of latents."""
        attributes: Tensor = self._networks.regressor(self._decode(latents))
        return attributes

    def _features(self, images: Tensor) -> NDArray[np.float32]:
        return torch.cat([self._perception(part).identity for part in torch.split(images, BATCH)]).float().cpu().numpy()

    def _correlation(self, images: Tensor) -> float:
        found = torch.cat([self._networks.regressor(part) for part in torch.split(images, BATCH)]).cpu().numpy()
        values = [_correlation(*pair) for pair in zip(found.T, self._labels.T, strict=True)]
        return float(np.mean(values))

    def _reconstruction(self, images: Tensor) -> dict[str, float]:
        rows = []
        for part in torch.split(images, BATCH):
            decoded = self._decode(self._encode(part))
            seen, target = self._perception(decoded), self._perception(part)
            distances = (
                (decoded - part).square().mean(),
                perceptual_distance(seen, target),
                identity_distance(seen, target),
            )
            rows.append([len(part) * float(distance) for distance in distances])
        means = np.sum(rows, axis=0) / len(images)
        return dict(zip(("val_l2", "val_perceptual", "val_identity"), means.tolist(), strict=True))

    def _edits(self, images: Tensor) -> dict[str, float]:
        directions = self._networks.directions
        slope = slopes(responses(self._seen, self._encode(images), directions, (-1.0, 1.0)))
        own = np.eye(len(slope), dtype=bool)
        leakage = np.abs(slope[~own]).mean() if len(slope) > 1 else 0.0
        return {"val_slope": float(slope[own].mean()), "val_leakage": float(leakage)}


def _correlation(found: NDArray[np.float32], labels: NDArray[np.float32]) -> float:
    """Correlation over the labels that are known; 0 where it is not defined."""
    known = np.isfinite(labels)
    if known.sum() < 2 or not (found[known].std() and labels[known].std()):
        return 0.0
    return float(np.corrcoef(found[known], labels[known])[0, 1])
