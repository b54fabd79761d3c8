import json
import os
import re

import numpy as np
import pytest

from atelier.data.download.dvc import dvc_hash
from atelier.data.download.raw_folder import make
from atelier.data.download.source import DataRequest, Source
from atelier.data.prepared.dataset import SPLITS
from atelier.data.samples.doodles import draw_lines
from atelier.errors import BadInputError
from pipelines.fetch.quickdraw import fetch
from pipelines.prepare.quickdraw import prepare
from tests.helpers.data_settings import quickdraw_fetch, quickdraw_prepare
from tests.helpers.image_files import write_folder

SAMPLE = quickdraw_fetch(source="sample", categories=("sun", "clock"), items_per_category=60)
SETTINGS = quickdraw_prepare()


def _prepare(tmp_path, raw, **settings):
    return prepare(raw, tmp_path / "prepared", tmp_path / "reports", quickdraw_prepare(**settings))


def _raw(tmp_path, files, form="simplified", limit=None):
    """A raw folder with these files (name → bytes), named after the categories."""
    categories = sorted({name.partition(".")[0] for name in files})
    parameters = {"format": form, "categories": categories, "items_per_category": limit}
    request = DataRequest(dataset="quickdraw", kind="mirror", address="here", licence="CC0", parameters=parameters)

    def write(folder):
        for name, content in files.items():
            (folder / name).write_bytes(content)

    make(tmp_path / "raw", request, write)
    return tmp_path / "raw"


def _line(x, word="cat"):
    return json.dumps({"word": word, "drawing": [[[0, x, 255], [x, 0, 3 * x % 256]]]}).encode() + b"\n"


ENOUGH = b"".join(_line(x) for x in range(60))
"""Enough drawings for three splits."""


def _quarantine(tmp_path):
    return [json.loads(line) for line in (tmp_path / "reports" / "quarantine.jsonl").read_text().splitlines()]


def test_sample_becomes_prepared_data(tmp_path):
    raw = fetch(tmp_path / "raw", SAMPLE)
    prepared = _prepare(tmp_path, raw)
    manifest = prepared.manifest
    assert manifest.labels == ("clock", "sun")
    assert sum(sum(counts.values()) for counts in manifest.counts.values()) == 120
    assert manifest.raw_hash == dvc_hash(raw)
    assert manifest.source.kind == "sample"
    train = prepared.split("train")
    assert train["image"].shape[1:] == (28, 28)
    assert len(train["image"]) == len(train["label"]) == len(train["id"])


def _sides(prepared):
    """Id → split."""
    return {item: split for split in SPLITS for item in prepared.split(split)["id"][:].tolist()}


@pytest.mark.parametrize("keys", [True, False])
@pytest.mark.parametrize(
    "changes",
    [
        {"bitmap": {"line_diameter": 15}},
        {"bitmap": {"size": 20}},
        {"bitmap": {"padding": 8}},
        {"recognized_only": True},
    ],
)
def test_a_drawing_keeps_its_id_and_its_split_however_it_is_drawn(tmp_path, keys, changes):
    files = {f"{word}.ndjson": b"".join(draw_lines(word, 200, 0)) for word in ("sun", "clock")}
    if not keys:
        files = {name: content.replace(b'"key_id"', b'"serial"') for name, content in files.items()}
    raw = _raw(tmp_path, files)
    before, after = _sides(_prepare(tmp_path, raw)), _sides(_prepare(tmp_path, raw, **changes))
    assert len(before) == 400
    assert after.items() <= before.items()
    assert len(after) > 350


def test_a_changed_test_fraction_moves_drawings_between_training_and_test_only(tmp_path):
    raw = _raw(tmp_path, {"sun.ndjson": b"".join(draw_lines("sun", 300, 0))})
    before = _prepare(tmp_path, raw)
    sides, hashes = _sides(before), before.manifest.split_hashes
    after = _prepare(tmp_path, raw, fractions={"val": 0.1, "test": 0.4})
    moved = {(side, _sides(after)[item]) for item, side in sides.items() if side != _sides(after)[item]}
    assert moved == {("train", "test")}
    assert after.manifest.split_hashes["val"] == hashes["val"]
    assert after.manifest.content_hash != before.manifest.content_hash


def test_drawings_of_two_words_may_have_the_same_key(tmp_path):
    files = {f"{word}.ndjson": b"".join(draw_lines(word, 60, 0)) for word in ("sun", "clock")}
    assert len(set(re.findall(rb'"key_id":"\d+"', b"".join(files.values())))) == 60
    assert len(_sides(_prepare(tmp_path, _raw(tmp_path, files)))) == 120


