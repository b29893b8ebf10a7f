from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from glyphagent.errors import BackendError
from glyphagent.plugins import load
from glyphagent.training import commands, evaluate, export, pools
from glyphagent.training.commands import app
from glyphagent.training.corpus import Project

LINES = "".join(f"value_{n} = compute_something({n})\n" for n in range(200))


@pytest.fixture
def _small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One project to train on, one to be measured on, and nowhere to install but here."""
    (tmp_path / "a.py").write_text(LINES, encoding="utf-8")
    (tmp_path / "b.py").write_text(LINES.replace("compute", "request"), encoding="utf-8")
    known = [
        Project("p", "1", "MIT", tmp_path, ("a.py",)),
        Project("requests", "2", "MIT", tmp_path, ("b.py",)),
    ]
    monkeypatch.setattr(pools, "installed_projects", lambda: known)
    monkeypatch.setattr(evaluate, "installed_projects", lambda: known)
    monkeypatch.setattr(export, "bundled_folder", lambda: tmp_path / "package" / "nano")
    monkeypatch.setenv("CXX", "no-such-compiler")  # compiling takes longer than these steps
    (tmp_path / "package").mkdir()


@pytest.mark.usefixtures("_small")
def test_all_trains_measures_writes_the_card_and_installs(tmp_path: Path) -> None:
    arguments = ["all", "--minutes", "0.005", "--out", str(tmp_path / "run"), "--json"]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    found = json.loads(result.stdout)
    assert found["train"]["steps"] >= 1
    assert found["eval"]["projects"] == {"requests": "2"}
    assert set(found["eval"]["styles"]) == set(evaluate.evaluation_styles())
    installed = tmp_path / "package" / "nano"
    assert "requests 2" in (installed / "MODEL_CARD.md").read_text("utf-8")
    run = json.loads((installed / "run.json").read_text("ascii"))
    assert run["stage"] == "reading"
    assert run["steps"] == found["train"]["steps"]
    assert [project["project"] for project in run["data"]["projects"]] == ["p"]
    assert run["evaluation"] == found["eval"]


def test_export_without_a_run_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="no run in"):
        CliRunner().invoke(app, ["export", "--out", str(tmp_path)], catch_exceptions=False)


def test_the_command_line_finds_these_commands() -> None:
    assert load("commands", "nano") is commands.app
