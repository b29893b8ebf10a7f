from __future__ import annotations

from dataclasses import replace

from glyphagent.dependencies.edges import Edge, condition_of, reservations

PLAIN = Edge("a.py", "b.py", 1, 1, "import", "b")


def test_what_is_to_be_said_of_an_edge() -> None:
    assert reservations(PLAIN) == ()
    assert reservations(replace(PLAIN, condition="typing")) == ("for types only",)
    doubtful = replace(PLAIN, condition="lazy", confidence="inferred")
    assert reservations(doubtful) == ("when it runs", "inferred")


def test_a_build_says_its_condition_itself() -> None:
    assert condition_of(replace(PLAIN, condition="defined(_WIN32)")) == "defined(_WIN32)"
