import json
import math
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from atelier.model_card import Cost, Direction, ModelCard, ModelSpec
from tests.helpers.registries import card

OLD = Path(__file__).parent / "cards" / "single_part.json"
"""Written before there were models with several parts."""


def test_an_old_card_has_one_part():
    found = ModelCard.read(OLD)
    assert found.spec.parts.keys() == {"model"}
    assert [tensor.name for tensor in found.spec.parts["model"].inputs] == ["image", "weights"]
    assert [tensor.name for tensor in found.spec.parts["model"].outputs] == ["picture"]
    assert found.spec.typical_sizes == {"height": 512, "width": 512}
    assert found.cost == {"model": Cost(latency_p50_ms=0.6, latency_p95_ms=0.9, size_mb=1.4)}
    assert found.parity == {"model": 2.4e-7}
    assert found.total_cost == found.cost["model"]


def test_the_nan_of_an_old_card_is_read(tmp_path):
    (tmp_path / "card.json").write_text(json.dumps(json.loads(OLD.read_text()) | {"parity": "NaN"}))
    assert math.isnan(ModelCard.read(tmp_path / "card.json").largest_parity)


def test_a_card_comes_back_as_it_was_written(tmp_path):
    for written in (card(), card(parts=("encoder", "decoder")), ModelCard.read(OLD)):
        written.write(tmp_path / "card.json")
        assert ModelCard.read(tmp_path / "card.json") == written


def test_the_costs_of_all_parts_add_up():
    found = card(parts=("encoder", "decoder"), latency_p50_ms=2.0, latency_p95_ms=3.0, size_mb=0.5)
    assert found.total_cost == Cost(latency_p50_ms=4.0, latency_p95_ms=6.0, size_mb=1.0)


@pytest.mark.parametrize("order", [("encoder", "decoder"), ("decoder", "encoder")])
def test_the_largest_parity_counts_and_nan_is_largest(order):
    found = card(parts=order)
    assert found.model_copy(update={"parity": {"encoder": 1e-3, "decoder": 1e-5}}).largest_parity == 1e-3
    parity = dict.fromkeys(order, 1e-3) | {"encoder": math.nan}
    assert math.isnan(found.model_copy(update={"parity": parity}).largest_parity)


@pytest.mark.parametrize("field", ["cost", "parity"])
def test_every_part_has_a_cost_and_a_parity(field):
    content = json.loads(card(parts=("encoder", "decoder")).model_dump_json())
    del content[field]["decoder"]
    with pytest.raises(ValidationError, match=f"{field} has encoder, the parts are encoder, decoder"):
        ModelCard.model_validate(content)


@pytest.mark.parametrize("name", ["", "Encoder", "en/coder", "../encoder", "en coder", "1"])
def test_a_part_needs_a_name_that_can_name_a_file_and_an_argument(name):
    with pytest.raises(ValidationError, match="cannot name a part"):
        ModelSpec(parts={name: card().spec.parts["model"]}, intended_use="", limits="")


def test_a_model_has_a_part():
    with pytest.raises(ValidationError, match="parts"):
        ModelSpec(parts={}, intended_use="", limits="")


def test_a_direction_keeps_its_vector_to_the_last_bit(tmp_path):
    vector = np.random.default_rng(0).normal(0, 1, (10, 128)).astype(np.float32)
    fields = {"attribute": "age", "mean": 40.0, "standard_deviation": 20.0, "range": (-2.0, 3.0)}
    direction = Direction.of(vector, **fields)
    spec = card().spec.model_copy(update={"directions": (direction,)})
    written = card().model_copy(update={"spec": spec})
    written.write(tmp_path / "card.json")
    (found,) = ModelCard.read(tmp_path / "card.json").spec.directions
    assert np.array_equal(found.array, vector)
    with pytest.raises(ValidationError, match="must hold 0"):
        Direction.of(vector, **{**fields, "range": (0.5, 1.0)})
