"""Go in the dependency graph: packages over files, uses by scopes and types."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.languages.go import LANGUAGE

MOD = "module example.org/shop\n\ngo 1.20\n"


def graph_of(files: dict[str, str], mod: str = MOD) -> DependencyGraph:
    return DependencyAnalyzer({"go.mod": mod, **files}, workers=0).graph


def uses(graph: DependencyGraph, path: str) -> set[tuple[str, int, str]]:
    """File edges as target, line and name."""
    return {(edge.target, edge.line, edge.name) for edge in graph.edges_from(path)}


def symbols(graph: DependencyGraph, path: str) -> set[tuple[str, str, str]]:
    """Symbol edges as target, kind and qualified name."""
    return {(e.target, e.kind, e.target_symbol) for e in graph.symbol_edges_from(path)}


def calls(graph: DependencyGraph, path: str) -> set[tuple[str, str]]:
    return {(e.target, e.target_symbol) for e in graph.symbol_edges_from(path) if e.kind == "call"}


TYPES = """package shop

type Store struct {
	*Shelf
	Items []Item
	byName map[string]*Item
	stock map[*Item]int
	arrived chan Item
	price func(Item) Money
	inner struct {
		till Till
	}
}

func (s *Store) Open() (*Till, error) { return nil, nil }

func New() *Store { return nil }
"""
PARTS = """package shop

type Shelf struct{ Label Text }

func (s Shelf) Read() Text { return s.Label }

type Item struct{}

func (i *Item) Sell() {}

type Money int

func (m Money) Round() Money { return m }

type Till struct{}

func (t *Till) Ring() {}

type Text string

