"""An agent's transcript of any length, recorded from real files and real command output.

Nothing of it is invented but the agent's own few words: files of the installed packages that the
question set is about, listings and searches over them, `git log -p` of a repository made of them,
and pytest's output on tests that fail. The same install gives the same transcript.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from glyphagent.tools.message_tokens import count_tokens

PACKAGES = ("requests", "httpx", "jinja2", "werkzeug")
_READ_LINES = 500
_TEST = '''"""Tests of {name}."""

import pytest

import {name}


@pytest.mark.parametrize("number", range(40))
def test_numbers(number: int) -> None:
    text = open({name}.__file__, encoding="utf-8").read().splitlines()
    line = text[number * 3 % len(text)]
    assert number % 4, f"{{number:08d}} {{line}}"
'''


@dataclass
class _Recorder:
    """Messages so far; each call of the agent gets an id of its own."""

    messages: list[BaseMessage] = field(default_factory=list)
    calls: int = 0

    def say(self, text: str) -> None:
        self.messages.append(HumanMessage(text, id=f"human-{len(self.messages)}"))

    def step(self, thought: str, *done: tuple[str, dict[str, Any], str]) -> None:
        """One step of the agent: its words, its calls, their results."""
        calls: list[Any] = []
        for name, args, _ in done:
            self.calls += 1
            calls.append(
                {"name": name, "args": args, "id": f"call_{self.calls:05d}", "type": "tool_call"}
            )
        self.messages.append(AIMessage(thought, tool_calls=calls, id=f"ai-{len(self.messages)}"))
        for (name, _, result), call in zip(done, calls, strict=True):
            number = len(self.messages)
            self.messages.append(
                ToolMessage(result, name=name, tool_call_id=call["id"], id=f"tool-{number}")
            )


def transcript(least_tokens: int, workshop: Path) -> list[BaseMessage]:
    """A conversation of at least so many text tokens that ends with a question.

    Args:
        least_tokens: Tokens as `glyphagent.tokens` counts them.
        workshop: An empty folder, where a repository is made and tests are run.
    """
    recorder = _Recorder()
    counted = tokens = 0
    for _ in _rounds(recorder, workshop):
        tokens += count_tokens(recorder.messages[counted:])
        counted = len(recorder.messages)
        if tokens >= least_tokens:
            break
    if tokens < least_tokens:
        raise ValueError(f"the installed packages give {tokens} tokens, not {least_tokens}")
    recorder.say("Thank you. Which of these modules handles redirects, and where?")
    return recorder.messages


def _rounds(recorder: _Recorder, workshop: Path) -> Iterator[None]:
    for package in PACKAGES:
        root = Path(next(iter(find_spec(package).submodule_search_locations)))  # type: ignore
        files = sorted(root.rglob("*.py"), key=lambda file: (file.stat().st_size > 60_000, file))
        texts = {
            f"{package}/{file.relative_to(root).as_posix()}": file.read_text(encoding="utf-8")
            for file in files
        }
        texts = {path: text for path, text in texts.items() if text.strip()}
        yield from _about(recorder, package, texts, workshop / package)


def _about(
    recorder: _Recorder, package: str, texts: dict[str, str], workshop: Path
) -> Iterator[None]:
    first = next(iter(texts))
    recorder.say(
        f"We are about to change how {package} handles errors. Please look around first.\n"
        f"This is what I have open at the moment:\n```python\n{texts[first]}```\n"
        "Do not change anything yet."
    )
    listing = "".join(
        f"-rw-r--r-- 1 dev dev {len(text.encode()):>7} {path}\n" for path, text in texts.items()
    )
    recorder.step("Let me see what there is.", ("list_files", {"path": package}, listing))
    history = _history(texts, workshop / "repository")
    recorder.step(
        "The history tells what was touched last.",
        ("run", {"command": "git log -p --stat"}, history[:60_000]),
    )
    yield
    output = _pytest(package, workshop / "tests")
    recorder.step("Do the tests pass?", ("run", {"command": "python -m pytest"}, output))
    theirs = "".join(output.splitlines(keepends=True)[-80:])
    recorder.say(f"On our machine it ends like this:\n\n{theirs}\n\nIs that what you see as well?")
    yield
    paths = list(texts)
    for number in range(0, len(paths), 2):
        word = Path(paths[number]).stem.strip("_")
        recorder.step(
            f"Who has to do with {word!r}?", ("grep", {"pattern": word}, _grep(word, texts))
        )
        recorder.step("", *(("read_file", *_read(p, texts[p])) for p in paths[number : number + 2]))
        yield


def _read(path: str, text: str) -> tuple[dict[str, Any], str]:
    lines = text.splitlines(keepends=True)
    return {"path": path, "limit": _READ_LINES}, "".join(lines[:_READ_LINES])


def _grep(word: str, texts: dict[str, str]) -> str:
    return "".join(
        f"{path}:{number}:{line}\n"
        for path, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if word in line
    )[:30_000]


def _history(texts: dict[str, str], folder: Path) -> str:
    """`git log -p` of a repository where these files grow: the same hashes every time."""
    folder.mkdir(parents=True)
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    who = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (("NAME", "Dev"), ("EMAIL", "dev@example.org"))
    }
    none = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}

    def git(*arguments: str, at: int = 0) -> str:
        dates = {
            f"GIT_{role}_DATE": f"{1_700_000_000 + at * 3600} +0000"
            for role in ("AUTHOR", "COMMITTER")
        }
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env=kept | who | none | dates,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    git("init", "--quiet", "--initial-branch=main")
    for number, (path, text) in enumerate(list(texts.items())[:12]):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = text.splitlines(keepends=True)
        for part in (2, 1):
            file.write_text("".join(lines[: len(lines) // part]), encoding="utf-8")
            git("add", "--all")
            moment = number * 2 + 2 - part
            git("commit", "--quiet", "--allow-empty", "-m", f"Work on {path}", at=moment)
    return git("log", "-p", "--stat")


def _pytest(package: str, folder: Path) -> str:
    """What pytest says of tests of which a quarter fail, without times and temporary names."""
    folder.mkdir(parents=True)
    (folder / f"test_{package}.py").write_text(_TEST.format(name=package), encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="ascii")
    command: Sequence[str] = (
        *(sys.executable, "-P", "-m", "pytest", "-vv", "-p", "no:cacheprovider", "--color=no"),
        *("--rootdir=.", "--disable-plugin-autoload", "."),
    )
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    output = done.stdout.replace(str(folder), "/repository").replace(sys.executable, "python")
    output = re.sub(r"cachedir: .*\n", "", output)
    return re.sub(r"in \d+\.\d+s", "in 0.42s", output)
