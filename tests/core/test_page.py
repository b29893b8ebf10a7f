from __future__ import annotations

import numpy as np
import pytest

from glyphagent.document import Document, Location
from glyphagent.errors import PageError
from glyphagent.page import Page, SourceMap, recover
from glyphagent.style import preset

PALETTE = preset("grid").palette
ONE = Document("a.py", "ab\n  cd\n")
TWO = Document("b.py", "x")


@pytest.fixture
def page() -> Page:
    """A page of 2 rows of 8 cells: header, `ab`, a mark with an indent, `cd`; then `b.py`."""
    spans = [
        [1, 3, 0, 0, 2, 1],  # ab
        [3, 4, 0, 2, 5, 1],  # the mark: a line feed and two blanks
        [4, 6, 0, 5, 7, 2],  # cd
        [7, 8, 0, 7, 8, 2],  # a line feed; cell 6 is a number
        [10, 11, 1, 0, 1, 1],  # x, after a header of two cells
    ]
    codes = np.zeros((2, 8), np.uint16)
    inks = np.ones((2, 8), np.uint8)
    return Page(
        codes, inks, "fixed-7x14", PALETTE, "flow", SourceMap((ONE, TWO), np.array(spans, np.int32))
    )


def test_cells_know_their_lines(page: Page) -> None:
    found = [page.source_map.location_at(cell) for cell in range(-1, 17)]
    first, second, other = (
        Location("a.py", 1, 1),
        Location("a.py", 2, 2),
        Location("b.py", 1, 1),
    )
    expected = [None, None, first, first, first, second, second, None, second]
    assert found == [*expected, None, None, other, *[None] * 6]


def test_lines_know_their_cells(page: Page) -> None:
    cells_of = page.source_map.cells_of
    assert cells_of(Location("a.py", 1, 1)) == [(1, 4)]
    assert cells_of(Location("a.py", 2, 9)) == [(4, 6), (7, 8)]
    assert cells_of(Location("a.py", 1, 2)) == [(1, 6), (7, 8)]
    assert cells_of(Location("c.py", 1, 1)) == cells_of(Location("a.py", 3, 3)) == []


def test_a_page_says_what_it_shows(page: Page) -> None:
    assert page.source_map.locations() == [Location("a.py", 1, 2), Location("b.py", 1, 1)]


def test_pixels_know_their_lines(page: Page) -> None:
    assert page.location_at(7, 0) == Location("a.py", 1, 1)
    assert page.location_at(6, 13) is None
    assert page.location_at(7 * 2, 14) == Location("b.py", 1, 1)
    for x, y in ((-1, 0), (0, -1), (56, 0), (0, 28)):
        with pytest.raises(PageError, match="56x28"):
            page.location_at(x, y)


def test_boxes_are_half_open_and_one_a_row(page: Page) -> None:
    assert page.boxes_of(Location("a.py", 1, 1)) == [(7, 0, 28, 14)]
    assert page.boxes_of(Location("a.py", 2, 2)) == [(28, 0, 42, 14), (49, 0, 56, 14)]
    long = Page(
        page.codes,
        page.inks,
        page.atlas,
        PALETTE,
        "flow",
        SourceMap((ONE,), np.array([[6, 13, 0, 0, 7, 1]], np.int32)),
    )
    assert long.boxes_of(Location("a.py", 1, 1)) == [(42, 0, 56, 14), (0, 14, 35, 28)]


def test_the_digest_is_that_of_the_pixels(page: Page) -> None:
    def changed(**changes: object) -> Page:
        fields = {
            name: getattr(page, name)
            for name in ("codes", "inks", "atlas", "palette", "layout", "source_map")
        }
        return Page(**(fields | changes))

    other = page.codes.copy()
    other[1, 1] = 5
    moved = SourceMap((TWO,), np.zeros((0, 6), np.int32))
    assert changed(source_map=moved).digest == page.digest
    assert changed(layout="lines").digest == page.digest
    differing = [
        changed(codes=other),
        changed(inks=np.full((2, 8), 2, np.uint8)),
        changed(palette=preset("grid").with_changes(theme="dark").palette),
        changed(atlas="fixed-7x7"),
        changed(codes=page.codes.reshape(4, 4), inks=page.inks.reshape(4, 4)),
    ]
    assert len({page.digest, *(one.digest for one in differing)}) == len(differing) + 1


@pytest.mark.parametrize(
    ("codes", "inks", "palette"),
    [
        ((2, 8), (2, 7), PALETTE),
        ((16,), (16,), PALETTE),
        ((2, 8), (2, 8), PALETTE[:1]),
        ((2, 8), (2, 8), (*PALETTE, (1, 2, 3))),
    ],
)
def test_pages_that_could_not_be_drawn_are_refused(
    codes: tuple[int, ...], inks: tuple[int, ...], palette: tuple[tuple[int, int, int], ...]
) -> None:
    empty = SourceMap((), np.zeros((0, 6), np.int32))
    with pytest.raises(PageError):
        Page(np.zeros(codes, np.uint16), np.zeros(inks, np.uint8), "fixed-7x7", palette, "", empty)


def test_texts_are_recovered_through_spans(page: Page) -> None:
    assert recover([page]) == {"a.py": ONE.text, "b.py": TWO.text}


def test_a_gap_between_spans_is_an_error(page: Page) -> None:
    spans = np.delete(page.source_map.spans, 1, axis=0)
    broken = Page(page.codes, page.inks, page.atlas, PALETTE, "flow", SourceMap((ONE, TWO), spans))
    with pytest.raises(PageError, match=r"a\.py: spans jump from character 2 to 5"):
        recover([broken])
