"""Kotlin in the dependency graph: imports, packages, Java beside it."""

from __future__ import annotations

import pytest

from glyphagent.dependencies.languages.kotlin import LANGUAGE

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


@pytest.fixture(scope="module")
def table() -> Table:
    return Table(LANGUAGE, MAIN, USER, FILES, EDGES, SYMBOLS, UNRESOLVED, DECLARED, DEEP)
