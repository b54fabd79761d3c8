"""Use of processors, memory, disk, network and GPUs during a training, as MLflow's own metrics `system/…`."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from atelier.registry.tracking.address import for_mlflow
from atelier.registry.tracking.run import Run


@contextmanager
def system_metrics(run: Run) -> Iterator[None]:
    """Log system metrics to the run every ten seconds within the block. A resumed run continues the series.

    MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL sets another interval, in seconds.
    """
    from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor

    logging.getLogger("mlflow.system_metrics").setLevel(logging.WARNING)  # it announces its start and its end
    monitor = SystemMetricsMonitor(run.run_id, resume_logging=True, tracking_uri=for_mlflow(run.uri))
    monitor.start()
    try:
        yield
    finally:
        monitor.finish()
