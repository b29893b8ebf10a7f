"""Where imports of JavaScript and TypeScript lead."""

from __future__ import annotations

import json
import textwrap

import pytest

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.graph import DependencyGraph

FILES = {
    "src/a.ts": "export const a = 1;\nexport default a;\n",
    "src/b.tsx": "export const b = 1;\n",
    "src/c.d.ts": "export declare const c: number;\n",
    "src/d.mts": "export const d = 1;\n",
    "src/e.js": "exports.e = 1;\n",
    "src/f.vue": "<script>export default {}</script>\n",
    "src/data.json": "{}",
    "src/style.css": "",
    "src/folder/index.ts": "export const inner = 1;\n",
    "src/kit/package.json": '{"main": "./lib/main.js"}',
    "src/kit/lib/main.js": "",
}


def graph(texts: dict[str, str]) -> DependencyGraph:
    texts = {path: textwrap.dedent(text) for path, text in texts.items()}
    return DependencyAnalyzer(texts, workers=0).graph


def leads(text: str, path: str = "src/main.ts", **more: str) -> dict[str, str]:
    """Targets of a file's imports, and how surely each edge leads there."""
    found = graph(FILES | more | {path: text})
    return {edge.target: edge.confidence for edge in found.edges_from(path)}


def package(**data: object) -> str:
    return json.dumps(data)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("import a from './a'", "src/a.ts"),
        ("import * as a from './a.js'", "src/a.ts"),
        ("import a, { b as c } from './a.ts'", "src/a.ts"),
        ("import './b'", "src/b.tsx"),
        ("import './b.jsx'", "src/b.tsx"),
        ("import type { C } from './c'", "src/c.d.ts"),
        ("import { type C } from './c.js'", "src/c.d.ts"),
        ("import { d } from './d.mjs'", "src/d.mts"),
        ("import e = require('./e')", "src/e.js"),
        ("export { e } from './e'", "src/e.js"),
        ("export * from './e.js'", "src/e.js"),
        ("export * as e from './e.js'", "src/e.js"),
        ("export { default as F, type G } from './f.vue'", "src/f.vue"),
        ("import data from './data.json' with { type: 'json' }", "src/data.json"),
        ("import './style.css'", "src/style.css"),
        ("import('./' + 'a')", "src/a.ts"),
        ("require(__dirname + '/e')", "src/e.js"),
        ("require(path.join(__dirname, '../src', 'e'))", "src/e.js"),
        ("require(path.resolve(__dirname, './e'))", "src/e.js"),
        ("import raw from './style.css?raw'", "src/style.css"),
        ("import { inner } from './folder'", "src/folder/index.ts"),
        ("import { inner } from './folder/'", "src/folder/index.ts"),
        ("import kit from './kit'", "src/kit/lib/main.js"),
        ("const a = await import('./a')", "src/a.ts"),
        ("import('./a').then((m) => m.a)", "src/a.ts"),
        ("import(`./a`)", "src/a.ts"),
        ("let x: import('./a').A", "src/a.ts"),
        ("let x: typeof import('./a')", "src/a.ts"),
        ("declare module './a' { interface Z {} }", "src/a.ts"),
        ("/// <reference path='c.d.ts' />\nlet x", "src/c.d.ts"),
        ("if (x) { const e = require('./e') }", "src/e.js"),
        ("require('./e').e()", "src/e.js"),
        ("require(['./e'], function (e) {})", "src/e.js"),
        ("define(['./e'], function (e) {})", "src/e.js"),
    ],
)
def test_an_import_leads_to_its_file(text: str, target: str) -> None:
    assert leads(text) == {target: "exact"}


@pytest.mark.parametrize(
    "text",
    [
        "vi.mock('./a')",
        "jest.requireActual('./a')",
        "require.resolve('./a')",
        "import.meta.resolve('./a')",
        "new URL('./a.ts', import.meta.url)",
        "new Worker('./a')",
        "importScripts('./a')",
    ],
)
def test_what_a_run_decides_is_dynamic(text: str) -> None:
    assert leads(text) == {"src/a.ts": "dynamic"}


