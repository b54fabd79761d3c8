import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atelier.errors import BadInputError
from atelier.model_card import ModelSpec
from atelier.preprocessing.spec import DrawingInput
from atelier.service.champions import Champion
from atelier.service.endpoints.classify_drawing import ClassifyDrawingRequest, classify
from atelier.service.endpoints.duel import DuelRequest, DuelResponse, duel
from atelier.service.http.errors import NoChampionError
from tests.helpers.classifier_champion import SOMETIMES_RIGHT, write_champion
from tests.helpers.generator_champion import FAMILY, write_generator

Champions = tuple[Champion, Champion]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Champions:
    folder = tmp_path_factory.mktemp("champions")
    classifier = write_champion(folder / "classifier", "2", seed=SOMETIMES_RIGHT)
    return Champion(write_generator(folder / "generator", "3")), Champion(classifier)


def respond(both: Champions, **parts: Any) -> DuelResponse:
    return duel(*both, DuelRequest.from_parts(parts))


def test_the_guess_of_a_round_is_that_of_classify_drawing(both: Champions) -> None:
    response = respond(both, seed=1)
    assert response.generator.model_dump() == {"family": FAMILY, "version": "3"}
    assert response.classifier.model_dump() == {"family": "quickdraw_classifier", "version": "2"}
    assert len(response.rounds) == 8
    for each in response.rounds:
        png = base64.b64decode(each.image.partition(",")[2])
        (guess,) = classify(both[1], ClassifyDrawingRequest.from_parts({"image": png, "top_k": 1})).guesses
        assert (each.guess, each.probability) == (guess.label, pytest.approx(guess.probability, abs=2e-6))


def test_the_score_is_the_number_of_correct_guesses(both: Champions) -> None:
    responses = [respond(both, seed=seed, count=64) for seed in range(3)]
    rounds = [each for response in responses for each in response.rounds]
    assert all(each.agreed == (each.guess == each.label) for each in rounds)
    assert [response.score for response in responses] == [
        sum(r.agreed for r in response.rounds) for response in responses
    ]
    assert {each.agreed for each in rounds} == {True, False}


def test_only_common_labels_are_drawn_and_equally_often(both: Champions) -> None:
    for seed in range(4):
        labels = [each.label for each in respond(both, seed=seed, count=6).rounds]
        assert [set(labels[i : i + 2]) for i in (0, 2, 4)] == [{"envelope", "house"}] * 3
    assert {respond(both, seed=seed, count=1).rounds[0].label for seed in range(12)} == {"envelope", "house"}


def test_a_label_is_drawn_in_every_round(both: Champions) -> None:
    assert [each.label for each in respond(both, label="house", count=3).rounds] == ["house"] * 3


def test_a_seed_gives_the_same_duel_and_a_longer_duel_begins_as_the_shorter_one(both: Champions) -> None:
    every = respond(both, seed=4, count=40)
    assert respond(both, seed=4, count=40) == every
    assert [each.image for each in respond(both, seed=4, count=5).rounds] == [each.image for each in every.rounds[:5]]
    first = respond(both)
    assert respond(both, seed=first.seed) == first
    assert respond(both).seed != first.seed


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"label": "hous"}, "no label 'hous'.*house"),
        ({"label": "sun"}, "no label 'sun' here.*envelope or house"),  # unknown to the classifier
        ({"label": 1}, "label must be text"),
        ({"count": 0}, "count .* from 1 to 64"),
        ({"count": 65}, "count .* from 1 to 64"),
        ({"seed": "one"}, "seed .* from 0 to"),
    ],
)
def test_wrong_input_is_rejected_with_a_message(both: Champions, parts: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        respond(both, **parts)


Change = Callable[[ModelSpec], ModelSpec]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda spec: spec.model_copy(update={"preprocessing": DrawingInput(line_diameter=8)}), "not be fair"),
        (lambda spec: spec.model_copy(update={"labels": tuple(f"thing {i}" for i in range(10))}), "no label in common"),
    ],
)
def test_models_that_do_not_fit_have_no_duel(both: Champions, tmp_path: Path, change: Change, message: str) -> None:
    folder = write_champion(tmp_path / "classifier", "2")
    card = both[1].card
    card.model_copy(update={"spec": change(card.spec)}).write(folder / "card.json")
    with pytest.raises(NoChampionError, match=rf"{message}.*kedro run \(make run\)") as error:
        duel(both[0], Champion(folder), DuelRequest.from_parts({}))
    assert "quickdraw_gan 3 and quickdraw_classifier 2" in str(error.value)
