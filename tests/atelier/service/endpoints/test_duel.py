import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atelier.errors import BadInputError
from atelier.model_card import ModelSpec
from atelier.preprocessing.spec import DrawingInput
from atelier.service.champions import Champion
from atelier.service.endpoints.classify_drawing import classify
from atelier.service.endpoints.duel import DuelAnswer, play
from atelier.service.http.errors import NoChampionError
from tests.helpers.classifier_champion import SOMETIMES_RIGHT, write_champion
from tests.helpers.generator_champion import FAMILY, write_generator

Champions = tuple[Champion, Champion]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Champions:
    folder = tmp_path_factory.mktemp("champions")
    judge = write_champion(folder / "classifier", "2", seed=SOMETIMES_RIGHT)
    return Champion(write_generator(folder / "generator", "3")), Champion(judge)


def duel(both: Champions, **parts: Any) -> DuelAnswer:
    return play(*both, parts)


def test_the_classifier_says_of_each_drawing_what_it_says_of_that_picture(both: Champions) -> None:
    answer = duel(both, seed=1)
    assert answer.generator.model_dump() == {"family": FAMILY, "version": "3"}
    assert answer.classifier.model_dump() == {"family": "quickdraw_classifier", "version": "2"}
    assert len(answer.rounds) == 8
    for each in answer.rounds:
        png = base64.b64decode(each.image.partition(",")[2])
        (guess,) = classify(both[1], {"image": png, "top_k": 1}).guesses
        assert (each.guess, each.probability) == (guess.label, pytest.approx(guess.probability, abs=2e-6))


def test_the_score_counts_the_rounds_in_which_both_agree(both: Champions) -> None:
    answers = [duel(both, seed=seed, count=64) for seed in range(3)]
    rounds = [each for answer in answers for each in answer.rounds]
    assert all(each.agreed == (each.guess == each.label) for each in rounds)
    assert [answer.score for answer in answers] == [sum(r.agreed for r in answer.rounds) for answer in answers]
    assert {each.agreed for each in rounds} == {True, False}


def test_only_what_both_know_is_drawn_and_every_label_has_its_turn(both: Champions) -> None:
    for seed in range(4):
        labels = [each.label for each in duel(both, seed=seed, count=6).rounds]
        assert [set(labels[i : i + 2]) for i in (0, 2, 4)] == [{"envelope", "house"}] * 3
    assert {duel(both, seed=seed, count=1).rounds[0].label for seed in range(12)} == {"envelope", "house"}


def test_a_label_is_drawn_in_every_round(both: Champions) -> None:
    assert [each.label for each in duel(both, label="house", count=3).rounds] == ["house"] * 3


def test_a_seed_repeats_and_a_longer_duel_begins_as_the_shorter_one(both: Champions) -> None:
    every = duel(both, seed=4, count=40)
    assert duel(both, seed=4, count=40) == every
    assert [each.image for each in duel(both, seed=4, count=5).rounds] == [each.image for each in every.rounds[:5]]
    first = duel(both)
    assert duel(both, seed=first.seed) == first
    assert duel(both).seed != first.seed


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"label": "hous"}, "no label 'hous'.*house"),
        ({"label": "sun"}, "no label 'sun' here.*envelope or house"),  # the classifier does not know it
        ({"label": 1}, "label must be text"),
        ({"count": 0}, "count .* from 1 to 64"),
        ({"count": 65}, "count .* from 1 to 64"),
        ({"seed": "one"}, "seed .* from 0 to"),
    ],
)
def test_wrong_input_is_refused_with_a_sentence(both: Champions, parts: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        duel(both, **parts)


Change = Callable[[ModelSpec], ModelSpec]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda spec: spec.model_copy(update={"preprocessing": DrawingInput(line_diameter=8)}), "not be fair"),
        (lambda spec: spec.model_copy(update={"labels": tuple(f"thing {i}" for i in range(10))}), "no label in common"),
    ],
)
def test_two_that_do_not_fit_do_not_play(both: Champions, tmp_path: Path, change: Change, sentence: str) -> None:
    folder = write_champion(tmp_path / "classifier", "2")
    card = both[1].card
    card.model_copy(update={"spec": change(card.spec)}).write(folder / "card.json")
    with pytest.raises(NoChampionError, match=rf"{sentence}.*kedro run \(make run\)") as refused:
        play(both[0], Champion(folder), {})
    assert "quickdraw_gan 3 and quickdraw_classifier 2" in str(refused.value)
