"""Types that comments of plain JavaScript name, and patterns of files that Vite loads."""

from __future__ import annotations

import textwrap

import pytest

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.edges import Edge
from glyphagent.dependencies.graph import DependencyGraph


def graph(texts: dict[str, str]) -> DependencyGraph:
    texts = {path: textwrap.dedent(text) for path, text in texts.items()}
    return DependencyAnalyzer(texts, workers=0).graph


def edges(text: str, path: str = "src/main.js", **others: str) -> list[Edge]:
    """Edges of a file beside `src/lib.js` and `src/types/index.d.ts`."""
    texts = {"src/lib.js": "export class A {}", "src/types/index.d.ts": "export class A {}"}
    return list(graph({**texts, **others, path: text}).edges_from(path))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/** @type {import('./lib').A} */\nlet a", [("src/lib.js", 1, 20)]),
        ("/**\n * Words.\n * @typedef {import('./types').A} A\n */", [
            ("src/types/index.d.ts", 3, 22)]),
        ("/**\n * @param {Map<string, import('./lib').A[]>} a\n */", [("src/lib.js", 2, 32)]),
        ("/** @import { A } from './lib' */", [("src/lib.js", 1, 25)]),
        ("/** @import * as lib from './lib.js' */", [("src/lib.js", 1, 28)]),
        ("/** @template {import('./lib').A} T */", [("src/lib.js", 1, 24)]),
        ("/** @typedef {{ a: import('./lib').A }} Shape */", [("src/lib.js", 1, 28)]),
        # No comment of types, no tag, no file.
        ("/* @type {import('./lib').A} */", []),
        ("// @type {import('./lib').A}", []),
        ("/** Like import('./lib').A. */", []),
        ("/** @type {import('./gone').A} */\nlet a", []),
        ("/** @type {import('outside').A} */\nlet a", []),
    ],
)  # fmt: skip
def test_imports_of_types_in_comments(text: str, found: list[tuple[str, int, int]]) -> None:
    given = edges(text)
    assert [(edge.target, edge.line, edge.column) for edge in given] == found
    assert all((edge.kind, edge.condition) == ("import", "typing") for edge in given)


def test_comments_of_typescript_say_nothing() -> None:
    assert edges("/** @type {import('./lib').A} */\nlet a", "src/main.ts") == []


def test_a_comments_import_that_leads_nowhere_is_no_complaint() -> None:
    found = graph({"main.js": "/** @type {import('./gone').A} */\nlet a"})
    assert found.unresolved == ()


def test_types_that_comments_define() -> None:
    texts = {
        "lib.js": "export class A { go() {} }",
        "types.js": """\
            /** @typedef {import('./lib').A} First */
            /**
             * @typedef {Object} Options
             * @property {First} first What it is.
             * @property {number} [count]
             */
            /** @typedef {{ second?: First, third: First[] }} More */
            /** @typedef {First | null} Maybe */
            """,
        "main.js": """\
            /** @param {import('./types').Options} x */
            export function one(x) { x.first.go() }
            /** @param {import('./types').More} x */
            export function two(x) { x.second.go(); for (const each of x.third) each.go() }
            /** @param {import('./types').Maybe} x */
            export function three(x) { x.go() }
            /** @param {import('./types').First} x */
            export function four(x) { x.go() }
            """,
    }
    found = graph(texts).symbol_edges_from("main.js")
    called = [(edge.line, edge.target_symbol) for edge in found if edge.kind == "call"]
    assert called == [(2, "A.go"), (4, "A.go"), (4, "A.go"), (6, "A.go"), (8, "A.go")]


PAGES = {
    "src/pages/a.vue": "",
    "src/pages/b.ts": "",
    "src/pages/deep/c.ts": "",
    "src/pages/deep/.hidden.ts": "",
    "src/data/d.json": "{}",
    "package.json": "{}",
}


@pytest.mark.parametrize(
    ("call", "targets"),
    [
        ("import.meta.glob('./pages/*.ts')", {"src/pages/b.ts"}),
        ("import.meta.glob<Page>('./pages/**/*.ts', { eager: true })", {
            "src/pages/b.ts", "src/pages/deep/c.ts"}),
        ("import.meta.glob(['./pages/**', '!**/deep/**'])", {"src/pages/a.vue", "src/pages/b.ts"}),
        ("import.meta.glob(`/src/data/*.json`)", {"src/data/d.json"}),
        ("import.meta.glob('../src/pages/{a,b}.{ts,vue}')", {"src/pages/a.vue", "src/pages/b.ts"}),
        ("import.meta.glob('./nothing/*.ts')", set()),
    ],
)  # fmt: skip
def test_patterns_lead_to_the_files_that_fit(call: str, targets: set[str]) -> None:
    found = edges(f"const pages = {call}", "src/main.ts", **PAGES)
    assert {edge.target for edge in found} == targets
    assert all((edge.kind, edge.confidence) == ("dynamic", "inferred") for edge in found)


def test_a_computed_pattern_is_told() -> None:
    found = graph({"main.ts": "import.meta.glob(patterns)", **PAGES}).unresolved
    assert [(each.source, each.reason) for each in found] == [("main.ts", "dynamic")]


def test_a_new_file_that_a_pattern_fits_is_seen() -> None:
    texts = {**PAGES, "src/main.ts": "import.meta.glob('./pages/**/*.ts')"}
    analyzer = DependencyAnalyzer(texts, workers=0)
    changed = {"src/pages/new/x.ts": "", "src/pages/b.ts": None}
    analyzer.update(changed)
    texts |= {"src/pages/new/x.ts": ""}
    del texts["src/pages/b.ts"]
    assert analyzer.graph.edges == DependencyAnalyzer(texts, workers=0).graph.edges
    assert "src/pages/new/x.ts" in {edge.target for edge in analyzer.graph.edges}
