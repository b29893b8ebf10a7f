"""Definitions by their lines alone, in languages without a grammar."""

from __future__ import annotations

import pytest

from glyphagent.dependencies import extract

SAMPLES = {
    "m.go": (
        "package m\n// func no()\nfunc Load(p string) error {\n\tcall(x)\n}\n"
        "func (g *Graph) Save() {\n}\ntype Graph struct {\n}\nconst Limit = 3\n",
        {"Load": 3, "Save": 6, "Graph": 8, "Limit": 10},
    ),
    "m.rs": (
        "pub(crate) async fn load(p: &str) -> u8 {\n    call(x);\n}\npub struct Graph<T> {\n}\n"
        "impl Graph {\n    fn save(&self) {}\n}\nenum Kind { A }\ntrait Loads {}\n"
        "pub const LIMIT: usize = 3;\n",
        {"load": 1, "Graph": 4, "save": 7, "Kind": 9, "Loads": 10, "LIMIT": 11},
    ),
    "m.java": (
        "package m;\npublic final class Graph extends Base {\n  private int n = call(1);\n"
        "  public static List<String> load(String p) {\n    return other(p);\n  }\n}\n",
        {"Graph": 2, "load": 4},
    ),
    "m.c": (
        "#define LIMIT 3\nstruct graph {\n};\nstatic int load(const char *path)\n{\n"
        "    return call(path);\n}\nint declared(void);\n",
        {"LIMIT": 1, "graph": 2, "load": 4},
    ),
    "m.rb": (
        "module Deep\n  class Graph\n    def load!(p)\n    end\n  end\nend\n",
        {"Deep": 1, "Graph": 2, "load!": 3},
    ),
    "notes.md": ("# def load\nclass Graph\n", {}),
}


@pytest.mark.parametrize("path", SAMPLES)
def test_headers_are_found_and_calls_are_not(path: str) -> None:
    text, expected = SAMPLES[path]
    assert {each.name: each.line for each in extract(path, text).definitions} == expected


def test_a_file_without_suffix_is_text() -> None:
    assert extract("Makefile", "func all() {\n").language == "text"
    assert extract("a.py/README", "def f(): pass\n").definitions == ()
