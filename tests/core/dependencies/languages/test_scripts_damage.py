"""Manifests of any shape, and patterns made to take long: nothing raises, nothing hangs."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.languages.scripts.manifests import glob_pattern

WORDS = st.sampled_from(
    ["", ".", "..", "./a", "./a.ts", "/", "*", "./*", "**/*", "b", "b/*", "#x", "#*", "\ud800",
     "[", "{a,", "}", "node_modules", "\\", "\0", "a" * 300, "./tsconfig.json", "../tsconfig.json"]
)  # fmt: skip
KEYS = st.sampled_from(
    ["name", "main", "types", "exports", "imports", "workspaces", "packages", "type", "files",
     "include", "exclude", "extends", "references", "path", "compilerOptions", "paths", "baseUrl",
     "rootDirs", "rootDir", "outDir", "moduleSuffixes", "customConditions", "module", "source",
     "browser", ".", "./*", "./a", "#x", "#*", "*", "b/*", "default", "import", "require", "node"]
)  # fmt: skip
PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), WORDS, st.text(max_size=8)
)
ANY = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(KEYS, WORDS), inner, max_size=4)
    ),
    max_leaves=12,
)
MANIFEST = st.one_of(ANY, st.dictionaries(KEYS, ANY, max_size=5))
CODE = (
    "import a from './a'\nimport b from 'b'\nimport x from '#x'\nimport c from 'b/c'\na(b, x, c)\n"
)


@settings(max_examples=40, deadline=None)
@given(package=MANIFEST, inner=MANIFEST, config=MANIFEST, base=MANIFEST)
def test_manifests_of_any_shape(
    package: object, inner: object, config: object, base: object
) -> None:
    texts = {
        "package.json": json.dumps(package),
        "b/package.json": json.dumps(inner),
        "tsconfig.json": json.dumps(config),
        "b/tsconfig.json": json.dumps(base),
        "main.ts": CODE,
        "old.js": CODE,
        "b/c.ts": CODE,
        "b/index.ts": "export default 1",
        "a.ts": "export default 1",
    }
    analyzer = DependencyAnalyzer(texts, workers=0)
    assert analyzer.graph.skipped == ()
    assert {path for path in texts if path.endswith(("ts", "js"))} <= set(analyzer.graph.nodes)
    analyzer.update({"tsconfig.json": json.dumps(base)})
    fresh = DependencyAnalyzer({**texts, "tsconfig.json": json.dumps(base)}, workers=0)
    assert analyzer.graph.edges == fresh.graph.edges


@settings(max_examples=40, deadline=None)
@given(MANIFEST)
def test_options_of_any_shape(options: object) -> None:
    config = json.dumps({"compilerOptions": options, "include": options, "extends": options})
    package = json.dumps({"name": "b", "exports": options, "imports": options, "main": options})
    texts = {"tsconfig.json": config, "package.json": package, "main.ts": CODE, "a.ts": ""}
    graph = DependencyAnalyzer(texts, workers=0).graph
    assert graph.skipped == ()
    assert {"main.ts", "a.ts"} <= set(graph.nodes)


@pytest.mark.parametrize(
    ("glob", "path", "fits"),
    [
        ("*a" * 40 + "b", "a" * 200, False),
        ("*a" * 40, "a" * 200, True),
        ("**/" * 40 + "x.ts", "/".join("a" * 100) + "/x.ts", True),
        ("**/a/" * 12 + "b", "/".join("a" * 100), False),
        ("**" * 30 + "b", "a" * 200, False),
        ("a*b*c.ts", "axbybzc.ts", True),
        ("a*b*c.ts", "axbyc/c.ts", False),
        ("src/**/*.{ts,vue}", "src/a/b/c.vue", True),
        ("src/**/*.*.ts", "src/c.test.x.ts", True),
        ("src/?.ts", "src/a.ts", True),
        ("***/x", "a/b/x", True),
    ],
)
def test_patterns_take_no_path_apart_in_too_many_ways(glob: str, path: str, fits: bool) -> None:
    assert (glob_pattern(glob).match(path) is not None) == fits
