"""What one JavaScript or TypeScript text defines and imports."""

from __future__ import annotations

import pickle
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphagent.dependencies import Definition, FileSymbols, extract


def read(text: str, path: str = "m.ts") -> FileSymbols:
    return extract(path, textwrap.dedent(text).lstrip("\n"))


def named(symbols: FileSymbols) -> dict[str, Definition]:
    return {each.qualified_name: each for each in symbols.definitions}


def test_functions_of_every_form() -> None:
    found = named(
        read(
            """
            /**
             * Adds.
             * @returns the sum
             */
            export default async function add(a, b = {}) { return a }
            export const sub = (a, b) => a - b,
              mul = function (a) { return a };
            function* gen(
              first,
            ) {}
            exports.div = function (a) {};
            Graph.prototype.load = function (path) {};
            const table = { go(a) {}, stop: () => 1 };
            setup(function () { var local = 1; function inner() {} });
            """,
            "m.js",
        )
    )
    assert found["add"].signature == "export default async function add(a, b = {})"
    assert found["add"].docstring == "Adds.\n@returns the sum"
    assert str(found["add"].docstring_location) == "m.js:1-4"
    assert found["sub"].signature == "export const sub = (a, b)"
    assert found["mul"].kind == "function"
    assert str(found["gen"].header) == "m.js:8-10"
    assert found["div"].kind == "function"
    assert found["Graph.load"].kind == "method"
    assert found["table.go"].kind == found["table.stop"].kind == "method"
    assert "inner" in found
    assert "local" not in found


def test_classes_interfaces_and_types() -> None:
    found = named(
        read(
            """
            export abstract class Graph<T> extends Base<T> implements Loads, Saves {
              static limit = 3;
              #hidden: number;
              constructor(private path: string) { super(); }
              get size(): number { return 1 }
              abstract load(path: string): void;
              go = async (a: number) => { };
            }
            interface Loads extends One, Two { path: string; load(x: number): void }
            type Mode = 'r' | 'w';
            export enum Level { Low = 1, High }
            declare function outer(a: string): void;
            namespace Deep { export const inside = 1 }
            """
        )
    )
    assert found["Graph"].bases == ("Base", "Loads", "Saves")
    assert found["Graph.limit"].value == "3"
    assert found["Graph.constructor"].signature == "constructor(private path: string)"
    assert found["Graph.load"].signature == "abstract load(path: string): void"
    assert found["Graph.go"].kind == "method"
    assert found["Loads"].kind == "interface"
    assert found["Loads"].bases == ("One", "Two")
    assert found["Mode"].value == "'r' | 'w'"
    assert (found["Level"].kind, found["Level.Low"].value) == ("enum", "1")
    assert found["outer"].kind == "function"
    assert found["Deep.inside"].kind == "constant"


def test_constants_keep_their_value() -> None:
    found = named(read("export const LIMIT = 30 * 1000; // ms\nlet open = [\n  1,\n];\n"))
    assert (found["LIMIT"].kind, found["LIMIT"].value) == ("constant", "30 * 1000")
    assert (found["open"].kind, found["open"].value) == ("variable", "[\n  1,\n]")
    assert found["open"].signature == "let open = [\n  1,\n]"


def test_imports_of_every_form() -> None:
    symbols = read(
        """
        import main, { a as b, type C } from "./x.js";
        import * as space from 'lib';
        import type { Q } from './q';
        import './side';
        export * from './r';
        export { z as w } from './z';
        import fs = require('fs');
        const d = require('./d');
        const lazy = () => import('./lazy');
        """
    )
    shown = [(each.line, each.module, each.names, each.kind) for each in symbols.imports]
    assert shown == [
        (1, "./x.js", ("default", "a", "C"), "import"),
        (2, "lib", ("*",), "import"),
        (3, "./q", ("Q",), "type"),
        (4, "./side", (), "import"),
        (5, "./r", ("*",), "reexport"),
        (6, "./z", ("z",), "reexport"),
        (7, "fs", ("*",), "import"),
        (8, "./d", (), "require"),
        (9, "./lazy", (), "dynamic"),
    ]
    assert symbols.imports[0].aliases == (("default", "main"), ("a", "b"))


@pytest.mark.parametrize("suffix", ["js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts"])
def test_every_suffix_is_read(suffix: str) -> None:
    found = named(extract(f"m.{suffix}", "// Says it.\nfunction go(a) { return 1 }\n"))
    assert found["go"].docstring == "Says it."


def test_jsx_is_read() -> None:
    found = named(
        extract("m.tsx", "export function App(p: P) { return <b>{p.x}</b> }\nconst N = 1")
    )
    assert found["App"].signature == "export function App(p: P)"
    assert found["N"].value == "1"


def test_a_misread_character_leaves_the_rest() -> None:
    symbols = extract("m.js", "function one(a { return 1 }\n\nfunction two(b) { return 2 }\n")
    assert symbols.has_errors
    assert "two" in named(symbols)


@given(st.text(alphabet=st.sampled_from("function class{}()=>;,x.\n'\"`/* export=ä"), max_size=200))
def test_any_text_gives_plain_data_with_lines_in_range(text: str) -> None:
    symbols = extract("m.ts", text)
    assert pickle.loads(pickle.dumps(symbols)) == symbols
    lines = text.count("\n") + 1
    for each in symbols.definitions:
        assert 1 <= each.header.line_start <= each.header.line_end <= lines
