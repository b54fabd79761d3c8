import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atelier.atomic_folders import rebuilt
from atelier.data.content_hash import content_hashes
from atelier.data.prepared import buckets, shards
from atelier.data.prepared.shard_files import SplitWriter
from atelier.data.prepared.shards import ShardBuilder
from atelier.data.prepared.splits import Fractions


def _build(folder, pieces, labels=("a", "b"), shape=(4,), expected=1):
    """Build shards from (items, label, file[, identities]) and return files, summary and problems."""
    problems = []
    with rebuilt(folder) as building:
        builder = ShardBuilder(building, labels, shape, expected, Fractions(val=0.2, test=0.2), problems.extend)
        for items, label, file, *identities in pieces:
            array = np.asarray(items, np.uint8).reshape(-1, *shape)
            hashes = identities[0] if identities else content_hashes(array)
            builder.add(array, hashes, label, file, range(1, len(items) + 1))
        summary = builder.finish()
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}, summary, problems


def _items(number, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (number, 4), dtype=np.uint8)


def test_every_item_is_in_one_split_sorted_by_id(tmp_path):
    items = _items(500)
    _build(tmp_path / "x", [(items, 0, "a")])
    splits = {s: np.load(tmp_path / "x" / f"{s}-00000.image.npy") for s in ("train", "val", "test")}
    together = np.concatenate(list(splits.values()))
    np.testing.assert_array_equal(np.unique(together, axis=0), np.unique(items, axis=0))
    for split in splits:
        assert (np.diff(np.load(tmp_path / "x" / f"{split}-00000.id.npy").astype(float)) > 0).all()
        assert np.load(tmp_path / "x" / f"{split}-00000.label.npy").dtype == np.uint16


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(6)), st.sampled_from([1, buckets.BUCKET_BYTES * 20]))
def test_order_and_number_of_buckets_change_no_byte(tmp_path_factory, order, expected):
    folder = tmp_path_factory.mktemp("order")
    pieces = [(_items(30, seed=i // 2), i % 2 if i < 2 else 0, f"file{i}") for i in range(6)]
    first = _build(folder / "one", pieces)
    second = _build(folder / "two", [pieces[i] for i in order], expected=expected)
    assert first[0] == second[0]
    assert first[1].split_hashes == second[1].split_hashes
    assert first[2] == second[2]


def test_duplicates_are_kept_once_and_conflicts_never(tmp_path):
    same, conflict, plain = _items(3)
    pieces = [([same, conflict], 0, "one"), ([conflict, plain], 1, "two"), ([same], 0, "three")]
    _, summary, problems = _build(tmp_path / "x", pieces)
    assert sorted((p.file, p.line, p.reason) for p in problems) == [
        ("one", 2, "conflicting label"),
        ("three", 1, "duplicate"),
        ("two", 1, "conflicting label"),
    ]
    assert summary.per_label == {"a": 1, "b": 1}


def test_problems_are_made_one_by_one(tmp_path):
    """Millions of duplicates are written to the quarantine, and never are objects in a list."""
    reported = []

    def report(problems):
        assert iter(problems) is problems
        reported.extend(problem.reason for problem in problems)

    with rebuilt(tmp_path / "x") as building:
        builder = ShardBuilder(building, ("a",), (4,), 1, Fractions(val=0.2, test=0.2), report)
        for file in ("one", "two"):
            builder.add(_items(50), content_hashes(_items(50)), 0, file, range(50))
        builder.finish()
    assert reported == ["duplicate"] * 50


def test_records_are_written_as_they_come(tmp_path):
    """Each call of `add` writes its records: the next one finds no record in memory."""
    dtype = buckets.record_type((4,), {})
    writer = SplitWriter(tmp_path, "val", labelled=True, shard_rows=30)
    for added in range(1, 6):
        records = np.zeros(20, dtype)
        records["item"] = added
        writer.add(records)
        images = np.concatenate([np.load(path) for path in sorted(tmp_path.glob("val-*.image.npy"))])
        np.testing.assert_array_equal(images[:, 0], np.repeat(np.arange(1, added + 1), 20))
    assert [len(np.load(path)) for path in sorted(tmp_path.glob("val-*.label.npy"))] == [30, 30, 30, 10]


def _ids(folder):
    return {s: set(np.load(folder / f"{s}-00000.id.npy").tolist()) for s in ("train", "val", "test")}


def test_the_split_depends_on_the_identity_alone(tmp_path):
    identities = content_hashes(_items(300, seed=5))
    for name, seed in (("one", 0), ("other", 1)):
        _build(tmp_path / name, [(_items(300, seed=seed), 0, "a", identities)])
    assert _ids(tmp_path / "one") == _ids(tmp_path / "other")
    assert set().union(*_ids(tmp_path / "one").values()) == set(identities[:, 0].tolist())


def test_other_contents_of_the_same_items_have_other_hashes(tmp_path):
    identities = content_hashes(_items(300, seed=5))
    one, other = (_build(tmp_path / "x", [(_items(300, seed=s), 0, "a", identities)])[1] for s in (0, 1))
    assert not one.split_hashes.items() & other.split_hashes.items()


def test_other_identities_of_the_same_contents_have_other_hashes(tmp_path):
    one, other = (
        _build(tmp_path / "x", [(_items(300), 0, "a", content_hashes(_items(300, seed=s)))])[1] for s in (5, 6)
    )
    assert not one.split_hashes.items() & other.split_hashes.items()


def test_equal_contents_never_leave_the_training_split_as_data_grows(tmp_path):
    """Ten copies of each content, each with an identity of its own, which come one after the other."""
    contents = _items(60)
    copies = [(contents, 0, f"file{n}", content_hashes(_items(60, seed=100 + n))) for n in range(10)]
    trained_on = set()
    for count in range(1, 11):
        _build(tmp_path / "x", copies[:count])
        splits = {s: np.load(tmp_path / "x" / f"{s}-00000.image.npy") for s in ("train", "val", "test")}
        assert sum(map(len, splits.values())) == 60
        assert not trained_on & {row.tobytes() for split in ("val", "test") for row in splits[split]}
        trained_on |= {row.tobytes() for row in splits["train"]}
    assert len(trained_on) == 60


def test_of_different_contents_with_one_identity_the_first_is_kept(tmp_path):
    same = np.repeat(content_hashes(_items(1)), 3, axis=0)
    _, summary, problems = _build(tmp_path / "x", [(_items(3), 0, "a", same), (_items(9, seed=1), 1, "b")])
    assert sorted((p.file, p.line, p.reason) for p in problems) == [("a", 2, "duplicate"), ("a", 3, "duplicate")]
    assert summary.per_label == {"a": 1, "b": 9}


def test_item_stays_in_its_split_as_data_grows(tmp_path):
    _build(tmp_path / "few", [(_items(100), 0, "a")])
    _build(tmp_path / "many", [(_items(100), 0, "a"), (_items(300, seed=1), 1, "b")])
    for split in ("train", "val", "test"):
        few, many = (set(np.load(tmp_path / f / f"{split}-00000.id.npy").tolist()) for f in ("few", "many"))
        assert few <= many


def test_items_are_divided_into_shards_without_loss(tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "SHARD_BYTES", 4 * 64)
    _, summary, _ = _build(tmp_path / "x", [(_items(1000), 0, "a")], expected=buckets.BUCKET_BYTES * 4)
    sizes = [len(np.load(path)) for path in sorted((tmp_path / "x").glob("train-*.image.npy"))]
    assert sum(sizes) == sum(summary.counts["train"].values())
    assert len(sizes) > 5
    assert set(sizes[:-1]) == {64}
    assert sum(len(np.load(path)) for path in (tmp_path / "x").glob("*.image.npy")) == 1000


def test_hashes_depend_on_items_labels_and_class_names(tmp_path):
    hashes = [
        _build(tmp_path / "x", [(_items(20), label, "a")], labels)[1].split_hashes
        for label, labels in ((0, ("a", "b")), (1, ("a", "b")), (0, ("a", "c")))
    ]
    for split in ("train", "val", "test"):
        assert len({each[split] for each in hashes}) == 3


def test_any_shape_and_no_labels(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (9, 5, 6, 3), dtype=np.uint8)
    files, summary, _ = _build(tmp_path / "x", [(images, 0, "a")], labels=(), shape=(5, 6, 3))
    assert not any("label" in name for name in files)
    assert np.load(tmp_path / "x" / "train-00000.image.npy").shape[1:] == (5, 6, 3)
    assert sum(sum(counts.values()) for counts in summary.counts.values()) == 9
    assert json.dumps(summary.counts)


def _with_extra(folder, ages, mood):
    with rebuilt(folder) as building:
        extra = {"age": ("<f4", ()), "mood": ("<i2", (2,))}
        builder = ShardBuilder(building, (), (4,), 1, Fractions(val=0.2, test=0.2), list, extra)
        builder.add(_items(40), content_hashes(_items(40)), 0, "a", range(40), age=ages, mood=mood)
        summary = builder.finish()
    together = {}
    for field in ("image", "age", "mood"):
        together[field] = np.concatenate([np.load(p) for p in sorted(folder.glob(f"*.{field}.npy"))])
    return together, summary.split_hashes


def test_further_fields_stay_with_their_items_and_change_the_hashes(tmp_path):
    ages, mood = np.arange(40) / 3, np.arange(80).reshape(40, 2)
    found, hashes = _with_extra(tmp_path / "x", ages, mood)
    order = [int(np.flatnonzero((_items(40) == image).all(axis=1))[0]) for image in found["image"]]
    np.testing.assert_array_equal(found["age"], ages[order].astype(np.float32))
    np.testing.assert_array_equal(found["mood"], mood[order])
    assert not hashes.items() & _with_extra(tmp_path / "x", ages + 1, mood)[1].items()


def test_hashes_are_those_of_earlier_versions(tmp_path):
    _, summary, _ = _build(tmp_path / "x", [(_items(20), 0, "a"), (_items(20, seed=1), 1, "b")])
    assert summary.split_hashes["train"].startswith("ef56d32281f6b979")


def test_no_items_make_empty_shards(tmp_path):
    _build(tmp_path / "x", [])
    assert np.load(tmp_path / "x" / "test-00000.image.npy").shape == (0, 4)


def test_failed_build_leaves_the_old_data(tmp_path):
    before, *_ = _build(tmp_path / "x", [(_items(20), 0, "a")])
    with pytest.raises(TypeError), rebuilt(tmp_path / "x") as building:
        (building / "half").write_text(0)
    assert {path.name: path.read_bytes() for path in (tmp_path / "x").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
