"""The page as its text, and as a real browser shows it where one is installed."""

from __future__ import annotations

import html.parser
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from glyphagent.dependencies.difference import compare
from glyphagent.dependencies.formats.as_html import written
from glyphagent.dependencies.report import Report
from glyphagent.dependencies.rules import find_broken, forbidden

from ..drawn_graphs import drawn
from .browser import Browser, installed
from .conftest import HOSTILE

# As many boxes as fit a window of 1400 by 900 with names that can be read.
MOST_AT_FIRST = 26

looked_at = pytest.mark.skipif(installed() is None, reason="no browser is installed")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


def opened(browser: Browser, folder: Path, report: Report, hash_: str = "") -> Browser:
    file = folder / "deps.html"
    file.write_text(written(report), encoding="utf-8", newline="\n")
    browser.console.clear()
    browser.open(file, hash_)
    return browser


def side(browser: Browser) -> str:
    return str(browser.run("document.getElementById('side').innerText"))


def click_node(browser: Browser, id_: str, times: int = 1) -> None:
    place: dict[str, float] = browser.run(
        "(() => { const at = dependencyView.cy.getElementById(" + json.dumps(id_) + ")"
        ".renderedPosition(), box = document.getElementById('graph').getBoundingClientRect();"
        "return {x: at.x + box.x, y: at.y + box.y}; })()"
    )
    browser.click(place["x"], place["y"], times)


def overlaps(browser: Browser) -> list[str]:
    """Names of boxes that cover each other, or leave the open folder that they belong to."""
    found: list[str] = browser.run(
        "(() => { const cy = dependencyView.cy, wrong = [];"
        "const box = (n) => ({n, x: n.position('x') - n.width() / 2, y: n.position('y') - "
        "n.height() / 2, w: n.width(), h: n.height()});"
        "const all = cy.nodes().difference('.pane').map(box).sort((a, b) => a.y - b.y);"
        "all.forEach((a, i) => {"
        "for (let j = i + 1; j < all.length && all[j].y < a.y + a.h; j += 1)"
        "{ const b = all[j]; if (b.x < a.x + a.w && a.x < b.x + b.w) "
        "wrong.push(`${a.n.id()} ${b.n.id()}`); } });"
        "cy.nodes('.pane').map(box).forEach((p) => all.forEach((a) => {"
        "const inside = a.x >= p.x && a.y >= p.y && a.x + a.w <= p.x + p.w"
        " && a.y + a.h <= p.y + p.h;"
        "const path = a.n.data('folder') || dependencyView.data.files[a.n.data('file')];"
        "const folder = p.n.data('folder');"
        "if (!folder.includes('\\0') && inside !== path.startsWith(folder)) "
        "wrong.push(`${a.n.id()} in ${folder}`); }));"
        "return wrong.slice(0, 9); })()"
    )
    return found


