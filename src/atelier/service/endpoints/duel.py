"""`POST /duel`: the generator draws, the classifier guesses what it is."""

from typing import ClassVar

import numpy as np
from pydantic import Field

from atelier.predictors.drawing_generator import Generator
from atelier.preprocessing.spec import DrawingInput
from atelier.service.champions import Champion, Champions
from atelier.service.endpoints.classify_drawing import FAMILY as CLASSIFIER
from atelier.service.endpoints.generate_drawing import FAMILY as GENERATOR
from atelier.service.http.errors import NoChampionError
from atelier.service.http.fields import MAX_SEED, known_label, seed_or_random
from atelier.service.http.image_responses import Drawings, data_url
from atelier.service.http.limits import LIMITS
from atelier.service.http.openapi_bodies import Choices
from atelier.service.http.provenance import Provenance
from atelier.service.http.requests import JSON, EndpointRequest, endpoint
from atelier.settings import Settings

COUNT = 8


class DuelRequest(EndpointRequest):
    """How many rounds, and with which label."""

    media_type: ClassVar[str | None] = JSON
    example: ClassVar[str] = '{"count": 8}'
    label: str | None = Field(
        None, description="What to draw in every round. Default: another label in each round, known to both models."
    )
    count: int = Field(COUNT, ge=1, le=LIMITS.drawings, description="Number of rounds.")
    seed: int | None = Field(
        None,
        ge=0,
        le=MAX_SEED,
        description="The same seed gives the same duel with the same versions of both models. "
        "Default: random, see the response.",
    )


class Round(Settings):
    """One drawing and the classifier's guess."""

    label: str = Field(description="What the generator was asked to draw.")
    image: str = Field(description="The drawing as the data: URL of a PNG, black on white.")
    guess: str
    probability: float = Field(description="The classifier's probability of its guess.")
    agreed: bool = Field(description="True if the guess is the label.")


class DuelResponse(Settings):
    """All rounds, and the two models."""

    generator: Provenance
    classifier: Provenance
    seed: int
    score: int = Field(description="Number of rounds in which the guess was the label.")
    rounds: tuple[Round, ...]


class Duel:
    """The endpoint, a mixin of the service."""

    families: ClassVar[dict[str, type[Settings]]] = {GENERATOR: DrawingInput, CLASSIFIER: DrawingInput}
    champions: Champions

    @staticmethod
    def choices(champions: Champions) -> dict[str, Choices]:
        """Route → part → its values, for the OpenAPI document."""
        return {
            "/duel": {
                "label": [label for label in champions.labels(GENERATOR) if label in champions.labels(CLASSIFIER)]
            }
        }

    @endpoint("/duel", DuelRequest, DuelResponse)
    def duel(self, request: DuelRequest) -> DuelResponse:
        """Let the generator draw and the classifier guess, in several rounds."""
        generator, classifier = self.champions[GENERATOR], self.champions[CLASSIFIER]
        return duel(generator, classifier, request.validated())


def duel(generator: Champion, classifier: Champion, request: DuelRequest) -> DuelResponse:
    """The response of the two champions to a validated request.

    Raises
    ------
    BadInputError
        If the models do not both know the label.
    NoChampionError
        If the two champions have no label in common, or were trained on drawings of different kinds.
    """
    model = Generator(generator.model, generator.card.spec)
    common = _common_labels(generator, classifier)
    seed = seed_or_random(request.seed)
    if request.label is None:
        labels = _shuffled(common, request.count, seed)
    else:
        labels = [known_label(request.label, common)] * request.count
    drawings = model.draw(np.array([model.labels.index(label) for label in labels]), seed)
    rounds = _rounds(classifier, labels, drawings)
    score = sum(each.agreed for each in rounds)
    models = {"generator": Provenance(**generator.name), "classifier": Provenance(**classifier.name)}
    return DuelResponse(**models, seed=seed, score=score, rounds=rounds)


def _rounds(classifier: Champion, labels: list[str], drawings: Drawings) -> tuple[Round, ...]:
    probabilities = classifier.model(image=drawings)["probabilities"]
    best = probabilities.argmax(axis=1)
    guesses = [classifier.card.spec.labels[i] for i in best]
    best_probabilities = np.take_along_axis(probabilities, best[:, None], axis=1)[:, 0].tolist()
    return tuple(
        Round(
            label=label,
            image=data_url(255 - drawing),
            guess=guess,
            probability=round(probability, 6),
            agreed=guess == label,
        )
        for label, drawing, guess, probability in zip(labels, drawings, guesses, best_probabilities, strict=True)
    )


def _common_labels(generator: Champion, classifier: Champion) -> list[str]:
    """Labels that both models know. The classifier cannot guess any other."""
    one, other = generator.card, classifier.card
    names = f"{one.family} {one.version} and {other.family} {other.version}"
    if one.spec.preprocessing != other.spec.preprocessing:
        raise NoChampionError(
            f"The duel would not be fair: {names} were trained on drawings of different size, line width or padding. "
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
    """Labels in random order; each occurs again only after all others did. A longer list begins as a shorter one."""
    rng = np.random.default_rng([seed, 1])  # the noise of the drawings depends on the seed alone
    cycles = -(-count // len(labels))
    order = np.concatenate([rng.permutation(len(labels)) for _ in range(cycles)])[:count]
    return [labels[i] for i in order]
