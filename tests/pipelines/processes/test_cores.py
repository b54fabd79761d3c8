from pipelines.processes import cores


def test_workers_share_the_cores_and_find_the_same_modules(monkeypatch):
    monkeypatch.setattr(cores, "cores", lambda: 5)
    monkeypatch.setattr("sys.path", ["", "/one", "/two"])
    environment = cores.worker_environment(2)
    assert environment["OMP_NUM_THREADS"] == environment["TF_NUM_INTRAOP_THREADS"] == "2"
    assert environment["PYTHONPATH"].split(cores.os.pathsep) == ["/one", "/two"]
    assert cores.worker_environment(8)["OMP_NUM_THREADS"] == "1"


def test_there_is_at_least_one_core():
    assert cores.cores() >= 1