def test_kinds_lines_and_conditions_are_told() -> None:
    text = """\
        import type { A } from './a'
        import {
          b,
        } from './b'
        export * from './folder'
        function later() {
          return [require('./e'), import('./d.mjs')]
        }
        """
    edges = graph(FILES | {"src/main.ts": text}).edges_from("src/main.ts")
    told = [(edge.target, edge.line, edge.kind, edge.condition) for edge in edges]
    assert sorted(told, key=lambda each: each[1:]) == [
        ("src/a.ts", 1, "import", "typing"),
        ("src/b.tsx", 2, "import", ""),
        ("src/folder/index.ts", 5, "reexport", ""),
        ("src/d.mts", 7, "dynamic", "lazy"),
        ("src/e.js", 7, "import", "lazy"),
    ]


def test_columns_count_characters() -> None:
    edges = graph(FILES | {"src/main.ts": "let é = 'ü'; import './a'"}).edges_from("src/main.ts")
    assert [(edge.line, edge.column) for edge in edges] == [(1, 14)]


@pytest.mark.parametrize(
    ("text", "name", "reason"),
    [
        ("import x from 'react'", "react", "external"),
        ("import 'node:fs'", "node:fs", "external"),
        ("import x from './gone'", "./gone", "missing"),
        ("import x from '../../outside'", "../../outside", "external"),
        ("import x from '#gone'", "#gone", "missing"),
        ("import('./' + name)", "'./' + name", "dynamic"),
        ("import(`./a/${name}.js`)", "`./a/${name}.js`", "dynamic"),
        ("require(name)", "name", "dynamic"),
    ],
)
def test_what_leads_nowhere_is_told_with_its_reason(text: str, name: str, reason: str) -> None:
    found = graph(FILES | {"src/main.ts": text})
    assert [(each.name, each.reason) for each in found.unresolved_in("src/main.ts")] == [
        (name, reason)
    ]
    assert not found.edges_from("src/main.ts")


def test_a_file_that_was_not_read_is_skipped_not_missing() -> None:
    texts = {"main.js": "import './big.js'"}
    found = DependencyAnalyzer(texts, skipped=[("big.js", "too large")], workers=0).graph
    assert [each.reason for each in found.unresolved] == ["skipped"]


def test_javascript_prefers_what_is_written_and_typescript_its_sources() -> None:
    pair = {"x.js": "exports.x = 1", "x.ts": "export const x = 1", "x.d.ts": ""}
    found = graph(pair | {"plain.js": "require('./x')", "typed.ts": "import './x'"})
    assert found.imported["plain.js"] == ("x.js",)
    assert found.imported["typed.ts"] == ("x.ts",)


def test_scripts_of_vue_components_keep_their_lines() -> None:
    script = "<script setup lang='ts'>\nimport { a } from './a'\n</script>\n"
    text = "<template>\n  <p/>\n</template>\n" + script
    found = graph(FILES | {"src/page.vue": text, "src/main.ts": "import P from './page.vue'"})
    assert [(edge.target, edge.line) for edge in found.edges_from("src/page.vue")] == [
        ("src/a.ts", 5)
    ]
    assert found.imported["src/main.ts"] == ("src/page.vue",)


