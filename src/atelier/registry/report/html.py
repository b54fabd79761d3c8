"""A document as one HTML file, with its images inside: it opens without a server and without a network."""

import base64
import io
from collections.abc import Iterable
from html import escape

from PIL import Image

from atelier.registry.report.blocks import Block, Command, Heading, Links, Paragraph, Pictures, Table

_BODY = "<body>\n"
_WIDEST = 1600
"""Pixels; wider images are reduced."""
_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 1200px; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.2; margin: 1.6em 0 .5em; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .8rem .25rem 0; text-align: right; border-bottom: 1px solid #8884; vertical-align: top; }
th:first-child, td:first-child { text-align: left; }
pre { background: #8882; padding: .6rem .8rem; overflow-x: auto; border-radius: 4px; }
.pictures { display: flex; flex-wrap: wrap; gap: 1rem; }
figure { flex: 1 1 420px; margin: 0; min-width: 0; }
figcaption { font-weight: 600; }
img { max-width: 100%; height: auto; background: #fff; }
"""


def html(document: Iterable[Block], title: str) -> str:
    """Render a document. Images are stored as WebP, at most 1,600 pixels wide."""
    body = "\n".join(map(_render, document))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width">\n<style>{_STYLE}</style>\n</head>\n'
        f"{_BODY}{body}\n</body>\n</html>\n"
    )


def with_preface(page: str, preface: Iterable[Block]) -> str:
    """A page that `html` has made, with more at its beginning."""
    head, _, body = page.partition(_BODY)
    return "".join([head, _BODY, *(f"{_render(block)}\n" for block in preface), body])


def _render(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(text, strong):
            return f"<p><strong>{escape(text)}</strong></p>" if strong else f"<p>{escape(text)}</p>"
        case Command(text):
            return f"<pre>{escape(text)}</pre>"
        case Table(header, rows):
            lines = [_row(header, "th"), *(_row(cells, "td") for cells in rows)]
            return f'<div class="wide"><table>{"".join(lines)}</table></div>'
        case Links(links):
            items = (f'<li><a href="{escape(address)}">{escape(text)}</a></li>' for text, address in links)
            return f"<ul>{''.join(items)}</ul>"
        case Pictures(name, images):
            figures = "".join(_figure(name, *each) for each in images)
            return f'<h3>{escape(name)}</h3><div class="pictures">{figures}</div>'


def _row(cells: Iterable[str], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"


def _figure(name: str, title: str, content: bytes) -> str:
    with Image.open(io.BytesIO(content)) as image:
        image.thumbnail((_WIDEST, image.height))
        buffer = io.BytesIO()
        image.convert("RGB").save(buffer, "WEBP", quality=88)
        width, height = image.size
    data = base64.b64encode(buffer.getvalue()).decode()
    text = escape(f"{name}: {title}")
    return (
        f"<figure><figcaption>{escape(title)}</figcaption>"
        f'<img src="data:image/webp;base64,{data}" width="{width}" height="{height}" alt="{text}"></figure>'
    )
