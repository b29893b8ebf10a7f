"""The embedded reader: page pixels in, glyph codes with confidences out.

Nothing but pixels goes in. A page is cut into the tiles of the model's merged patch, blank tiles
are spaces, the vision tower turns the others into visual tokens, and the glyph head names the
cells of each. Which atlas a page is drawn with shows in the pixels too: the right one is read
with more confidence. What codes mean as text is the business of `glyphagent.transcript`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from glyphagent.errors import BackendError, KernelError
from glyphagent.plugins import Image, PageText

from .checkpoint import ReaderFiles, embedded_folder
from .device import find_device, find_dtype, native_dtype
from .tiles import cut, find_paper, windows

if TYPE_CHECKING:
    import torch

    from .glyph_head import GlyphHead
    from .vision import VisionTower

READER_VERSION = 1
"""Raised whenever the same files would read otherwise."""

LEAST_CONFIDENCE = 0.97
"""Mean confidence over inked cells below which a page counts as one that cannot be read.

Measured: aligned pages are read with 0.999 and more; resampled ones with 0.95 at most; other fonts,
pages shifted by a pixel and noise with 0.88 at most.
"""

LEAST_PAPER = 0.35
"""Share of the commonest colour below which a picture has no paper; dense pages have 0.6."""

# A few doubtful cells on a page of few cells are no reason to refuse it: its mean is taken with
# this many certain cells added.
_PRIOR_CELLS = 32
_SAMPLE_TILES = 48  # enough cells for a mean; the atlas is chosen from these
_BATCH_TILES = 1024
WINDOW = (4, 21)
"""Tiles in a window, rows and columns, for a tower that looks beyond the tile."""


class GlyphReader:
    """Reads pages drawn with an aligned atlas back, from pixels alone.

    Weights are loaded when the first page is read.
    """

    def __init__(
        self, folder: Path | None = None, *, device: str = "auto", dtype: str = "auto"
    ) -> None:
        """Open a reader's folder.

        Args:
            folder: Folder of the reader; the one that ships with glyphagent if None.
            device: `cpu`, `cuda` (or another device of torch), or `auto`: CUDA if there is one.
            dtype: `float32`, `bfloat16`, `float16`, or `auto`: `bfloat16` where the processor
                multiplies it natively (it reads as well in about 0.6 of the time), else
                `float32`.

        Raises:
            BackendError: If there is no usable reader in the folder.
        """
        self.files = ReaderFiles.open(embedded_folder() if folder is None else folder)
        self._device, self._dtype = device, dtype

    @property
    def atlases(self) -> tuple[str, ...]:
        """Names of the atlases that it reads."""
        return tuple(self.files.slots)

    @cached_property
    def digest(self) -> str:
        """What decides its readings: BLAKE2b of its files and of the precision, 32 hex digits."""
        digest = hashlib.blake2b(self.files.digest.encode(), digest_size=16)
        digest.update(f" {READER_VERSION} {self._place['dtype']}".encode())
        return digest.hexdigest()

    def read(self, images: Sequence[Image], *, atlas: str | None = None) -> list[PageText]:
        """Read pages.

        Args:
            images: RGB pixels of each page.
            atlas: Atlas that the pages are drawn with; found out from the pixels if None.

        Raises:
            BackendError: If a page has sides that are no multiples of the merged patch, or does
                not look like an aligned page, or if this reader does not read that atlas.

        Shapes:
            images: uint8 [height, width, 3] each.
        """
        if atlas is not None and atlas not in self.files.slots:
            known = ", ".join(self.atlases)
            raise BackendError(f"the reader does not read atlas {atlas!r}; it reads {known}")
        numbered = list(enumerate(images))
        if not numbered or self._place["device"].type != "cpu":
            return [self._read(image, atlas, number) for number, image in numbered]
        # A thread a page, each computing alone: threads that share every product wait for one
        # another, which on a busy machine takes several times as long.
        import torch

        _, _, threads = self._tower, self._head, torch.get_num_threads()
        try:
            with ThreadPoolExecutor(threads, "read", torch.set_num_threads, (1,)) as pool:
                return list(pool.map(lambda pair: self._read(pair[1], atlas, pair[0]), numbered))
        finally:
            torch.set_num_threads(threads)  # those that worked set it for threads to come

    def _read(self, image: Image, atlas: str | None, number: int) -> PageText:
        self._check(image, number)
        paper, share = find_paper(image)
        if share < LEAST_PAPER:
            raise _unlike_a_page(number, f"its commonest colour covers {share:.0%} of it")
        tiles = cut(image, paper, self.files.tile_px)
        grid = tiles.shape[0], tiles.shape[1]
        tiles = tiles.reshape(grid[0] * grid[1], *tiles.shape[2:])
        inked = np.flatnonzero(tiles.any((1, 2, 3)))
        if not len(inked):
            atlas = atlas or self.atlases[0]
            shape = grid[0] * self.files.slots[atlas].down, grid[1] * self.files.slots[atlas].across
            return PageText(np.zeros(shape, np.uint16), np.ones(shape, np.float32), atlas)
        red, green, blue = np.moveaxis(tiles[inked], -1, 0)
        inks = red | green | blue > 0
        tokens = self._tokens(tiles, inked, grid)
        atlas = atlas or self._choose(tokens, inks)
        codes, confidence = self._cells(tokens, atlas)
        slots = self.files.slots[atlas]
        cells = slots.inked(inks)
        sure = confidence[cells]
        if (sure.sum() + _PRIOR_CELLS) / (sure.size + _PRIOR_CELLS) < LEAST_CONFIDENCE:
            raise _unlike_a_page(number, f"mean confidence {sure.mean():.2f}")
        # A cell without ink is a space, whatever stands around it.
        doubt = np.where(cells, 1 - confidence, 0)
        return PageText(
            slots.assemble(np.where(cells, codes, 0).astype(np.uint16), inked, grid),
            1 - slots.assemble(doubt.astype(np.float32), inked, grid),
            atlas,
        )

    def _check(self, image: Image, number: int) -> None:
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise BackendError(
                f"image {number} should be RGB pixels, uint8 [height, width, 3], "
                f"not {image.dtype} {list(image.shape)}"
            )
        height, width = image.shape[:2]
        side = self.files.tile_px
        if height % side or width % side or not image.size:
            raise BackendError(
                f"image {number} is {width}x{height} pixels; the embedded reader needs sides "
                f"that are multiples of {side}: give it the page unscaled and uncropped"
            )

    def _tokens(
        self, tiles: npt.NDArray[np.uint8], inked: npt.NDArray[np.intp], grid: tuple[int, int]
    ) -> torch.Tensor:
        """Visual tokens of the inked tiles; windows without ink are left out.

        Shapes:
            tiles: uint8 [tiles, side, side, 3]
            inked: [inked tiles]
            returned: [inked tiles, width]
        """
        tower = self._tower  # before torch is imported here: it tells when torch is missing
        import torch

        places = windows(*grid, (1, 1) if tower.local else WINDOW)
        places = places[np.isin(places, inked).any((1, 2))]
        step = max(1, _BATCH_TILES // places[0].size)
        batches = (places[start : start + step] for start in range(0, len(places), step))
        tokens = [tower(torch.from_numpy(tiles[batch])).flatten(0, 1) for batch in batches]
        # Where windows overlap, either reading of a tile will do.
        home = np.zeros(len(tiles), np.intp)
        home[places.ravel()] = np.arange(places.size)
        return torch.cat(tokens)[torch.from_numpy(home[inked]).to(tokens[0].device)]

    def _cells(
        self, tokens: torch.Tensor, atlas: str
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Code and confidence of each cell, [tiles, slots] both."""
        codes, confidence = self._head(tokens, atlas)
        return codes.cpu().numpy(), confidence.cpu().numpy()

    def _choose(self, tokens: torch.Tensor, inks: npt.NDArray[np.bool_]) -> str:
        """Atlas whose cells are read with the highest mean confidence, on a sample of tiles."""
        sample = np.unique(np.linspace(0, len(inks) - 1, _SAMPLE_TILES).astype(np.intp))
        means = {}
        for name, slots in self.files.slots.items():
            _, confidence = self._cells(tokens[sample], name)
            means[name] = confidence[slots.inked(inks[sample])].mean()
        return max(means, key=means.__getitem__)

    @cached_property
    def _tower(self) -> VisionTower:
        files, place = self.files, self._place
        from .vision import VisionTower

        try:
            return VisionTower(
                files.vision_tensors(),
                files.vision,
                image_mean=files.image_mean,
                image_std=files.image_std,
                **place,
            )
        except KernelError as error:
            raise BackendError(f"cannot load the reader in {self.files.folder}: {error}") from error

    @cached_property
    def _head(self) -> GlyphHead:
        from .glyph_head import GlyphHead

        try:
            return GlyphHead(self.files.head_tensors(), self.atlases, **self._place)
        except KernelError as error:
            raise BackendError(f"cannot load the reader in {self.files.folder}: {error}") from error

    @cached_property
    def _place(self) -> dict[str, Any]:
        device = find_device(self._device)
        return {"device": device, "dtype": find_dtype(self._dtype) or native_dtype(device)}


def _unlike_a_page(number: int, reason: str) -> BackendError:
    return BackendError(
        f"image {number} does not look like an aligned glyphagent page ({reason}); the embedded "
        "reader reads pages of the presets grid and grid-dense, unscaled"
    )
