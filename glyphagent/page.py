"""Pages and their source maps: cells to source places, and back.

A page is a grid of glyph codes and inks before it is anything else; `raster` makes pixels of it.
Rows and columns count from 0 at the top left; boxes are half-open.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from glyphagent.atlas import Atlas, bundled_atlas
from glyphagent.document import Document, Location
from glyphagent.errors import PageError

Box = tuple[int, int, int, int]

# Columns of a span row.
CELL_START, CELL_STOP, DOCUMENT, TEXT_START, TEXT_STOP, LINE = range(6)


@dataclass(frozen=True, eq=False)
class SourceMap:
    """Which characters of which document each run of cells shows.

    A span with as many cells as characters shows them one for one; any other span shows its
    characters together (a newline mark with the indent that it carries, a tab, an escape).
    Where a row ends inside an escape, two spans in a row show the same characters.
    Cells in no span are decoration: headers, numbers, padding. No span crosses a line, except
    that a newline mark belongs to the line that it ends though its indent begins the next one.

    Attributes:
        documents: The documents, in the order that spans refer to.
        spans: Rows (cell start, cell stop, document, text start, text stop, line), ordered by
            cell; cells count along rows from the page's top left, text offsets are characters,
            lines count from 1 in the document.

    Shapes:
        spans: int32 [n, 6].
    """

    documents: Sequence[Document]
    spans: npt.NDArray[np.int32]

    def location_at(self, cell: int) -> Location | None:
        """Line that the cell shows, or None for decoration."""
        index = int(np.searchsorted(self.spans[:, CELL_START], cell, side="right")) - 1
        if index < 0 or cell >= self.spans[index, CELL_STOP]:
            return None
        line = int(self.spans[index, LINE])
        return Location(self.documents[int(self.spans[index, DOCUMENT])].path, line, line)

    def cells_of(self, location: Location) -> list[tuple[int, int]]:
        """Half-open runs of cells that show these lines, neighbours merged, in page order."""
        wanted = [i for i, d in enumerate(self.documents) if d.path == location.path]
        lines = self.spans[:, LINE]
        chosen = np.isin(self.spans[:, DOCUMENT], wanted)
        chosen &= (lines >= location.line_start) & (lines <= location.line_end)
        runs: list[tuple[int, int]] = []
        for start, stop in self.spans[chosen][:, [CELL_START, CELL_STOP]].tolist():
            if runs and runs[-1][1] == start:
                runs[-1] = (runs[-1][0], stop)
            else:
                runs.append((start, stop))
        return runs

    def locations(self) -> list[Location]:
        """First to last line of each document's part on this page, in page order."""
        parts: list[Location] = []
        for number, line in self.spans[:, [DOCUMENT, LINE]].tolist():
            path = self.documents[number].path
            if parts and parts[-1].path == path and line >= parts[-1].line_end:
                parts[-1] = Location(path, parts[-1].line_start, line)
            else:
                parts.append(Location(path, line, line))
        return parts


@dataclass(frozen=True, eq=False)
class Page:
    """One page as a cell grid.

    Attributes:
        codes: Glyph code of each cell.
        inks: Ink of each cell, an index into `palette`.
        atlas: Name of the atlas that the codes refer to.
        palette: RGB of each ink, at most 16, paper first.
        layout: Layout that placed the cells.
        source_map: Where the cells come from.

    Shapes:
        codes: uint16 [rows, columns].
        inks: uint8 [rows, columns].
    """

    codes: npt.NDArray[np.uint16]
    inks: npt.NDArray[np.uint8]
    atlas: str
    palette: tuple[tuple[int, int, int], ...]
    layout: str
    source_map: SourceMap = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a page that could not be drawn."""
        if self.codes.ndim != 2 or self.codes.shape != self.inks.shape:
            raise PageError(f"codes {self.codes.shape} and inks {self.inks.shape} must be alike")
        if not 2 <= len(self.palette) <= 16:
            raise PageError(f"a page has 2 to 16 colours, not {len(self.palette)}")

    @property
    def glyphs(self) -> Atlas:
        """The atlas itself."""
        return bundled_atlas(self.atlas)

    @property
    def width_px(self) -> int:
        """Width in pixels."""
        return int(self.codes.shape[1]) * self.glyphs.cell_width

    @property
    def height_px(self) -> int:
        """Height in pixels."""
        return int(self.codes.shape[0]) * self.glyphs.cell_height

    @cached_property
    def digest(self) -> str:
        """BLAKE2b of everything that decides the pixels, 32 hex digits.

        The source map is not part of it: an insertion above a page moves lines, not pixels.
        """
        digest = hashlib.blake2b(digest_size=16)
        digest.update(f"{self.glyphs.digest} {self.codes.shape} {self.palette}".encode())
        digest.update(np.ascontiguousarray(self.codes, "<u2").tobytes())
        digest.update(np.ascontiguousarray(self.inks).tobytes())
        return digest.hexdigest()

    def location_at(self, x: int, y: int) -> Location | None:
        """Source line under a pixel, or None for decoration.

        Raises:
            PageError: If the pixel is not on the page.
        """
        if not (0 <= x < self.width_px and 0 <= y < self.height_px):
            raise PageError(f"({x}, {y}) is not on a page of {self.width_px}x{self.height_px}")
        row, column = y // self.glyphs.cell_height, x // self.glyphs.cell_width
        return self.source_map.location_at(row * self.codes.shape[1] + column)

    def boxes_of(self, location: Location) -> list[Box]:
        """Pixel boxes (left, top, right, bottom), one a row, that show these lines."""
        columns = int(self.codes.shape[1])
        width, height = self.glyphs.cell_width, self.glyphs.cell_height
        boxes: list[Box] = []
        for start, stop in self.source_map.cells_of(location):
            for row in range(start // columns, (stop - 1) // columns + 1):
                left = start - row * columns if row == start // columns else 0
                right = min(stop - row * columns, columns)
                boxes.append(
                    (left * width, row * height, right * width, (row + 1) * height),
                )
        return boxes


def recover(pages: Iterable[Page]) -> dict[str, str]:
    """Text of each document as the pages' source maps give it back, spans joined in order.

    Raises:
        PageError: If the spans of a document leave a gap or overlap.
    """
    last: dict[str, tuple[int, int]] = {}
    texts: dict[str, list[str]] = {}
    for page in pages:
        for document, start, stop in _pieces(page.source_map):
            path = document.path
            before = last.get(path, (0, 0))
            if (start, stop) == before and stop > start:
                continue  # the rest of an escape that a row's end divides
            if start != before[1]:
                raise PageError(f"{path}: spans jump from character {before[1]} to {start}")
            last[path] = (start, stop)
            texts.setdefault(path, []).append(document.text[start:stop])
    return {path: "".join(parts) for path, parts in texts.items()}


def _pieces(source_map: SourceMap) -> Iterator[tuple[Document, int, int]]:
    columns = [DOCUMENT, TEXT_START, TEXT_STOP]
    for number, start, stop in source_map.spans[:, columns].tolist():
        yield source_map.documents[number], start, stop
