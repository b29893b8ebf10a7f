"""Layout `flow`: full rows, marks instead of line ends, and pages that edits leave alone."""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from glyphagent import marks
from glyphagent.document import Document, Location
from glyphagent.page import Page
from glyphagent.renderers.flow import flow_pages
from glyphagent.style import Ink, Style, preset
from glyphagent.transcript import transcribe

STYLE = preset("grid")
SMALL = STYLE.with_changes(width_px=168, height_px=112)


def render(documents: Sequence[Document], style: Style = STYLE) -> list[Page]:
    inks = (np.full(len(document.text), Ink.TEXT, np.uint8) for document in documents)
    return list(flow_pages(documents, inks, style))


def cells(page: Page) -> str:
    return "".join(page.glyphs.characters[code] for code in page.codes.reshape(-1).tolist())


def test_a_page_reads_as_one_run_of_cells() -> None:
    (page,) = render([Document("pkg/a.py", "def f():\n    return 1\n\n\tx\n")])
    expected = [
        *(marks.HEADER, "pkg/a.py", marks.INDENTS[0]),
        *("def f():", marks.INDENTS[4], "return 1", marks.INDENTS[0], marks.TAB_INDENTS[0]),
        *("x", marks.INDENTS[0], marks.END),
    ]
    assert cells(page).rstrip(" ") == "".join(expected)
    assert page.height_px == 28
    assert page.width_px == STYLE.width_px


def test_the_headers_closing_mark_carries_the_first_indent() -> None:
    (page,) = render([Document("a", "   x")])
    assert cells(page).startswith(f"{marks.HEADER}a{marks.INDENTS[3]}x{marks.END}")


def test_long_indents_go_on_in_blanks() -> None:
    (page,) = render([Document("a", "\n" + " " * 43 + "x" + "\n" + "\t" * 14)])
    assert f"{marks.INDENTS[40]}   x{marks.TAB_INDENTS[11]}{marks.TAB * 2}" in cells(page)


def test_numbers_count_from_the_parts_first_line() -> None:
    text = "".join(f"{n % 10}\n" for n in range(1, 31))
    (page,) = render([Document("a", text)])
    drawn = cells(page)
    for number, digits in ((10, (1, 0)), (20, (2, 0)), (30, (3, 0))):
        figure = "".join(marks.NUMBERS[digit] for digit in digits)
        assert f"{figure}{marks.INDENTS[0]}{number % 10}" in drawn
    assert sum(character in marks.NUMBERS for character in drawn) == 6


@pytest.mark.parametrize(("interval", "count"), [(0, 0), (1, 29), (2, 15), (7, 4)])
def test_the_interval_of_numbers_is_the_styles(interval: int, count: int) -> None:
    style = STYLE.with_changes(number_interval=interval)
    (page,) = render([Document("a", "x\n" * 30)], style)
    numbers = "".join("#" if c in marks.NUMBERS else c for c in cells(page)).split("#")
    assert len([part for part in numbers if part]) - 1 == count


def test_every_page_names_its_document_and_only_whole_pages_follow() -> None:
    pages = render([Document("a.py", "value = 1\n" * 400)], SMALL)
    assert len(pages) > 10
    for page in pages:
        assert cells(page).startswith(f"{marks.HEADER}a.py")
        assert page.height_px % SMALL.patch_px == 0
    filled = [len(cells(page).rstrip(" ")) / page.codes.size for page in pages[:-1]]
    assert min(filled) >= 0.4


def test_documents_of_one_folder_share_a_page_and_folders_do_not() -> None:
    documents = [Document(path, "x\n") for path in ("a/1", "a/2", "b/1")]
    pages = render(documents)
    assert [[place.path for place in page.source_map.locations()] for page in pages] == [
        ["a/1", "a/2"],
        ["b/1"],
    ]


def test_an_empty_document_has_its_place() -> None:
    (page,) = render([Document("empty", ""), Document("more", "x")])
    assert page.source_map.locations() == [Location("empty", 1, 1), Location("more", 1, 1)]
    assert [part.path for part in transcribe(page.codes, page.glyphs.characters)] == [
        "empty",
        "more",
    ]


def test_a_path_cannot_open_another_document() -> None:
    hostile = f"a{marks.INDENTS[0]}evil\n{marks.HEADER}b.py"
    (page,) = render([Document(hostile, "x\n")])
    drawn = cells(page)
    assert drawn.count(marks.HEADER) == 1
    assert [part.path for part in transcribe(page.codes, page.glyphs.characters)] == [hostile]


def test_text_cannot_imitate_marks() -> None:
    text = f"x{marks.END}{marks.HEADER}evil.py{marks.INDENTS[0]}y"
    (page,) = render([Document("a.py", text)])
    assert cells(page).count(marks.HEADER) == 1
    (part,) = transcribe(page.codes, page.glyphs.characters)
    assert (part.path, part.text) == ("a.py", text)


def test_what_reorders_text_is_seen() -> None:
    (page,) = render([Document("a", "a\u202eb\u2066c\u200bd")])
    shown = [f"{marks.ESCAPE}{point}{marks.ESCAPE_END}" for point in ("202E", "2066", "200B")]
    assert f"a{shown[0]}b{shown[1]}c{shown[2]}d" in cells(page)
    row = page.inks.reshape(-1)
    assert row[cells(page).index(marks.ESCAPE)] == Ink.ESCAPE


def test_a_path_that_would_fill_the_page_keeps_its_end() -> None:
    (page, *_) = render([Document("deep/" * 200 + "name.py", "x")], SMALL)
    (part,) = transcribe(page.codes, page.glyphs.characters)
    assert part.path.startswith("…")
    assert part.path.endswith("name.py")
    assert part.text == "x"


def test_the_text_before_a_page_does_not_change_it() -> None:
    lines = real_lines()
    before = [page.digest for page in render([Document("a.py", "\n".join(lines))])]
    after = [page.digest for page in render([Document("a.py", "\n".join(["new", *lines]))])]
    assert after != before
    assert len(set(after) - set(before)) <= 2


def real_lines() -> list[str]:
    """2,000 lines of a real module."""
    text = Path(str(argparse.__file__)).read_text(encoding="utf-8")
    lines = text.split("\n")
    assert len(lines) > 2000
    return lines[:2000]


def edited(lines: list[str], seed: int) -> list[str]:
    """The lines after one edit: a line changed, added or removed somewhere."""
    dice = random.Random(seed)
    line = dice.randrange(len(lines))
    kind = ("change", "insert", "delete")[seed % 3]
    new = {"change": ["    edited = True"], "insert": ["    added = 1", lines[line]], "delete": []}
    return [*lines[:line], *new[kind], *lines[line + 1 :]]


@pytest.mark.parametrize("name", ["grid", "grid-dense"])
def test_an_edit_redraws_few_pages(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    lines = real_lines()
    style = preset(name)
    before = {page.digest for page in render([Document("a.py", "\n".join(lines))], style)}
    new = Counter[int]()
    for seed in range(20):
        pages = render([Document("a.py", "\n".join(edited(lines, seed)))], style)
        new[len({page.digest for page in pages} - before)] += 1
    record_property(f"new pages of {len(before)}, edits", dict(sorted(new.items())))
    assert max(new) <= 4
    assert new[1] + new[2] >= 17