def large() -> Report:
    lines = [
        f"p{n % 9}/s{n % 5}/f{n}.py -> "
        + " ".join(f"p{m % 9}/s{m % 5}/f{m}.py" for m in {n // 2, n // 3, n * 7 % 1999, n + 9})
        for n in range(1990)
    ]
    return Report(drawn("\n".join(lines)), "large")


class Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(text: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(text)
    return parser.found


def test_it_is_one_file_that_asks_for_nothing(report: Report) -> None:
    for _, attributes in tags(written(report)):
        assert not attributes.keys() & {"src", "href", "srcset", "onclick", "onerror", "onload"}


def test_names_add_no_markup(report: Report, hostile: Report) -> None:
    plain = [tag for tag, _ in tags(written(report))]
    assert [tag for tag, _ in tags(written(hostile))] == plain
    assert plain.count("script") == 4


def test_the_same_report_gives_the_same_bytes(report: Report) -> None:
    assert written(report) == written(report)


def test_it_stays_small(report: Report) -> None:
    assert len(written(report)) < 1 << 20


@looked_at
def test_a_click_shows_what_a_file_uses_and_what_uses_it(
    browser: Browser, tmp_path: Path, report: Report
) -> None:
    page = opened(browser, tmp_path, report)
    file = report.files.index("web/view.py")
    click_node(page, f"f{file}")
    page.wait("document.getElementById('side').innerText.includes('Used by')")
    text = side(page)
    assert "Uses: 1" in text
    assert "web/view.py:1:8 import app/core/pool.py" in text
    assert "app/main.py:2:8 import web/view.py" in text
    classes = {
        path: page.run(f"dependencyView.cy.getElementById('f{n}').classes()")
        for n, path in enumerate(report.files)
    }
    assert "chosen" in classes["web/view.py"]
    assert "uses" in classes["app/core/pool.py"]
    assert "used" in classes["app/main.py"]
    assert "faded" in classes["data.json"]
    page.run("document.getElementById('far').click()")
    assert "uses" in page.run(
        f"dependencyView.cy.getElementById('f{report.files.index('app/core/dial.py')}').classes()"
    )
    assert page.console == []


@looked_at
def test_folders_close_and_open(browser: Browser, tmp_path: Path, report: Report) -> None:
    page = opened(browser, tmp_path, report)
    before = page.run("document.body.dataset.nodes")
    page.run("document.getElementById('close').click()")
    assert page.run("document.body.dataset.nodes") == "3"
    click_node(page, "dapp/", times=2)
    page.wait("document.body.dataset.nodes === '4'")
    page.run("document.getElementById('open').click()")
    assert page.run("document.body.dataset.nodes") == before == str(len(report.files))
    page.run("document.getElementById('tests').click()")
    assert page.run("document.body.dataset.nodes") == str(len(report.files) - 1)
    assert page.console == []


@looked_at
def test_search_brings_a_file_of_a_closed_folder(
    browser: Browser, tmp_path: Path, report: Report
) -> None:
    page = opened(browser, tmp_path, report)
    page.run("document.getElementById('close').click()")
    page.run("document.getElementById('query').focus()")
    page.type("DIAL")
    assert page.run("document.getElementById('found').innerText") == "app/core/dial.py"
    page.type("\n")
    page.wait("location.hash === '#file=app%2Fcore%2Fdial.py'")
    assert "in a cycle of 2 files" in side(page)
    dial = report.files.index("app/core/dial.py")
    assert page.run(f"dependencyView.cy.getElementById('f{dial}').nonempty()")


@looked_at
def test_a_cycle_is_lit_with_its_evidence(browser: Browser, tmp_path: Path, report: Report) -> None:
    page = opened(browser, tmp_path, report, "#cycle=0")
    assert "Cycle of 2 files" in side(page)
    assert "app/core/dial.py:1:8 import app/core/pool.py" in side(page)
    lit = page.run("dependencyView.cy.nodes('.incycle').map((n) => n.data('label')).sort()")
    assert lit == ["dial.py", "pool.py"]
    assert page.run("dependencyView.cy.edges('.example').length") == 2


@looked_at
def test_an_edge_shows_its_evidence(browser: Browser, tmp_path: Path, report: Report) -> None:
    page = opened(browser, tmp_path, report)
    page.run("void dependencyView.cy.edges()[0].emit('tap')")
    assert "Dependency" in side(page)
    assert ":1:8 import" in side(page)


@looked_at
def test_a_change_is_marked(browser: Browser, tmp_path: Path, report: Report) -> None:
    texts = dict.fromkeys(report.files, "a\n")
    now = texts | {"app/core/dial.py": "b\n"}
    found = compare(report.graph, report.graph, texts, now)
    page = opened(browser, tmp_path, replace(report, difference=found))
    marked: dict[str, Any] = page.run(
        "Object.fromEntries(dependencyView.cy.nodes('.changed, .affected, .ranging')"
        ".map((n) => [n.data('label'), n.classes().join(' ')]))"
    )
    assert "changed" in marked["dial.py"]
    assert set(marked) == {"dial.py", "pool.py", "main.py", "view.py", "test_view.py"}
    assert "app/core/dial.py (changed)" in side(page)


@looked_at
def test_names_of_the_source_run_nothing(browser: Browser, tmp_path: Path, hostile: Report) -> None:
    page = opened(browser, tmp_path, hostile)
    page.run("document.getElementById('open').click()")
    for index in range(len(HOSTILE)):
        page.run(f"dependencyView.choose({index}, true)")
        assert hostile.files[index].split("\n")[0].split("\x00")[0].split("\t")[0].rstrip() in str(
            page.run("document.getElementById('side').textContent")
        )
    page.run("document.getElementById('query').value = 'script'")
    page.run("document.getElementById('query').dispatchEvent(new Event('input'))")
    assert page.run("document.title") == f"Dependencies of {HOSTILE[0]}"
    assert page.run("document.querySelectorAll('img, #side script, #found script').length") == 0
    assert page.console == []


@looked_at
def test_two_thousand_files_open_and_answer(browser: Browser, tmp_path: Path) -> None:
    report = large()
    assert len(report.files) >= 1999
    page = opened(browser, tmp_path, report)
    assert int(page.run("document.body.dataset.nodes")) <= MOST_AT_FIRST
    assert overlaps(page) == []
    page.run("document.getElementById('open').click()")
    assert page.run("document.body.dataset.nodes") == str(len(report.files))
    assert page.run("dependencyView.cy.edges().length") == 0
    page.run("dependencyView.choose(500, true)")
    edges = page.run("dependencyView.cy.edges().length")
    assert 0 < edges <= 1500
    assert overlaps(page) == []
    picture = tmp_path / "page.png"
    page.picture(picture)
    assert picture.stat().st_size > 10_000
    assert page.console == []


@looked_at
def test_the_first_view_can_be_read(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, large())
    names = page.run("dependencyView.cy.style().json().find((s) => s.selector === 'node').style")
    assert (
        float(str(names["font-size"]).removesuffix("px")) * page.run("dependencyView.cy.zoom()")
        >= 11
    )
    whole = page.run("dependencyView.cy.elements().renderedBoundingBox()")
    assert whole["x1"] >= 0
    assert whole["y1"] >= 0
    assert whole["x2"] <= page.run("document.getElementById('graph').clientWidth")
    assert whole["y2"] <= page.run("document.getElementById('graph').clientHeight")


@looked_at
def test_users_stand_above_what_they_use(browser: Browser, tmp_path: Path) -> None:
    chain = "top.py -> left.py right.py\nleft.py -> end.py\nright.py -> end.py"
    page = opened(browser, tmp_path, Report(drawn(chain), "chain"))
    heights = page.run(
        "Object.fromEntries(dependencyView.cy.nodes()"
        ".map((n) => [n.data('label'), n.position('y')]))"
    )
    assert heights["top.py"] < heights["end.py"]
    for middle in ("left.py", "right.py"):  # layers may be joined, never turned round
        assert heights["top.py"] <= heights[middle] <= heights["end.py"]
    assert page.console == []


@looked_at
def test_an_edge_is_as_thick_as_it_has_imports(browser: Browser, tmp_path: Path) -> None:
    lines = [f"many/a{n}.py -> used.py" for n in range(9)] + ["one.py -> used.py"]
    page = opened(browser, tmp_path, Report(drawn("\n".join(lines)), "weights"))
    page.run("document.getElementById('close').click()")
    widths = page.run(
        "Object.fromEntries(dependencyView.cy.edges().map((e) => [e.source().id(), e.width()]))"
    )
    assert widths["dmany/"] > 2 * widths[next(key for key in widths if key != "dmany/")]


@looked_at
def test_files_beside_many_folders_fold_away(browser: Browser, tmp_path: Path) -> None:
    lines = [f"lib/f{n:02}.py -> lib/sub/s{n % 5}.py" for n in range(40)]
    page = opened(browser, tmp_path, Report(drawn("\n".join(lines)), "loose"))
    labels = page.run("dependencyView.cy.nodes().map((n) => n.data('label'))")
    assert "files  40" in labels
    page.run("dependencyView.choose('lib/\\0/', true)")
    assert "files of lib/" in side(page)
    page.run("document.getElementById('open').click()")
    assert page.run("document.body.dataset.nodes") == "45"
    assert overlaps(page) == []
    assert page.console == []


@looked_at
def test_a_broken_rule_is_told_with_its_evidence(browser: Browser, tmp_path: Path) -> None:
    graph = drawn("app.py -> pkg/deep.py\npkg/__init__.py -> base.py")
    broken = find_broken(graph, [forbidden("app.py => base.py")])
    text = side(opened(browser, tmp_path, Report(graph, "rules", broken=broken)))
    assert "Rules broken: 1" in text
    assert "app.py:1:8 package pkg/deep.py" in text
    assert "pkg/__init__.py:1:8 import base.py" in text
