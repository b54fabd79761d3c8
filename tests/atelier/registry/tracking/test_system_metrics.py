from atelier.registry.tracking.run import open_run
from atelier.registry.tracking.system_metrics import system_metrics
from tests.helpers.processes import wait_until


def test_the_use_of_the_machine_is_logged_and_continued(registry, monkeypatch):
    monkeypatch.setenv("MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL", "0.1")
    for _ in range(2):
        with open_run(registry.uri, "atelier/doubler", "key") as run:
            before = logged_steps(run)
            with system_metrics(run):
                wait_until(lambda run=run, before=before: len(logged_steps(run)) > len(before))
    steps = logged_steps(run)
    assert sorted(set(steps)) == list(range(len(steps)))


def logged_steps(run):
    history = run.client.get_metric_history(run.run_id, "system/cpu_utilization_percentage")
    return [each.step for each in history]
