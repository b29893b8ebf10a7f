"""Rust in the dependency graph: modules, `use` declarations, paths and Cargo's crates."""

from __future__ import annotations

import pytest

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.graph import DependencyGraph

MANIFEST = '[package]\nname = "shop-front"\nedition = "2021"\n'


def graph_of(files: dict[str, str], manifest: str = MANIFEST) -> DependencyGraph:
    return DependencyAnalyzer({"Cargo.toml": manifest, **files}, workers=0).graph


def targets(graph: DependencyGraph, path: str) -> set[tuple[str, int, str]]:
    """File edges as target, line and name."""
    return {(edge.target, edge.line, edge.name) for edge in graph.edges_from(path)}


def missing(graph: DependencyGraph, path: str) -> set[tuple[str, str]]:
    return {(each.name, each.reason) for each in graph.unresolved_in(path)}


def test_modules_lie_beside_roots_and_below_other_files() -> None:
    graph = graph_of(
        {
            "src/lib.rs": "mod till;\nmod shelf;\nmod gone;\n",
            "src/till.rs": "mod drawer;\n",
            "src/till/drawer.rs": "",
            "src/shelf/mod.rs": "mod board;\n",
            "src/shelf/board.rs": "",
        }
    )
    assert targets(graph, "src/lib.rs") == {
        ("src/till.rs", 1, "till"),
        ("src/shelf/mod.rs", 2, "shelf"),
    }
    assert targets(graph, "src/till.rs") == {("src/till/drawer.rs", 1, "drawer")}
    assert targets(graph, "src/shelf/mod.rs") == {("src/shelf/board.rs", 1, "board")}
    assert missing(graph, "src/lib.rs") == {("gone", "missing")}


def test_inline_modules_add_folders_and_path_attributes_name_files() -> None:
    graph = graph_of(
        {
            "src/lib.rs": 'mod a;\n#[path = "elsewhere/odd.rs"]\nmod b;\n',
            "src/a.rs": (
                'mod deep {\n    pub mod inner;\n    #[path = "other.rs"]\n    mod named;\n}\n'
                '#[path = "plain.rs"]\nmod c;\n'
            ),
            "src/a/deep/inner.rs": "use super::super::top;\n",
            "src/a/deep/other.rs": "",
            "src/plain.rs": "",
            "src/elsewhere/odd.rs": "mod beside;\nuse super::a;\n",
            "src/elsewhere/beside.rs": "use crate::b::x;\n",
        }
    )
    assert targets(graph, "src/a.rs") == {
        ("src/a/deep/inner.rs", 2, "inner"),
        ("src/a/deep/other.rs", 4, "named"),
        ("src/plain.rs", 7, "c"),
    }
    assert targets(graph, "src/a/deep/inner.rs") == {("src/a.rs", 1, "super::super::top")}
    assert targets(graph, "src/elsewhere/odd.rs") == {
        ("src/elsewhere/beside.rs", 1, "beside"),
        ("src/a.rs", 2, "super::a"),
    }
    assert targets(graph, "src/elsewhere/beside.rs") == {("src/elsewhere/odd.rs", 1, "crate::b::x")}


def test_build_conditions_are_told() -> None:
    graph = graph_of(
        {
            "src/lib.rs": (
                '#[cfg(unix)]\n#[path = "unix.rs"]\nmod system;\n'
                '#[cfg_attr(windows, path = "win.rs")]\nmod clock;\n'
                'cfg_if! {\n    if #[cfg(feature = "x")] {\n        mod x;\n    } else {\n'
                "        mod y;\n    }\n}\n#[cfg(test)]\nmod tests {\n    use super::x::z;\n}\n"
            ),
            "src/unix.rs": "",
            "src/win.rs": "",
            "src/clock.rs": "",
            "src/x.rs": "pub fn z() {}",
            "src/y.rs": "",
        }
    )
    found = {(e.target, e.name, e.condition) for e in graph.edges_from("src/lib.rs")}
    assert found == {
        ("src/unix.rs", "system", "unix"),
        ("src/win.rs", "clock", "windows"),
        ("src/clock.rs", "clock", ""),
        ("src/x.rs", "x", 'feature = "x"'),
        ("src/y.rs", "y", ""),
        ("src/x.rs", "super::x::z", "test"),
    }


