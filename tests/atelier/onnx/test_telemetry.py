import os
import subprocess
import sys

from tests.helpers.onnx_graphs import write_model

RUN = """
import sys
import numpy as np
from atelier.onnx.model import OnnxModel
assert OnnxModel(sys.argv[1])(x=np.ones((1, 1), np.float32))["y"] == 2
"""


def test_onnx_runtime_writes_nothing_to_the_home_folder(tmp_path):
    home, model = tmp_path / "home", write_model(tmp_path / "model.onnx")
    home.mkdir()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ORT_", "XDG_"))}
    environment = {**inherited, "HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", RUN, str(model)], env=environment, check=True)
    assert [path for path in home.rglob("*") if path.is_file()] == []
