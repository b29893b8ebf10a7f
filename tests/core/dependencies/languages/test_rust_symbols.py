"""Rust in the dependency graph: what names mean, inside functions and between files."""

from __future__ import annotations

import pytest

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.graph import DependencyGraph

MANIFEST = '[package]\nname = "shop"\nedition = "2021"\n'
STORE = """use crate::parts::{Item, Shelf};

pub struct Store {
    pub shelf: Shelf,
    items: Vec<Item>,
    by_name: std::collections::HashMap<String, Item>,
    spare: Option<Box<Item>>,
    path: Shelf,
}

impl Store {
    pub fn new() -> Self {
        Store { shelf: Shelf, items: vec![], by_name: x(), spare: None, path: Shelf }
    }
    pub fn open(&mut self) -> Result<&mut Shelf, String> { Ok(&mut self.shelf) }
    pub fn path(&self) -> &str { self.path.label() }
    pub fn each<F: Fn(&Item, &Shelf)>(&self, visit: F) { visit(&self.items[0], &self.shelf) }
}

pub enum Order { One(Item), Many { of: Vec<Item>, on: Shelf }, Nothing }

pub trait Price {
    fn price(&self) -> u32;
    fn twice(&self) -> u32 { self.price() * 2 }
}

pub fn store() -> Store { Store::new() }
"""
PARTS = """use crate::store::Price;

#[derive(Clone, Default)]
pub struct Item;
impl Item {
    pub fn sell(&self) {}
}
impl Price for Item {
    fn price(&self) -> u32 { 1 }
}
pub struct Shelf;
impl Shelf {
    pub fn label(&self) -> &str { "" }
    pub fn sell(&self) {}
}
impl Iterator for Shelf {
    type Item = Item;
    fn next(&mut self) -> Option<Self::Item> { None }
}
"""


def graph_of(files: dict[str, str]) -> DependencyGraph:
    return DependencyAnalyzer({"Cargo.toml": MANIFEST, **files}, workers=0).graph


def calls(graph: DependencyGraph, path: str) -> set[tuple[str, str]]:
    return {(e.target, e.target_symbol) for e in graph.symbol_edges_from(path) if e.kind == "call"}


def called_in(body: str, head: str = "") -> set[str]:
    """Names of `parts.rs` that a function body in another file calls."""
    source = (
        f"use crate::parts::*;\nuse crate::store::*;\n{head}\nfn f(s: &mut Store) {{\n{body}\n}}\n"
    )
    files = {
        "src/lib.rs": "mod store;\nmod parts;\nmod user;\n",
        "src/store.rs": STORE,
        "src/parts.rs": PARTS,
        "src/user.rs": source,
    }
    found = calls(graph_of(files), "src/user.rs")
    return {name for target, name in found if target == "src/parts.rs"}


@pytest.mark.parametrize(
    "body",
    [
        "s.open().unwrap().sell();",
        "s.open()?.sell();",
        'let x = s.open().expect(""); let x = &mut *x; x.sell();',
        "if let Ok(shelf) = s.open() { shelf.sell(); }",
        "match s.open() { Ok(shelf) if true => shelf.sell(), _ => {} }",
        "let Store { shelf, .. } = s; shelf.sell();",
        "let Store { shelf: other, .. } = store(); other.sell();",
        "crate::store::store().shelf.sell();",
        "let t: Shelf = todo(); t.sell();",
        "(|shelf: &Shelf| shelf.sell())(&s.shelf);",
        "s.each(|_, shelf| shelf.sell());",
        "fn inner(shelf: &Shelf) { shelf.sell() }",
        'println!("{}", s.shelf.sell());',
        "assert_eq!(s.open().unwrap().sell(), ());",
        "unsafe { let y = Store::new(); y.shelf.sell() }",
        "if let Order::Many { on, .. } = o() { on.sell() }",
    ],
)
def test_receivers_whose_type_is_known_to_be_a_shelf(body: str) -> None:
    assert called_in(body) == {"Shelf.sell"}


@pytest.mark.parametrize(
    "body",
    [
        "for item in &s.items { item.sell(); }",
        "for (number, item) in s.items.iter().enumerate() { item.sell(); }",
        "for (_, item) in &s.by_name { item.sell(); }",
        "s.items.iter().filter(|item| true).for_each(|item| item.sell());",
        "s.items[0].sell();",
        "s.items.first().unwrap().sell();",
        's.by_name.get("x").map(|item| item.sell());',
        "if let Some(item) = &s.spare { item.sell(); }",
        "s.spare.as_ref().unwrap().clone().sell();",
        "while let Some(item) = s.items.pop() { item.sell(); }",
        "if let Order::One(item) = o() { item.sell() }",
        "match o() { Order::One(a) => a.sell(), Order::Many { of, .. } => of[1].sell(), _ => {} }",
        "use Order::*; if let One(item) = o() { item.sell() }",
        "s.each(|item, _| item.sell());",
        "let all: Vec<&Item> = s.items.iter().collect(); all.last().unwrap().sell();",
        "for item in &mut s.shelf { item.sell(); }",
        "let boxed = Box::new(Item); boxed.sell();",
        "Item::default().sell();",
        "let x = 1; let x = Item; x.sell();",
    ],
)
def test_receivers_whose_type_is_known_to_be_an_item(body: str) -> None:
    assert called_in(body) == {"Item.sell"}


def test_a_field_may_have_the_name_of_a_method() -> None:
    files = {"src/lib.rs": "mod store;\nmod parts;\n", "src/store.rs": STORE, "src/parts.rs": PARTS}
    assert ("src/parts.rs", "Shelf.label") in calls(graph_of(files), "src/store.rs")