def test_published_bitmaps_keep_their_ids_as_data_grows(tmp_path):
    bitmaps = np.random.default_rng(0).integers(0, 256, (200, 784), dtype=np.uint8)
    found = []
    for name, count in (("few", 120), ("many", 200)):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / "cat.npy", bitmaps[:count])
        files = {"cat.npy": (tmp_path / name / "cat.npy").read_bytes()}
        found.append(_sides(_prepare(tmp_path / name, _raw(tmp_path / name, files, "numpy_bitmap"))))
    assert found[0].items() <= found[1].items()


def test_bitmaps_with_another_preprocessing_are_other_data(tmp_path):
    """The bitmaps are the same, but a service would draw others."""
    np.save(tmp_path / "cat.npy", np.random.default_rng(0).integers(0, 256, (60, 784), dtype=np.uint8))
    raw = _raw(tmp_path, {"cat.npy": (tmp_path / "cat.npy").read_bytes()}, "numpy_bitmap")
    one = _prepare(tmp_path, raw).manifest.split_hashes
    other = _prepare(tmp_path, raw, bitmap={"line_diameter": 8}).manifest.split_hashes
    assert not one.items() & other.items()


def test_category_names_may_hold_dots_and_googles_prefixes(tmp_path):
    files = {f"no. {n}.ndjson": b"".join(_line(x, f"no. {n}") for x in range(60 * n, 60 * n + 60)) for n in (1, 2)}
    files["full_simplified_cat.ndjson"] = b"".join(_line(x) for x in range(60))
    write_folder(tmp_path / "mirror" / "quickdraw" / "simplified", files)
    raw = fetch(tmp_path / "raw", quickdraw_fetch(source="mirror", mirror=str(tmp_path / "mirror")))
    manifest = _prepare(tmp_path, raw, max_bad_fraction=0.9).manifest
    assert manifest.labels == ("cat", "no. 1", "no. 2")


@pytest.mark.parametrize("fresh", [True, False])
def test_a_raw_file_with_four_changed_bytes_is_an_error_before_preparing(tmp_path, fresh):
    raw = fetch(tmp_path / "raw", SAMPLE)
    if not fresh:
        _prepare(tmp_path, raw)
    content = bytearray((raw / "sun.ndjson").read_bytes())
    content[1000:1004] = b"@@@@"
    (raw / "sun.ndjson").write_bytes(content)
    with pytest.raises(BadInputError, match=r"sun\.ndjson has another SHA-256 .* --nodes fetch\.quickdraw"):
        _prepare(tmp_path, raw)
    assert (tmp_path / "prepared").exists() is not fresh
    fetch(raw, SAMPLE)
    _prepare(tmp_path, raw)


def test_nothing_is_done_twice_unless_something_changed(tmp_path):
    raw = fetch(tmp_path / "raw", SAMPLE)
    manifest = tmp_path / "prepared" / "manifest.json"
    _prepare(tmp_path, raw)
    os.utime(manifest, (1, 1))
    _prepare(tmp_path, raw)
    assert manifest.stat().st_mtime == 1
    _prepare(tmp_path, raw, recognized_only=True)
    assert manifest.stat().st_mtime != 1


def test_bad_input_is_quarantined_and_the_rest_prepared(tmp_path):
    lines = [_line(x) for x in range(10, 110)]
    bad = [b"{broken\n", b'{"word": "cat", "drawing": []}\n', b'{"drawing": [[[NaN], [0]]]}\n', _line(400)]
    dogs = b"".join(_line(x, "dog") for x in range(110, 150)) + lines[0].replace(b"cat", b"dog") + lines[1] * 2
    raw = _raw(tmp_path, {"cat.ndjson": b"".join([*lines[:50], *bad, lines[3], *lines[50:]]), "dog.ndjson": dogs})
    manifest = _prepare(tmp_path, raw, max_bad_fraction=0.05).manifest
    assert manifest.rejected == {
        "malformed JSON": 2,
        "empty drawing": 1,
        "out of range": 1,
        "wrong word": 2,
        "conflicting label": 2,
        "duplicate": 1,
    }
    assert {"file": "cat.ndjson", "line": 51, "reason": "malformed JSON"}.items() <= _quarantine(tmp_path)[0].items()
    assert sum(counts["cat"] for counts in manifest.counts.values()) == 99
    assert sum(counts["dog"] for counts in manifest.counts.values()) == 40


def test_too_much_bad_input_is_an_error_and_keeps_the_old_data(tmp_path):
    old = _prepare(tmp_path, _raw(tmp_path / "old", {"cat.ndjson": ENOUGH})).manifest
    raw = _raw(tmp_path, {"cat.ndjson": ENOUGH + b"broken\n" * 10})
    with pytest.raises(BadInputError, match="max_bad_fraction"):
        _prepare(tmp_path, raw)
    assert _prepare(tmp_path, tmp_path / "old" / "raw").manifest == old
    assert len(_quarantine(tmp_path)) == 10


