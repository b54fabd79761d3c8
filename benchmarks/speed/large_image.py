"""Paint one large image in tiles; prints the peak memory of this process in MB and the seconds. Used by `cyclegan`."""

import sys
import time
from pathlib import Path

import numpy as np

from atelier.onnx.memory import process_peak
from atelier.onnx.model import OnnxModel
from atelier.predictors.translator import Translator
from atelier.preprocessing.spec import PhotoInput


def main() -> None:
    file, preprocessing, side = sys.argv[1:]
    translate = Translator(OnnxModel(Path(file), threads=0), PhotoInput.model_validate_json(preprocessing))
    image = np.random.default_rng(0).integers(0, 256, (int(side), int(side), 3), np.uint8)
    began = time.perf_counter()
    translate(image)
    print(process_peak(), time.perf_counter() - began)


if __name__ == "__main__":
    main()
