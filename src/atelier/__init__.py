"""Atelier: the library that every model family shares. Imports no training framework."""

import os

# ONNX Runtime collects and sends usage data from its import on, so this must be set before any module imports it, also
# MLflow's and the exporters of the frameworks. A variable that the user has set is kept.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
