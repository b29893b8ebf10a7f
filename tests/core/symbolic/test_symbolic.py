"""Questions answered from a small source set: what is said, cited, and not guessed."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphagent.answer import verify
from glyphagent.dependencies import SymbolIndex
from glyphagent.document import Document
from glyphagent.symbolic import Reply, answer

TEXTS = {
    "graph/__init__.py": '"""Graphs on disk."""\nfrom .store import Graph\n',
    "graph/store.py": '''"""Where graphs are kept."""
import json
from pathlib import Path

from . import limits

LIMIT = 3
NAMES = [
    "x",
    "y",
]


class Base:
    """What all graphs share."""

    def close(self):
        """Close it."""


class Graph(Base):
    depth: int = 4

    def __init__(self, path: str, *, wait: float = 1.5) -> None:
        self.path = path

    def load(
        self, limit: int = LIMIT
    ) -> dict[str, int]:
        """Load edges.

        All of them.
        """
        return json.loads(self.path)


def load(path): return Graph(path).load()
''',
    "graph/limits.py": "LIMIT = 7\n",
    "tests/limits.py": (
        "from graph.store import Graph, load\n\nload('a')\n"
        "try:\n    raise Broken(1)\nexcept (KeyError, Broken): pass\n"
    ),
    "web/view.ts": (
        "import { draw } from './draw';\n/** Shows it. */\n"
        "export const show = (a: number): void => draw(a);\nexport enum Mode { Fast = 1, Slow }\n"
    ),
    "web/draw.ts": "export function draw(a: number) { }\n",
    "notes.txt": "Nothing here but prose about retries.\nA retry waits twice as long.\n",
}
INDEX = SymbolIndex.build(TEXTS)
WORDS = [
    *("where", "is", "what", "does", "the", "Graph", "load", "`LIMIT`", "defined", "in", "import"),
    *("store.py", "signature", "of", "?", "missing", "value", "uses", "who", "list"),
]


def ask(question: str) -> Reply:
    reply = answer(question, INDEX, TEXTS)
    documents = {path: Document(path, text) for path, text in TEXTS.items()}
    for each in reply.citations:
        assert verify(each, documents).verified, each
    return reply


def cited(reply: Reply) -> list[str]:
    return [str(each.location) for each in reply.citations]


@pytest.mark.parametrize(
    ("question", "places", "said"),
    [
        ("Where is Base defined?", ["graph/store.py:14"], "class Base"),
        ("Which file defines `draw`?", ["web/draw.ts:1"], "function draw(a: number)"),
        (
            "Where is load defined in graph/store.py?",
            ["graph/store.py:27-29", "graph/store.py:37"],
            "",
        ),
        ("Where is Graph.load defined?", ["graph/store.py:27-29"], "method of `Graph`"),
        ("Where is LIMIT in limits.py?", ["graph/limits.py:1"], "LIMIT = 7"),
        ("signature of Graph.load", ["graph/store.py:27-29"], ") -> dict[str, int]"),
        (
            "What arguments does Graph take?",
            ["graph/store.py:21", "graph/store.py:24"],
            "wait: float = 1.5",
        ),
        (
            "How many parameters does Graph take?",
            ["graph/store.py:24"],
            "2 parameters (path, wait)",
        ),
        ("What does Graph.load return?", ["graph/store.py:27-29"], "dict[str, int]"),
        ("What does Graph.load do?", ["graph/store.py:30-33"], "All of them."),
        ("docstring of show", ["web/view.ts:2"], "Shows it."),
        ("What does store.py do?", ["graph/store.py:1"], "Where graphs are kept."),
        ("What is the value of NAMES?", ["graph/store.py:8-11"], '"y",'),
        ("what is Graph.depth set to", ["graph/store.py:22"], "`4`"),
        ("What is the default value of wait in Graph?", ["graph/store.py:24"], "wait: float = 1.5"),
        ("What is the value of Mode.Fast?", ["web/view.ts:4"], "1"),
        ("What does web/view.ts import?", ["web/view.ts:1"], "-> web/draw.ts"),
        (
            "Which external modules does store.py import?",
            ["graph/store.py:2", "graph/store.py:3"],
            "json",
        ),
        ("Does store.py import json?", ["graph/store.py:2"], "Yes."),
        ("Who imports graph/limits.py?", ["graph/store.py:5"], "from . import limits"),
        ("Which files import pathlib?", ["graph/store.py:3"], "the module `pathlib`"),
        ("who imports draw.ts", ["web/view.ts:1"], ""),
        ("Which files import load?", ["tests/limits.py:1"], "from graph.store import Graph, load"),
        ("Where is Broken raised?", ["tests/limits.py:5"], "raise Broken"),
        ("Where is Broken caught?", ["tests/limits.py:6"], "except (KeyError, Broken)"),
        ("Where is draw called?", ["web/view.ts:3"], "draw(a)"),
        ("Which files mention draw?", ["web/view.ts:1", "web/draw.ts:1"], "2 files"),
        ("What is in web/draw.ts?", ["web/draw.ts:1"], "1 function"),
        (
            "Which methods does class Graph have?",
            ["graph/store.py:21", "graph/store.py:24", "graph/store.py:27-29"],
            "2 methods",
        ),
        ("list the classes in store.py", ["graph/store.py:14", "graph/store.py:21"], "2 classes"),
        ("Which files are in web?", ["web/view.ts:1", "web/draw.ts:1"], "2 files"),
        ("What is in notes.txt?", ["notes.txt:1-2"], "no definitions"),
        ("Which classes inherit from Base?", ["graph/store.py:21"], "Graph"),
        ("What does Graph inherit from?", ["graph/store.py:21"], "`Base`"),
        ("What is Base?", ["graph/store.py:14"], "What all graphs share."),
    ],
)
def test_what_stands_there_is_said_and_cited(question: str, places: list[str], said: str) -> None:
    reply = ask(question)
    assert (reply.found, reply.supported) == (True, True)
    assert cited(reply) == places
    assert said in reply.text
    for place in places:
        # A whole file is cited by its first line and named by its path alone.
        assert place in reply.text or f"{place.removesuffix(':1')}\n" in f"{reply.text}\n"


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Where is Tree defined?", "no definition of `Tree`"),
        ("What is the value of TIMEOUT?", "no definition of `TIMEOUT`"),
        ("What does web/missing.ts import?", "`web/missing.ts` is not in the source"),
        ("Who imports missing.py?", "`missing.py` is not in the source"),
        ("Where is Tree used?", "stands nowhere"),
        ("Where is show used?", "apart from its definition at web/view.ts:3"),
        ("Which files import show?", "no file in the source imports `show`"),
        ("What is the docstring of draw?", "has no docstring"),
        (
            "What does load(path) return in tests/limits.py?",
            "no definition of `load` in tests/limits.py",
        ),
        (
            "Where is Base defined in missing.py?",
            "neither a file nor a definition called `missing.py`",
        ),
        ("Where is Graph.missing defined?", "no definition of `Graph.missing`"),
        ("Which constants does web/draw.ts define?", "defines no constant"),
        ("Does draw.ts import json?", "imports nothing from `json`"),
        ("What is the value of draw?", "not set to a value"),
        ("Which classes inherit from Graph?", "no class in the source inherits"),
        ("Where is Path defined?", "graph/store.py:3 imports it from `pathlib`"),
    ],
)
def test_what_is_not_there_is_not_found(question: str, said: str) -> None:
    reply = ask(question)
    assert (reply.found, reply.supported) == (False, True)
    assert reply.text.startswith(("Not found: ", "No. Not found: "))
    assert said in reply.text


def test_every_candidate_is_listed() -> None:
    assert cited(ask("What is the value of LIMIT?")) == ["graph/store.py:7", "graph/limits.py:1"]
    reply = ask("What does limits.py import?")
    assert "graph/limits.py imports nothing." in reply.text
    assert "tests/limits.py:1 `from graph.store import Graph, load` -> graph/store.py" in reply.text


def test_many_candidates_are_counted() -> None:
    texts = {f"m{number:02}.py": "def go(): ...\n" for number in range(30)}
    reply = answer("Where is go defined?", SymbolIndex.build(texts), texts)
    assert "defined in 30 places" in reply.text
    assert reply.text.endswith("... and 10 more definitions")


def test_another_spelling_is_suggested_and_not_taken() -> None:
    reply = ask("Where is `graph` defined as a class?")
    assert not reply.supported
    reply = ask("What is the signature of grahp?")
    assert not reply.found
    assert "Suggestions only" in ask("Where is class `base` defined?").text
    assert cited(ask("Where is the class `base` defined?")) == []


def test_inherited_members_are_told_with_a_warning() -> None:
    for question in ("Where is Graph.close defined?", "Where is close defined in Graph?"):
        reply = ask(question)
        assert "graph/store.py:17" in reply.text
        assert any("does not define `close` itself" in each for each in reply.warnings)


def test_joined_names_are_answered_one_by_one() -> None:
    reply = ask("Where are `show` and `draw` and `Tree` defined?")
    assert reply.found
    assert cited(reply) == ["web/view.ts:3", "web/draw.ts:1"]
    assert "no definition of `Tree`" in reply.text


def test_long_values_are_shortened_with_a_note() -> None:
    texts = {"m.py": "TABLE = [\n" + "    1,\n" * 500 + "]\n"}
    reply = answer("What is the value of TABLE?", SymbolIndex.build(texts), texts)
    assert "[shortened: " in reply.text
    assert len(reply.text) < 2000


def test_broken_files_are_warned_of() -> None:
    texts = {"m.py": "def one(: pass\n\nLIMIT = 3\n"}
    reply = answer("What is LIMIT set to?", SymbolIndex.build(texts), texts)
    assert reply.found
    assert "syntax errors in m.py" in reply.warnings[0]


def test_other_questions_get_passages_and_the_truth() -> None:
    reply = ask("Why does a retry wait so long?")
    assert (reply.supported, reply.found, reply.kind) == (False, True, "passages")
    assert cited(reply)[0] == "notes.txt:1-2"
    assert "does not reason" in reply.text
    assert reply.text.count("--backend chat") == 1
    assert reply.warnings == ("passages only: nothing here answers the question itself",)


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("Wo ist Base definiert?", ["graph/store.py:14-18"]),
        ("How come Base and load differ from Mode?", ["graph/store.py:14-18", "web/view.ts:4"]),
        ("Which tests cover G?", ["m.py:1-2"]),
        ("Why does close matter to Graph.load in practice?", ["graph/store.py:27-34"]),
    ],
)
def test_a_name_in_the_question_comes_first_among_passages(
    question: str, places: list[str]
) -> None:
    texts = TEXTS | {"m.py": "class G:\n    pass\n"}
    reply = answer(question, SymbolIndex.build(texts), texts)
    assert (reply.supported, reply.kind) == (False, "passages")
    assert cited(reply)[: len(places)] == places
    for one, other in itertools.combinations(reply.citations, 2):
        same = one.location.path == other.location.path
        assert (
            not same
            or one.location.line_end < other.location.line_start
            or (other.location.line_end < one.location.line_start)
        )


def test_what_is_of_another_kind_than_asked_for_is_remarked_on() -> None:
    reply = ask("Where is the class show defined?")
    assert reply.warnings == ("`show` is no class: it is defined as function",)
    assert ask("Where is the function show defined?").warnings == ()
    assert ask("Where is the class Base defined?").warnings == ()


def test_a_package_by_its_name_is_listed_as_a_folder() -> None:
    for name in ("graph", "graph/"):
        reply = ask(f"What is in {name}?")
        assert "holds 3 files:\n- graph/__init__.py\n- graph/store.py\n" in reply.text
        assert cited(reply) == ["graph/__init__.py:1", "graph/store.py:1", "graph/limits.py:1"]
    texts = {"app/__init__.py": "NAME = 1\n", "app/a.py": "", "app/b/c.py": ""}
    reply = answer("what is in app", SymbolIndex.build(texts), texts)
    assert "- app/b/c.py\napp/__init__.py defines 1 constant:" in reply.text
    reply = answer("what is in app/__init__.py", SymbolIndex.build(texts), texts)
    assert "holds" not in reply.text
    reply = answer("what is in tree", SymbolIndex.build(texts, root_name="tree"), texts)
    assert "`tree` holds 3 files" in reply.text


def test_a_member_of_another_spelling_is_suggested() -> None:
    for question in ("What arguments does base.close take?", "signature of Bas.close"):
        reply = ask(question)
        assert not reply.found
        assert "Suggestions only" in reply.text
        assert "`Base.close` (graph/store.py:17)" in reply.text


def test_that_no_word_stands_in_the_source_is_said_only_where_it_is_so() -> None:
    assert "no word of this question stands" in ask("Why zqwx?").text
    for question in ("Why a?", "Why so many of the x?"):
        reply = ask(question)
        assert reply.text.startswith("Not found: no passage of the source fits this question.")


def test_words_that_stand_nowhere_are_not_found() -> None:
    for question in ("Why is the sky blue?", "?", "What is the weather?", "x" * 1000):
        reply = ask(question)
        assert (reply.supported, reply.found) == (False, False)
        assert reply.text.startswith("Not found: ")


@given(st.lists(st.sampled_from(WORDS)))
def test_no_question_breaks_it_and_each_place_exists(words: list[str]) -> None:
    reply = ask(" ".join(words))
    assert reply.text
    for path, line in re.findall(r"([\w/]+\.(?:py|ts|txt)):(\d+)", reply.text):
        assert 1 <= int(line) <= TEXTS[path].count("\n") + 1
