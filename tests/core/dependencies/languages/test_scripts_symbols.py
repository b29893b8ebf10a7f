"""What scripts use of each other: calls, references and inheritance."""

from __future__ import annotations

import textwrap

import pytest

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.graph import DependencyGraph

LIBRARY = """\
    export class Base {
      greet(): Friend { return new Friend() }
      static make(): Base { return new Base() }
    }
    export class Friend extends Base {
      wave() {}
      get twin(): Friend { return this }
      self() { return this }
    }
    export interface Shape { area(): number; owner: Friend; more: Friend[] }
    export function build(): Friend { return new Friend() }
    export function guess() { const made = build(); return made }
    export const api = { run() {}, deep: { go() {} }, build }
    export const arrow = (x: number): Friend => build()
    export enum Color { Red, Green }
    export namespace Space { export function inner(): Friend { return build() } }
    export type Alias = Friend
    export type Both = Friend & { extra(): void }
    export type Handler = (friend: Friend, text: string) => void
    export function on(name: string, run: (friend: Friend) => void) {}
    export function each(run: Handler) {}
    export function pick<T extends Friend>(x: T): T { return x }
    export default class Whole { work() {} }
    """


def graph(texts: dict[str, str]) -> DependencyGraph:
    texts = {path: textwrap.dedent(text) for path, text in texts.items()}
    return DependencyAnalyzer(texts, workers=0).graph


def uses(text: str, kind: str = "call", library: str = LIBRARY, path: str = "main.ts") -> set[str]:
    """Qualified names that a file uses in `lib`, by one kind of use."""
    ending = path.rpartition(".")[2]
    found = graph({f"lib.{ending}": library, path: text})
    edges = found.symbol_edges_from(path)
    return {edge.target_symbol for edge in edges if edge.kind == kind}


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("import { build } from './lib'; build()", {"build"}),
        ("import { build as make } from './lib'; make()", {"build"}),
        ("import * as lib from './lib'; lib.build().wave()", {"build", "Friend.wave"}),
        ("import Whole from './lib'; new Whole().work()", {"Whole", "Whole.work"}),
        ("import { Friend } from './lib'; const f = new Friend(); f.greet()", {
            "Friend", "Base.greet"}),
        ("import { Base } from './lib'; Base.make().greet()", {"Base.make", "Base.greet"}),
        ("import { Friend } from './lib'; function f(x: Friend) { x.wave() }", {"Friend.wave"}),
        ("import { Friend } from './lib'; let x: Friend | undefined; x?.wave()", {"Friend.wave"}),
        ("import { Friend } from './lib'; let x: Friend[] = []; x[0].wave()", {"Friend.wave"}),
        ("import { Friend } from './lib'; async function f(p: Promise<Friend>) {"
         " (await p).wave() }", {"Friend.wave"}),
        ("import { Friend } from './lib'; let x: Friend[]; for (const f of x) f.wave()", {
            "Friend.wave"}),
        ("import { Friend } from './lib'; let x: Friend[]; x.map((f) => f.wave())", {
            "Friend.wave"}),
        ("import { build } from './lib'; build().twin.wave()", {"build", "Friend.wave"}),
        ("import { build } from './lib'; build().self().wave()", {
            "build", "Friend.self", "Friend.wave"}),
        ("import { guess } from './lib'; guess().wave()", {"guess", "Friend.wave"}),
        ("import { api } from './lib'; api.run(); api.deep.go()", {"api.run", "api.deep.go"}),
        ("import { arrow } from './lib'; arrow(1).wave()", {"arrow", "Friend.wave"}),
        ("import { Space } from './lib'; Space.inner().wave()", {"Space.inner", "Friend.wave"}),
        ("import { Alias } from './lib'; let x: Alias; x.wave()", {"Friend.wave"}),
        ("import { Both } from './lib'; let x: Both; x.wave(); x.extra()", {
            "Friend.wave", "Both.extra"}),
        ("import { Shape } from './lib'; function f({ owner }: Shape) { owner.wave() }", {
            "Friend.wave"}),
        ("import { Shape } from './lib'; function f(s: Shape) { s.area(); s.more[0].wave() }", {
            "Shape.area", "Friend.wave"}),
        ("import { on } from './lib'; on('x', (f) => f.wave())", {"on", "Friend.wave"}),
        ("import { each } from './lib'; each((f) => f.wave())", {"each", "Friend.wave"}),
        ("import { Handler } from './lib'; const h: Handler = (f) => f.wave()", {"Friend.wave"}),
        ("import { Friend } from './lib'; (x as Friend).wave()", {"Friend.wave"}),
        ("import { Friend } from './lib'; class C { constructor(private f: Friend) {}"
         " go() { this.f.wave() } }", {"Friend.wave"}),
        ("import { Friend } from './lib'; class C { f = new Friend(); go() { this.f.wave() } }", {
            "Friend", "Friend.wave"}),
        ("import { Base } from './lib'; class C extends Base { go() { this.greet();"
         " super.greet() } }", {"Base.greet"}),
        ("import { Friend } from './lib'; function f<T extends Friend>(x: T) { x.wave() }", {
            "Friend.wave"}),
        ("import('./lib').then((lib) => lib.build())", {"build"}),
        ("async function f() { const { build } = await import('./lib'); build() }", {"build"}),
        ("import lib = require('./lib'); lib.build()", {"build"}),
        ("import { build } from './lib'; function f(build) { build() }", set()),
        ("import { build } from './lib'; { const build = 1; build() }", set()),
        ("import { build } from './lib'; build`x`", {"build"}),
        ("import { build } from './lib'; @build() class C {}", {"build"}),
        ("import { build } from './lib'; @build class C {}", {"build"}),
    ],
)  # fmt: skip
def test_calls_lead_to_what_is_called(text: str, called: set[str]) -> None:
    assert uses(text) == called


