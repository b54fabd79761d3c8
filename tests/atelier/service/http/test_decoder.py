import os
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest
from PIL import Image

from atelier.preprocessing.images import Fit, Rejected, decode_square
from atelier.service.http.decoder import Decoder
from tests.helpers.image_files import encode, jpeg_with_scans, random_image


def test_a_photo_is_decoded_in_another_process() -> None:
    decoder = Decoder(60)
    photo = random_image(1, 60, 90)
    pixels, size = decoder.photo(encode(photo, "PNG"), 1024, 10**6)
    assert size == (90, 60)
    assert np.array_equal(pixels, np.asarray(photo))
    decoder.close()


@pytest.mark.parametrize("fit", ["crop", "pad"])
def test_a_square_is_the_one_that_data_preparation_makes(fit: Fit) -> None:
    decoder = Decoder(60)
    content = encode(random_image(2, 60, 90))
    assert np.array_equal(decoder.square(content, 32, 10**6, fit), decode_square(content, 32, fit=fit)[0])
    decoder.close()


def test_a_process_is_used_again_after_an_image_that_it_refuses() -> None:
    decoder = Decoder(60)
    with pytest.raises(Rejected, match="not an image"):
        decoder.drawing(b"hello", 10**6)
    [process] = decoder._idle
    assert decoder.drawing(encode(Image.new("L", (20, 10), 7), "PNG"), 10**6).shape == (10, 20)
    assert decoder._idle == [process]
    decoder.close()


def test_a_process_that_takes_too_long_is_killed() -> None:
    decoder = Decoder(0.2)
    with pytest.raises(Rejected, match="too slow"):
        decoder.drawing(jpeg_with_scans(90, side=4800), 10**8)
    assert decoder._idle == []


def test_a_process_that_dies_is_replaced() -> None:
    decoder = Decoder(60)
    image = encode(Image.new("L", (20, 10), 7), "PNG")
    decoder.drawing(image, 10**6)
    os.kill(decoder._idle[0]._process.pid, signal.SIGKILL)
    decoder._idle[0]._process.wait()
    with pytest.raises(Rejected, match="damaged"):
        decoder.drawing(image, 10**6)
    assert decoder.drawing(image, 10**6).shape == (10, 20)
    decoder.close()


def has_ended(pid: int) -> bool:
    """Whether a process ends, which it does soon after its files are closed."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:  # nobody has asked for its exit code
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def test_the_process_ends_with_the_service() -> None:
    script = """
import os, signal, sys
from atelier.service.http.decoder import Decoder
from tests.helpers.image_files import encode, random_image
decoder = Decoder(60)
decoder.drawing(encode(random_image(1), "PNG"), 10**6)
print(decoder._idle[0]._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    # The process inherits the pipe, so that reading ends when both have ended.
    killed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert has_ended(int(killed.stdout))
