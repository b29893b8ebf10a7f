"""Collecting from scripts never fails, and an update equals a fresh run."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.edges import Linked
from glyphagent.dependencies.facts import FileFacts
from glyphagent.dependencies.languages.scripts import LANGUAGE
from glyphagent.dependencies.world import World

EVERYTHING = textwrap.dedent("""\
    /// <reference path="./a.ts" />
    import a, { b as c, type D } from './a'
    import * as ns from "./b.js"
    import eq = require('./c')
    export * from './d'
    export { x as y } from './e'
    export default class Foo<T extends D> extends mix(ns.Base) implements I<string> {
      #secret = 1
      static made = new Foo()
      constructor(private readonly part: D, public other?: T[]) { super(); this.late = part }
      @decorate({ x: 1 }) async *go<T>(this: Foo<T>, { p, q: [r] }: D = {}, ...rest: T[]) {
        for (const each of rest) { try { each!.run?.() } catch { } }
        return (await import(`./f`)).default`tagged ${this.part}`
      }
    }
    declare module './a' { interface Z { z(): import('./a').Q } }
    namespace N.M { export const { k, l: { m } } = require('./g')[0].h }
    type U = { a(): D } & Readonly<D> | keyof typeof ns
    enum E { A = 1, 'b c' }
    exports.z = module.exports.w = function () { return { a, b() {}, ['c']: 1, ...ns } }
    Foo.prototype.later = () => <any>c as unknown as D
    vi.mock('./h'); new Worker(new URL('./i', import.meta.url))
    label: while (1) switch (a) { case 1: let t = a ?? c; break label }
    """)
PATHS = ("x.ts", "x.tsx", "x.js", "x.mjs", "x.vue", "x.d.ts")


def check(path: str, text: str) -> FileFacts:
    """Collect with and without uses, and link alone in the world."""
    facts = LANGUAGE.collect(path, text)
    world = World({path: facts.interface}, {path: text})
    assert isinstance(LANGUAGE.link(facts, world), Linked)
    bare = LANGUAGE.collect(path, text, uses=False)
    assert not bare.uses
    linked = LANGUAGE.link(bare, World({path: bare.interface}, {path: text}))
    assert not linked.symbol_edges
    return facts


@settings(max_examples=60, deadline=None)
@given(
    path=st.sampled_from(PATHS),
    cut=st.integers(0, len(EVERYTHING)),
    drop=st.integers(0, 40),
    put=st.text(alphabet="(){}[]<>`'\"/*.,;:=@#é\n \\", max_size=6),
)
def test_damaged_text_never_fails(path: str, cut: int, drop: int, put: str) -> None:
    check(path, EVERYTHING[:cut] + put + EVERYTHING[cut + drop :])
    check(path, EVERYTHING[:cut])


@settings(max_examples=60, deadline=None)
@given(path=st.sampled_from(PATHS), text=st.text(max_size=200))
def test_any_text_never_fails(path: str, text: str) -> None:
    check(path, text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 3_000,
        "[" * 3_000 + "]" * 3_000,
        "a" + ".b()" * 20_000,
        "x = " + "{a:" * 5_000 + "1" + "}" * 5_000,
        "let x: " + "A<" * 5_000 + "B" + ">" * 5_000,
        "f(" * 2_000 + ")" * 2_000,
        "if (a) {" * 5_000,
        "x = " + "a ? b : " * 5_000 + "c",
        "() => " * 5_000 + "1",
        "x = " + "y = " * 5_000 + "1",
        "<a>" * 3_000,
        "class A { x = " * 300,
        "x = " + "(a as B) as " * 3_000 + "C",
        "`${" * 3_000,
    ],
)
def test_depth_costs_no_stack(text: str) -> None:
    for path in ("x.ts", "x.tsx", "x.js"):
        check(path, text)


def test_the_same_imports_are_found_without_uses() -> None:
    every = LANGUAGE.collect("x.ts", EVERYTHING).interface.imports
    bare = LANGUAGE.collect("x.ts", EVERYTHING, uses=False).interface.imports
    told = {(each.specifier, each.kind, each.condition, each.line) for each in every}
    assert told == {(each.specifier, each.kind, each.condition, each.line) for each in bare}
    assert {each.specifier for each in every} == {
        *("./a.ts", "./a", "./b.js", "./c", "./d", "./e", "./f", "./g", "./h", "./i"),
    }


PROJECT = {
    "package.json": '{"workspaces": ["packages/*"]}',
    "tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}',
    "packages/lib/package.json": '{"name": "lib", "main": "./dist/index.js"}',
    "packages/lib/src/index.ts": "export * from './part'\nexport class Base { run() {} }\n",
    "packages/lib/src/part.ts": "export function part() { return new Part() }\n"
    "export class Part { go() {} }\n",
    "src/main.ts": "import { part, Base } from 'lib'\nimport { help } from '@/help'\n"
    "class Main extends Base { x() { this.run(); part().go(); help() } }\n",
    "src/help.js": "const o = require('./other')\nexports.help = function () { o.thing() }\n",
    "src/other.js": "module.exports = { thing() {} }\n",
}
CHANGES: list[dict[str, str | None]] = [
    {"packages/lib/src/part.ts": "export function part() {}\n"},
    {"packages/lib/src/part.ts": None},
    {"src/help.ts": "export function help() {}\n"},
    {"src/other.js": "exports.thing = () => {}\n"},
    {"src/other/index.js": "exports.thing = 1\n", "src/other.js": None},
    {"tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./packages/lib/src/*"]}}}'},
    {"tsconfig.json": None},
    {"package.json": "{}"},
    {"package.json": '{"workspaces": ["gone/*"]}', "src/new.ts": "import './main'\n"},
    {"packages/lib/package.json": '{"name": "other"}'},
    {"packages/lib/index.ts": "export class Base { run() {} }\n"},
    {"src/tsconfig.json": '{"compilerOptions": {"baseUrl": "."}}'},
    {"packages/lib/src/index.ts": "export class Base { walk() {} }\n"},
]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=6))
def test_an_update_equals_a_fresh_run(changes: list[dict[str, str | None]]) -> None:
    texts = dict(PROJECT)
    analyzer = DependencyAnalyzer(texts, workers=0)
    back: dict[str, str | None] = dict(PROJECT)
    for change in [*changes, back]:
        for path, text in change.items():
            if text is None:
                texts.pop(path, None)
            else:
                texts[path] = text
        known = {path: text for path, text in change.items() if text is not None or path in PROJECT}
        updated = analyzer.update(known)
        fresh = DependencyAnalyzer(texts, workers=0).graph
        assert updated.edges == fresh.edges
        assert updated.symbol_edges == fresh.symbol_edges
        assert updated.unresolved == fresh.unresolved


def test_a_graph_does_not_depend_on_the_order_of_files() -> None:
    forwards = DependencyAnalyzer(PROJECT, workers=0).graph
    backwards = DependencyAnalyzer(dict(reversed(PROJECT.items())), workers=0).graph
    assert forwards.edges == backwards.edges
    assert forwards.symbol_edges == backwards.symbol_edges
