"""Spellings of TypeScript that the grammar cannot read by itself."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.dependencies.languages.scripts import LANGUAGE
from glyphagent.dependencies.languages.scripts.mending import parsed

OVERLOADS = """
export const first: {
  /** With `quotes'. */
  <A>(a: A): (b: A) => Box<
    A,
    A
  >
  // Another.
  <A>(a: A, b: A): Box<A>
  (a: string): string
} = build(2)
export const second: () => void = first
"""


@pytest.mark.parametrize(
    "text",
    [
        OVERLOADS,
        "interface A {\n  (a: A): B\n  <T>(a: T): B[]\n  (): 'x'\n}\n",
        "type A = {\n  (a: A): B\n  (a: B): A\n} & {\n  x: string\n  in: string\n  in?: B\n}\n",
        "interface A<in I, out O,\n  in out X\n> { a: I }\n",
        "class Box<out T extends X = Y> { a: T }\n",
        "type A<B extends string> = `\\`${B}\\` is`\n",
        "type A<T> = T extends {\n  (a: A): B\n  (...a: X): infer\n    C\n} ? C : never\n",
    ],
)
def test_what_the_language_allows_is_read_without_errors(text: str) -> None:
    tree = parsed("a.ts", text, "typescript")
    assert not tree.root.has_error
    assert len(tree.data) == len(text.encode())
    assert tree.data.count(b"\n") == text.count("\n")


def test_declarations_keep_their_places() -> None:
    facts = LANGUAGE.collect("a.ts", OVERLOADS)
    assert not facts.has_errors
    places = {each.name: (each.line, each.column) for each in facts.interface.declarations}
    assert places == {"first": (2, 14), "second": (12, 14)}


@pytest.mark.parametrize(
    "text",
    [
        "const a = {\n  b: c\n  (d),\n}\n",
        "function f() {\n  const a = b\n  (c)\n}\n",
        "for (const a\n  in b) {}\nx(a in b, c)\n",
    ],
)
def test_what_the_grammar_reads_stays_as_it_is(text: str) -> None:
    assert parsed("a.ts", text, "typescript").data == text.encode()


def test_what_does_not_help_is_not_kept() -> None:
    text = "type A = {\n  a: B\n  (\n"
    tree = parsed("a.ts", text, "typescript")
    assert tree.root.has_error
    assert parsed("a.js", text, "javascript").data == text.encode()


PIECES = [
    "{",
    "}",
    "(",
    ")",
    "<",
    ">",
    "\n  ",
    "in ",
    "out ",
    "A",
    ": ",
    "=",
    "`",
    "\\`",
    "'",
    "/*",
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_text_keeps_its_length_and_lines(text: str) -> None:
    tree = parsed("a.ts", text, "typescript")
    assert len(tree.data) == len(text.encode())
    assert [len(line) for line in tree.data.split(b"\n")] == [
        len(line.encode()) for line in text.split("\n")
    ]
    LANGUAGE.collect("a.ts", text)
