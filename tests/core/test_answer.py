from __future__ import annotations

import pytest

from glyphagent.answer import Citation, verify
from glyphagent.document import Document, Location

DOCUMENTS = {
    document.path: document
    for document in (
        Document("pkg/a.py", "import os\n\ndef greet(name):\n    return f'hello {name}'\n"),
        Document("pkg/b.py", "LIMIT = 3\nlimit = LIMIT\n\ndef unique_thing():\n    pass"),
        Document("other/b.py", "LIMIT = 3\n"),
        Document("win.txt", "one\r\ntwo\r\nthree\r\n"),
        Document("my docs/read me.md", "# Title\nwords\n"),
        Document("app/[id]/page (1).tsx", "export default 1\n"),
        Document("日本.py", "x = 1\n"),
        Document("Makefile", "all:\n\techo x\n"),
    )
}


def cite(path: str, first: int, last: int, quote: str = "") -> Citation:
    return verify(Citation(Location(path, first, last), quote=quote), DOCUMENTS)


@pytest.mark.parametrize(
    ("first", "last", "quote"),
    [
        (3, 3, "def greet(name):"),
        (3, 4, "def greet(name):\n    return f'hello {name}'"),
        (3, 3, "   def greet(name):  \n"),
        (4, 4, "hello {name}"),
        (1, 4, ""),
    ],
)
def test_what_stands_in_the_lines_is_verified(first: int, last: int, quote: str) -> None:
    citation = cite("pkg/a.py", first, last, quote)
    assert citation.verified
    assert citation.source_text == ""


@pytest.mark.parametrize(
    ("first", "last", "quote", "source"),
    [
        (3, 3, "def greet(nome):", "def greet(name):\n"),
        (1, 1, "def greet(name):", "import os\n"),
        (4, 4, "return f'hello {Name}'", "    return f'hello {name}'\n"),
    ],
)
def test_what_does_not_is_not_and_the_source_is_shown(
    first: int, last: int, quote: str, source: str
) -> None:
    citation = cite("pkg/a.py", first, last, quote)
    assert not citation.verified
    assert citation.source_text == source


@pytest.mark.parametrize("lines", [(0, 1), (-3, 2), (5, 5), (1, 5), (4, 3), (10**9, 10**9)])
def test_lines_that_do_not_exist_are_never_verified(lines: tuple[int, int]) -> None:
    assert not cite("pkg/a.py", *lines).verified


def test_an_unknown_document_is_never_verified() -> None:
    assert not cite("pkg/c.py", 1, 1).verified


def test_line_ends_are_compared_as_such() -> None:
    assert cite("win.txt", 1, 2, "one\ntwo").verified
    assert cite("win.txt", 1, 2, "one\r\ntwo\r\n").verified
    assert not cite("win.txt", 1, 2, "one two").verified
