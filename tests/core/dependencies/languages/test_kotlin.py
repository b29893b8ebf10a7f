"""Kotlin in the dependency graph: imports, packages, Java beside it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.languages.kotlin import LANGUAGE

MAIN = "src/Cart.kt"
FILES = {
    "src/Cart.kt": """package acme.shop
import acme.core.Money
import acme.util.*
import acme.core.format as fmt
import acme.old.Legacy
import kotlin.math.max
import acme.core.Gone
class Cart<T>(val items: List<Item>, var n: Int = limit()) : Base<Item>(n) {
  companion object {
    const val MAX = 3
    fun of(): Cart = Cart()
  }
  fun total(o: Order): Money {
    val x = sum(o.lines)
    val limit = 3
    limit.x
    fmt(x)
    Legacy.make()
    return acme.core.Money(x).plus(MAX)
  }
  enum class Kind { A, B }
}
fun Item.ext(a: Int) = acme.core.Tax.of(a)
""",
    "src/Item.kt": """package acme.shop
open class Base<T>(n: Int)
class Item
fun limit() = 3
""",
    "src/core/Money.kt": """package acme.core
class Money(val x: Int)
fun format(x: Int) = x
""",
    "src/core/Tax.kt": """package acme.core
object Tax { fun of(a: Int) = a }
""",
    "src/util/u.kt": """package acme.util
fun sum(x: Any) = 1
fun other() = 2
""",
    "src/util/v.kt": """package acme.util
fun unused(x: Any) = 1
""",
    "src/java/acme/old/Legacy.java": """package acme.old;
public class Legacy {
public static int make() {
return 1;
} }
""",
}
EDGES = {
    ("src/Cart.kt", "src/Item.kt", 8, "exact"),
    ("src/Cart.kt", "src/core/Money.kt", 2, "exact"),
    ("src/Cart.kt", "src/core/Money.kt", 4, "exact"),
    ("src/Cart.kt", "src/core/Tax.kt", 23, "exact"),
    ("src/Cart.kt", "src/java/acme/old/Legacy.java", 5, "exact"),
    ("src/Cart.kt", "src/util/u.kt", 14, "exact"),
}
USER = "src/Cart.kt"
SYMBOLS = {
    ("src/Item.kt", 8, "call", "limit"),
    ("src/Item.kt", 8, "inherit", "Base"),
    ("src/Item.kt", 8, "reference", "Item"),
    ("src/Item.kt", 23, "reference", "Item"),
    ("src/core/Money.kt", 13, "reference", "Money"),
    ("src/core/Money.kt", 17, "call", "format"),
    ("src/core/Money.kt", 19, "call", "Money"),
    ("src/core/Tax.kt", 23, "call", "Tax.of"),
    ("src/java/acme/old/Legacy.java", 18, "call", "Legacy.make"),
    ("src/util/u.kt", 14, "call", "sum"),
}
UNRESOLVED = {
    (6, "kotlin.math.max", "external"),
    (7, "acme.core.Gone", "missing"),
}
DECLARED = {"Cart": "class", "Cart.total": "method", "Cart.MAX": "field", "ext": "function"}
DEEP = [
    "val x = " + "(" * 3000 + "1",
    "val x = a" + ".b()" * 3000,
    "class A { " * 800,
]


def graph_of(files: dict[str, str]) -> DependencyGraph:
    return DependencyAnalyzer(files, workers=0).graph


def edges(graph: DependencyGraph) -> set[tuple[str, str, int, str]]:
    """File edges as source, target, line and confidence."""
    return {(e.source, e.target, e.line, e.confidence) for e in graph.edges}


def symbols(graph: DependencyGraph) -> set[tuple[str, int, str, str]]:
    """Symbol edges out of one file: target, line, kind and qualified name."""
    found = graph.symbol_edges_from(USER)
    return {(e.target, e.line, e.kind, e.target_symbol) for e in found}


def test_file_edges_are_those_of_the_table() -> None:
    graph = graph_of(FILES)
    assert edges(graph) == EDGES
    assert graph.skipped == ()


def test_symbol_edges_are_those_of_the_table() -> None:
    assert symbols(graph_of(FILES)) == SYMBOLS


def test_what_leads_nowhere_says_why() -> None:
    found = {(each.line, each.name, each.reason) for each in graph_of(FILES).unresolved_in(MAIN)}
    assert found == UNRESOLVED


def test_what_is_declared_is_in_the_graph() -> None:
    names = {each.qualified_name: each.kind for each in graph_of(FILES).declarations(MAIN)}
    assert names.items() >= DECLARED.items()


@pytest.mark.parametrize("path", sorted(FILES))
def test_an_update_equals_a_fresh_analysis(path: str) -> None:
    analyzer = DependencyAnalyzer(FILES, workers=0)
    rest = {each: text for each, text in FILES.items() if each != path}
    for change, state in (({path: None}, rest), ({path: FILES[path]}, FILES)):
        analyzer.update(change)
        fresh = graph_of(state)
        assert analyzer.graph.edges == fresh.edges
        assert analyzer.graph.symbol_edges == fresh.symbol_edges
        assert analyzer.graph.unresolved == fresh.unresolved


def test_file_edges_need_no_symbols() -> None:
    plain = DependencyAnalyzer(FILES, workers=0, symbols=False).graph
    assert plain.edges == graph_of(FILES).edges
    assert plain.symbol_edges == ()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_broken_text_never_stops_the_analysis(data: st.DataObject) -> None:
    text = FILES[MAIN]
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, len(text)))
    junk = data.draw(st.sampled_from(["", "{", "}}", "(", "\x00", '"', "é", ".", "class", "<"]))
    broken = text[:start] + junk + text[stop:]
    assert LANGUAGE.collect(MAIN, broken).path == MAIN
    assert graph_of({**FILES, MAIN: broken}).skipped == ()


def test_deep_nesting_is_read() -> None:
    for text in DEEP:
        assert LANGUAGE.collect(MAIN, text).path == MAIN
