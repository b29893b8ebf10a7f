"""The main job, end to end, with every real part: repository, pages, pixels, reader, answers."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from glyphagent.document import Document
from glyphagent.page import Page, SourceMap
from glyphagent.plugins import load
from glyphagent.raster import decode_png
from glyphagent.session import Session
from glyphagent.snapshot import Snapshot
from glyphagent.sources import Source, SourceOptions
from glyphagent.style import preset
from glyphagent.transcript import transcribe

# Installed with the extra [dev], and on the list of projects that training never sees.
HELD_OUT = ("jinja2", "httpx", "requests")
MOST_ERRORS = {"grid": 0.001, "grid-dense": 0.01}


def package_folder(name: str) -> Path:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing read in another run may help, or harm, this one."""
    monkeypatch.setenv("GLYPHAGENT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "shop").mkdir(parents=True)
    (folder / "shop" / "__init__.py").write_text("")
    (folder / "shop" / "prices.py").write_text(
        '"""Prices and taxes."""\n\nRATE = 0.19\nCODE = "QX81-77f3"\n\n\n'
        'def gross(net: float, rate: float = RATE) -> float:\n    """Add the tax."""\n'
        "    return net * (1 + rate)\n"
    )
    (folder / "shop" / "cart.py").write_text(
        "from shop.prices import gross\n\n\nclass Cart:\n    def total(self) -> float:\n"
        "        return gross(sum(self.items))\n"
    )
    return folder


@pytest.mark.parametrize("name", list(MOST_ERRORS))
def test_pages_of_unseen_projects_are_read_from_png_files_alone(name: str, tmp_path: Path) -> None:
    """Character errors, spaces apart, over whole files; doubt marks the errors there are."""
    wrong = characters = doubted = 0
    reader = load("backends", "local")()
    for package in HELD_OUT:
        source = Source.open(package_folder(package), None, SourceOptions(include=("*.py",)))
        session = Session.open(source, preset=name)
        manifest = session.save(tmp_path / package)
        chosen = range(0, len(session.pages), max(len(session.pages) // 6, 1))
        files = [tmp_path / package / manifest.pages[n].file for n in chosen]
        for number, seen in zip(chosen, reader.read([decode_png(f) for f in files]), strict=True):
            page = session.pages[number]
            blank = page.codes == 0
            errors = (seen.codes != page.codes) & ~blank
            wrong += int(errors.sum())
            characters += int((~blank).sum())
            doubted += int((errors & (seen.confidence < 0.99)).sum())
            parts = transcribe(seen.codes, page.glyphs.characters)
            assert [part.path for part in parts] == [p.path for p in page.source_map.locations()]
    assert characters > 20_000
    assert wrong <= MOST_ERRORS[name] * characters, f"{wrong} of {characters} cells misread"
    assert doubted >= wrong * 0.5, f"only {doubted} of {wrong} misread cells were in doubt"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_answers_come_from_pixels_and_are_checked_against_the_source(
    project: Path, theme: str
) -> None:
    style = preset("grid").with_changes(theme=theme)
    session = Session.open(project, style=style)
    answer = session.ask("What is the value of RATE?")
    assert answer.found
    assert "0.19" in answer.text
    assert not answer.warnings
    assert [(str(c.location), c.verified) for c in answer.citations] == [("shop/prices.py:3", True)]
    box = answer.citations[0].box
    page = answer.citations[0].page
    assert page is not None
    assert box is not None
    assert session.pages[page].location_at(box[0], box[1]) == answer.citations[0].location


def test_when_pixels_and_source_differ_the_answer_follows_the_pixels_and_says_so(
    project: Path,
) -> None:
    session = Session.open(project)
    forged = Document("shop/prices.py", session.documents[-1].text.replace("0.19", "0.07"))
    truth = session.documents[-1]
    assert truth.path == forged.path
    renderer = load("renderers", "code")()
    pages: Iterator[Page] = renderer.render((*session.documents[:-1], forged), session.style)
    # What the model sees is the forged page; paths and first lines beside it stay the source's.
    drawn = tuple(
        Page(
            p.codes,
            p.inks,
            p.atlas,
            p.palette,
            p.layout,
            SourceMap(
                tuple(
                    d if d is not forged else session.documents[-1] for d in p.source_map.documents
                ),
                p.source_map.spans,
            ),
        )
        for p in pages
    )
    shown = session.snapshot
    made = replace(shown.made, pages=drawn)
    session._snapshot = Snapshot(made, session.source.root, shown._live, shown._turn)
    answer = session.ask("What is the value of RATE?")
    assert answer.found
    assert "0.07" in answer.text
    assert "0.19" not in answer.text
    assert [citation.verified for citation in answer.citations] == [False]
    assert "0.19" in answer.citations[0].source_text
    assert any("shop/prices.py:3" in warning for warning in answer.warnings)


@pytest.mark.parametrize(
    ("question", "found", "said"),
    [
        ("Where is gross defined?", True, "shop/prices.py:7"),
        ("what's the signature of `gross`?", True, "rate: float = RATE"),
        ("What does gross do?", True, "Add the tax."),
        ("Which files import shop/prices.py?", True, "shop/cart.py"),
        ("what does cart.py import", True, "shop/prices.py"),
        ("Who uses gross?", True, "shop/cart.py:6"),
        ("Which methods does class Cart have?", True, "total"),
        ("What is CODE set to?", True, "QX81-77f3"),
        ("Where is grosz defined?", False, "ot found"),
        ("What is in taxes.py?", False, "ot found"),
        ("Why is the tax computed in this odd way?", True, "does not reason"),
    ],
)
def test_the_embedded_reader_answers(project: Path, question: str, found: bool, said: str) -> None:
    answer = Session.open(project).ask(question)
    assert said in answer.text
    assert answer.found is found
    assert all(citation.verified for citation in answer.citations)


def test_a_refresh_is_what_a_fresh_session_sees(project: Path) -> None:
    session = Session.open(project)
    before = session.ask("What is RATE set to?")
    (project / "shop" / "prices.py").write_text("RATE = 0.21\n")
    (project / "shop" / "stock.py").write_text("LIMIT = 5\n")
    (project / "shop" / "cart.py").unlink()
    changes = session.refresh()
    assert (changes.added, changes.changed, changes.removed) == (
        ("shop/stock.py",),
        ("shop/prices.py",),
        ("shop/cart.py",),
    )
    after = session.ask("What is RATE set to?")
    assert "0.19" in before.text
    assert "0.21" in after.text
    assert before.revision != after.revision == changes.revision
    fresh = Session.open(project)
    assert [p.digest for p in session.pages] == [p.digest for p in fresh.pages]
    assert session.revision == fresh.revision


def test_a_hostile_folder_ends_in_pages_and_listed_skips(tmp_path: Path) -> None:
    """Nothing in the folder is executed, by us, by git, or by a worker started inside it."""
    folder, out, marker = tmp_path / "hostile", tmp_path / "out", tmp_path / "executed"
    folder.mkdir()
    trap = f"open({str(marker)!r}, 'a').write(__name__)\n"
    for name in ("pickle", "signal", "conftest", "socket", "numpy", "glyphagent", "sitecustomize"):
        (folder / f"{name}.py").write_text(trap)
    run = {"cwd": folder, "check": True, "capture_output": True}
    subprocess.run(["git", "init", "-q"], **run)  # type: ignore[call-overload]
    script = tmp_path / "trap.sh"
    script.write_text(f"#!/bin/sh\necho git >> {marker}\n")
    script.chmod(0o755)
    for key in ("core.fsmonitor", "diff.external", "core.pager", "filter.x.smudge"):
        subprocess.run(["git", "config", key, str(script)], **run)  # type: ignore[call-overload]
    (folder / ".gitattributes").write_text("*.py filter=x diff=x\n")
    (folder / "loop").symlink_to(".", target_is_directory=True)
    (folder / "self.py").symlink_to("self.py")
    (folder / "out.py").symlink_to("/etc/passwd")
    with (folder / "huge.py").open("wb") as stream:
        stream.truncate(200_000_000)
    (folder / "oneline.js").write_text("x" * 5_000_000)
    (folder / "wide.js").write_text("y" * 500_000)
    (folder / "noise.py").write_bytes(os.urandom(4096))
    (folder / "good.py").write_text("ANSWER = 42\n")
    (folder / "marks.py").write_text("\ue001fake.py\ue020 \u202e ‮\n")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(folder / "door.py"))
    os.mkfifo(folder / "pipe.py")
    command = [str(Path(sys.executable).with_name("glyphagent"))]
    made = subprocess.run(
        [*command, "render", ".", "--out", str(out), "--json"],
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    facts = json.loads(made.stdout)
    reasons = {skip["path"]: skip["reason"] for skip in facts["skipped"]}
    for path, word in (
        ("huge.py", "too large"),
        ("oneline.js", "too large"),
        ("wide.js", "minified"),
        ("noise.py", "binary"),
        ("loop", "link"),
        ("self.py", "link"),
        ("out.py", "link"),
    ):
        assert word in reasons[path], (path, reasons)
    # Links inside a work tree and named pipes: git does not list what it cannot hold.
    assert facts["documents"] == 7 + 3
    asked = subprocess.run(
        [*command, "ask", ".", "What is the value of ANSWER?", "--json"],
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stderr
    answer = json.loads(asked.stdout)
    assert "42" in answer["answer"]
    assert [c["path"] for c in answer["citations"]] == ["good.py"]
    assert not marker.exists(), marker.read_text()
    read = subprocess.run(
        [*command, "read", *sorted(map(str, out.glob("page-*.png"))), "--json"],
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    text = "".join(page["text"] for page in json.loads(read.stdout)["pages"])
    assert "\ue001fake.py\ue020 \u202e ‮\n" in text
    assert not marker.exists(), marker.read_text()
