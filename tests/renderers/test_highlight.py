from __future__ import annotations

import os
import signal
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.document import Document
from glyphagent.renderers.highlight import Colouring, Highlighter, colour_text, plain
from glyphagent.style import Ink


def ink_of(path: str, text: str, part: str) -> set[Ink]:
    """Inks of the first place where `part` stands."""
    inks = colour_text((path, text)).inks
    start = text.index(part)
    return {Ink(int(ink)) for ink in inks[start : start + len(part)]}


PYTHON = """@cache
def greet(name: str = "Ada") -> None:  # says hello
    return f"hello {name}" if name else 0x1F
"""


@pytest.mark.parametrize(
    ("part", "ink"),
    [
        ("def", Ink.KEYWORD),
        ("greet", Ink.FUNCTION),
        ('"Ada"', Ink.STRING),
        ("# says hello", Ink.COMMENT),
        ("return", Ink.KEYWORD),
        ("0x1F", Ink.NUMBER),
        ("None", Ink.CONSTANT),
    ],
)
def test_python_is_coloured_by_its_grammar(part: str, ink: Ink) -> None:
    assert colour_text(("a.py", PYTHON)).lexer == "tree-sitter:python"
    assert ink_of("a.py", PYTHON, part) == {ink}


@pytest.mark.parametrize(
    ("path", "text", "part", "ink", "lexer"),
    [
        ("a.js", "const f = () => 'x' // y\n", "// y", Ink.COMMENT, "tree-sitter:javascript"),
        ("A.MJS", "import x from 'y'\n", "import", Ink.KEYWORD, "tree-sitter:javascript"),
        ("a.ts", "let x: string = `a`\n", "string", Ink.TYPE, "tree-sitter:typescript"),
        ("a.tsx", "const a = <b c='d'/>\n", "'d'", Ink.STRING, "tree-sitter:tsx"),
        ("go.go", "package main // x\n", "// x", Ink.COMMENT, "pygments:Go"),
        ("x/Makefile", "all:\n\techo $(X) # y\n", "# y", Ink.COMMENT, "pygments:Makefile"),
        ("a.c", '#include "a.h"\nint x = 1;\n', "int", Ink.TYPE, "pygments:C"),
    ],
)
def test_languages_are_told_by_name(path: str, text: str, part: str, ink: Ink, lexer: str) -> None:
    colouring = colour_text((path, text))
    assert colouring.lexer == lexer
    assert ink in ink_of(path, text, part)


@pytest.mark.parametrize("before", ["é", "日本", "🎉", "e\u0301\u200d", "\ufeff", "\0", "\r\n"])
@pytest.mark.parametrize("path", ["a.py", "a.js", "a.rb"])
def test_inks_stay_with_their_characters_after_wide_ones(path: str, before: str) -> None:
    quoted = "'plain'"
    text = f"{'//' if path == 'a.js' else '#'} {before}\nx = {quoted}\n"
    assert ink_of(path, text, quoted) == {Ink.STRING}
    assert ink_of(path, text, "x =") == {Ink.TEXT}


@pytest.mark.parametrize("path", ["notes", "a.unheardof", "LICENSE", "dir.py/file"])
def test_unknown_names_are_plain_and_say_why(path: str) -> None:
    colouring = colour_text((path, "def f(): pass\n"))
    assert colouring.lexer == "plain: no lexer knows this name"
    assert set(colouring.inks.tolist()) == {Ink.TEXT}


@settings(max_examples=60)
@given(
    st.sampled_from(["a.py", "a.ts", "a.tsx", "a.js", "a.c", "a.html", "a.md", "a.json", "a.sh"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
    | st.lists(st.sampled_from(["'''", '"', "`${", "}", "<!--", "/*", "#", "\n", "\r", "\t"])).map(
        "".join
    ),
)
def test_every_character_gets_an_ink_that_can_be_drawn(path: str, text: str) -> None:
    inks = colour_text((path, text)).inks
    assert inks.dtype == np.uint8
    assert len(inks) == len(text)
    assert not len(inks) or (inks.min() > Ink.PAPER and inks.max() <= Ink.SPARE)


def test_workers_give_what_the_function_gives_in_order() -> None:
    documents = [Document("a.py", PYTHON), Document("b.go", "package b\n"), Document("c", "")]
    guarded = list(Highlighter().colour(documents))
    direct = list(Highlighter(workers=0).colour(documents))
    assert [c.lexer for c in guarded] == [c.lexer for c in direct]
    for one, other in zip(guarded, direct, strict=True):
        assert np.array_equal(one.inks, other.inks)


def test_a_document_that_takes_too_long_is_plain_and_the_next_is_not() -> None:
    slow = Document("slow.go", 'x := "' + "a + b // c\n" * 200_000)
    quick = Document("quick.py", "x = 1\n")
    first, second = Highlighter(timeout_s=0.2).colour([slow, quick])
    assert first.lexer.startswith("plain: TimeoutError: ")
    assert (first.sound, second.sound) == (False, True)
    assert set(first.inks.tolist()) == {Ink.TEXT}
    assert len(first.inks) == len(slow.text)
    assert second.lexer == "tree-sitter:python"


def test_a_worker_that_runs_out_of_memory_costs_only_its_document() -> None:
    greedy = Document("big.py", "x = [1, f(a, 'b')]\n" * 40_000)
    quick = Document("quick.py", "x = 1\n")
    first, second = Highlighter(memory_bytes=250 * 2**20).colour([greedy, quick])
    assert first.lexer.startswith("plain: ")
    assert "emory" in first.lexer or "died" in first.lexer
    assert second.lexer == "tree-sitter:python"


def test_a_worker_that_is_killed_is_replaced_and_the_document_coloured() -> None:
    highlighter = Highlighter()
    list(highlighter.colour([Document("a.py", PYTHON)]))
    worker = highlighter._resident
    assert worker is not None
    assert worker._process is not None
    pid = worker._process.pid
    # Held, so that it is killed with the task in its hands.
    os.kill(pid, signal.SIGSTOP)
    kill = threading.Timer(0.3, os.kill, (pid, signal.SIGKILL))
    kill.start()
    (coloured,) = highlighter.colour([Document("b.py", PYTHON)])
    kill.join()
    assert (coloured.lexer, coloured.sound) == ("tree-sitter:python", True)


def test_plain_keeps_the_reason() -> None:
    colouring = plain("abc", "because")
    assert isinstance(colouring, Colouring)
    assert (colouring.lexer, colouring.inks.tolist()) == ("plain: because", [Ink.TEXT] * 3)