def test_traits_by_their_bounds_and_by_who_has_them() -> None:
    head = "fn g<P: Price>(p: P, q: &dyn Price, r: impl Price) { p.twice(); q.price(); r.price(); }"
    assert called_in("Item.price(); ", head) == {"Item.price"}
    files = {
        "src/lib.rs": "mod store;\nmod parts;\nmod user;\n",
        "src/store.rs": STORE,
        "src/parts.rs": PARTS,
        "src/user.rs": f"use crate::store::Price;\nuse crate::parts::Item;\n{head}\n"
        "fn h(i: &Item) { i.twice(); <Item as Price>::price(i); Price::twice(i); }\n",
    }
    assert calls(graph_of(files), "src/user.rs") == {
        ("src/store.rs", "Price.twice"),
        ("src/store.rs", "Price.price"),
        ("src/parts.rs", "Item.price"),
    }


def test_implementations_in_other_files() -> None:
    files = {
        "src/lib.rs": "mod a;\nmod b;\nmod c;\n",
        "src/a.rs": "pub struct Box2;\npub struct Other;\n",
        "src/b.rs": (
            "use crate::a::{Box2, Other};\nimpl Box2 { pub fn shut(&self) {} }\n"
            "impl Other { pub fn shut(&self) {} }\n"
            "pub trait Lid { fn lift(&self) { } }\nimpl Lid for Box2 {}\n"
        ),
        "src/c.rs": "fn f(x: crate::a::Box2) { x.shut(); x.lift(); }\n",
    }
    assert calls(graph_of(files), "src/c.rs") == {
        ("src/b.rs", "Box2.shut"),
        ("src/b.rs", "Lid.lift"),
    }


def test_macros_where_they_are_written() -> None:
    files = {
        "src/lib.rs": "#[macro_use]\nmod macros;\nmod a;\n",
        "src/macros.rs": (
            "macro_rules! near { () => {} }\n#[macro_export]\n"
            "macro_rules! far { () => { $crate::a::called() } }\n"
        ),
        "src/a.rs": "pub fn called() {}\nfn f() { near!(); crate::far!(); println!(); }\n",
    }
    graph = graph_of(files)
    found = {(e.target, e.target_symbol) for e in graph.symbol_edges_from("src/a.rs")}
    assert found == {("src/macros.rs", "near!"), ("src/macros.rs", "far!")}
    assert {(e.target, e.line) for e in graph.edges_from("src/macros.rs")} == {("src/a.rs", 3)}


def test_symbols_go_to_the_definition_and_files_to_the_statement() -> None:
    files = {
        "src/lib.rs": "mod a;\nmod c;\n",
        "src/a.rs": "mod b;\npub use b::Thing;\n",
        "src/a/b.rs": "pub struct Thing(pub u8);\n",
        "src/c.rs": "use crate::a::Thing;\nfn f() -> Thing { Thing(1) }\n",
    }
    graph = graph_of(files)
    assert {e.target for e in graph.edges_from("src/c.rs")} == {"src/a.rs"}
    found = {(e.target, e.kind, e.line) for e in graph.symbol_edges_from("src/c.rs")}
    assert found == {
        ("src/a/b.rs", "reference", 1),
        ("src/a/b.rs", "reference", 2),
        ("src/a/b.rs", "call", 2),
    }


def test_a_name_alone_is_never_sure() -> None:
    files = {
        "src/lib.rs": "mod a;\nmod b;\n",
        "src/a.rs": "pub struct A;\nimpl A { pub fn peculiar(&self) {} pub fn push(&self) {} }\n",
        "src/b.rs": "fn f() { let g = |u, v| { u.peculiar(); v.push(); }; }\n",
    }
    edges = graph_of(files).symbol_edges_from("src/b.rs")
    assert [(e.target_symbol, e.confidence) for e in edges] == [("A.peculiar", "inferred")]


def test_a_type_of_the_crate_may_have_a_standard_name() -> None:
    files = {
        "src/lib.rs": "mod map;\nmod set;\n",
        "src/map.rs": "pub struct HashMap;\nimpl HashMap { pub fn wipe(&self) {} }\n",
        "src/set.rs": (
            "use crate::map::HashMap;\nstruct Set<T> { map: HashMap<T, ()> }\n"
            "impl<T> Set<T> { fn f(&self) { self.map.wipe(); } }\n"
        ),
    }
    assert calls(graph_of(files), "src/set.rs") == {("src/map.rs", "HashMap.wipe")}


def test_a_local_name_hides_an_item() -> None:
    files = {
        "src/lib.rs": "mod a;\nmod b;\n",
        "src/a.rs": "pub fn run() {}\npub fn other() {}\n",
        "src/b.rs": (
            "use crate::a::*;\nfn f(run: fn()) { run(); }\n"
            "fn g() { fn other() {} other(); }\nfn h() { run(); }\n"
        ),
    }
    found = [(e.line, e.target_symbol) for e in graph_of(files).symbol_edges_from("src/b.rs")]
    assert found == [(4, "run")]


def test_an_enum_named_like_a_variant_of_the_prelude_is_not_called() -> None:
    graph = DependencyAnalyzer(
        {
            "Cargo.toml": '[package]\nname = "x"\nversion = "1.0.0"\nedition = "2021"\n',
            "src/lib.rs": "mod a;\nuse a::{Err, made};\n"
            "pub fn f() -> Result<u8, Err> { made(); Err(Err::Late) }\n",
            "src/a.rs": "pub enum Err { Late }\npub fn made() {}\n",
        },
        workers=0,
    ).graph
    edges = graph.symbol_edges_from("src/lib.rs")
    assert {each.target_symbol for each in edges if each.kind == "call"} == {"made"}
    assert {each.target_symbol for each in edges} == {"made", "Err", "Err.Late"}
