from __future__ import annotations

import time

import pytest

from glyphagent.answer import Citation, cited, verify
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


def places(text: str) -> list[str]:
    citations, _ = cited(text, DOCUMENTS)
    return [str(citation.location) for citation in citations]


def warnings(text: str) -> tuple[str, ...]:
    return cited(text, DOCUMENTS)[1]


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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It is at pkg/a.py:3.", ["pkg/a.py:3"]),
        ("See `pkg/a.py:3-4`.", ["pkg/a.py:3-4"]),
        ("(pkg/a.py:3\u20134)", ["pkg/a.py:3-4"]),
        ("[pkg/a.py: 3](x) then pkg/a.py:1 - 2", ["pkg/a.py:1-2"]),
        ("./pkg/a.py:3, a.py:4", ["pkg/a.py:3", "pkg/a.py:4"]),
        ("pkg/a.py:3 and pkg/a.py:3", ["pkg/a.py:3"]),
        ("**Makefile:1**", ["Makefile:1"]),
        ("in my docs/read me.md:2", ["my docs/read me.md:2"]),
        ("app/[id]/page (1).tsx:1", ["app/[id]/page (1).tsx:1"]),
        ("日本.py:1", ["日本.py:1"]),
        ("at 12:30 on port localhost:8080 x[1:2]", []),
        ("notpkg/a.py:3 and xMakefile:1", []),
        ("", []),
    ],
)
def test_places_are_found_in_an_answer(text: str, found: list[str]) -> None:
    assert places(text) == found


def test_a_name_that_two_documents_bear_is_flagged() -> None:
    assert places("b.py:1") == []
    assert warnings("b.py:1") == ("the answer cites b.py:1: several documents so named",)


def test_a_name_that_no_document_bears_is_flagged() -> None:
    assert warnings("see src/zz.py:12-14.") == (
        "the answer cites src/zz.py:12-14: no document so named",
    )
    assert warnings("http://example.org:80 and 10:30") == ()


def test_lines_beyond_the_end_are_not_verified() -> None:
    citations, _ = cited("pkg/a.py:400", DOCUMENTS)
    assert [citation.verified for citation in citations] == [False]


def test_a_quote_belongs_to_the_citation_of_its_line() -> None:
    text = "`def greet(name):` at pkg/a.py:3\nand `limit = LIMIT` at pkg/b.py:2"
    citations, notes = cited(text, DOCUMENTS)
    assert [(str(c.location), c.quote, c.verified) for c in citations] == [
        ("pkg/a.py:3", "def greet(name):", True),
        ("pkg/b.py:2", "limit = LIMIT", True),
    ]
    assert notes == ()


def test_a_quote_from_elsewhere_is_pointed_to_where_it_stands() -> None:
    citations, notes = cited("`def unique_thing():` is at pkg/a.py:1", DOCUMENTS)
    assert [(str(c.location), c.quote) for c in citations] == [
        ("pkg/a.py:1", ""),
        ("pkg/b.py:4", "def unique_thing():"),
    ]
    assert citations[1].verified
    assert notes == ("`def unique_thing():` is not in the cited lines but at pkg/b.py:4",)


def test_a_quote_without_a_place_gets_one_where_there_is_only_one() -> None:
    assert places("It calls `unique_thing`.") == ["pkg/b.py:4"]
    assert places("It uses `LIMIT`.") == []


def test_a_quote_from_several_other_places_is_flagged() -> None:
    assert warnings("`LIMIT` is set at pkg/a.py:1") == (
        "`LIMIT` is not in the cited lines but in several other places",
    )


def test_a_quote_that_stands_nowhere_is_flagged() -> None:
    assert warnings("`def greeet(name):` pkg/a.py:3") == (
        "`def greeet(name):` is nowhere in the source",
    )


def test_names_and_short_code_in_backticks_are_no_quotes() -> None:
    assert warnings("`pkg/a.py:3`, `a.py`, `zz.py:9`, `ok`") == (
        "the answer cites zz.py:9: no document so named",
    )


def test_a_block_of_code_is_one_quote() -> None:
    text = "At pkg/a.py:3-4:\n```python\ndef greet(name):\n    return f'hello {name}'\n```\nDone."
    (citation,), notes = cited(text, DOCUMENTS)
    assert citation.verified
    assert citation.quote.endswith("'hello {name}'")
    assert notes == ()


def test_a_quote_over_windows_line_ends_is_found() -> None:
    citations, notes = cited("```\ntwo\nthree\n```", DOCUMENTS)
    assert [(str(c.location), c.verified) for c in citations] == [("win.txt:2-3", True)]
    assert notes == ()


@pytest.mark.parametrize(
    "text",
    [
        "a " * 100_000,
        "a/b." * 50_000 + ":",
        "pkg/a.py:" + "9" * 100_000,
        "`" * 100_000,
        "```\n" * 10_000,
        ":1 " * 5_000,
        "\0\ud800:3",
    ],
)
def test_no_answer_takes_long_or_raises(text: str) -> None:
    begun = time.perf_counter()
    cited(text, DOCUMENTS)
    assert time.perf_counter() - begun < 20