def test_inheritance_and_references() -> None:
    text = (
        "import { Base, Shape, Color } from './lib'; class C extends Base implements Shape {}\n"
        "interface I extends Shape {}\nlet c = Color.Red\n"
    )
    assert uses(text, "inherit") == {"Base", "Shape"}
    assert uses(text, "reference") == {"Base", "Shape", "Color", "Color.Red"}


def test_elements_are_calls() -> None:
    library = "export function Card() {}\nexport const ui = { Row() {} }\n"
    text = "import { Card, ui } from './lib'; const x = <Card><ui.Row /><div /></Card>"
    found = graph({"lib.tsx": library, "main.tsx": text})
    edges = [edge for edge in found.symbol_edges_from("main.tsx") if edge.kind == "call"]
    assert {edge.target_symbol for edge in edges} == {"Card", "ui.Row"}


COMMON = """\
    const other = require('./other')
    function Engine() { this.part = new other.Part() }
    Engine.prototype.start = function () { return this }
    Engine.prototype.stop = () => {}
    exports.Engine = Engine
    exports.run = function run() {}
    exports.other = other
    exports.make = () => new Engine()
    exports.factory = function (options) {
      const made = { go() {}, end: () => {} }
      made.late = function () {}
      return made
    }
    exports.pair = () => ({ left() {}, right })
    /** @param {Engine} engine @returns {Engine} */
    exports.tune = function (engine) { return engine }
    """


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("const { run } = require('./lib'); run()", {"run"}),
        ("const lib = require('./lib'), same = lib; same.run()", {"run"}),
        ("const lib = require('./lib'); lib.run(); new lib.Engine().start().stop()", {
            "run", "Engine", "Engine.start", "Engine.stop"}),
        ("require('./lib').make().start()", {"make", "Engine.start"}),
        ("require('./lib').factory().go()", {"factory", "factory.made.go"}),
        ("require('./lib').factory().late()", {"factory", "factory.made.late"}),
        ("const { left } = require('./lib').pair(); left()", {"pair", "pair.return.left"}),
        ("require('./lib').tune(1).start()", {"tune", "Engine.start"}),
        ("/** @param {import('./lib').Engine} e */\nfunction f(e) { e.start() }", {"Engine.start"}),
        ("/** @typedef {import('./lib').Engine} E */\n/** @type {E[]} */\nlet x\nx[0].start()", {
            "Engine.start"}),
        ("import { run } from './lib'; run()", {"run"}),
        ("import * as lib from './lib'; lib.run()", {"run"}),
        ("import lib from './lib'; lib.run()", {"run"}),
        ("function C() {}\nC.prototype.go = function () { require('./lib').run() }", {"run"}),
    ],
)  # fmt: skip
def test_common_modules(text: str, called: set[str]) -> None:
    assert uses(text, library=COMMON, path="main.js") == called


