"""The Kedro project: what runs in which order."""

import os
from pathlib import Path

# Matplotlib and Keras write a cache and a configuration file when they are imported, into the home folder if they
# are not told otherwise. A variable that the user has set is kept.
_CACHE = Path(__file__).parents[2] / ".cache"
os.environ.setdefault("MPLCONFIGDIR", str(_CACHE / "matplotlib"))
os.environ.setdefault("KERAS_HOME", str(_CACHE / "keras"))
