import hashlib
import json
import os
from functools import partial

import numpy as np
import pytest
from PIL import Image

from atelier.data.download.archives import archive_specs
from atelier.data.download.dvc import dvc_hash
from atelier.data.download.source import Source
from atelier.data.ingest.perceptual_hash import distances, perceptual_hash
from atelier.data.prepared.dataset import SPLITS
from atelier.errors import BadInputError
from atelier.preprocessing.images import center_crop, decode
from atelier.preprocessing.spec import PhotoInput
from pipelines.fetch import coco, images
from pipelines.prepare import decoding as preparing
from pipelines.prepare.images import prepare
from tests.helpers.data_settings import coco_fetch, images_fetch, images_prepare
from tests.helpers.image_files import broken_files, encode, random_image, write_folder

SIZE = 32
GOOD = {f"{number:03d}.jpg": encode(random_image(number)) for number in range(40)}


def _raw(tmp_path, files, name="photos", files_per_archive=16):
    """A raw folder, in several archives, with these files (name → bytes)."""
    write_folder(tmp_path / "mirror" / name, files)
    settings = images_fetch(source="mirror", mirror=str(tmp_path / "mirror"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(images, "archive_specs", partial(archive_specs, size=files_per_archive))
        return images.fetch(tmp_path / "raw" / name, settings, images.ImageSource(name, "CC0"))


def _prepare(tmp_path, raw, **settings):
    defaults = {"size": SIZE, "workers": 1, "max_bad_fraction": 0.5}
    return prepare(raw, tmp_path / "prepared", tmp_path / "reports", images_prepare(**(defaults | settings)))


def _quarantine(tmp_path):
    lines = (tmp_path / "reports" / "quarantine.jsonl").read_text().splitlines()
    return {case["file"]: case for case in map(json.loads, lines)}


def _together(prepared):
    return np.concatenate([prepared.split(split)["image"][:] for split in SPLITS])


def test_files_become_images_of_one_size(tmp_path):
    raw = _raw(tmp_path, GOOD)
    prepared = _prepare(tmp_path, raw)
    manifest = prepared.manifest
    assert (manifest.dataset, manifest.labels, manifest.licence) == ("photos", (), "CC0")
    assert manifest.preprocessing == PhotoInput(size=(SIZE, SIZE))
    assert manifest.raw_hash == dvc_hash(raw)
    assert manifest.rejected == {}
    expected = np.stack([center_crop(decode(content), SIZE) for content in GOOD.values()])
    np.testing.assert_array_equal(np.unique(_together(prepared), axis=0), np.unique(expected, axis=0))
    for split in SPLITS:
        fields = prepared.split(split)
        assert set(fields) == {"image", "id"}
        assert len(fields["image"]) == len(fields["id"]) == manifest.counts[split][""] > 0


def test_every_broken_file_is_quarantined_with_its_reason(tmp_path):
    broken = broken_files()
    raw = _raw(tmp_path, GOOD | {name: content for name, (content, _) in broken.items()})
    manifest = _prepare(tmp_path, raw).manifest
    cases = _quarantine(tmp_path)
    assert {name: case["reason"] for name, case in cases.items()} == {
        name: reason for name, (_, reason) in broken.items()
    }
    assert sum(manifest.rejected.values()) == len(broken)
    assert sum(counts[""] for counts in manifest.counts.values()) == len(GOOD)


def test_of_near_duplicates_the_largest_is_kept(tmp_path):
    large = random_image(3, 240, 288)
    files = {
        "copy.jpg": GOOD["003.jpg"],
        "large.png": encode(large, "PNG"),
        "dark.jpg": encode(Image.fromarray((np.asarray(random_image(7)) * 0.9).astype(np.uint8))),
        "again.jpg": GOOD["009.jpg"],
    }
    prepared = _prepare(tmp_path, _raw(tmp_path, GOOD | files))
    cases = _quarantine(tmp_path)
    assert prepared.manifest.rejected == {"near duplicate": 3, "duplicate": 1}
    assert {name for name in cases if name in ("003.jpg", "copy.jpg")} == {"003.jpg", "copy.jpg"}
    assert cases["003.jpg"]["detail"] == "looks like large.png, which is kept"
    assert len({"009.jpg", "again.jpg"} & set(cases)) == 1
    assert len(_together(prepared)) == len(GOOD)
    assert (_together(prepared) == center_crop(np.asarray(large), SIZE)).all(axis=(1, 2, 3)).any()


def test_order_names_and_archives_change_nothing(tmp_path):
    extra = {"copy.jpg": GOOD["005.jpg"], "bright.jpg": encode(random_image(6), quality=40)}
    one = _prepare(tmp_path / "one", _raw(tmp_path / "one", GOOD | extra, files_per_archive=3))
    renamed = {f"{name[::-1]}.jpeg": content for name, content in (GOOD | extra).items()}
    two = _prepare(tmp_path / "two", _raw(tmp_path / "two", renamed, files_per_archive=50))
    assert one.manifest.split_hashes == two.manifest.split_hashes
    np.testing.assert_array_equal(_together(one), _together(two))


def test_an_item_keeps_its_split_as_data_grows(tmp_path):
    few = _prepare(tmp_path / "few", _raw(tmp_path / "few", dict(list(GOOD.items())[:30])))
    more = _prepare(tmp_path / "more", _raw(tmp_path / "more", GOOD))
    for split in SPLITS:
        assert set(few.split(split)["id"][:].tolist()) <= set(more.split(split)["id"][:].tolist())


def _sides(prepared):
    """Id → split."""
    return {item: split for split in SPLITS for item in prepared.split(split)["id"][:].tolist()}


@pytest.mark.parametrize("changes", [{"size": 16}, {"size": 48}, {"near_duplicate_bits": 0}])
def test_an_item_keeps_its_id_and_its_split_however_it_is_prepared(tmp_path, changes):
    raw = _raw(tmp_path, GOOD)
    before, after = _sides(_prepare(tmp_path, raw)), _sides(_prepare(tmp_path, raw, **changes))
    assert len(before) == len(GOOD)
    assert after == before


def test_an_id_is_the_hash_of_the_file(tmp_path):
    ids = {int(hashlib.blake2b(content, digest_size=16).hexdigest()[:16], 16) for content in GOOD.values()}
    assert set(_sides(_prepare(tmp_path, _raw(tmp_path, GOOD)))) == ids


def test_a_changed_fraction_moves_items_between_its_split_and_the_training_split_only(tmp_path):
    raw = _raw(tmp_path, GOOD)
    before = _sides(_prepare(tmp_path, raw))
    after = _sides(_prepare(tmp_path, raw, fractions={"val": 0.1, "test": 0.5}))
    assert {(before[item], after[item]) for item in before if before[item] != after[item]} == {("train", "test")}


def test_no_near_duplicate_of_a_training_item_enters_another_split_as_data_grows(tmp_path):
    """Larger copies replace the smaller ones, whose splits they keep."""
    larger = {f"large {name}": encode(random_image(int(name[:3]), 160, 192)) for name in GOOD}
    thirds = {"fractions": {"val": 0.33, "test": 0.33}}
    few = _prepare(tmp_path / "few", _raw(tmp_path / "few", GOOD), **thirds)
    more = _prepare(tmp_path / "more", _raw(tmp_path / "more", GOOD | larger), **thirds)
    assert more.manifest.rejected == {"near duplicate": len(GOOD)}
    trained = _perceptual_hashes(few, "train")
    for split in ("val", "test"):
        assert distances(trained, _perceptual_hashes(more, split)).min() > 40


def _perceptual_hashes(prepared, split):
    return np.stack([perceptual_hash(image) for image in prepared.split(split)["image"][:]])


def test_an_archive_with_four_changed_bytes_is_an_error_before_preparing(tmp_path):
    raw = _raw(tmp_path, GOOD)
    archive = sorted(raw.glob("*.tar"))[1]
    content = bytearray(archive.read_bytes())
    content[5000:5004] = bytes(byte ^ 0xFF for byte in content[5000:5004])
    archive.write_bytes(content)
    with pytest.raises(BadInputError, match=rf"{archive.name} has another SHA-256 .* --nodes fetch\.photos"):
        _prepare(tmp_path, raw)
    assert not (tmp_path / "prepared").exists()
    assert _prepare(tmp_path, _raw(tmp_path, GOOD)).manifest.rejected == {}


def test_several_processes_give_the_same_result(tmp_path):
    raw = _raw(tmp_path, GOOD | {"text.jpg": b"text"})
    one = _prepare(tmp_path / "one", raw).manifest
    assert _prepare(tmp_path / "two", raw, workers=2).manifest == one


def test_nothing_is_done_twice_unless_something_changed(tmp_path):
    raw = _raw(tmp_path, GOOD)
    manifest = tmp_path / "prepared" / "manifest.json"
    _prepare(tmp_path, raw)
    os.utime(manifest, (1, 1))
    _prepare(tmp_path, raw, workers=2)
    assert manifest.stat().st_mtime == 1
    assert _prepare(tmp_path, raw, size=24).manifest.preprocessing == PhotoInput(size=(24, 24))


def test_an_interrupted_run_continues_with_the_next_archive(tmp_path, monkeypatch):
    raw = _raw(tmp_path, GOOD, files_per_archive=10)
    decoded = []

    def dying(archive, *arguments):
        if len(decoded) == 2:
            raise KeyboardInterrupt
        noting(archive, *arguments)

    def noting(archive, *arguments):
        decoded.append(archive)
        whole(archive, *arguments)

    whole = preparing.decode_archive
    monkeypatch.setattr(preparing, "decode_archive", dying)
    with pytest.raises(KeyboardInterrupt):
        _prepare(tmp_path, raw)
    monkeypatch.setattr(preparing, "decode_archive", noting)
    manifest = _prepare(tmp_path, raw).manifest
    assert len(decoded) == len(set(decoded)) == 4
    assert manifest == _prepare(tmp_path / "unbroken", raw).manifest
    assert {path.name for path in tmp_path.iterdir()} == {"mirror", "raw", "prepared", "reports", "unbroken"}


def test_other_settings_do_not_reuse_decoded_archives(tmp_path):
    raw = _raw(tmp_path, GOOD | {f"{n}.txt.jpg": b"text" for n in range(5)})
    with pytest.raises(BadInputError, match="max_bad_fraction"):
        _prepare(tmp_path, raw, max_bad_fraction=0.1)
    assert _prepare(tmp_path, raw, size=24).split("train")["image"].shape[1:] == (24, 24, 3)


def test_too_much_bad_input_is_an_error_and_keeps_the_old_data(tmp_path):
    old = _prepare(tmp_path, _raw(tmp_path, GOOD)).manifest
    raw = _raw(tmp_path, GOOD | {f"{n}.png": b"text" for n in range(10)}, name="worse")
    with pytest.raises(BadInputError, match=r"10 of 50 items .* max_bad_fraction"):
        _prepare(tmp_path, raw, max_bad_fraction=0.1)
    assert _prepare(tmp_path, tmp_path / "raw" / "photos").manifest == old


def test_a_missing_photo_is_quarantined(tmp_path, server):
    annotated = {"images": [{"id": n, "file_name": f"{n}.jpg"} for n in range(41)], "annotations": []}
    server.files["/coco/annotations/instances_train2017.json"] = json.dumps(annotated).encode()
    server.files |= {f"/coco/train2017/{n}.jpg": content for n, content in enumerate(GOOD.values())}
    raw = coco.fetch(tmp_path / "raw", coco_fetch(source="mirror", mirror=server.address))
    manifest = _prepare(tmp_path, raw).manifest
    assert manifest.rejected == {"empty file": 1}
    assert list(_quarantine(tmp_path)) == ["40.jpg"]
    assert manifest.source.dataset == "coco"


def test_too_few_images_for_three_splits(tmp_path):
    with pytest.raises(BadInputError, match="None of the 1 items fell into the split"):
        _prepare(tmp_path, _raw(tmp_path, {"a.jpg": GOOD["000.jpg"]}))


@pytest.mark.mirror
@pytest.mark.parametrize(
    ("name", "count", "rejected"), [("van_gogh", 153, {"near duplicate": 1}), ("landscapes", 232, {})]
)
def test_real_images(tmp_path, mirror, name, count, rejected):
    raw = images.fetch(
        tmp_path / "raw", images_fetch(source="mirror", mirror=str(mirror)), images.ImageSource(name, "x")
    )
    manifest = _prepare(tmp_path, raw).manifest
    assert manifest.rejected == rejected
    assert sum(counts[""] for counts in manifest.counts.values()) == count - sum(rejected.values())


@pytest.mark.mirror
def test_real_dirty_faces(tmp_path, mirror):
    from_mirror = images_fetch(source="mirror", mirror=str(mirror))
    raw = images.fetch(tmp_path / "raw", from_mirror, images.ImageSource("faces_dirty", "x"))
    with pytest.raises(BadInputError, match="None of the 1 items fell"):
        _prepare(tmp_path, raw)
    reasons = {name.removeprefix("images/"): case["reason"] for name, case in _quarantine(tmp_path).items()}
    assert reasons.pop("35_1_0_truncated.jpg") == "truncated file"
    assert list(reasons.values()) == ["duplicate"]
    assert Source.read(raw).request.dataset == "faces_dirty"