@pytest.mark.parametrize(
    "library",
    [
        "module.exports = main\nfunction main() {}\nmain.part = function () {}\n",
        "module.exports = function main() {}\nmodule.exports.part = function () {}\n",
        "var main = exports = module.exports = function main() {}\nmain.part = function () {}\n",
    ],
)
def test_a_module_that_is_a_function(library: str) -> None:
    text = "const main = require('./lib'); main(); main.part()"
    names = {name.rpartition(".")[2] for name in uses(text, library=library, path="main.js")}
    assert names == {"main", "part"}


def test_reexports_are_followed_to_where_a_name_is_defined() -> None:
    found = graph(
        {
            "deep.ts": "export function run() {}\nexport default function start() {}\n",
            "barrel.ts": "export * from './deep'\nexport { default as begin } from './deep'\n"
            "export * as deep from './deep'\n",
            "main.ts": "import { run, begin, deep } from './barrel'; run(); begin(); deep.run()",
        }
    )
    calls = [e for e in found.symbol_edges_from("main.ts") if e.kind == "call"]
    assert {(e.target, e.target_symbol, e.confidence) for e in calls} == {
        ("deep.ts", "run", "exact"),
        ("deep.ts", "start", "exact"),
    }
    assert found.imported["main.ts"] == ("barrel.ts",)


def test_reexports_in_a_circle_end() -> None:
    found = graph(
        {
            "a.ts": "export * from './b'\nexport * from './c'\n",
            "b.ts": "export * from './a'\n",
            "c.ts": "export const x = () => 1\n",
            "main.ts": "import { x, y } from './b'; x(); y()",
        }
    )
    calls = {e.target for e in found.symbol_edges_from("main.ts") if e.kind == "call"}
    assert calls == {"c.ts"}


def test_a_reexported_name_is_no_name_of_the_barrel() -> None:
    found = graph(
        {
            "deep.ts": "export function fetch() {}\n",
            "barrel.ts": "export * from './deep'\nfetch('x')\n",
        }
    )
    assert not [e for e in found.symbol_edges_from("barrel.ts") if e.kind == "call"]


def test_a_name_that_is_type_and_value() -> None:
    library = """\
        export interface Kind { go(): void }
        export interface KindMaker { create(): Kind }
        export const Kind: KindMaker = null!
        """
    text = "import { Kind } from './lib'; Kind.create().go(); let k: Kind; k.go()"
    assert uses(text, library=library) == {"KindMaker.create", "Kind.go"}


def test_names_alone_never_prove_more_than_a_guess() -> None:
    found = graph(
        {
            "lib.ts": "export class A { frobnicate() {} }\n",
            "main.ts": "export function f(x: any) { x.frobnicate(); x.get() }",
        }
    )
    assert {e.confidence for e in found.symbol_edges_from("main.ts")} <= {"inferred"}


RULES = """\
    import { Context } from 'elsewhere'
    export interface Rule { create(context: RuleContext): Listener; fix: Fixing }
    export type Fixing = (fixer: Fixer) => void
    export interface Listener { (text: Fixer): void }
    export interface RuleContext extends Context<{ Code: SourceCode }> { own: Fixer }
    export class SourceCode { text() {} }
    export class Fixer { insert() {}  report() {} }
    export function define(rule: Rule) {}
    """


