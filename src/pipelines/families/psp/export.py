"""Export of encoder, decoder and mapping network to ONNX files, with the directions of the attributes."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from atelier.model_card import Direction, ModelSpec, PartSpec
from atelier.model_card import Tensor as TensorSpec
from atelier.onnx.model import OnnxModel
from atelier.onnx.parity import difference_over_batches
from atelier.preprocessing.spec import FaceInput
from atelier.pretrained.faces import detector
from pipelines.families.psp.attributes import Attributes
from pipelines.families.psp.fitted_directions import final_directions
from pipelines.families.psp.networks import Networks
from pipelines.families.psp.served import ServedDecoder, ServedEncoder, ServedMapping, channels_first
from pipelines.families.psp.settings import ModelSettings, PspInputs, PspSettings
from pipelines.families.psp.training import new_networks
from pipelines.lifecycle.contracts import ExportReport
from pipelines.training.on_torch.checkpoints import trained_state
from pipelines.training.on_torch.exporting import parameter_count, write_onnx

ENCODER, DECODER, MAPPING, DETECTOR = "encoder", "decoder", "mapping", "detector"
"""The parts of the model."""
PARITY_BATCHES = (1, 2, 5)
INTENDED_USE = (
    "Edits attributes of aligned faces for research on editing, and for one's own pictures. Not for deceiving anybody, "
    "not for identifying people, and not for judging their age, gender or any other trait."
)
LIMITS = (
    "Reconstructions lose details and resemble the training faces. What an edit does was learned from labels of these "
    "faces, with their errors and prejudices; other attributes may change, too. Small or turned faces, glasses and "
    "hands are reconstructed badly."
)


class Exported(NamedTuple):
    """One part: its network, and inputs for the comparison with its file."""

    network: nn.Module
    inputs: dict[str, NDArray[np.float32]]


def export(inputs: PspInputs, settings: PspSettings, folder: Path, target: Path) -> ExportReport:
    """Write the averaged networks of the final checkpoint in `folder` to files beside `target`.

    Raises
    ------
    BadInputError
        When there is no checkpoint of a finished training in `folder`.
    AtelierError
        When no attribute can be edited.
    """
    attributes = Attributes.of(inputs.faces, inputs.face_judges)
    networks = trained_networks(attributes, settings, folder)
    directions = final_directions(networks, inputs.faces, attributes, settings.directions)
    parts = _parts(networks, inputs)
    spec = model_spec(inputs, settings.model, directions)
    parity = {}
    for name, part in parts.items():
        file = target.with_name(f"{name}.onnx")
        example = {key: torch.from_numpy(array[:2]) for key, array in part.inputs.items()}
        dynamic = {key: {0: torch.export.Dim.DYNAMIC} for key in example}
        write_onnx(part.network, example, [tensor.name for tensor in spec.parts[name].outputs], dynamic, file)
        parity[name] = _parity(part, spec.parts[name].outputs[0].name, OnnxModel(file))
    if DETECTOR in spec.parts:
        shutil.copyfile(inputs.face_detector.file, target.with_name(f"{DETECTOR}.onnx"))
        parity[DETECTOR] = 0.0
    count = sum(parameter_count(network) for network in (networks.mapping, networks.synthesis, networks.encoder))
    return ExportReport(spec=spec, parameters=count, parity=parity)


def trained_networks(attributes: Attributes, settings: PspSettings, folder: Path) -> Networks:
    """The networks of the final checkpoint in `folder`."""
    networks = new_networks(attributes, settings)
    networks.load_state_dict(trained_state(folder, settings.training.epochs, "networks"))
    return networks.eval()


def model_spec(inputs: PspInputs, model: ModelSettings, directions: tuple[Direction, ...]) -> ModelSpec:
    """The interface of the exported files."""
    shape = ("batch", model.size, model.size, 3)
    image, picture = (
        TensorSpec(name=name, dtype="float32", shape=shape, range=(0, 255), unit="grey level")
        for name in ("image", "picture")
    )
    latents = TensorSpec(name="latents", dtype="float32", shape=("batch", model.layers, model.width))
    noise = TensorSpec(name="noise", dtype="float32", shape=("batch", model.noise), unit="standard deviations")
    parts = {
        ENCODER: PartSpec(inputs=(image,), outputs=(latents,)),
        DECODER: PartSpec(inputs=(latents,), outputs=(picture,)),
        MAPPING: PartSpec(inputs=(noise,), outputs=(latents,)),
    }
    manifest = inputs.faces.manifest
    assert isinstance(manifest.preprocessing, FaceInput)
    if manifest.preprocessing.alignment == "eyes":
        parts[DETECTOR] = detector.PART
    return ModelSpec(
        parts=parts,
        preprocessing=manifest.preprocessing,
        labels=tuple(direction.attribute for direction in directions),
        directions=directions,
        intended_use=" ".join(filter(None, (INTENDED_USE, manifest.intended_use))),
        limits=f"{LIMITS} Licence of the faces it was trained on: {manifest.licence}.",
    )


def _parts(networks: Networks, inputs: PspInputs) -> dict[str, Exported]:
    """Part → what is exported, in float32."""
    faces = inputs.faces.split("val")["image"][: max(PARITY_BATCHES)].astype(np.float32)
    noise = np.random.default_rng(0).standard_normal((max(PARITY_BATCHES), networks.noise), np.float32)
    encoder = channels_first(ServedEncoder(networks.encoder_average))
    with torch.inference_mode():
        latents = encoder(torch.from_numpy(faces)).numpy()
    return {
        ENCODER: Exported(encoder, {"image": faces}),
        DECODER: Exported(channels_first(ServedDecoder(networks.synthesis_average)), {"latents": latents}),
        MAPPING: Exported(channels_first(ServedMapping(networks.mapping_average, networks.layers)), {"noise": noise}),
    }


def _parity(part: Exported, output: str, model: OnnxModel) -> float:
    def reference(**arrays: NDArray[np.float32]) -> Mapping[str, NDArray[np.float32]]:
        with torch.inference_mode():
            return {output: part.network(*(torch.from_numpy(array) for array in arrays.values())).numpy()}

    sizes = [size for size in PARITY_BATCHES if size <= len(next(iter(part.inputs.values())))]
    return difference_over_batches(reference, model, part.inputs, sizes)
