"""PHP in the dependency graph: names, Composer, includes."""

from __future__ import annotations

import pytest

from glyphagent.dependencies.languages.php import LANGUAGE

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


@pytest.fixture(scope="module")
def table() -> Table:
    return Table(LANGUAGE, MAIN, USER, FILES, EDGES, SYMBOLS, UNRESOLVED, DECLARED, DEEP)