@pytest.mark.parametrize(
    ("text", "called"),
    [
        # What an object literal is said to be tells what its functions are given.
        ("/** @type {import('./lib').Rule} */\nmodule.exports = { create(c) { c.own.insert() } }",
            {"Fixer.insert"}),
        ("/** @type {import('./lib').Rule} */\nconst r = { create: c => c.own.insert() }",
            {"Fixer.insert"}),
        ("export default /** @type {import('./lib').Rule} */ ({ fix(f) { f.insert() } })",
            {"Fixer.insert"}),
        ("/** @type {import('./lib').Fixing} */\nconst f = fixer => fixer.insert()",
            {"Fixer.insert"}),
        ("/** @type {import('./lib').Listener} */\nconst f = function (x) { x.insert() }",
            {"Fixer.insert"}),
        ("import { define } from './lib'; define({ fix(f) { f.insert() } })",
            {"define", "Fixer.insert"}),
        ("/** @param {X} x */\nconst f = x => /** @type {import('./lib').Fixer} */ (x).insert()",
            {"Fixer.insert"}),
        # A base from outside may have members of the types that it is given.
        ("/** @type {import('./lib').Rule} */\nexport default { create: c => c.sourceCode.text() }",
            {"SourceCode.text"}),
        # What such a base hands out is not of this set, nor what has a type that leads nowhere.
        ("/** @type {import('./lib').Rule} */\nmodule.exports = {\n"
            "create(c) { c.say({ fix(fixer) { fixer.insert() } }) } }", set()),
        ("/** @param {Elsewhere} x */\nfunction f(x) { x.insert() }", set()),
        ("const made = new Date(); made.insert()", set()),
        ("function f(x) { const y = f(x); y.insert() }", {"Fixer.insert"}),
    ],
)  # fmt: skip
def test_types_that_comments_and_contexts_give(text: str, called: set[str]) -> None:
    found = graph({"lib.ts": RULES, "main.js": text})
    edges = found.symbol_edges_from("main.js")
    assert {edge.target_symbol for edge in edges if edge.kind == "call"} == called


def test_types_are_given_by_what_typescript_says() -> None:
    text = """\
        import { Rule, Fixing } from './lib'
        export const a: Rule = { create(c) { return c.own.insert() }, fix: f => f.insert() }
        export const b = { fix(f) { f.insert() } } satisfies Rule
        """
    assert uses(text, library=RULES) == {"Fixer.insert"}


@pytest.mark.parametrize(
    ("middle", "target"),
    [
        ("const { build } = require('./lib'); module.exports = { build }", "lib.js"),
        ("const lib = require('./lib'); module.exports = { build: lib.build }", "lib.js"),
        ("const build = require('outside'); module.exports = { build }", None),
        ("function build() {} module.exports = { build }", "middle.js"),
    ],
)
def test_what_only_passes_a_name_on_is_not_what_is_called(middle: str, target: str | None) -> None:
    texts = {
        "lib.js": "exports.build = function () {}",
        "middle.js": middle,
        "main.js": "const { build } = require('./middle'); build()",
    }
    edges = graph(texts).symbol_edges_from("main.js")
    assert {edge.target for edge in edges if edge.kind == "call"} == ({target} - {None})


def test_objects_that_functions_return_pass_on_what_they_took_out_of_others() -> None:
    texts = {
        "server.js": "module.exports = function make() { function go() {} return { go } }",
        "app.js": """\
            const make = require('./server')
            module.exports = function app() {
              const { go } = make()
              const own = { go, 'quoted': make }
              return own
            }
            """,
        "main.js": "const app = require('./app'); const a = app(); a.go(); a.quoted()",
    }
    edges = graph(texts).symbol_edges_from("main.js")
    called = {(edge.target, edge.name) for edge in edges if edge.kind == "call"}
    assert ("server.js", "go") in called
    assert ("app.js", "app") in called