class TestConfigurations:
    def test_paths_and_base_url(self) -> None:
        config = (
            '{"compilerOptions": {"baseUrl": ".", "paths": {"@/*": ["src/*"], "~a": ["src/a"]}}}'
        )
        for name in ("@/a", "~a", "src/a"):
            assert leads(f"import '{name}'", **{"tsconfig.json": config}) == {"src/a.ts": "exact"}

    def test_comments_and_trailing_commas_are_forgiven(self) -> None:
        config = '{ // here\n "compilerOptions": {"paths": {"@/*": ["./src/*",],},}, /* "x": */ }'
        assert leads("import '@/a'", **{"tsconfig.json": config}) == {"src/a.ts": "exact"}

    def test_a_broken_configuration_counts_as_absent(self) -> None:
        assert leads("import '@/a'; import './a'", **{"tsconfig.json": '{"comp'}) == {
            "src/a.ts": "exact"
        }

    def test_extends_in_chains_and_arrays(self) -> None:
        more = {
            "tsconfig.json": '{"extends": ["./one.json", "./config/two"]}',
            "one.json": '{"compilerOptions": {"paths": {"@/*": ["./gone/*"]}}}',
            "config/two.json": '{"extends": "../three.json"}',
            "three.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}',
        }
        assert leads("import '@/a'", **more) == {"src/a.ts": "exact"}

    def test_extends_in_a_circle_ends(self) -> None:
        more = {
            "tsconfig.json": '{"extends": "./one.json"}',
            "one.json": '{"extends": "./tsconfig.json", "compilerOptions": {"baseUrl": "src"}}',
        }
        assert leads("import 'a'", **more) == {"src/a.ts": "exact"}

    def test_extends_a_package_of_the_workspace(self) -> None:
        more = {
            "package.json": package(workspaces=["packages/*"]),
            "packages/conf/package.json": package(name="@x/conf"),
            "packages/conf/base.json": '{"compilerOptions": {"paths": {"@/*": ["../../src/*"]}}}',
            "tsconfig.json": '{"extends": "@x/conf/base.json"}',
        }
        assert leads("import '@/a'", **more) == {"src/a.ts": "exact"}

    def test_the_referenced_configuration_that_lists_the_file_holds(self) -> None:
        more = {
            "tsconfig.json": '{"files": [], "references": [{"path": "./tsconfig.app.json"},'
            ' {"path": "./tsconfig.test.json"}]}',
            "tsconfig.app.json": '{"include": ["src"], "compilerOptions":'
            ' {"paths": {"@/*": ["./src/*"]}}}',
            "tsconfig.test.json": '{"include": ["test"], "compilerOptions":'
            ' {"paths": {"@/*": ["./test/*"]}}}',
            "test/a.ts": "",
            "test/t.ts": "import '@/a'",
        }
        found = graph(FILES | more | {"src/main.ts": "import '@/a'"})
        assert found.imported["src/main.ts"] == ("src/a.ts",)
        assert found.imported["test/t.ts"] == ("test/a.ts",)

    def test_the_nearest_folder_holds(self) -> None:
        more = {
            "tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}',
            "app/tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./*"]}}}',
            "app/a.ts": "",
        }
        assert leads("import '@/a'", "app/main.ts", **more) == {"app/a.ts": "exact"}

    def test_root_dirs_count_as_one_folder(self) -> None:
        config = '{"compilerOptions": {"rootDirs": ["src", "generated"]}}'
        more = {"tsconfig.json": config, "generated/made.ts": ""}
        assert leads("import './made'", **more) == {"generated/made.ts": "exact"}

    def test_an_alias_that_leads_nowhere_is_missing(self) -> None:
        config = '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}'
        found = graph(FILES | {"tsconfig.json": config, "src/main.ts": "import '@/gone'"})
        assert [each.reason for each in found.unresolved] == ["missing"]


