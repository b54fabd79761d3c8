"""The BentoML service and its web page. It needs the packages of `bentofile.yaml`, and nothing else."""