def test_use_trees_lead_to_the_module_that_the_path_names() -> None:
    graph = graph_of(
        {
            "src/lib.rs": "pub mod a;\npub mod b;\npub use a::inner::Deep;\n",
            "src/a.rs": "pub mod inner;\npub use self::inner::*;\npub enum Kind { One, Two }\n",
            "src/a/inner.rs": "pub struct Deep;\npub fn go() {}\n",
            "src/b.rs": (
                "use crate::a::{\n    self,\n    inner::{go as run, Deep},\n    Kind::*,\n};\n"
                "use super::Deep as Other;\nuse std::fmt::{self, Display};\nuse serde::Serialize;\n"
                "fn f() { crate::a::inner::go(); self::g::h(); }\nmod g { pub fn h() {} }\n"
            ),
        }
    )
    assert targets(graph, "src/b.rs") == {
        ("src/a.rs", 2, "crate::a"),
        ("src/a/inner.rs", 3, "crate::a::inner::go"),
        ("src/a/inner.rs", 3, "crate::a::inner::Deep"),
        ("src/a.rs", 4, "crate::a::Kind::*"),
        ("src/lib.rs", 6, "super::Deep"),
        ("src/a/inner.rs", 9, "crate::a::inner::go"),
    }
    assert missing(graph, "src/b.rs") == {
        ("std::fmt", "external"),
        ("std::fmt::Display", "external"),
        ("serde::Serialize", "external"),
    }
    assert {edge.kind for edge in graph.edges_from("src/lib.rs")} == {"import", "reexport"}


def test_paths_without_use_lead_to_files() -> None:
    graph = graph_of(
        {
            "src/lib.rs": "mod a;\nmod b;\n",
            "src/a.rs": "pub mod c;\n",
            "src/a/c.rs": "pub struct Cup;\npub const SIZE: u8 = 1;\n",
            "src/b.rs": (
                "struct S { cup: crate::a::c::Cup }\n"
                'fn f() {\n    println!("{}", crate::a::c::SIZE);\n    f64::from(2u8);\n}\n'
            ),
        }
    )
    assert targets(graph, "src/b.rs") == {
        ("src/a/c.rs", 1, "crate::a::c::Cup"),
        ("src/a/c.rs", 3, "crate::a::c::SIZE"),
    }


def test_globs_and_reexports_are_followed_to_find_modules() -> None:
    graph = graph_of(
        {
            "src/lib.rs": "mod outer;\npub use outer::*;\nmod user;\n",
            "src/outer.rs": "pub use self::parts::*;\nmod parts;\n",
            "src/outer/parts.rs": "pub mod wheel;\npub use super::parts::wheel as disc;\n",
            "src/outer/parts/wheel.rs": "pub fn turn() {}\n",
            "src/user.rs": "use crate::wheel::turn;\nuse crate::disc;\n",
        }
    )
    assert targets(graph, "src/user.rs") == {
        ("src/outer/parts/wheel.rs", 1, "crate::wheel::turn"),
        ("src/outer/parts/wheel.rs", 2, "crate::disc"),
    }


def test_crates_of_a_package() -> None:
    graph = graph_of(
        {
            "src/lib.rs": "pub mod a;\n",
            "src/a.rs": "",
            "src/main.rs": "mod cli;\nuse shop_front::a;\n",
            "src/cli.rs": "use crate::start;\n",
            "src/bin/tool.rs": "use shop_front::a;\n",
            "src/bin/big/main.rs": "mod part;\n",
            "src/bin/big/part.rs": "",
            "tests/it.rs": "mod common;\nuse common::x;\n",
            "tests/common/mod.rs": "use shop_front::a;\n",
            "examples/show.rs": "extern crate shop_front as shop;\nuse shop::a;\n",
            "build.rs": "mod made;\n",
            "made.rs": "",
        }
    )
    assert targets(graph, "src/main.rs") == {
        ("src/cli.rs", 1, "cli"),
        ("src/a.rs", 2, "shop_front::a"),
    }
    assert targets(graph, "src/cli.rs") == {("src/main.rs", 1, "crate::start")}
    assert targets(graph, "src/bin/tool.rs") == {("src/a.rs", 1, "shop_front::a")}
    assert targets(graph, "src/bin/big/main.rs") == {("src/bin/big/part.rs", 1, "part")}
    assert targets(graph, "tests/common/mod.rs") == {("src/a.rs", 1, "shop_front::a")}
    assert targets(graph, "tests/it.rs") >= {("tests/common/mod.rs", 1, "common")}
    assert targets(graph, "examples/show.rs") == {
        ("src/lib.rs", 1, "shop_front"),
        ("src/a.rs", 2, "shop::a"),
    }
    assert targets(graph, "build.rs") == {("made.rs", 1, "made")}