class TestPackages:
    def test_internal_names_follow_imports(self) -> None:
        manifest = package(imports={"#a": "./src/a.ts", "#in/*": {"default": "./src/*.ts"}})
        assert leads("import '#a'", **{"package.json": manifest}) == {"src/a.ts": "exact"}
        assert leads("import '#in/a'", **{"package.json": manifest}) == {"src/a.ts": "exact"}

    def test_a_package_may_import_itself_by_its_exports(self) -> None:
        manifest = package(name="me", exports={".": "./src/a.ts", "./b": "./src/b.tsx"})
        more = {"package.json": manifest}
        assert leads("import 'me'", **more) == {"src/a.ts": "exact"}
        assert leads("import 'me/b'", **more) == {"src/b.tsx": "exact"}

    @pytest.mark.parametrize(
        "root",
        [
            {"package.json": package(workspaces=["packages/*"])},
            {"package.json": package(workspaces={"packages": ["./packages/**"]})},
            {"pnpm-workspace.yaml": "packages:\n  # ours\n  - 'packages/*'\n  - '!packages/x'\n"},
            {"pnpm-workspace.yaml": "packages: ['packages/*']\n"},
            {"lerna.json": package(packages=["packages/*"])},
        ],
    )
    def test_members_of_a_workspace_are_found(self, root: dict[str, str]) -> None:
        more = root | {
            "packages/lib/package.json": package(name="@x/lib", main="./index.js"),
            "packages/lib/index.js": "",
            "packages/lib/deep/part.js": "",
        }
        assert leads("import '@x/lib'", **more) == {"packages/lib/index.js": "exact"}
        assert leads("import '@x/lib/deep/part.js'", **more) == {
            "packages/lib/deep/part.js": "exact"
        }

    def test_a_package_outside_of_all_workspaces_is_external(self) -> None:
        more = {"test/fixture/package.json": package(name="react"), "test/fixture/index.js": ""}
        assert leads("import 'react'", **more) == {}

    def test_a_linked_folder_is_found(self) -> None:
        more = {
            "package.json": package(dependencies={"lib": "file:./vendored"}),
            "vendored/package.json": package(name="lib"),
            "vendored/index.js": "",
        }
        assert leads("import 'lib'", **more) == {"vendored/index.js": "exact"}

    def test_committed_modules_are_found_from_the_inside_out(self) -> None:
        more = {"node_modules/lib/index.js": "", "src/node_modules/lib/index.js": ""}
        assert leads("import 'lib'", **more) == {"src/node_modules/lib/index.js": "exact"}

    @pytest.mark.parametrize(
        ("exports", "text", "target"),
        [
            ({"import": "./esm.js", "require": "./cjs.js"}, "import 'lib'", "esm.js"),
            ({"import": "./esm.js", "require": "./cjs.js"}, "x = require('lib')", "cjs.js"),
            ({".": {"browser": "./gone.js", "default": "./esm.js"}}, "import 'lib'", "esm.js"),
            ({"./*": "./deep/*.js"}, "import 'lib/part'", "deep/part.js"),
            ({"./*": "./gone/*.js", "./deep/*": "./deep/*.js"}, "import 'lib/deep/part'",
             "deep/part.js"),
            ({".": ["./gone.js", "./esm.js"]}, "import 'lib'", "esm.js"),
        ],
    )  # fmt: skip
    def test_exports_by_condition_and_pattern(
        self, exports: object, text: str, target: str
    ) -> None:
        more = {
            "package.json": package(workspaces=["lib"]),
            "lib/package.json": package(name="lib", exports=exports),
            **{f"lib/{name}": "" for name in ("esm.js", "cjs.js", "deep/part.js")},
        }
        assert leads(text, "src/main.js", **more) == {f"lib/{target}": "exact"}

    @pytest.mark.parametrize(
        ("manifest", "text", "source"),
        [
            ({"main": "./dist/index.js"}, "import 'lib'", "src/index.ts"),
            ({"exports": {".": {"types": "./dist/index.d.ts"}}}, "import 'lib'", "src/index.ts"),
            ({"exports": {"./part": "./dist/esm/part.mjs"}}, "import 'lib/part'", "src/part.ts"),
            ({"exports": {"./*": "./build/*.js"}}, "import 'lib/part'", "src/part.ts"),
            ({}, "import 'lib'", "src/index.ts"),
        ],
    )
    def test_what_is_built_is_led_back_to_its_source(
        self, manifest: dict[str, object], text: str, source: str
    ) -> None:
        more = {
            "package.json": package(workspaces=["lib"]),
            "lib/package.json": package(name="lib", **manifest),
            "lib/src/index.ts": "",
            "lib/src/part.ts": "",
        }
        assert leads(text, **more) == {f"lib/{source}": "inferred"}

    def test_the_compilers_own_folders_are_used(self) -> None:
        more = {
            "package.json": package(workspaces=["lib"]),
            "lib/package.json": package(name="lib", main="./out/x.js"),
            "lib/tsconfig.json": '{"compilerOptions": {"outDir": "out", "rootDir": "code"}}',
            "lib/code/x.ts": "",
        }
        assert leads("import 'lib'", **more) == {"lib/code/x.ts": "inferred"}

    @pytest.mark.parametrize("manifest", ["", "{", "[]", '{"exports": 3, "main": []}', "null"])
    def test_a_strange_manifest_breaks_nothing(self, manifest: str) -> None:
        more = {"package.json": manifest, "lib/package.json": manifest}
        assert leads("import 'lib'; import './a'", **more) == {"src/a.ts": "exact"}
