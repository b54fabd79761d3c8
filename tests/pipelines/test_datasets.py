from functools import partial
from pathlib import Path

import pytest
from kedro.io import DatasetError

from atelier.data.prepared.dataset import PreparedData
from atelier.errors import BadInputError
from pipelines.datasets import PathDataset, PreparedDataset, PretrainedDataset, StateDataset
from tests.helpers.perceptual_networks import write_perceptual
from tests.helpers.photo_sets import write_backbone


def test_a_state_comes_back_and_is_none_before_it_was_written(tmp_path: Path) -> None:
    state = StateDataset(str(tmp_path / "reports" / "verdict.json"))
    assert state.load() is None
    state.save({"promote": True})
    assert state.load() == {"promote": True}


def test_an_unchanged_state_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "verdict.json"
    StateDataset(str(path)).save({"promote": True})
    before = path.stat().st_mtime_ns
    StateDataset(str(path)).save({"promote": True})
    assert path.stat().st_mtime_ns == before


def test_a_node_must_write_the_path_of_the_catalog(tmp_path: Path) -> None:
    expected = PathDataset(str(tmp_path / "checkpoint"))
    with pytest.raises(DatasetError, match="must write"):
        expected.save(tmp_path / "checkpoint")
    (tmp_path / "elsewhere").touch()
    with pytest.raises(DatasetError, match="must write"):
        expected.save(tmp_path / "elsewhere")
    (tmp_path / "checkpoint").touch()
    expected.save(tmp_path / "checkpoint")


def test_missing_prepared_data_say_how_to_prepare_them(tmp_path: Path) -> None:
    data = PreparedDataset(str(tmp_path / "prepared")).load()
    assert isinstance(data, PreparedData)
    with pytest.raises(BadInputError, match="kedro run"):
        _ = data.manifest


@pytest.mark.parametrize(
    ("role", "write"), [("perceptual", partial(write_perceptual, network="random")), ("backbone", write_backbone)]
)
def test_a_pretrained_network_loads_as_its_node_wrote_it(tmp_path, role, write):
    written = write(tmp_path / role)
    dataset = PretrainedDataset(str(tmp_path / role), role)
    dataset.save(written)
    assert type(dataset.load()) is type(written)
    assert dataset.load().manifest == written.manifest
    with pytest.raises(DatasetError, match="must write"):
        PretrainedDataset(str(tmp_path / "other"), role).save(written)


def test_kedro_may_have_made_the_path_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("raw").mkdir()
    PathDataset(str(tmp_path / "raw")).save(Path("raw"))
    PathDataset("raw").save(tmp_path / "raw")
