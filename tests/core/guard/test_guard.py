"""What becomes of an answer in a model's words: kept, corrected or marked."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphagent.document import Document
from glyphagent.guard import Guard

PRICES = """\
\"\"\"Prices and taxes.\"\"\"

RATE = 0.19
CODE = "QX81-77f3"
BUILD = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"


def gross(net: float, rate: float = RATE) -> float:
    \"\"\"Add the tax to a price.\"\"\"
    return net * (1 + rate)


def net_of(
    total: float,
    rate: float = RATE,
) -> float:
    return total / (1 + rate)
"""
CART = """\
from shop.prices import gross


class Cart:
    RETRIES = 3

    def total(self) -> float:
        return gross(sum(self.items))


class Basket(Cart):
    pass
"""
DOCUMENTS = {
    document.path: document
    for document in (
        Document("shop/prices.py", PRICES),
        Document("shop/cart.py", CART),
        Document("pkg/a.py", "import os\n\ndef greet(name):\n    return f'hello {name}'\n"),
        Document("pkg/b.py", "LIMIT = 3\nlimit = LIMIT\n\ndef unique_thing():\n    pass"),
        Document("other/b.py", "LIMIT = 3\n"),
        Document("win.txt", "one\r\ntwo\r\nthree\r\n"),
        Document("my docs/read me.md", "# Title\nwords\n"),
        Document("app/[id]/page (1).tsx", "export default 1\n"),
        Document("日本.py", "x = 1\n"),
        Document("Makefile", "all:\n\techo x\n"),
        Document("web/view.js", "export function drawAll(ctx, maxSize) {\n  ctx.fill();\n}\n"),
    )
}
GUARD = Guard(DOCUMENTS, "project")


def told(text: str, question: str = "") -> str:
    return GUARD.check(text, question).text


def places(text: str) -> list[str]:
    return [str(citation.location) for citation in GUARD.check(text).citations]


@pytest.mark.parametrize(
    "text",
    [
        "The value of `RATE` is 0.19 (shop/prices.py:3).",
        "`gross` is defined at shop/prices.py:8: `def gross(net: float, rate: float = RATE)`",
        "`gross(net, rate=RATE)` is defined at shop/prices.py:8.",
        "`Cart.total` (shop/cart.py:7) calls `gross`, see shop/cart.py:8.",
        "shop/cart.py:7-8 - `total` is a method of the class `Cart`.",
        "`net_of(total, rate)` stands at shop/prices.py:13-16 as "
        "`def net_of(total: float, rate: float = RATE) -> float`.",
        "`gross` is defined on line 8 of `shop/prices.py`.",
        "1. `RATE` (shop/prices.py:3)\n2. `CODE` (shop/prices.py:4), one of 3 constants",
        'The docstring says "Add the tax to a price." (shop/prices.py:9).',
        "In shop/cart.py:7-8:\n```python\ndef total(self) -> float:\n"
        "    return gross(sum(self.items))\n```",
        "`Cart` has `RETRIES = 3` (shop/cart.py:5); that is plain Python, e.g. for JavaScript "
        "users a static field, and/or a UTF-8 constant.",
        "`drawAll` takes `ctx` and `maxSize` (web/view.js:1).",
        "`shop/cart.py` imports `gross` from `shop.prices` (shop/cart.py:1).",
        "It returns `None` or a `float`; nothing else is known. Call it 2 times.",
        "`class Basket(...)` inherits from `Cart` (shop/cart.py:11).",
        "",
    ],
)
def test_what_is_right_stays_as_it_is(text: str) -> None:
    checked = GUARD.check(text)
    assert checked.text == text
    assert checked.warnings == ()
    assert all(claim.status == "confirmed" for claim in checked.claims)


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        (
            "The value of `RATE` is 0.17 (shop/prices.py:3).",
            "The value of `RATE` is 0.19 [corrected from `0.17`] (shop/prices.py:3).",
        ),
        (
            "`gr0ss` is defined at shop/prices.py:8.",
            "`gross` [corrected from `gr0ss`] is defined at shop/prices.py:8.",
        ),
        (
            "`BUILD` is 9f86d081884c7d659a2feaa0c55ad015a3bf4f1d (shop/prices.py:5).",
            "`BUILD` is 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b [corrected from "
            "`9f86d081884c7d659a2feaa0c55ad015a3bf4f1d`] (shop/prices.py:5).",
        ),
        (
            'It says "Add the tox to a price." (shop/prices.py:9).',
            'It says "Add the tax to a price." [corrected from `Add the tox to a price.`] '
            "(shop/prices.py:9).",
        ),
        (
            "`gross` is defined at shop/cart.py:8.",
            "`gross` is defined at shop/prices.py:8 [corrected from `shop/cart.py:8`].",
        ),
        (
            "See `CODE` in `shop/prces.py:4`.",
            "See `CODE` in `shop/prices.py:4` [corrected from `shop/prces.py:4`].",
        ),
        (
            "`return net * (1 + rate)` stands at shop/prices.py:8.",
            "`return net * (1 + rate)` stands at shop/prices.py:10 "
            "[corrected from `shop/prices.py:8`].",
        ),
        (
            "`def gross(net: fl0at, rate: float = RATE) -> float` (shop/prices.py:8)",
            "`def gross(net: float, rate: float = RATE) -> float` [corrected from "
            "`def gross(net: fl0at, rate: float = RATE) -> float`] (shop/prices.py:8)",
        ),
        (
            "In shop/cart.py:7-8:\n```\ndef total(self) -> float:\n"
            "    return gross(sum(self.itens))\n```\n",
            "In shop/cart.py:7-8:\n```\ndef total(self) -> float:\n"
            "    return gross(sum(self.items))\n```\n[corrected from "
            "`def total(self) -> float: return gross(sum(self.itens))`]\n",
        ),
    ],
)
def test_a_near_miss_of_the_one_thing_there_is_corrected_and_says_so(
    text: str, becomes: str
) -> None:
    checked = GUARD.check(text)
    assert checked.text == becomes
    assert [claim.status for claim in checked.claims].count("corrected") == 1
    assert len(checked.warnings) == 1
    assert all(citation.verified for citation in checked.citations)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("`Cart.total` calls `frobnicate_all` (shop/cart.py:7).", "`frobnicate_all` [unverified"),
        ("It calls flush_buffer() there.", "flush_buffer() [unverified: not in the source]"),
        ("`RATE` is 5000 (shop/prices.py:3).", "5000 [unverified: not in the source]"),
        ("It is set at shop/prices.py:5000.", "5000 [unverified: the document has 17 lines]"),
        ("It is at shop/prices.py:9-3.", "[unverified: its lines end before they begin]"),
        ("`LIMIT` is at b.py:900.", "[unverified: several documents are so named]"),
        ("see src/zz.py:12-14.", "src/zz.py:12-14 [unverified: no document is so named]"),
        ("It is in `src/engine/zz.py`.", "[unverified: no document is so named]"),
        ("`gross` (shop/prices.py:8) handles `RETRIES`.", "`RETRIES` [unverified"),
        ("`LIMIT` is set at pkg/a.py:1", "[unverified"),
        ("The function `rate` is defined at shop/prices.py:8.", "no function of this name"),
        ("It says `value = compute(net)` (shop/prices.py:8).", "[unverified: not in the source]"),
        ("All retries are handled with care at shop/prices.py:5.", "nothing is named or quoted"),
        ("Release 4.7.1 is out, https://example.org/x/y", "4.7.1 [unverified"),
    ],
)
def test_what_the_source_does_not_confirm_is_marked(text: str, note: str) -> None:
    checked = GUARD.check(text)
    assert note in checked.text
    assert checked.warnings
    assert any(claim.status == "unverified" for claim in checked.claims)


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("`gross` (shop/prices.py:8) works for e.g. `some_goods`.", "some_goods"),
    ],
)
def test_what_nothing_speaks_for_or_against_is_listed_as_unchecked(text: str, listed: str) -> None:
    checked = GUARD.check(text)
    assert checked.text == text
    assert [claim.text for claim in checked.claims if claim.status == "unchecked"] == [listed]
    (warning,) = checked.warnings
    assert warning.startswith("not checked")
    assert f"`{listed}`" in warning


def test_a_citation_that_is_in_doubt_is_not_verified() -> None:
    (citation,) = GUARD.check("`LIMIT` is set at pkg/a.py:1").citations
    assert not citation.verified
    assert citation.source_text == "import os\n"
    (citation,) = GUARD.check("pkg/a.py:400").citations
    assert not citation.verified


def test_a_bare_place_is_held_against_the_question() -> None:
    question = "Where is gross defined?"
    assert told("shop/prices.py:8", question) == "shop/prices.py:8"
    assert told("shop/prices.py:10", question).startswith("shop/prices.py:8 [corrected")


def test_what_is_said_not_to_be_there_needs_no_place() -> None:
    text = "There is no `frobnicate_all` in the source."
    assert told(text, "Where is frobnicate_all defined?") == text
    assert "[unverified" in told("`frobnicate_all` is there.", "Where is frobnicate_all?")


def test_values_of_another_name_on_the_lines_are_not_taken() -> None:
    assert "[unverified" in told('`RATE` is "QX81-77f3" (shop/prices.py:3).')
    text = "In shop/prices.py:3-5 `RATE` is set to 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b."
    assert "[unverified" in told(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("`greet` is at pkg/a.py:3.", ["pkg/a.py:3"]),
        ("See `greet` in `pkg/a.py:3-4`.", ["pkg/a.py:3-4"]),
        ("`greet` (pkg/a.py:3\u20134)", ["pkg/a.py:3-4"]),
        ("`greet` at pkg/a.py#L3-L4", ["pkg/a.py:3-4"]),
        ("`greet` at pkg/a.py:L3", ["pkg/a.py:3"]),
        ("`greet` is in pkg/a.py, lines 3 to 4", ["pkg/a.py:3-4"]),
        ("[`greet` pkg/a.py:3](x) and pkg/a.py:3-4", ["pkg/a.py:3", "pkg/a.py:3-4"]),
        ("`name` in ./pkg/a.py:3, a.py:4", ["pkg/a.py:3", "pkg/a.py:4"]),
        ("`greet` pkg/a.py:3 and pkg/a.py:3", ["pkg/a.py:3"]),
        ("**`echo` Makefile:2**", ["Makefile:2"]),
        ("`words` in my docs/read me.md:2", ["my docs/read me.md:2"]),
        ("`default` app/[id]/page (1).tsx:1", ["app/[id]/page (1).tsx:1"]),
        ("`x = 1` 日本.py:1", ["日本.py:1"]),
        ("at 12:30 on port localhost:8080 x[1:2]", []),
        ("It calls `unique_thing`.", ["pkg/b.py:4"]),
        ("It uses `LIMIT`.", []),
        ("", []),
    ],
)
def test_places_are_found_in_an_answer(text: str, found: list[str]) -> None:
    assert places(text) == found


def test_a_quote_belongs_to_the_citation_of_its_line() -> None:
    text = "`def greet(name):` at pkg/a.py:3\nand `limit = LIMIT` at pkg/b.py:2"
    checked = GUARD.check(text)
    assert [(str(c.location), c.quote, c.verified) for c in checked.citations] == [
        ("pkg/a.py:3", "def greet(name):", True),
        ("pkg/b.py:2", "limit = LIMIT", True),
    ]
    assert checked.text == text


def test_swapped_citations_are_seen() -> None:
    text = "`def greet(name):` at pkg/a.py:1\nand `import os` at pkg/a.py:3"
    assert told(text).count("[corrected from") == 2


def test_a_quote_over_windows_line_ends_is_found() -> None:
    checked = GUARD.check("win.txt:2-3\n```\ntwo\nthree\n```")
    assert [(str(c.location), c.verified) for c in checked.citations] == [("win.txt:2-3", True)]
    assert checked.warnings == ()


@pytest.mark.parametrize(
    "text",
    [
        "a " * 100_000,
        "a/b." * 50_000 + ":",
        "pkg/a.py:" + "9" * 100_000,
        "`" * 100_000,
        "```\n" * 10_000,
        ":1 " * 5_000,
        "`x` pkg/a.py:1 " * 500,
        '"' * 10_000,
        "(" * 50_000 + "1",
        "\0\ud800:3",
    ],
)
def test_no_answer_takes_long_or_raises(text: str) -> None:
    begun = time.perf_counter()
    GUARD.check(text)
    assert time.perf_counter() - begun < 20


@given(st.text(alphabet="ab`\"'.:/_-123\n ()=*#[]|", max_size=200))
def test_any_answer_keeps_its_words(text: str) -> None:
    checked = GUARD.check(text)
    if not checked.warnings:
        assert checked.text == text
    assert len(checked.text) >= 0


def test_four_megabytes_are_indexed_and_answers_checked_quickly() -> None:
    text = PRICES.replace("gross", "gross_{n}").replace("RATE", "RATE_{n}")
    documents = {
        f"part/file_{n}.py": Document(f"part/file_{n}.py", text.replace("{n}", str(n)) * 12)
        for n in range(1000)
    }
    assert sum(len(document.text) for document in documents.values()) > 3_500_000
    guard = Guard(documents)
    answer = "`grass_17` is defined at part/file_17.py:8; see `nothing_like_it` too."
    begun = time.perf_counter()
    first = guard.check(answer)
    indexed = time.perf_counter() - begun
    begun = time.perf_counter()
    again = guard.check(answer.replace("17", "18"))
    checked = time.perf_counter() - begun
    assert "gross_17" in first.text
    assert "gross_18" in again.text
    print(f"indexed in {indexed:.2f} s, checked in {checked * 1000:.0f} ms")
    assert indexed < 8
    assert checked < 1
