"""What the tests of training share: small pools of tiles, and one thread for arithmetic."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from glyphagent.atlas import bundled_atlas
from glyphagent.training.tiles import ATLASES, Tiles, slots_of

TEXT = 'def area(side: float) -> float:\n    """Of a square."""\n    return side * side\n'


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def pools() -> dict[str, Tiles]:
    """Eight tiles of text for each atlas."""
    found = {}
    for name in ATLASES:
        atlas = bundled_atlas(name)
        codes = [atlas.code_of[c] for c in (TEXT * 4).replace("\n", " ")]
        shape = (8, slots_of(atlas))
        cells = np.array(codes[: shape[0] * shape[1]], np.uint16).reshape(shape)
        found[name] = Tiles(name, cells, (cells % 14 + 1).astype(np.uint8))
    return found
