"""Questions about dependencies: every claim is an edge, cited with the line that proves it."""

from __future__ import annotations

from functools import partial

import pytest

from glyphagent.answer import verify
from glyphagent.dependencies import SymbolIndex
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.document import Document
from glyphagent.live_graph import LiveGraph
from glyphagent.symbolic import Reply, answer

TEXTS = {
    "shop/__init__.py": "",
    "shop/rates.py": (
        "RATE = 0.19\n\n\ndef rate():\n    return RATE\n\n\ndef spare():\n    rate()\n"
    ),
    "shop/prices.py": (
        "from shop.rates import rate as base\nfrom shop.missing import x\n\n\n"
        "def gross(net):\n    return net + base()\n"
    ),
    "shop/cart.py": (
        "from shop.prices import gross\n\n\nclass Cart:\n"
        "    def total(self):\n        from shop.stock import left\n        return gross(left())\n"
    ),
    "shop/stock.py": "from shop.cart import Cart\n\n\ndef left():\n    return Cart\n",
    "tests/test_cart.py": (
        "from shop.cart import Cart\n\n\ndef test_total():\n    Cart().total()\n    other.rate()\n"
    ),
}
SOURCE = {path: Document(path, text) for path, text in TEXTS.items()}


def ask(question: str, texts: dict[str, str] | None = None) -> Reply:
    chosen = TEXTS if texts is None else texts
    reply = answer(question, SymbolIndex.build(chosen, root_name="project"), chosen)
    source = {path: Document(path, text) for path, text in chosen.items()}
    assert reply.supported
    assert all(verify(each, source).verified for each in reply.citations)
    return reply


def cited(reply: Reply) -> list[str]:
    return [str(each.location) for each in reply.citations]


def test_the_reach_of_a_file_by_imports_nearest_first() -> None:
    reply = ask("What breaks if I change shop/rates.py?")
    assert cited(reply) == [
        "shop/prices.py:1",
        "shop/cart.py:1",
        "shop/stock.py:1",
        "tests/test_cart.py:1",
    ]
    assert "can reach 4 files, 1 of them directly; 1 test among them:" in reply.text
    assert "- shop/cart.py:1 `from shop.prices import gross` -> shop/prices.py (2 imports" in (
        reply.text
    )
    assert reply.warnings == (
        "imports that lead to no file of the source are left out: shop/prices.py:2 `shop.missing`",
    )


def test_the_reach_of_a_definition_by_proven_uses() -> None:
    reply = ask("What is affected by changing the function gross?")
    assert reply.found
    assert "`gross` (shop/prices.py:5) reaches" in reply.text
    assert set(cited(reply)) <= {"shop/cart.py:1", "shop/cart.py:7", "tests/test_cart.py:5"}
    assert "shop/cart.py:7" in cited(reply) or "shop/cart.py:1" in cited(reply)


def test_what_nothing_uses_is_said_to_reach_nothing() -> None:
    reply = ask("What breaks if I change tests/test_cart.py?")
    assert not reply.found
    assert "no file in the source imports tests/test_cart.py" in reply.text
    reply = ask("What is affected by changing the function spare?")
    assert not reply.found
    assert "no other file is known to use `spare`" in reply.text


def test_cycles_come_with_a_shortest_example() -> None:
    reply = ask("Is there an import cycle?")
    assert set(cited(reply)) == {"shop/cart.py:6", "shop/stock.py:1"}
    assert "-> shop/stock.py [when it runs]" in reply.text
    assert cited(ask("Is stock.py part of a cycle?")) == ["shop/stock.py:1", "shop/cart.py:6"]
    none = ask("Is rates.py part of a cycle?")
    assert not none.found
    assert "Not found: shop/rates.py is in no import cycle" in none.text
    calm = {"a.py": "import b\n", "b.py": ""}
    reply = ask("Are there circular imports?", calm)
    assert (reply.found, reply.text) == (
        False,
        "Not found: no import cycle among the 2 files that were analysed.",
    )


def test_a_path_is_a_chain_of_imports() -> None:
    reply = ask("How does tests/test_cart.py depend on rates.py?")
    assert cited(reply) == ["tests/test_cart.py:1", "shop/cart.py:1", "shop/prices.py:1"]
    assert "depends on shop/rates.py by 3 imports:" in reply.text
    assert ask("Does stock.py indirectly depend on rates.py?").text.startswith("Yes. ")
    back = ask("Is there a path from rates.py to prices.py?")
    assert not back.found
    assert "The other way round, shop/prices.py depends on shop/rates.py:" in back.text
    assert cited(back) == ["shop/prices.py:1"]
    same = ask("What is the path from gross to prices.py?")
    assert "are both in shop/prices.py" in same.text


def test_calls_are_those_the_graph_proves_then_those_told_by_name() -> None:
    reply = ask("Who calls rate?")
    proven, told, named = reply.text.partition("Told by name alone")
    assert "shop/prices.py:6 in `gross`: `return net + base()`" in proven
    assert "shop/rates.py:9 in `spare`" in proven
    assert told
    assert "tests/test_cart.py:6" in named
    assert cited(reply) == ["shop/prices.py:6", "shop/rates.py:9", "tests/test_cart.py:6"]


@pytest.mark.parametrize(
    "question",
    [
        "What breaks if I change nothing.py?",
        "Is nothing.py part of a cycle?",
        "How does cart.py depend on nothing.py?",
        "How does nothing.py depend on cart.py?",
    ],
)
def test_an_unknown_file_is_not_found(question: str) -> None:
    reply = ask(question)
    assert not reply.found
    assert "`nothing.py` is not in the source" in reply.text


def test_nothing_is_analysed_for_questions_that_need_no_graph() -> None:
    def fail() -> None:
        raise AssertionError("the graph was asked for")

    index = SymbolIndex.build(TEXTS, root_name="project")
    assert answer("Where is gross defined?", index, TEXTS, fail).found  # type: ignore[arg-type]


def test_files_that_were_not_analysed_are_told_of() -> None:
    known = LiveGraph().of(TEXTS)
    partly = DependencyGraph({}, {}, skipped=[("shop/cart.py", "not analysed: it crashed")])
    index = SymbolIndex.build(TEXTS, root_name="project")
    for graph, warned in ((known, False), (partly, True)):
        reply = answer("Are there circular imports?", index, TEXTS, partial(_given, graph))
        told = "not analysed, so edges are missing: shop/cart.py"
        assert (told in reply.warnings) is warned


def _given(graph: DependencyGraph) -> DependencyGraph:
    return graph
