"""The BentoML service and its web page. Needs bentoml, onnxruntime, numpy, scipy, pillow and pi-heif, and nothing else."""
