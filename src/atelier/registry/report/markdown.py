"""A document as Markdown, for GitHub's pages and for editors."""

from collections.abc import Iterable

from atelier.registry.report.blocks import Block, Command, Heading, Links, Paragraph, Pictures, Table


def markdown(document: Iterable[Block]) -> str:
    """Render a document.

    Images are only named, because GitHub shows neither local nor inline images in summaries and comments.
    """
    return "\n\n".join(filter(None, map(_render, document))) + "\n"


def _render(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * level} {text}"
        case Paragraph(text, strong):
            return f"**{text}**" if strong else text
        case Command(text):
            return "\n".join(f"    {line}" for line in text.splitlines())
        case Table(header, rows):
            rule = [":---", *["---:"] * (len(header) - 1)]
            return "\n".join(f"| {' | '.join(map(_cell, cells))} |" for cells in (header, rule, *rows))
        case Links(links):
            return "\n".join(f"- [{text}]({address})" for text, address in links)
        case Pictures(name, images):
            return f"- {name}, in the HTML file: {', '.join(title for title, _ in images)}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
