"""What was not checked of an answer closes it where people and models read it, not in data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from glyphagent.session import Session
from glyphagent.tools import Toolset, cli

from .scripted_backend import Scripted
from .test_chat_model import Seeing

LOOSE = "`LIMIT = 250` stands in app/prices.py:5. It suits e.g. `small_shops`."
CLOSING = "[not checked, as the source has nothing to hold it against: `small_shops`]"


def test_the_tool_closes_its_answer_with_what_was_not_checked(folder: Path) -> None:
    toolset = Toolset(Session.open(folder, backend=Scripted(LOOSE)))
    result = toolset.run("glyph_ask", {"question": "What is the limit?"})
    assert f"{LOOSE}\n\n{CLOSING}\n" in result.text
    assert result.text.count("small_shops") == 2  # not once more as a warning
    assert result.artifact["answer"] == LOOSE
    assert f"[{result.artifact['warnings'][0]}]" == CLOSING


def test_the_command_line_closes_its_answer_with_what_was_not_checked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "langchain.chat_models.init_chat_model", lambda name: Seeing(words=LOOSE.split(" "))
    )
    question = ["ask", str(folder), "What is the limit?", "--backend", "chat", "--model", "a:b"]
    assert cli.main(question) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert CLOSING in shown
    assert shown.count("small_shops") == 2
    assert cli.main([*question, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["answer"] == LOOSE
    assert "small_shops" in facts["warnings"][0]
