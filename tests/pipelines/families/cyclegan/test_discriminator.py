import numpy as np
import pytest

from pipelines.families.cyclegan.discriminator import build_discriminator
from pipelines.families.cyclegan.settings import DiscriminatorSettings


def discriminator(patch: int, features: dict[str, int]):
    settings = DiscriminatorSettings(patch=patch, width=4, head_width=4, features=bool(features))
    return build_discriminator(settings, features, 0, "discriminator")


@pytest.mark.parametrize("patch", [34, 70])
def test_a_score_depends_on_a_patch_of_the_image(patch) -> None:
    """But for the instance norms, whose means and variances a single pixel changes little."""
    network, image = discriminator(patch, {}), np.random.default_rng(0).uniform(0, 255, (1, 160, 160, 3))
    changed = image.copy()
    changed[0, 80:82, 80:82] = 255 - changed[0, 80:82, 80:82]
    difference = np.abs(np.asarray(network([changed])) - np.asarray(network([image])))[0, ..., 0]
    stride = 160 / len(difference)
    rows, columns = np.nonzero(difference > 0.1 * difference.max())
    spread = max(np.ptp(rows), np.ptp(columns)) * stride
    assert patch / 2 < spread <= patch + stride


def test_each_feature_map_has_a_head() -> None:
    network = discriminator(34, {"fine": 6, "coarse": 8})
    maps = [np.ones((2, 12, 12, 6), np.float32), np.ones((2, 6, 6, 8), np.float32)]
    scores = network([np.zeros((2, 48, 48, 3), np.float32), *maps])
    assert len(scores) == 3
    assert [score.shape[1:3] for score in scores[1:]] == [(12, 12), (6, 6)]
    assert all(score.shape[0] == 2 and score.shape[3] == 1 for score in scores)
