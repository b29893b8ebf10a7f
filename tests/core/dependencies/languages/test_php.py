"""PHP in the dependency graph: names, Composer, includes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.languages.php import LANGUAGE

MAIN = "src/Shop/Cart.php"
FILES = {
    "composer.json": """{"autoload":{"psr-4":{"Acme\\\\":"src/","Old\\\\":["a/","b"]},
"files":["src/util/functions.php"],"classmap":["legacy/"]}}
""",
    "src/Shop/Cart.php": """<?php
namespace Acme\\Shop;
use Acme\\Core\\Money;
use Acme\\Core\\{Tax, Order as O, function total, const MAX};
use function Acme\\util\\sum;
use Acme\\Gone;
use Ext\\Lib;
require_once __DIR__ . '/../../lib/a.php';
include 'b.php';
require dirname(__DIR__) . '/c.php';
require $x . '.php';
require 'nothing.php';
class Cart extends Base implements Thing {
  use SomeTrait;
  const A = 1;
  private Money $m;
  public function total(O $o): ?Money {
    $this->foo->Money();
    $all = [\\Other\\Thing::make(), Tax::RATE, MAX, namespace\\foo(), strlen('x')];
    return new Money(sum($o), $all);
  }
}
""",
    "src/Shop/Base.php": """<?php
namespace Acme\\Shop;
abstract class Base {}
interface Thing {}
""",
    "src/Shop/SomeTrait.php": "<?php namespace Acme\\Shop; trait SomeTrait {}",
    "src/Shop/functions.php": "<?php namespace Acme\\Shop; function foo() {}",
    "src/Core/Money.php": "<?php namespace Acme\\Core; final class Money {}",
    "src/Core/Tax.php": "<?php namespace Acme\\Core; class Tax { const RATE = 1; }",
    "other/Tax.php": "<?php namespace Acme\\Core; class Tax { const RATE = 1; }",
    "src/Core/Order.php": """<?php namespace Acme\\Core;
class Order {} function total() {} const MAX = 1;
""",
    "src/util/functions.php": "<?php namespace Acme\\util; function sum() {}",
    "legacy/thing.php": "<?php namespace Other; class Thing { static function make() {} }",
    "lib/a.php": "<?php",
    "src/Shop/b.php": "<?php",
    "src/c.php": "<?php",
}
EDGES = {
    ("src/Shop/Cart.php", "legacy/thing.php", 19, "exact"),
    ("src/Shop/Cart.php", "lib/a.php", 8, "exact"),
    ("src/Shop/Cart.php", "src/Core/Money.php", 3, "exact"),
    ("src/Shop/Cart.php", "src/Core/Order.php", 4, "exact"),
    ("src/Shop/Cart.php", "src/Core/Order.php", 4, "inferred"),
    ("src/Shop/Cart.php", "src/Core/Tax.php", 4, "exact"),
    ("src/Shop/Cart.php", "src/Shop/Base.php", 13, "exact"),
    ("src/Shop/Cart.php", "src/Shop/Base.php", 13, "inferred"),
    ("src/Shop/Cart.php", "src/Shop/SomeTrait.php", 14, "exact"),
    ("src/Shop/Cart.php", "src/Shop/b.php", 9, "inferred"),
    ("src/Shop/Cart.php", "src/Shop/functions.php", 19, "inferred"),
    ("src/Shop/Cart.php", "src/c.php", 10, "exact"),
    ("src/Shop/Cart.php", "src/util/functions.php", 5, "exact"),
}
USER = "src/Shop/Cart.php"
SYMBOLS = {
    ("legacy/thing.php", 19, "call", "Other.Thing.make"),
    ("src/Core/Money.php", 16, "reference", "Acme.Core.Money"),
    ("src/Core/Money.php", 17, "reference", "Acme.Core.Money"),
    ("src/Core/Money.php", 20, "call", "Acme.Core.Money"),
    ("src/Core/Order.php", 17, "reference", "Acme.Core.Order"),
    ("src/Core/Order.php", 19, "reference", "Acme.Core.MAX"),
    ("src/Core/Tax.php", 19, "reference", "Acme.Core.Tax.RATE"),
    ("src/Shop/Base.php", 13, "inherit", "Acme.Shop.Base"),
    ("src/Shop/Base.php", 13, "inherit", "Acme.Shop.Thing"),
    ("src/Shop/SomeTrait.php", 14, "inherit", "Acme.Shop.SomeTrait"),
    ("src/Shop/functions.php", 19, "call", "Acme.Shop.foo"),
    ("src/util/functions.php", 20, "call", "Acme.util.sum"),
}
UNRESOLVED = {
    (6, "Acme\\Gone", "missing"),
    (7, "Ext\\Lib", "external"),
    (11, "$x . '.php", "dynamic"),
    (12, "nothing.php", "external"),
}
DECLARED = {"Acme.Shop.Cart": "class", "Acme.Shop.Cart.total": "method"}
DEEP = [
    "<?php $x = " + "(" * 3000 + "1;",
    "<?php f(" * 2000,
    "<?php $x = A" + "::b()" * 2000 + ";",
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
