"""The ten lines of the README that make an agent, run as they stand.

Only what a reader fills in is filled in: the folder exists, and the model's name leads to a
scripted one instead of a provider.
"""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import langchain.agents.factory
import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from .conftest import write_files
from .test_agent_example import ScriptedModel, calls, results

README = Path(__file__).parents[2] / "README.md"
SNIPPET = """\
from langchain.agents import create_agent
from glyphagent.tools import GlyphToolkit

toolkit = GlyphToolkit.open("path/to/repository")
agent = create_agent(
    "provider:model",  # any chat model that calls tools
    toolkit.get_tools(),
    middleware=toolkit.get_middleware(),  # puts page images where this provider shows them
)
question = {"messages": "How does this repository load its configuration?"}
state = agent.invoke(question, {"recursion_limit": 50})
print(state["messages"][-1].text)
"""


def snippet() -> str:
    """The README's example of an agent."""
    found = [block for block in examples() if "toolkit.get_middleware()" in block]
    return found[0] if found else SNIPPET


def examples() -> list[str]:
    """Every example in Python."""
    return re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def look(messages: list[BaseMessage]) -> AIMessage:
    return calls(("glyph_read_page", {"page": 0}), ("glyph_search", {"query": "limit"}))


def answer(messages: list[BaseMessage]) -> AIMessage:
    *_, pictures = messages
    assert isinstance(pictures, HumanMessage)  # it sees, and no more is known: after the batch
    assert any(block["type"] == "image" for block in pictures.content_blocks)
    page, found = results(messages[:-1])
    assert all(block["type"] == "text" for block in page.content_blocks)
    (hit,) = found.artifact["hits"]
    return AIMessage(f"{hit['text']} at {hit['path']}:{hit['line_start']}")


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedModel]:
    """What the name in the example leads to."""
    scripted = ScriptedModel(steps=[look, answer], profile={"image_inputs": True})
    names: list[str] = []

    def made(name: str, **_: Any) -> ScriptedModel:
        names.append(name)
        return scripted

    monkeypatch.setattr(langchain.agents.factory, "init_chat_model", made)
    yield scripted
    assert names == ["provider:model"]


def test_the_example_runs_as_it_stands(
    model: ScriptedModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_files(tmp_path / "path" / "to" / "repository")
    monkeypatch.chdir(tmp_path)
    example = snippet()
    exec(compile(example, "README.md", "exec"), {})
    assert capsys.readouterr().out == "LIMIT = 250 at app/prices.py:5\n"
    assert model.steps == []
    assert "glyph_read_page" in model.offered
    statements = [line for line in example.splitlines() if line and not line.startswith("#")]
    assert len(statements) <= 12  # ten lines and the brackets of one call


def repository(folder: Path) -> None:
    """The small source under git, with a tag, and a function that an example asks for."""
    write_files(folder)
    (folder / "pkg").mkdir()
    text = "".join(f"line_{n} = {n}\n" for n in range(30))
    (folder / "pkg" / "config.py").write_text(f"{text}\n\ndef create_ssl_context(): ...\n")
    git = ("git", "-C", str(folder), "-c", "user.name=n", "-c", "user.email=e")
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-qm", "1"), ("tag", "v2.1")):
        subprocess.run([*git, *arguments], check=True)


@contextmanager
def working_on(folder: Path, wanted: bool) -> Iterator[None]:
    """Somebody edits a file again and again, if that is wanted."""
    ended = threading.Event()

    def work() -> None:
        turn = 0
        while not ended.wait(1.5):  # longer than a watcher waits for quiet
            turn += 1
            (folder / "notes.md").write_text(f"# Turn {turn}\n")

    worker = threading.Thread(target=work)
    if wanted:
        worker.start()
    try:
        yield
    finally:
        ended.set()
        if wanted:
            worker.join()


def test_every_example_runs_after_those_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repository(tmp_path / "path" / "to" / "repository")
    repository(tmp_path / "path" / "to" / "another")
    monkeypatch.chdir(tmp_path)
    scripted = ScriptedModel(steps=[lambda _: AIMessage("It does not.")] * 9)
    monkeypatch.setattr(langchain.agents.factory, "init_chat_model", lambda name, **_: scripted)
    names: dict[str, Any] = {
        "model": scripted,
        "tools": [],
        "others": [],
        "question": {"messages": "How?"},
    }
    assert examples()
    for number, example in enumerate(examples()):
        with working_on(tmp_path / "path" / "to" / "repository", "session.watch()" in example):
            exec(compile(example, f"README.md, example {number}", "exec"), names)
        assert capsys.readouterr().out or "print" not in example
