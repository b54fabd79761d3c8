"""What is known of images beside their pixels: labels and groups, or attributes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from atelier.data.content_hash import Hashes
from atelier.data.ingest.attributes import Attributes
from atelier.data.prepared.buckets import Extra
from pipelines.prepare.labels import Labels


@dataclass(frozen=True)
class Descriptions:
    """Labels and groups, or attributes, of images by their names; images may have none of these."""

    labels: Labels = field(default_factory=Labels)
    attributes: Attributes = field(default_factory=Attributes)
    tolerances: Mapping[str, float] = field(default_factory=dict)
    """Attribute → largest difference between images that look alike. Where it is larger, one of them is wrong."""

    @property
    def extra(self) -> Extra:
        """The fields of an item in addition to its label."""
        if self.labels.names:
            return {"group": ("<u8", ())}
        if self.attributes.names:
            return {"attributes": ("<f4", (len(self.attributes.names),))}
        return {}

    def fields(self, names: Sequence[str], identities: Hashes) -> dict[str, NDArray[np.generic]]:
        """The values of these fields for images with these names and identities, (n, 2)."""
        if self.labels.names:
            return {"group": identities[:, 1]}
        return {"attributes": self.attributes.of(names)} if self.attributes.names else {}

    def label_numbers(self, names: Sequence[str]) -> NDArray[np.int64]:
        """(n,) the number of each image's class; 0 where there are no classes."""
        return np.array(self.labels.of(names)[0] if self.labels.names else [0] * len(names), np.int64)

    @property
    def compared(self) -> tuple[float, ...]:
        """How much look-alikes may differ in each of the `values`; labels must be equal."""
        return (0.0,) if self.labels.names else tuple(self.tolerances[name] for name in self._compared_attributes)

    def values(self, names: Sequence[str]) -> NDArray[np.float64]:
        """(n, compared) what is compared of images that look alike."""
        if self.labels.names:
            return self.label_numbers(names)[:, None].astype(np.float64)
        columns = [self.attributes.names.index(name) for name in self._compared_attributes]
        return self.attributes.of(names)[:, columns].astype(np.float64)

    def groups(self, names: Sequence[str]) -> list[str | None]:
        """The group of each labelled image; empty for images without labels."""
        return self.labels.of(names)[1]

    @property
    def _compared_attributes(self) -> tuple[str, ...]:
        return tuple(name for name in self.attributes.names if name in self.tolerances)
