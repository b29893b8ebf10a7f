"""C# in the dependency graph: types by namespace, usings, partial types."""

from __future__ import annotations

import pytest

from glyphagent.dependencies.languages.csharp import LANGUAGE

from .tables import (  # noqa: F401  # tests that this file's table is held against
    Table,
    test_an_update_equals_a_fresh_analysis,
    test_broken_text_never_stops_the_analysis,
    test_deep_nesting_is_read,
    test_file_edges_are_those_of_the_table,
    test_file_edges_need_no_symbols,
    test_symbol_edges_are_those_of_the_table,
    test_what_is_declared_is_in_the_graph,
    test_what_leads_nowhere_says_why,
)

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


@pytest.fixture(scope="module")
def table() -> Table:
    return Table(LANGUAGE, MAIN, USER, FILES, EDGES, SYMBOLS, UNRESOLVED, DECLARED, DEEP)