def test_workspaces_renamed_packages_and_moved_roots() -> None:
    graph = graph_of(
        {
            "app/Cargo.toml": (
                '[package]\nname = "app"\nedition.workspace = true\n[dependencies]\n'
                'kept = { package = "the-store", path = "../store" }\nshared.workspace = true\n'
                'far = "1"\nlost = { path = "../lost" }\n'
                '[[bin]]\nname = "go"\npath = "cmd/go.rs"\n'
            ),
            "app/cmd/go.rs": (
                "use kept::Shelf;\nuse shared::x;\nuse far::y;\nuse lost::z;\nuse the_store::w;\n"
            ),
            "store/Cargo.toml": '[package]\nname = "the-store"\n[lib]\npath = "code/store.rs"\n',
            "store/code/store.rs": "pub struct Shelf;\n",
            "shared/Cargo.toml": '[package]\nname = "shared"\nversion = "1.0.0"\n',
            "shared/src/lib.rs": "pub mod x;\n",
            "shared/src/x.rs": "",
        },
        '[workspace]\nmembers = ["*"]\n[workspace.package]\nedition = "2021"\n'
        '[workspace.dependencies]\nshared = { path = "shared" }\n',
    )
    assert targets(graph, "app/cmd/go.rs") == {
        ("store/code/store.rs", 1, "kept::Shelf"),
        ("shared/src/x.rs", 2, "shared::x"),
    }
    assert missing(graph, "app/cmd/go.rs") == {
        ("far::y", "external"),
        ("lost::z", "missing"),
        ("the_store::w", "external"),
    }


def test_patched_dependencies_are_local() -> None:
    graph = graph_of(
        {
            "src/main.rs": "use tool::x;\n",
            "vendor/tool/Cargo.toml": '[package]\nname = "tool"\nedition = "2018"\n',
            "vendor/tool/src/lib.rs": "pub fn x() {}\n",
        },
        MANIFEST
        + '[dependencies]\ntool = "1"\n[patch.crates-io]\ntool = { path = "vendor/tool" }\n',
    )
    assert targets(graph, "src/main.rs") == {("vendor/tool/src/lib.rs", 1, "tool::x")}


def test_edition_2015_begins_at_the_root_of_the_crate() -> None:
    files = {
        "src/lib.rs": "mod a;\nmod b;\n",
        "src/a.rs": "pub fn f() {}\n",
        "src/b.rs": "use a::f;\nfn g() { ::a::f(); }\nmod c { fn h() { super::super::a::f() } }\n",
    }
    graph = graph_of(files, '[package]\nname = "old"\n')
    assert targets(graph, "src/b.rs") == {
        ("src/a.rs", 1, "a::f"),
        ("src/a.rs", 2, "::a::f"),
        ("src/a.rs", 3, "super::super::a::f"),
    }
    new = graph_of(files)
    assert targets(new, "src/b.rs") == {("src/a.rs", 3, "super::super::a::f")}


def test_includes_are_edges_or_say_why_not() -> None:
    graph = graph_of(
        {
            "src/lib.rs": (
                '#![doc = include_str!("../README.md")]\ninclude!("made.rs");\n'
                'const T: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), '
                '"/data/t.txt"));\n'
                'include!(concat!(env!("OUT_DIR"), "/b.rs"));\n'
                'const G: &[u8] = include_bytes!("gone.bin");\nmod user;\n'
            ),
            "src/made.rs": "pub struct Made;\nuse crate::user;\n",
            "src/user.rs": "use crate::Made;\n",
            "README.md": "# Shop",
            "data/t.txt": "t",
        }
    )
    found = {(e.target, e.line) for e in graph.edges_from("src/lib.rs") if e.kind == "include"}
    assert found == {("README.md", 1), ("src/made.rs", 2), ("data/t.txt", 3)}
    reasons = {reason for _, reason in missing(graph, "src/lib.rs")}
    assert reasons == {"dynamic", "missing"}
    assert targets(graph, "src/made.rs") == {("src/user.rs", 2, "crate::user")}
    made = [e for e in graph.symbol_edges_from("src/user.rs") if e.target_symbol == "Made"]
    assert [e.target for e in made] == ["src/made.rs"]


@pytest.mark.parametrize("manifest", ["", "[package", "[package]\nname = 3\nedition = 7\n", "x=1"])
def test_a_broken_manifest_is_as_if_absent(manifest: str) -> None:
    files = {"src/lib.rs": "mod a;\n", "src/a.rs": "use crate::b;\nuse super::c;\n"}
    graph = graph_of(files, manifest)
    assert targets(graph, "src/lib.rs") == {("src/a.rs", 1, "a")}
    assert {each[0] for each in targets(graph, "src/a.rs")} == {"src/lib.rs"}


def test_columns_are_characters() -> None:
    graph = graph_of({"src/lib.rs": "/* żółć */ mod a;\n", "src/a.rs": ""})
    assert [edge.column for edge in graph.edges_from("src/lib.rs")] == [16]


def test_modules_in_a_circle_end() -> None:
    graph = graph_of(
        {
            "src/lib.rs": 'mod a;\n#[path = "lib.rs"]\nmod again;\n',
            "src/a.rs": "pub use crate::b::*;\npub use super::*;\nuse crate::nothing::at::all;\n"
            "mod b { pub use crate::a::*; }\n",
        }
    )
    assert ("src/a.rs", 1, "a") in targets(graph, "src/lib.rs")
    assert ("crate::nothing::at::all", "missing") in missing(graph, "src/a.rs")
