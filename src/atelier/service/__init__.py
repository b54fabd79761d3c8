"""The BentoML service and its web page. Needs bentoml, onnxruntime, numpy and pillow, and nothing else."""
