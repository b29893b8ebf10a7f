"""Many ways to ask the same thing come out as the same request."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.symbolic.wording import Request, understand

PHRASINGS = Path(__file__).with_name("phrasings.txt")


def _phrasings() -> dict[tuple[str, ...], list[str]]:
    """Questions of each section: (kind, subject, what narrows it), or ("reasoning",)."""
    found: dict[tuple[str, ...], list[str]] = {}
    key: tuple[str, ...] = ()
    for line in PHRASINGS.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            key = tuple(part.strip() for part in line[1:-1].split("|"))
            found[key] = []
        elif line and not line.startswith("#"):
            found[key].append(line)
    return found


SAME = _phrasings()
REASONING = SAME.pop(("reasoning",))


@pytest.mark.parametrize(
    ("expected", "question"),
    [(key, line) for key, lines in SAME.items() for line in lines],
)
def test_every_phrasing_is_understood(expected: tuple[str, ...], question: str) -> None:
    requests = understand(question)
    assert [(each.kind, each.subject, each.within) for each in requests] == [expected]


@pytest.mark.parametrize("question", REASONING)
def test_questions_that_need_reasoning_are_declined(question: str) -> None:
    assert understand(question) == ()


def test_the_words_around_a_name_are_kept() -> None:
    assert understand("Which methods does class Graph have?") == (
        Request("outline", "Graph", hint="class", members=("method",)),
    )
    assert understand("list the functions and constants in a/b.py")[0].members == (
        "function",
        "constant",
    )
    assert understand("Which third-party modules does a.py import?")[0].detail == "external"
    assert understand("Who calls `f`?")[0].detail == "call"
    assert understand("Does a.py import os.path?") == (
        Request("imports", "a.py", detail="ask", object="os.path"),
    )


def test_words_of_the_sentences_are_names_only_where_the_source_has_them() -> None:
    assert understand("Where is call defined?") == ()
    assert [e.subject for e in understand("Where is call defined?", {"call"}.__contains__)] == [
        "call"
    ]
    assert [e.subject for e in understand("Where is `call` defined?")] == ["call"]


def test_names_joined_by_and_are_asked_for_one_by_one() -> None:
    found = understand("Where are `load` and `save` defined?")
    assert [each.subject for each in found] == ["load", "save"]
    found = understand("What are the values of MAX_NODES, MAX_EDGES and MAX_DEPTH?")
    assert [each.subject for each in found] == ["MAX_NODES", "MAX_EDGES", "MAX_DEPTH"]


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("Where is `def load(self, path)` defined?", "load"),
        ("where is 'class Graph' defined", "Graph"),
        ("What does “load_graph” do?", "load_graph"),
        ("Where is __init__ defined?", "__init__"),
        ("What is the signature of load_graph(path, limit=3)?", "load_graph"),
        ("Where is @cached defined?", "cached"),
        ("What does `import` do?", "import"),
        ("What does ./src/graph.py import?", "./src/graph.py"),
        ("where is $store defined", "$store"),
        ("What is in __init__.py?", "__init__.py"),
        ("Where is the class `Graph<T>` defined?", "Graph<T"),
    ],
)
def test_names_lose_the_marks_around_them(question: str, subject: str) -> None:
    assert [each.subject for each in understand(question)] == [subject]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("where is the what does of in `a.py'?,() "), max_size=400))
def test_any_text_is_understood_or_declined_quickly(question: str) -> None:
    start = time.process_time()
    found = understand(question)
    assert time.process_time() - start < 2
    assert all(each.subject for each in found)
