"""What the documents name exists: files, pipelines, environments, make targets."""

import re
import subprocess
from itertools import chain
from pathlib import Path

import pytest

from pipelines.pipeline_registry import register_pipelines
from tests.helpers.projects import ROOT

DOCUMENTS = sorted(chain(ROOT.glob("*.md"), ROOT.glob("docs/**/*.md"), ROOT.glob("data/*.md")))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_name_what_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    pipelines = chain.from_iterable(names.split(",") for names in re.findall(r"--pipelines ([\w,]+)", text))
    started = set(re.findall(r"make family NAME=(\w+)", text))  # what the document itself makes
    environments = set(re.findall(r"--env (\w+)", text)) - set(re.findall(r"mkdir conf/(\w+)", text))
    targets = set(re.findall(r"^    make ([\w-]+)|`make ([\w-]+)`", text, re.MULTILINE))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert set(pipelines) - started <= set(register_pipelines())
    assert all((ROOT / "conf" / name).is_dir() for name in environments)
    assert all(f"\n{target}:" in makefile for target in chain.from_iterable(targets) if target)


def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (targets,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    command = ["make", "--no-print-directory", "help"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [line.split()[0] for line in listed.splitlines()] == targets.split()
