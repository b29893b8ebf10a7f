"""Reading pages into documents, with a reader that errs where it is told to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from glyphagent import marks
from glyphagent.blobs import BlobStore
from glyphagent.document import Document, Location
from glyphagent.page import Page
from glyphagent.plugins import Image, PageText, load
from glyphagent.raster import rgb_pixels
from glyphagent.reading import PageReader, Reading, doubtful_lines, read_documents
from glyphagent.style import preset

STYLE = preset("grid").with_changes(width_px=168, height_px=112, highlight=False)
Misread = Callable[[int, npt.NDArray[np.uint16], npt.NDArray[np.float32]], None]


def render(*documents: Document, layout: str = "flow") -> list[Page]:
    renderer = load("renderers", "code")()
    return list(renderer.render(documents, STYLE.with_changes(layout=layout)))


@dataclass
class FakeReader:
    """Knows the pages it will see by their pixels, and reads them as `misread` leaves them."""

    pages: Sequence[Page]
    misread: Misread | None = None
    digest: str = "fake 1"
    asked: list[int] = field(default_factory=list)

    def read(self, images: Sequence[Image]) -> list[PageText]:
        self.asked.append(len(images))
        return [self._one(image) for image in images]

    def _one(self, image: Image) -> PageText:
        numbers = [n for n, p in enumerate(self.pages) if np.array_equal(rgb_pixels(p), image)]
        page = self.pages[numbers[0]]
        codes = page.codes.copy()
        confidence = np.full(codes.shape, 0.999, np.float32)
        if self.misread:
            self.misread(numbers[0], codes.reshape(-1), confidence.reshape(-1))
        return PageText(codes, confidence, page.atlas)


def read(pages: Sequence[Page], misread: Misread | None = None) -> Reading:
    return read_documents(pages, PageReader(FakeReader(pages, misread)).read(pages))


def code(character: str) -> int:
    return STYLE.glyphs.code_of[character]


def cell_of(page: Page, text: str, offset: int = 0) -> int:
    drawn = "".join(STYLE.glyphs.characters[c] for c in page.codes.reshape(-1).tolist())
    return drawn.index(text) + offset


def misreading(number: int, cell: int, character: str, confidence: float = 0.5) -> Misread:
    """One cell of one page read as something else."""

    def misread(
        page: int, codes: npt.NDArray[np.uint16], confidences: npt.NDArray[np.float32]
    ) -> None:
        if page == number:
            codes[cell] = code(character)
            confidences[cell] = confidence

    return misread


LONG = Document("pkg/long.py", "".join(f"value_{n} = {n}\n" for n in range(60)))
OTHER = Document("pkg/other.py", "import os\n\nprint('é中')\n")


@pytest.mark.parametrize("layout", ["flow", "lines"])
def test_what_is_read_well_is_the_source_without_doubts(layout: str) -> None:
    pages = render(LONG, OTHER, Document("pkg/z_empty.py", ""), layout=layout)
    assert len(pages) > 4
    reading = read(pages)
    assert reading.texts == {LONG.path: LONG.text, OTHER.path: OTHER.text, "pkg/z_empty.py": ""}
    assert reading.doubts == {}
    assert reading.shifted == set()


def test_a_doubtful_cell_marks_its_line() -> None:
    pages = render(LONG)
    line = pages[1].source_map.locations()[0].line_start + 2
    cell = cell_of(pages[1], f"value_{line - 1} =", 6)
    reading = read(pages, misreading(1, cell, "X"))
    assert reading.doubts == {LONG.path: {line}}
    assert f"value_X{str(line - 1)[1:]} = {line - 1}\n" in reading.texts[LONG.path]
    assert doubtful_lines(reading, Location(LONG.path, line - 1, line + 1)) == [line]
    assert doubtful_lines(reading, Location(LONG.path, line + 1, line + 9)) == []
    assert doubtful_lines(reading, Location("none.py", 1, 1)) == []


def test_doubts_about_digits_of_an_escape_and_lost_cells_are_kept() -> None:
    pages = render(OTHER)
    escape = cell_of(pages[0], marks.ESCAPE, 2)
    reading = read(pages, misreading(0, escape, "3", 0.4))
    assert reading.doubts == {OTHER.path: {3}}
    lost = cell_of(pages[0], "mport")  # read as a line number's digit, which is no text
    reading = read(pages, misreading(0, lost, marks.NUMBERS[1], 0.4))
    assert reading.texts[OTHER.path].startswith("iport os\n")
    assert reading.doubts == {OTHER.path: {1}}


def test_blank_paper_raises_no_doubt() -> None:
    pages = render(OTHER)
    end = cell_of(pages[0], marks.END)
    assert read(pages, misreading(0, end + 2, " ", 0.1)).doubts == {}


def test_a_missed_line_break_moves_no_line_of_the_next_page() -> None:
    pages = render(LONG)
    feed = cell_of(pages[0], "= 1", 3)
    reading = read(pages, misreading(0, feed, "x", 0.5))
    first = pages[1].source_map.locations()[0].line_start
    lines = reading.texts[LONG.path].split("\n")
    assert lines[first - 1 :] == LONG.text.split("\n")[first - 1 :]
    assert reading.shifted == {LONG.path}


def test_in_numbered_rows_a_line_break_cannot_be_missed() -> None:
    pages = render(LONG, layout="lines")
    reading = read(pages, misreading(0, cell_of(pages[0], "= 1", 3), "x", 0.5))
    assert reading.texts[LONG.path] == LONG.text.replace("= 1\n", "= 1x\n")
    assert reading.doubts == {LONG.path: {2}}


def test_a_missed_line_break_is_put_where_the_reader_was_least_sure() -> None:
    pages = render(LONG)
    feed = cell_of(pages[0], "= 1", 3)
    reading = read(pages, misreading(0, feed, "x", 0.5))
    assert reading.texts[LONG.path] == LONG.text
    assert reading.doubts == {LONG.path: {2}}


def test_a_line_break_too_many_is_taken_out_again() -> None:
    pages = render(LONG)
    cell = cell_of(pages[0], "value_2 ", 3)
    reading = read(pages, misreading(0, cell, marks.INDENTS[0], 0.5))
    assert reading.texts[LONG.path] == LONG.text.replace("value_2 ", "val\ufffde_2 ")
    assert reading.shifted == {LONG.path}
    assert reading.doubts == {LONG.path: {3}}


def test_a_page_that_lost_its_last_line_break_gets_it_back() -> None:
    pages = render(LONG)
    last = pages[0].source_map.locations()[0].line_end
    feed = cell_of(pages[0], f"= {last - 1}", 2 + len(str(last - 1)))
    reading = read(pages, misreading(0, feed, "x", 0.99))
    lines = reading.texts[LONG.path].split("\n")
    assert lines[last - 1] == f"value_{last - 1} = {last - 1}x"
    assert lines[last:] == LONG.text.split("\n")[last:]
    assert reading.shifted == {LONG.path}


def test_a_line_that_goes_on_overleaf_is_not_broken() -> None:
    wide = Document("wide.txt", "word " * 200)
    pages = render(wide)
    last = int(np.flatnonzero(pages[0].codes.reshape(-1))[-1])
    codes = pages[0].codes.reshape(-1)
    while codes[last] == code(marks.END) or not codes[last]:
        last -= 1
    reading = read(pages, misreading(0, last, marks.INDENTS[0], 0.5))
    assert "\n" not in reading.texts[wide.path]
    assert reading.shifted == {wide.path}


def test_a_missed_header_leaves_the_other_documents_alone() -> None:
    documents = [Document(f"d/{n}.py", f"name_{n} = {n}\n" * 2) for n in range(4)]
    pages = render(*documents)
    header = cell_of(pages[0], f"{marks.HEADER}d/1.py")
    reading = read(pages, misreading(0, header, "x", 0.5))
    texts = {document.path: document.text for document in documents}
    assert {path for path in texts if reading.texts[path] != texts[path]} <= {"d/0.py", "d/1.py"}
    assert {"d/0.py", "d/1.py"} <= reading.shifted | {"d/0.py"}
    assert reading.shifted


def test_a_header_that_is_none_opens_no_document() -> None:
    pages = render(LONG, OTHER)
    cell = cell_of(pages[0], "value_1 ", 2)
    reading = read(pages, misreading(0, cell, marks.HEADER, 0.5))
    assert set(reading.texts) == {LONG.path, OTHER.path}
    assert reading.texts[OTHER.path] == OTHER.text
    assert LONG.path in reading.shifted
    first = pages[1].source_map.locations()[0].line_start
    assert reading.texts[LONG.path].split("\n")[first - 1] == LONG.text.split("\n")[first - 1]


def test_paths_come_from_beside_the_page() -> None:
    pages = render(OTHER)
    reading = read(pages, misreading(0, 3, "X", 0.2))
    assert reading.texts == {OTHER.path: OTHER.text}
    assert reading.doubts == {}


def test_every_page_is_read_once() -> None:
    pages = render(LONG, OTHER)
    reader = FakeReader(pages)
    page_reader = PageReader(reader)
    shown: list[int] = []
    first = page_reader.read(pages, shown.append)
    assert sum(reader.asked) == len(pages)
    assert max(reader.asked) <= 8
    assert shown[0] == 0
    assert shown[-1] == len(pages)
    again = page_reader.read(pages[::-1])
    assert sum(reader.asked) == len(pages)
    assert [one.codes.tolist() for one in again[::-1]] == [one.codes.tolist() for one in first]


def test_readings_outlive_the_process_and_stay_the_same(tmp_path: Path) -> None:
    pages = render(LONG, OTHER)
    dice = np.random.default_rng(1)

    def unsure(page: int, codes: npt.NDArray[np.uint16], sure: npt.NDArray[np.float32]) -> None:
        sure[:] = dice.random(len(sure)) * 0.02 + 0.89

    first = FakeReader(pages, unsure)
    fresh = PageReader(first, BlobStore(tmp_path, 2**20)).read(pages)
    second = FakeReader(pages)
    kept = PageReader(second, BlobStore(tmp_path, 2**20)).read(pages)
    assert second.asked == []
    for one, other in zip(fresh, kept, strict=True):
        assert np.array_equal(one.codes, other.codes)
        assert np.array_equal(one.confidence, other.confidence)
    assert read_documents(pages, fresh) == read_documents(pages, kept)


def test_another_reader_reads_for_itself(tmp_path: Path) -> None:
    pages = render(OTHER)
    store = BlobStore(tmp_path, 2**20)
    PageReader(FakeReader(pages), store).read(pages)
    other = FakeReader(pages, digest="fake 2")
    PageReader(other, store).read(pages)
    assert other.asked == [1]


def test_a_reader_without_a_digest_leaves_nothing_behind(tmp_path: Path) -> None:
    pages = render(OTHER)
    PageReader(FakeReader(pages, digest=""), BlobStore(tmp_path, 2**20)).read(pages)
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and file.stat().st_size > 99]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: b"fixed-7x14 1 1\n" + data.partition(b"\n")[2],
        lambda data: b"fixed-7x14 -1 -1\n" + data.partition(b"\n")[2],
        lambda data: b"\xff\xfe\n" + data,
        lambda data: data.replace(b"fixed-7x14", b"fixed-7x77", 1),
        lambda data: data[:-8] + b"\0" * 8,
    ],
)
def test_a_torn_blob_is_read_again(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    pages = render(OTHER)

    class Damaged(BlobStore):
        """A store whose blobs come back changed, past its own checks."""

        def get(self, key: str) -> bytes | None:
            data = super().get(key)
            return None if data is None else damage(data)

    PageReader(FakeReader(pages), BlobStore(tmp_path, 2**20)).read(pages)
    reader = FakeReader(pages)
    texts = PageReader(reader, Damaged(tmp_path, 2**20)).read(pages)
    assert reader.asked == [1]
    assert read_documents(pages, texts).texts == {OTHER.path: OTHER.text}


def test_confidences_that_are_no_numbers_count_as_none(tmp_path: Path) -> None:
    pages = render(OTHER)

    def broken(page: int, codes: npt.NDArray[np.uint16], sure: npt.NDArray[np.float32]) -> None:
        sure[:] = np.nan

    assert read(pages, broken).doubts == {OTHER.path: {1, 2, 3}}
