import torch

from pipelines.families.quickdraw_classifier.model import DrawingNet
from pipelines.training.on_torch.calibration import calibrate


def test_calibration_divides_the_logits_by_the_temperature() -> None:
    network = DrawingNet(3, (8,), (1,)).eval()
    images = torch.rand(4, 1, 28, 28)
    with torch.no_grad():
        before = network(images)
        calibrate(network.head, 2.0)
        torch.testing.assert_close(network(images), before / 2)
