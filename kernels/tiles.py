"""Pages as tiles: cut into merged patches, told from the paper, put together again.

A tile is the square that one visual token shows, 28 pixels at GLM-4.1V. Cells of an aligned
atlas divide it; they are its slots, row by row. Tiles of a page stand in raster order. Pure
functions of arrays, without a model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from glyphagent.atlas import Atlas
from glyphagent.plugins import Image


@dataclass(frozen=True, slots=True)
class Slots:
    """How the cells of an atlas divide a tile.

    Attributes:
        down: Rows of cells.
        across: Columns of cells.
    """

    down: int
    across: int

    @classmethod
    def of(cls, atlas: Atlas, side: int) -> Slots:
        """Division of tiles of `side` pixels.

        Raises:
            ValueError: If the cells do not divide the tile.
        """
        if side % atlas.cell_height or side % atlas.cell_width:
            raise ValueError(
                f"cells of atlas {atlas.name!r}, {atlas.cell_width}x{atlas.cell_height}, "
                f"do not divide tiles of {side} pixels"
            )
        return cls(side // atlas.cell_height, side // atlas.cell_width)

    @property
    def count(self) -> int:
        """Cells in a tile."""
        return self.down * self.across

    def inked(self, inks: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Whether each cell holds any ink.

        Shapes:
            inks: [tiles, side, side]
            returned: [tiles, slots]
        """
        count, side = inks.shape[:2]
        cells = inks.reshape(count, self.down, side // self.down, self.across, side // self.across)
        result: npt.NDArray[np.bool_] = cells.any((2, 4)).reshape(count, self.count)
        return result

    def assemble(
        self, values: npt.NDArray[Any], places: npt.NDArray[np.intp], grid: tuple[int, int]
    ) -> npt.NDArray[Any]:
        """Cell grid of a page from the values of some of its tiles, zero elsewhere.

        Shapes:
            values: [tiles, slots]
            places: [tiles], their numbers on the page
            returned: [grid rows * down, grid columns * across]
        """
        rows, columns = grid
        page = np.zeros((rows * columns, self.count), values.dtype)
        page[places] = values
        cells = page.reshape(rows, columns, self.down, self.across).transpose(0, 2, 1, 3)
        return np.ascontiguousarray(cells.reshape(rows * self.down, columns * self.across))


def cut(image: Image, paper: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    """Distance of each pixel from the paper colour, in tiles.

    On white paper that is 255 - rgb, which readers are trained on; on dark paper, light ink comes
    out dark and the paper exactly blank.

    Shapes:
        image: uint8 [rows * side, columns * side, 3]
        paper: uint8 [3]
        returned: uint8 [rows, columns, side, side, 3]
    """
    rows, columns = image.shape[0] // side, image.shape[1] // side
    # Whole rows at a time: 17 times as fast as with three channels as the inner axis.
    blank = np.tile(paper, image.shape[1])
    lines = image.reshape(image.shape[0], -1)
    distance = np.maximum(lines, blank) - np.minimum(lines, blank)
    tiles = distance.reshape(rows, side, columns, side, 3).transpose(0, 2, 1, 3, 4)
    return np.ascontiguousarray(tiles)


def find_paper(image: Image) -> tuple[npt.NDArray[np.uint8], float]:
    """Most frequent colour, and its share of the pixels; both from a sample.

    The steps of the sample share no factor with a cell's sides, so it meets every part of a cell.
    """
    sample = image[::3, ::5].reshape(-1, 3).astype(np.uint32)
    colours = sample[:, 0] << 16 | sample[:, 1] << 8 | sample[:, 2]
    values, counts = np.unique(colours, return_counts=True)
    winner = int(values[counts.argmax()])
    paper = np.array([winner >> 16, winner >> 8 & 255, winner & 255], np.uint8)
    return paper, float(counts.max() / len(sample))


def windows(rows: int, columns: int, size: tuple[int, int]) -> npt.NDArray[np.intp]:
    """Numbers of the tiles in equal windows that cover a page.

    As few windows as cover the page, none larger than `size`, and no larger than that needs; the
    last ones overlap where the page does not divide.

    Shapes:
        returned: [windows, window rows, window columns]
    """
    down, across = _runs(rows, size[0]), _runs(columns, size[1])
    places = down[:, None, :, None] * columns + across[None, :, None, :]
    return places.reshape(-1, down.shape[1], across.shape[1])


def _runs(length: int, size: int) -> npt.NDArray[np.intp]:
    count = -(-length // size)
    size = -(-length // count)
    starts = np.minimum(np.arange(count) * size, length - size)
    return starts[:, None] + np.arange(size)
