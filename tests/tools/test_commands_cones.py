"""`--cone`, `--hops`, `--budget` and `--map` on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from glyphagent.tools import cli

Call = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command with --json; stdout must be exactly one document and stderr empty."""

    def run(*arguments: object) -> tuple[int, dict[str, Any]]:
        code = cli.main([*(str(argument) for argument in arguments), "--json"])
        shown = capsys.readouterr()
        assert shown.err == ""
        return code, json.loads(shown.out)

    return run


def test_render_a_cone_within_a_budget(call: Call, folder: Path, tmp_path: Path) -> None:
    code, told = call("render", folder, "--out", tmp_path / "a", "--cone", "app/prices.py")
    assert (code, told["map_pages"], told["documents"]) == (0, 1, 2)
    cone = told["cone"]
    assert [(each["path"], each["distance"], each["direction"]) for each in cone["packed"]] == [
        ("app/rates.py", 1, "uses"),
        ("app/prices.py", 0, "itself"),
    ]
    assert {*cone} == {"files", "hops", "budget", "packed", "left_out", "outside", "tokens"}
    assert (cone["files"], cone["hops"], cone["budget"]) == (["app/prices.py"], 2, None)
    assert {*told["seconds"]} == {"read", "highlight", "layout", "paint", "encode", "total"}
    _, far = call(
        "render", folder, "--out", tmp_path / "b", "--cone", "rates.py", "--hops", "0", "--no-map"
    )
    assert (far["documents"], far["map_pages"]) == (1, 0)
    _, mapped = call("render", folder, "--out", tmp_path / "c", "--map")
    _, plain = call("render", folder, "--out", tmp_path / "d")
    assert (mapped["cone"], mapped["pages"]) == (None, plain["pages"] + 1)
    budget = plain["visual_tokens"] // 4
    _, some = call("render", folder, "--out", tmp_path / "e", "--budget", budget)
    assert some["visual_tokens"] <= budget
    assert some["cone"]["left_out"][0]["path"] == "lib/long.py"
    assert "were left for it" in some["cone"]["left_out"][0]["reason"]


def test_render_a_cone_for_people(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    out = folder.parent / "pages"
    options = ["--cone", "app/prices.py", "--hops", "1"]
    assert cli.main(["render", str(folder), "--out", str(out), *options]) == 0
    shown = capsys.readouterr().out
    assert "cone of app/prices.py, 1 hop; 2 files are outside of it" in " ".join(shown.split())
    assert "dependency map" in shown


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--cone", "prise.py"], "error: no file 'prise.py' in this source"),
        (["--cone", "app/prices.py", "--budget", "1"], "were left for it: give a larger budget"),
        (["--budget", "500", "--for", "no-such-model"], "sees images is not known"),
    ],
)
def test_render_refuses_what_cannot_be_packed(
    capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path, options: list[str], said: str
) -> None:
    code = cli.main(["render", str(folder), "--out", str(tmp_path / "x"), *options])
    shown = capsys.readouterr()
    assert (code, shown.out) == (2, "")
    assert said in shown.err.splitlines()[-1]


def test_ask_about_a_cone_says_which_pages_were_read(call: Call, folder: Path) -> None:
    question = "What breaks if I change rates.py?"
    code, told = call("ask", folder, question, "--cone", "app/rates.py", "--hops", "1")
    assert code == 0
    assert [each["path"] for each in told["citations"]] == ["app/prices.py"]
    assert told["citations"][0]["verified"]
    assert told["pages"]
    assert any("answered from a part of the source" in each for each in told["warnings"])
    _, whole = call("ask", folder, question)
    assert len(whole["pages"]) > len(told["pages"])
    assert whole["warnings"] == []
