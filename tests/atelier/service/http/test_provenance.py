from urllib.parse import unquote

from atelier.service.http.provenance import Provenance, as_text, header_name, headers_of


class Example(Provenance):
    label: str = "café, 茶"
    share: float = 0.5
    keep_colours: bool = False
    size: str | None = None
    images: tuple[int, ...] = (1, 2)


EXAMPLE = Example(family="fast_style", version="3")


def test_strings_numbers_and_booleans_become_text() -> None:
    assert as_text(EXAMPLE) == {
        "family": "fast_style",
        "version": "3",
        "label": "café, 茶",
        "share": "0.5",
        "keep_colours": "false",
    }


def test_headers_are_ascii_and_can_be_decoded() -> None:
    headers = headers_of(EXAMPLE)
    assert "".join(headers.values()).isascii()
    assert headers["Atelier-Label"] == "caf%C3%A9, %E8%8C%B6"
    assert {name: unquote(value) for name, value in headers.items()} == {
        header_name(name): value for name, value in as_text(EXAMPLE).items()
    }
    assert headers["Atelier-Keep-Colours"] == "false"
