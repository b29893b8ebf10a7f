"""The dependency map: what it says, what is drawn, and that it reads back off the pixels."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from glyphagent.dependencies.edges import Edge, Linked
from glyphagent.dependencies.facts import FileFacts, Interface
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependency_map import TITLE, map_lines, map_pages
from glyphagent.page import Page
from glyphagent.plugins import load
from glyphagent.raster import rgb_pixels
from glyphagent.style import Style, preset
from glyphagent.transcript import transcribe

LOOP = {
    "app/main.py": ("app/shop.py", "app/prices.py"),
    "app/shop.py": ("app/prices.py", "app/stock.py"),
    "app/stock.py": ("app/shop.py",),
    "app/prices.py": (),
    "alone.py": (),
}
DRAWN = """\
 alone.py p0
 app/prices.py p0  used by 3 5
 app/shop.py p0  uses 2 4  used by 4 5
 app/stock.py p0  uses 3  used by 3
 app/main.py p0  uses 2 3
"""


def graph(uses: Mapping[str, tuple[str, ...]]) -> DependencyGraph:
    return DependencyGraph(
        {path: FileFacts(Interface(path, "python")) for path in uses},
        {
            path: Linked(tuple(Edge(path, t, n, 1, "import", t) for n, t in enumerate(targets, 1)))
            for path, targets in uses.items()
        },
    )


def said(uses: Mapping[str, tuple[str, ...]], style: Style) -> list[str]:
    index, drawing = map_lines(graph(uses), tuple(uses), lambda path: [0], style)
    return ["".join(text for text, _ in line) for line in (*index, *drawing)]


def pages(uses: Mapping[str, tuple[str, ...]], style: Style) -> tuple[Page, ...]:
    draw = load("renderers", "code")().render
    return map_pages(graph(uses), tuple(uses), lambda path: [0], style, draw)


def test_the_index_says_who_uses_whom_and_the_graph_draws_it() -> None:
    assert said(LOOP, preset("grid")) == [
        "5 files; 5 times one of them imports another",
        "",
        "INDEX a number names a file, p its pages",
        *(f"{n}{line}" for n, line in enumerate(DRAWN.splitlines(), 1)),
        "GRAPH of files: ● in a row: it imports what the column is numbered",
        "◆ the same, and imported back: part of a cycle",
        "                 2 3 4",
        "2 app/prices.py ─┐",
        "3 app/shop.py   ─●─┐─◆",
        "4 app/stock.py  ─│─●─┘",
        "5 app/main.py   ─●─●",
    ]


def test_each_atlas_draws_with_what_it_has() -> None:
    for name in ("grid", "grid-dense"):
        style = preset(name)
        drawn = style.glyphs.code_of
        assert all(c in drawn for line in said(LOOP, style) for c in line)
    assert "4 app/stock.py  -|-●-┘" in said(LOOP, preset("grid-dense"))


def test_files_without_edges_need_no_map() -> None:
    assert pages({"a.py": (), "b.py": ()}, preset("grid")) == ()
    assert pages({}, preset("grid")) == ()


@pytest.mark.parametrize("name", ["grid", "grid-dense"])
def test_a_map_reads_back_off_its_pixels_and_shows_no_source(name: str) -> None:
    style = preset(name)
    (page,) = pages(LOOP, style)
    assert page.source_map.locations() == []
    assert page.location_at(40, 20) is None
    assert len(set(page.inks.reshape(-1).tolist())) > 4
    (seen,) = load("backends", "local")().read([rgb_pixels(page)])
    (part,) = transcribe(seen.codes, page.glyphs.characters)
    index, drawing = map_lines(graph(LOOP), tuple(LOOP), lambda path: [0], style)
    lines = ["".join(text for text, _ in line) for line in (*index, [], *drawing)]
    assert part.path == TITLE
    assert part.text.split("\n")[:-1] == lines


def test_many_files_are_drawn_by_folder_on_pages_of_their_own() -> None:
    many: dict[str, tuple[str, ...]] = {
        f"f{n % 4}/m{n:03}.py": (f"f{(n + 1) % 4}/m{n + 1:03}.py",) for n in range(120)
    }
    many["f0/m120.py"] = ()
    style = preset("grid")
    lines = said(many, style)
    start = next(n for n, line in enumerate(lines) if line.startswith("GRAPH"))
    assert lines[start].startswith("GRAPH of folders")
    assert [line.split()[1] for line in lines[-4:]] == ["f0/", "f1/", "f2/", "f3/"]
    made = pages(many, style)
    assert len(made) == 4
    assert made[-1].codes.shape[0] < made[0].codes.shape[0]
    assert all(page.height_px % style.patch_px == 0 for page in made)


def test_a_hostile_name_breaks_no_line() -> None:
    odd = {"a\n\ue001b\u202e.py": ("c.py",), "c.py": ()}
    (page,) = pages(odd, preset("grid"))
    (part,) = transcribe(page.codes, page.glyphs.characters)
    assert "2 a\\n\\ue001b\\u202e.py p0  uses 1" in part.text.split("\n")
