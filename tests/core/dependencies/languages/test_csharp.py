"""C# in the dependency graph: types by namespace, usings, partial types."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.languages.csharp import LANGUAGE

MAIN = "src/App/Cart.cs"
FILES = {
    "src/App/App.csproj": "<Project/>",
    "src/App/Usings.cs": """global using System.Linq;
global using Acme.Core;
""",
    "src/App/Cart.cs": """using static Acme.Math.Helper;
using J = Acme.Json.Reader;
using Missing.Space;
namespace Acme.Shop;
public partial class Cart : Base<Item> {
  Money total = new Money(1);
  void F() { var r = J.Open(); Helper.Sum(1); Acme.Core.Tax.Of(2); Kind k = Kind.A; Sum(3); }
  enum Kind { A }
}
""",
    "src/App/Cart.Part.cs": "namespace Acme.Shop { partial class Cart { Item item; } }",
    "src/App/Item.cs": """namespace Acme.Shop {
public class Item {
Cart cart;
public class Inner {} } class Base<T> {} }
""",
    "src/Core/Money.cs": "namespace Acme.Core { public struct Money { public Money(int x) {} } }",
    "src/Core/Tax.cs": """namespace Acme.Core {
public static class Tax {
public static int Of(int x) {
return x;
} } }
""",
    "src/Core/Unused.cs": "namespace Acme.Core { class Unused {} }",
    "src/Math/Helper.cs": """namespace Acme.Math {
public static class Helper {
public static int Sum(int x) => x;
} }
""",
    "src/Json/Reader.cs": """namespace Acme.Json {
public class Reader {
public static Reader Open() => null;
} }
""",
}
EDGES = {
    ("src/App/Cart.Part.cs", "src/App/Item.cs", 1, "exact"),
    ("src/App/Cart.cs", "src/App/Item.cs", 5, "exact"),
    ("src/App/Cart.cs", "src/Core/Money.cs", 6, "exact"),
    ("src/App/Cart.cs", "src/Core/Tax.cs", 7, "exact"),
    ("src/App/Cart.cs", "src/Json/Reader.cs", 2, "exact"),
    ("src/App/Cart.cs", "src/Json/Reader.cs", 7, "exact"),
    ("src/App/Cart.cs", "src/Math/Helper.cs", 1, "exact"),
    ("src/App/Item.cs", "src/App/Cart.Part.cs", 3, "exact"),
    ("src/App/Item.cs", "src/App/Cart.cs", 3, "exact"),
}
USER = "src/App/Cart.cs"
SYMBOLS = {
    ("src/App/Item.cs", 5, "reference", "Acme.Shop.Base"),
    ("src/App/Item.cs", 5, "reference", "Acme.Shop.Item"),
    ("src/Core/Money.cs", 6, "call", "Acme.Core.Money"),
    ("src/Core/Money.cs", 6, "reference", "Acme.Core.Money"),
    ("src/Core/Tax.cs", 7, "call", "Acme.Core.Tax.Of"),
    ("src/Json/Reader.cs", 7, "call", "Acme.Json.Reader.Open"),
}
UNRESOLVED = {
    (3, "Missing.Space", "external"),
}
DECLARED = {"Acme.Shop.Cart": "class", "Acme.Shop.Cart.Kind": "enum", "Acme.Shop.Cart.F": "method"}
DEEP = [
    "class A { void F() { " + "{" * 3000,
    "class A { int x = " + "(" * 3000 + "1",
    "class A { B x = a" + ".b" * 3000,
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
