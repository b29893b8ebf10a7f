"""The demo on a small installed package: what it leaves, and when it fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from glyphagent.tools import demo

WHERE = "Where is the class IniConfig defined?"


@pytest.mark.parametrize(
    ("question", "words", "code"),
    [
        (WHERE, ("__init__.py",), 0),
        (WHERE, ("elsewhere.py",), 1),
        ("Where is the class Zebra defined?", (), 1),
    ],
)
def test_the_demo_fails_unless_every_answer_is_right_and_verified(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    question: str,
    words: tuple[str, ...],
    code: int,
) -> None:
    project = demo.Project("iniconfig", ((question, words),))
    monkeypatch.setattr(demo, "PROJECTS", (demo.Project("not_installed", ()), project))
    assert demo.main(["--out", str(tmp_path)]) == code
    shown = capsys.readouterr()
    assert "compression ratio" in shown.out
    assert question in shown.out
    assert "read from its pixels alone" in shown.out
    assert ("✓ __init__.py" in shown.out) is (question == WHERE)
    assert ("error: 1 of 1 answers" in shown.err) is bool(code)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert {page["file"] for page in manifest["pages"]} == {p.name for p in tmp_path.glob("*.png")}
    assert (tmp_path / "index.html").exists()


def test_a_demo_without_its_packages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(demo, "PROJECTS", (demo.Project("not_installed", ()),))
    assert demo.main(["--out", str(tmp_path / "out")]) == 2
    assert "not_installed" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_projects_of_the_demo_are_installed_and_answerable() -> None:
    """At least the first: what it asks about stands in the installed version."""
    project, folder = demo.chosen()
    assert project is demo.PROJECTS[0]
    text = "".join(file.read_text() for file in folder.rglob("*.py"))
    for name in ("def create_ssl_context", "DEFAULT_MAX_REDIRECTS = 20", "from ._exceptions"):
        assert name in text