func (t Text) Trim() Text { return t }
"""


@pytest.mark.parametrize(
    ("body", "called"),
    [
        ("s := New(); s.Read().Trim()", {"Shelf.Read", "Text.Trim"}),
        ("s := New(); s.Shelf.Label.Trim()", {"Text.Trim"}),
        ("t, err := New().Open(); _ = err; t.Ring()", {"Till.Ring"}),
        ("for _, i := range New().Items { i.Sell() }", {"Item.Sell"}),
        ("New().Items[0].Sell()", {"Item.Sell"}),
        ("New().Items[1:][0].Sell()", {"Item.Sell"}),
        ('if i, ok := New().byName["x"]; ok { i.Sell() }', {"Item.Sell"}),
        ("for i := range New().stock { i.Sell() }", {"Item.Sell"}),
        ("i := <-New().arrived; i.Sell()", {"Item.Sell"}),
        ("for i := range New().arrived { i.Sell() }", {"Item.Sell"}),
        ("select { case i, ok := <-New().arrived: _ = ok; i.Sell() }", {"Item.Sell"}),
        ("New().price(Item{}).Round()", {"Money.Round"}),
        ("New().inner.till.Ring()", {"Till.Ring"}),
        ("var a any; switch v := a.(type) { case *Till: v.Ring(); case Money: v.Round() }",
         {"Till.Ring", "Money.Round"}),
        ("var a any; a.(*Till).Ring()", {"Till.Ring"}),
        ("var a any; t, ok := a.(*Till); _ = ok; t.Ring()", {"Till.Ring"}),
        ("Money(3).Round()", {"Money.Round"}),
        ("(*Till).Ring(nil)", {"Till.Ring"}),
        ("f := func() *Till { return nil }; f().Ring()", {"Till.Ring"}),
        ("t := new(Till); t.Ring()", {"Till.Ring"}),
        ("m := make(map[string]Money); m[``].Round()", {"Money.Round"}),
        ("type pair struct{ a, b Till }; p := pair{}; p.b.Ring()", {"Till.Ring"}),
        ("for _, c := range []struct{ t *Till }{{nil}} { c.t.Ring() }", {"Till.Ring"}),
        ("s := New(); { s := s.Items[0]; s.Sell() }; s.Read()", {"Item.Sell", "Shelf.Read"}),
        ("Till := New(); Till.Read()", {"Shelf.Read"}),
        ("go func(t *Till) { t.Ring() }(nil)", {"Till.Ring"}),
    ],
)  # fmt: skip
def test_what_a_method_is_called_on_is_known(body: str, called: set[str]) -> None:
    files = {"store.go": TYPES, "parts.go": PARTS}
    files["use.go"] = f"package shop\n\nfunc use() {{\n\t{body}\n}}\n"
    found = {name for target, name in calls(graph_of(files), "use.go") if target == "parts.go"}
    assert found == called


def test_a_file_uses_the_files_that_declare_what_it_names() -> None:
    graph = graph_of(
        {
            "a.go": "package shop\n\nfunc a() {\n\tb(limit)\n\tlocal := limit\n\t_ = local\n}\n",
            "b.go": "package shop\n\nfunc b(local int) {}\n",
            "c.go": "package shop\n\nconst (\n\tlimit = iota\n\tother\n)\nvar local = 3\n",
        }
    )
    assert uses(graph, "a.go") == {
        ("b.go", 4, "b"), ("c.go", 4, "limit"), ("c.go", 5, "limit")
    }  # fmt: skip
    assert uses(graph, "b.go") == uses(graph, "c.go") == set()


def test_an_import_leads_to_the_files_of_what_is_named_there() -> None:
    graph = graph_of(
        {
            "main.go": (
                'package main\n\nimport (\n\tm "example.org/shop/money-go"\n'
                '\t"example.org/shop/text"\n\t. "example.org/shop/log"\n\t"fmt"\n'
                '\t"example.org/shop/gone"\n)\n\n'
                "func main() {\n\tfmt.Println(m.Of(3), text.Trim())\n\tSay()\n}\n"
            ),
            "money-go/money.go": "package money\n\nfunc Of(n int) int { return n }\n",
            "text/doc.go": "package text\n",
            "text/trim.go": "package text\n\nfunc Trim() string { return `` }\n",
            "log/log.go": "package log\n\nfunc Say() {}\n",
        }
    )
    assert calls(graph, "main.go") == {
        ("money-go/money.go", "Of"), ("text/trim.go", "Trim"), ("log/log.go", "Say")
    }  # fmt: skip
    found = {(each.line, each.name, each.reason) for each in graph.unresolved}
    assert found == {(7, "fmt", "external"), (8, "example.org/shop/gone", "missing")}


def test_a_blank_import_leads_to_the_files_that_run() -> None:
    graph = graph_of(
        {
            "main.go": 'package main\n\nimport _ "example.org/shop/driver"\n'
            'import _ "example.org/shop/plain"\n',
            "driver/register.go": "package driver\n\nfunc init() {}\n",
            "driver/rest.go": "package driver\n",
            "plain/one.go": "package plain\n",
            "plain/one_test.go": "package plain\n",
        }
    )
    assert [(e.target, e.line, e.confidence) for e in graph.edges_from("main.go")] == [
        ("driver/register.go", 3, "inferred"),
        ("plain/one.go", 4, "inferred"),
    ]


def test_names_of_another_build_are_not_mixed_in() -> None:
    one = "//go:build {}\n\npackage shop\n\nfunc open() {{ helper() }}\n"
    graph = graph_of(
        {
            "use.go": "package shop\n\nfunc use() { open() }\n",
            "open_windows.go": "package shop\n\nfunc open() { helper() }\n",
            "open_other.go": one.format("!windows"),
            "helper_windows.go": "package shop\n\nfunc helper() {}\n",
            "helper_unix.go": one.format("unix").replace("open() { helper() }", "helper() {}"),
            "any.go": one.format("!go1.18").replace("open() { helper() }", "any() {}"),
            "asks.go": "package shop\n\nvar x any\n",
        }
    )
    assert calls(graph, "open_windows.go") == {("helper_windows.go", "helper")}
    assert calls(graph, "open_other.go") == {("helper_unix.go", "helper")}
    assert uses(graph, "asks.go") == set()
    edge = graph.edges_from("open_windows.go")[0]
    assert edge.condition == "windows"


def test_test_files_see_what_others_do_not() -> None:
    graph = graph_of(
        {
            "a.go": "package shop\n\nfunc a() { helper() }\nfunc Open() {}\n",
            "export_test.go": "package shop\n\nfunc helper() { a() }\nvar Secret = 1\n",
            "b_test.go": (
                'package shop_test\n\nimport "example.org/shop"\n\n'
                "func b() { shop.Open(); _ = shop.Secret; own() }\n"
            ),
            "c_test.go": "package shop_test\n\nfunc own() {}\n",
        }
    )
    assert uses(graph, "a.go") == set()
    assert uses(graph, "export_test.go") == {("a.go", 3, "a")}
    assert uses(graph, "b_test.go") == {
        ("a.go", 5, "Open"), ("export_test.go", 5, "Secret"), ("c_test.go", 5, "own")
    }  # fmt: skip
    assert {edge.condition for edge in graph.edges_from("b_test.go")} == {"test"}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_broken_text_never_stops_the_collector(data: st.DataObject) -> None:
    text = TYPES + PARTS
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, len(text)))
    junk = data.draw(st.sampled_from(["", "{", "}}", "(", "\x00", "func", '"', "`", "é", "type"]))
    broken = text[:start] + junk + text[stop:]
    facts = LANGUAGE.collect("a.go", broken)
    graph_of({"a.go": broken, "b.go": PARTS})
    assert facts.path == "a.go"


@pytest.mark.parametrize(
    "text",
    [
        "package a\nvar x = " + "(" * 5000 + "y" + ")" * 5000,
        "package a\nvar x = " + "f(" * 5000,
        "package a\nvar x " + "[]struct{ a " * 400,
        "package a\nfunc f() {" + "if x {" * 3000,
        "package a\nvar x = y" + ".z()" * 5000,
        "package a\ntype T " + "func() " * 3000 + "T",
        "package a\nvar x = T" + "{{" * 2000,
    ],
)
def test_deep_nesting_is_read(text: str) -> None:
    assert LANGUAGE.collect("a.go", text).interface.package == "a"


def test_a_file_for_all_systems_uses_each_systems_own() -> None:
    graph = graph_of(
        {
            "use.go": "package shop\n\nfunc use() { open() }\n",
            "open_windows.go": "package shop\n\nfunc open() {}\n",
            "open_linux.go": "package shop\n\nfunc open() {}\n",
            "open_fake.go": "//go:build fake\n\npackage shop\n\nfunc open() {}\n",
        }
    )
    found = {(edge.target, edge.condition) for edge in graph.edges_from("use.go")}
    assert found == {("open_linux.go", "linux"), ("open_windows.go", "windows")}


def test_embedding_is_inheritance() -> None:
    graph = graph_of(
        {
            "a.go": "package shop\n\ntype A struct {\n\t*B[int]\n\tC\n\tother C\n}\n"
            "type D interface {\n\tE\n\tRun() C\n}\ntype F interface{ ~int | G }\n",
            "b.go": "package shop\n\ntype B[T any] struct{}\ntype C struct{}\n"
            "type E interface{}\ntype G int\n",
        }
    )
    assert {(s, k) for _, k, s in symbols(graph, "a.go")} == {
        ("B", "inherit"), ("C", "inherit"), ("C", "reference"), ("E", "inherit"),
        ("G", "reference"),
    }  # fmt: skip
