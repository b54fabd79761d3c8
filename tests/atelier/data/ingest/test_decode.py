import numpy as np
import pytest

from atelier.data.download.archives import write_archive
from atelier.data.ingest.decode import decode_archive, read_decoded, read_items
from atelier.preprocessing.images import center_crop, decode
from tests.helpers.data_settings import checks
from tests.helpers.image_files import broken_files, encode, random_image

SIZE = 32


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "decoding").mkdir()
    return tmp_path / "decoding"


def _archive(tmp_path, files):
    write_archive(tmp_path / "images.tar", files.items())
    return tmp_path / "images.tar"


def test_every_broken_file_is_rejected_with_its_reason_and_the_others_are_decoded(tmp_path, folder):
    broken = broken_files()
    good = {f"{number}.jpg": encode(random_image(number)) for number in range(3)}
    files = {name: content for name, (content, _) in broken.items()}
    names = [*good, *files]
    archive = _archive(tmp_path, {name: (good | files)[name] for name in sorted(names)})
    decode_archive(archive, folder, SIZE, checks())
    decoded = read_decoded(archive, folder)
    assert {failure.name: failure.reason for failure in decoded.failures} == {
        name: reason for name, (_, reason) in broken.items()
    }
    assert [item.name for item in decoded.items] == sorted(good)
    assert [item.position for item in decoded.items] == [sorted(names).index(name) + 1 for name in sorted(good)]
    assert {item.pixels for item in decoded.items} == {80 * 96}
    expected = np.stack([center_crop(decode(good[name]), SIZE) for name in sorted(good)])
    np.testing.assert_array_equal(read_items(archive, folder, 3, SIZE), expected)


def test_a_file_of_many_bytes_is_not_read(tmp_path, folder):
    archive = _archive(tmp_path, {"a.jpg": encode(random_image(1)), "b.jpg": encode(random_image(2)) + bytes(9000)})
    decode_archive(archive, folder, SIZE, checks(max_bytes=9000))
    decoded = read_decoded(archive, folder)
    assert [(each.name, each.reason) for each in decoded.failures] == [("b.jpg", "too large file")]


def test_an_archive_is_decoded_once_and_again_if_it_was_not_decoded_completely(tmp_path, folder):
    archive = _archive(tmp_path, {"a.jpg": encode(random_image(1)), "b.jpg": encode(random_image(2))})
    assert read_decoded(archive, folder) is None
    decode_archive(archive, folder, SIZE, checks())
    items, note = folder / "images.tar.items", folder / "images.tar.json"
    before = items.read_bytes()
    archive_bytes = archive.read_bytes()
    archive.write_bytes(b"gone")
    decode_archive(archive, folder, SIZE, checks())
    archive.write_bytes(archive_bytes)
    note.unlink()
    items.write_bytes(before[:100])
    decode_archive(archive, folder, SIZE, checks())
    assert items.read_bytes() == before


def test_an_archive_without_usable_images(tmp_path, folder):
    archive = _archive(tmp_path, {"a.jpg": b"text"})
    decode_archive(archive, folder, SIZE, checks())
    assert read_decoded(archive, folder).items == ()
    assert read_items(archive, folder, 0, SIZE).shape == (0, SIZE, SIZE, 3)
