"""The training, as a Lightning module: data, optimizers, schedule, validation. The steps themselves are in `stages`."""

import lightning
import numpy as np
import torch
from torch import Tensor

from atelier.data.prepared.sampling import epoch_order
from pipelines.families.psp.attributes import Attributes
from pipelines.families.psp.batches import Batches, to_images
from pipelines.families.psp.edits import EditBounds
from pipelines.families.psp.fitted_directions import training_directions
from pipelines.families.psp.networks import Networks
from pipelines.families.psp.optimizers import OPTIMIZERS, new_optimizers
from pipelines.families.psp.perception import Perception
from pipelines.families.psp.progress import Progress
from pipelines.families.psp.settings import PspInputs, PspSettings
from pipelines.families.psp.stages import STAGES, Stages
from pipelines.families.psp.training_settings import Stage

MEAN_FACES = 256
"""Number of faces whose mean the identity features are compared with."""


class PspTrainer(lightning.LightningModule):
    """Train `networks` in stages.

    The random numbers of a step depend on (seed, epoch, batch) only. Training that resumes from a checkpoint therefore
    ends like training that was never stopped.

    Parameters
    ----------
    networks
        Untrained networks.
    inputs
        Faces and perceptual network.
    attributes
        The attributes of the faces.
    settings
        All parameters of the family.
    """

    def __init__(self, networks: Networks, inputs: PspInputs, attributes: Attributes, settings: PspSettings) -> None:
        super().__init__()
        self.automatic_optimization = False
        # Convolutions of this size are fastest in the channels-last layout, on CPU and GPU.
        self.networks: Networks = networks.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # gap in stubs
        self.settings = settings.training
        self.epoch_items = self.settings.steps * self.settings.batch_size
        self._faces, self._attributes, self._directions = inputs.faces, attributes, settings.directions
        train = inputs.faces.split("train")
        self._images = train["image"]
        self._labels = attributes.training_labels(inputs.faces)
        self.perception = Perception(inputs.perceptual, to_images(self._images[:MEAN_FACES]))
        self.register_buffer("lowest", torch.from_numpy(attributes.lowest), persistent=False)
        self.register_buffer("highest", torch.from_numpy(attributes.highest), persistent=False)
        self.progress = Progress(networks, self.perception, inputs.faces, attributes, settings)

    @property
    def stage(self) -> Stage:
        """The stage of the current epoch."""
        return self.settings.stages.of(self.current_epoch)

    def train_dataloader(self) -> Batches:
        settings, epoch = self.settings, self.current_epoch
        order = epoch_order(len(self._labels), settings.seed, epoch, self.epoch_items)
        return Batches(self._images, self._labels, order, settings.batch_size, settings.flip, (settings.seed, epoch))

    def val_dataloader(self) -> list[int]:
        """One step, in which everything is validated."""
        return [0]

    def on_train_epoch_start(self) -> None:
        """Prepare the networks where the encoder begins, and fit the directions before each joint epoch."""
        if self.current_epoch == self.settings.stages.generator:
            self.networks.begin_encoding(self.settings.seed)
        if self.stage == "joint":
            count, options = self.settings.edits.refit_items, self._directions
            self.networks.directions.copy_(
                training_directions(self.networks, self._faces, self._attributes, options, count)
            )

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> None:
        faces, labels = batch
        seed = np.random.SeedSequence((self.settings.seed, self.current_epoch, batch_idx)).generate_state(1)[0]
        random = torch.Generator().manual_seed(int(seed))
        self._set_learning_rates(batch_idx)
        stages = Stages(
            self.networks,
            self.perception,
            EditBounds(self.get_buffer("lowest"), self.get_buffer("highest")),
            self.settings,
            self._minimize,
        )
        losses = stages.step(self.stage, faces, labels, batch_idx, random)
        self.networks.update_averages(
            STAGES[self.stage], self._steps_of_average(batch_idx), self.settings.average_decay
        )
        logged = {f"train_{name}": loss.detach() for name, loss in losses.items()}
        self.log_dict(logged, on_step=False, on_epoch=True, batch_size=len(faces))

    def validation_step(self, batch: int, batch_idx: int) -> None:  # noqa: ARG002  Lightning's names
        self.log_dict(self.progress.measure(self.stage), batch_size=1)

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        optimizers = new_optimizers(self.networks, self.settings.learning_rates)
        for optimizer in optimizers.values():
            for group in optimizer.param_groups:
                group["initial_lr"] = group["lr"]
        return [optimizers[name] for name in OPTIMIZERS]

    def _minimize(self, loss: Tensor, *names: str) -> None:
        """One step of the named optimizers."""
        optimizers = [optimizer for optimizer, name in zip(self.optimizers(), OPTIMIZERS, strict=True) if name in names]
        for optimizer in optimizers:
            optimizer.zero_grad()
        self.manual_backward(loss)
        for optimizer in optimizers:
            optimizer.step()

    def _set_learning_rates(self, batch: int) -> None:
        settings = self.settings
        done = (self.current_epoch * settings.steps + batch) / (settings.epochs * settings.steps)
        factor = min(1.0, (1 - done) / max(1 - settings.decay_start, 1e-9))
        for optimizer in self.optimizers():
            for group in optimizer.param_groups:
                group["lr"] = factor * group["initial_lr"]

    def _steps_of_average(self, batch: int) -> int:
        """Number of steps since the current average was a copy: of the generator in its stage, else of the encoder."""
        first = 0 if self.stage == "generator" else self.settings.stages.generator
        epochs: int = self.current_epoch - first
        return epochs * self.settings.steps + batch
