"""Manifests of any shape and of any values are data at most: no language's link ever fails."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.dependencies.analyzer import DependencyAnalyzer

_NAMES = """
* a autoload bin build-system classmap command dependencies directory exclude features file files
find lib members name package package-dir packages patch path project psr-4 replace setuptools src
target test tool version where workspace
"""
_WORDS = sorted(_NAMES.split())
_LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False, width=16)
_STRINGS = st.sampled_from(["", "a", "../..", "/x", "src/lib.rs", "src", "a b", "*", "x/*", "é"])
_VALUES = st.recursive(
    _LEAVES | _STRINGS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_WORDS), inner, max_size=4)
    ),
    max_leaves=8,
)
_TABLES = st.dictionaries(st.sampled_from(_WORDS), _VALUES, max_size=4)
# A manifest, files that it could say something about, and whether it is TOML.
_PROJECTS: dict[str, tuple[dict[str, str], bool]] = {
    "Cargo.toml": ({"src/lib.rs": "mod a; use a::f; use x::y;", "src/a.rs": "pub fn f() {}"}, True),
    "pyproject.toml": ({"src/p/__init__.py": "import p.q, q", "q.py": "import p"}, True),
    "composer.json": (
        {"a.php": "<?php use M\\X; new X();", "src/X.php": "<?php class X {}"},
        False,
    ),
    "compile_commands.json": ({"a.c": "#include <b.h>\n", "src/b.h": ""}, False),
}


def toml(value: Any) -> str:
    """A value as TOML has it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return '""' if value is None else json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize("manifest", _PROJECTS)
@settings(max_examples=80, deadline=None)
@given(value=_TABLES | _VALUES)
def test_a_manifest_may_say_anything(manifest: str, value: Any) -> None:
    files, is_toml = _PROJECTS[manifest]
    if not is_toml:
        text = json.dumps(value)
    elif isinstance(value, dict):
        text = "\n".join(f"{json.dumps(key)} = {toml(each)}" for key, each in value.items())
    else:
        text = f"package = {toml(value)}"
    graph = DependencyAnalyzer({**files, manifest: text}, workers=0).graph
    assert graph.skipped == ()
    assert set(graph.nodes) >= set(files)


@settings(max_examples=80, deadline=None)
@given(text=st.text(alphabet='<project>modules/build.inc()=>"`\n&;@v1 ', max_size=60))
def test_a_manifest_may_be_any_text(text: str) -> None:
    manifests = ["go.mod", "go.work", "pom.xml", "build.gradle", "CMakeLists.txt", "x.csproj"]
    files = {
        "a.go": 'package a\nimport "m/b"\n',
        "A.java": "import b.C; class A {}",
        "a.c": "#include <q.h>\n",
        "b.cs": "using A;",
    }
    graph = DependencyAnalyzer(files | dict.fromkeys(manifests, text), workers=0).graph
    assert graph.skipped == ()
    assert set(graph.nodes) >= set(files)