@pytest.mark.parametrize("sample", [False, True])
def test_the_error_of_an_unknown_category_names_the_closest_ones(tmp_path, sample):
    if sample:
        settings = quickdraw_fetch(source="sample", categories=("clok", "sun"), items_per_category=60)
    else:
        fetch(tmp_path / "mirror" / "quickdraw" / "simplified", SAMPLE)
        settings = quickdraw_fetch(source="mirror", mirror=str(tmp_path / "mirror"), categories=("clok", "sun"))
    raw = fetch(tmp_path / "raw", settings)
    with pytest.raises(BadInputError, match=r"left of clok\. .* has no category 'clok'; did you mean 'clock'"):
        _prepare(tmp_path, raw)
    assert [(case["file"], case["reason"]) for case in _quarantine(tmp_path)] == [("clok.ndjson", "missing category")]
    assert not (tmp_path / "prepared").exists()


def test_a_missing_category_is_left_out_where_all_were_requested(tmp_path):
    raw = fetch(tmp_path / "raw", SAMPLE.model_copy(update={"categories": "all"}))
    source = Source.read(raw)
    lost = source.model_copy(
        update={
            "files": {name: file for name, file in source.files.items() if name != "sun.ndjson"},
            "problems": {"sun.ndjson": "There is nothing at sun.ndjson."},
        }
    )
    lost.write(raw)
    manifest = _prepare(tmp_path, raw).manifest
    assert "sun" not in manifest.labels
    assert manifest.rejected["missing category"] == 1
    assert set(manifest.counts["train"]) == set(manifest.labels)


def test_too_few_drawings_for_three_splits(tmp_path):
    with pytest.raises(BadInputError, match="None of the 1 items fell into the split"):
        _prepare(tmp_path, _raw(tmp_path, {"cat.ndjson": _line(9)}))


def test_data_prepared_by_another_version_is_prepared_again(tmp_path):
    raw = fetch(tmp_path / "raw", SAMPLE)
    manifest = _prepare(tmp_path, raw).manifest
    (tmp_path / "prepared" / "manifest.json").write_text('{"dataset": "quickdraw", "source": {}}')
    assert _prepare(tmp_path, raw).manifest == manifest


def test_a_class_without_a_usable_drawing_is_an_error(tmp_path):
    raw = _raw(tmp_path, {"cat.ndjson": b"".join(_line(x) for x in range(60)), "dog.ndjson": b"x\n"})
    with pytest.raises(BadInputError, match="left of dog"):
        _prepare(tmp_path, raw, max_bad_fraction=0.5)


def test_bitmaps_keep_their_pixels_and_limit(tmp_path):
    bitmaps = np.random.default_rng(0).integers(0, 256, (50, 784), dtype=np.uint8)
    np.save(tmp_path / "cat.npy", bitmaps)
    raw = _raw(tmp_path, {"cat.npy": (tmp_path / "cat.npy").read_bytes()}, "numpy_bitmap", limit=30)
    prepared = _prepare(tmp_path, raw)
    together = np.concatenate([prepared.split(name)["image"][:] for name in ("train", "val", "test")])
    np.testing.assert_array_equal(np.unique(together.reshape(-1, 784), axis=0), np.unique(bitmaps[:30], axis=0))


def test_bitmaps_cannot_have_another_size(tmp_path):
    raw = _raw(tmp_path, {"cat.npy": b""}, "numpy_bitmap")
    with pytest.raises(BadInputError, match="28"):
        _prepare(tmp_path, raw, bitmap={"size": 32})


def test_not_recognised_are_counted_not_quarantined(tmp_path):
    unrecognised = b'{"word": "cat", "recognized": false, "drawing": [[[0, 9], [0, 255]]]}\n'
    raw = _raw(tmp_path, {"cat.ndjson": ENOUGH + unrecognised})
    assert _prepare(tmp_path, raw, recognized_only=True).manifest.rejected == {"not recognised": 1}
    assert not _quarantine(tmp_path)


@pytest.mark.mirror
def test_raw_and_simplified_drawings_of_a_mirror_become_the_same_bitmaps(tmp_path, mirror):
    hashes = set()
    for form in ("raw", "simplified"):
        categories = ("cat", "The Mona Lisa")
        settings = quickdraw_fetch(source="mirror", mirror=str(mirror), format=form, categories=categories)
        raw = fetch(tmp_path / form, settings)
        hashes.add(prepare(raw, tmp_path / "prepared", tmp_path / "reports", SETTINGS).manifest.content_hash)
    assert len(hashes) == 1
