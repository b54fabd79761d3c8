"""`POST /duel`: the generator draws, the classifier says what it sees."""

from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from atelier.predictors.drawing_generator import Generator
from atelier.preprocessing.spec import DrawingInput
from atelier.service.champions import Champion, Champions
from atelier.service.endpoints.classify_drawing import FAMILY as CLASSIFIER
from atelier.service.endpoints.generate_drawing import FAMILY as GENERATOR
from atelier.service.http.errors import NoChampionError
from atelier.service.http.limits import LIMITS
from atelier.service.http.requests import JSON, Question, endpoint
from atelier.service.http.sheets import Drawings, data_url
from atelier.service.http.values import LARGEST_SEED, known_label, seed_or_any, whole_number
from atelier.settings import Settings

COUNT = 8


class DuelQuestion(Question):
    """How many rounds, and of what."""

    media_type: ClassVar[str | None] = JSON
    example: ClassVar[str] = '{"count": 8}'
    label: str | None = Field(
        None, description="What to draw in every round. Left out, each round has a label of its own that both know."
    )
    count: int = Field(COUNT, ge=1, le=LIMITS.drawings, description="How many rounds.")
    seed: int | None = Field(
        None,
        ge=0,
        le=LARGEST_SEED,
        description="The same seed gives the same duel, as long as both versions are the same. Left out, it is drawn "
        "at random and told in the answer.",
    )


class Player(Settings):
    """One of the two models."""

    family: str
    version: str


class Round(Settings):
    """One drawing, and what the classifier says about it."""

    label: str = Field(description="What the generator was asked to draw.")
    image: str = Field(description="The drawing as the data: URL of a PNG, black on white.")
    guess: str
    probability: float = Field(description="How likely the classifier finds its guess.")
    agreed: bool = Field(description="Whether the guess is the label.")


class DuelAnswer(Settings):
    """All rounds, and who played."""

    generator: Player
    classifier: Player
    seed: int
    score: int = Field(description="Rounds in which the two agreed.")
    rounds: tuple[Round, ...]


class Duel:
    """The endpoint, to be mixed into the service."""

    families: ClassVar[dict[str, type[Settings]]] = {GENERATOR: DrawingInput, CLASSIFIER: DrawingInput}
    champions: Champions

    @endpoint("/duel", DuelQuestion, DuelAnswer)
    def duel(self, question: DuelQuestion) -> DuelAnswer:
        """Let the generator draw and the classifier guess, round by round."""
        return play(self.champions[GENERATOR], self.champions[CLASSIFIER], question.parts())


def play(generator: Champion, classifier: Champion, parts: dict[str, Any]) -> DuelAnswer:
    """Answer one question.

    Raises
    ------
    BadInputError
        When `label`, `count` or `seed` cannot be used.
    NoChampionError
        When the two champions have no label in common, or learned from drawings of different kinds.
    """
    artist = Generator(generator.model, generator.card.spec)
    common = _common_labels(generator, classifier)
    label = parts.get("label")
    count = whole_number("count", parts.get("count", COUNT), 1, LIMITS.drawings)
    seed = seed_or_any(parts.get("seed"))
    asked = _shuffled(common, count, seed) if label is None else [known_label(label, common)] * count
    rounds = _judge(classifier, asked, artist.draw(np.array([artist.labels.index(each) for each in asked]), seed))
    players = {"generator": Player(**generator.name), "classifier": Player(**classifier.name)}
    return DuelAnswer(**players, seed=seed, score=sum(each.agreed for each in rounds), rounds=rounds)


def _judge(classifier: Champion, asked: list[str], images: Drawings) -> tuple[Round, ...]:
    probabilities = classifier.model(image=images)["probabilities"]
    best = probabilities.argmax(axis=1)
    guesses = [classifier.card.spec.labels[i] for i in best]
    shares = np.take_along_axis(probabilities, best[:, None], axis=1)[:, 0].tolist()
    return tuple(
        Round(label=label, image=data_url(image), guess=guess, probability=round(share, 6), agreed=guess == label)
        for label, image, guess, share in zip(asked, images, guesses, shares, strict=True)
    )


def _common_labels(generator: Champion, classifier: Champion) -> list[str]:
    """What both know: the classifier cannot be right about anything else."""
    one, other = generator.card, classifier.card
    names = f"{one.family} {one.version} and {other.family} {other.version}"
    if one.spec.preprocessing != other.spec.preprocessing:
        raise NoChampionError(
            f"The duel would not be fair: {names} learned from drawings of different size, pen or padding. "
            "Train both on the same prepared data: kedro run (make run)."
        )
    common = [label for label in one.spec.labels if label in other.spec.labels]
    if not common:
        raise NoChampionError(
            f"There can be no duel: {names} have no label in common. "
            "Train both on the same prepared data: kedro run (make run)."
        )
    return common


def _shuffled(labels: list[str], count: int, seed: int) -> list[str]:
    """Labels in random order, none again before all had their turn; a longer duel begins as a shorter one."""
    rng = np.random.default_rng([seed, 1])  # the noise of the drawings comes from the seed alone
    turns = -(-count // len(labels))
    order = np.concatenate([rng.permutation(len(labels)) for _ in range(turns)])[:count]
    return [labels[i] for i in order]
