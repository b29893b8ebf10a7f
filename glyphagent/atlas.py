"""Glyph atlases: which characters a page can draw, and the bitmap of each.

An atlas is data: one PNG of glyphs and one JSON of names, bundled under `atlases/` or kept in a
page set's own folder. `renderers.fonts` cuts new ones from fonts. All bundled atlases share one
list of characters, so a character has the same code in each; an atlas in which two characters
would look alike draws only the first of them, and the renderer escapes the other: what cannot
be told apart in pixels is never drawn alike.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from glyphagent.errors import StyleError

MISSING = 0xFFFF
_COLUMNS = 32  # glyphs per row of the atlas picture
# What reading broken JSON or a broken picture raises; Pillow reports some as SyntaxError.
_BROKEN = (
    *(OSError, LookupError, TypeError, ValueError, ArithmeticError, SyntaxError, RecursionError),
    Image.DecompressionBombError,
)


@dataclass(frozen=True, eq=False)
class Atlas:
    """Bitmaps of a fixed-width font in cells of one size.

    Attributes:
        name: Name by which styles and manifests refer to it.
        characters: Character or mark of each code; code 0 is the space.
        bitmaps: Ink of each code, 0 or 1.
        font: Name of the font that it was cut from.
        licence: Licence of that font.

    Shapes:
        bitmaps: uint8 [len(characters), cell_height, cell_width].
    """

    name: str
    characters: str
    bitmaps: npt.NDArray[np.uint8]
    font: str
    licence: str

    @property
    def cell_width(self) -> int:
        """Width of a cell in pixels."""
        return int(self.bitmaps.shape[2])

    @property
    def cell_height(self) -> int:
        """Height of a cell in pixels."""
        return int(self.bitmaps.shape[1])

    @cached_property
    def drawable(self) -> npt.NDArray[np.bool_]:
        """Whether each code has a bitmap of its own; the space has the empty one."""
        inked = np.asarray(self.bitmaps.any(axis=(1, 2)), np.bool_)
        inked[0] = True
        return inked

    @cached_property
    def code_of(self) -> dict[str, int]:
        """Code of each character that can be drawn."""
        return {c: i for i, c in enumerate(self.characters) if self.drawable[i]}

    @cached_property
    def codes(self) -> npt.NDArray[np.uint16]:
        """Code of each code point below 0x10000, or `MISSING`; marks are missing too.

        Source text looks its characters up here, so a private-use character of the source
        never turns into a mark.
        """
        table = np.full(0x10000, MISSING, np.uint16)
        for character, code in self.code_of.items():
            if not "\ue000" <= character <= "\uf8ff":
                table[ord(character)] = code
        return table

    @cached_property
    def digest(self) -> str:
        """BLAKE2b of everything that decides pixels, 32 hex digits."""
        digest = hashlib.blake2b(digest_size=16)
        digest.update(f"{self.cell_width}x{self.cell_height}\n{self.characters}".encode())
        digest.update(np.ascontiguousarray(self.bitmaps).tobytes())
        return digest.hexdigest()

    def save(self, folder: Path) -> None:
        """Write the atlas as `NAME.png` and `NAME.json` into `folder`."""
        count, height, width = self.bitmaps.shape
        rows = -(-count // _COLUMNS)
        sheet = np.zeros((rows * _COLUMNS, height, width), np.uint8)
        sheet[:count] = self.bitmaps
        sheet = sheet.reshape(rows, _COLUMNS, height, width).transpose(0, 2, 1, 3)
        picture = Image.fromarray(255 - 255 * sheet.reshape(rows * height, _COLUMNS * width))
        picture.convert("1").save(folder / f"{self.name}.png", optimize=True)
        facts = {
            "name": self.name,
            "cell": [width, height],
            "font": self.font,
            "licence": self.licence,
            "digest": self.digest,
            "characters": [f"{ord(c):04X}" for c in self.characters],
        }
        (folder / f"{self.name}.json").write_text(
            json.dumps(facts, indent=None, separators=(",", ":")) + "\n", encoding="ascii"
        )

    @classmethod
    def read(cls, folder: Path | Traversable, name: str) -> Atlas:
        """Read the atlas `name` from `folder`.

        Raises:
            StyleError: If it is not there, or its pixels do not match its digest.
        """
        try:
            facts = json.loads(folder.joinpath(f"{name}.json").read_text(encoding="ascii"))
            with folder.joinpath(f"{name}.png").open("rb") as stream:
                picture = np.asarray(Image.open(stream).convert("L"), np.uint8)
            width, height = (int(side) for side in facts["cell"])
            characters = "".join(chr(int(point, 16)) for point in facts["characters"])
            rows = picture.shape[0] // height
            sheet = (picture < 128).astype(np.uint8).reshape(rows, height, _COLUMNS, width)
            bitmaps = sheet.transpose(0, 2, 1, 3).reshape(-1, height, width)[: len(characters)]
            if not len(bitmaps) == len(characters) == len(set(characters)):
                raise ValueError(f"{len(bitmaps)} glyphs for {len(set(characters))} characters")
            if not characters.startswith(" ") or bitmaps[0].any():
                raise ValueError("its first glyph is not the space")
            atlas = cls(
                facts["name"],
                characters,
                np.ascontiguousarray(bitmaps),
                facts["font"],
                facts["licence"],
            )
        except _BROKEN as error:
            raise StyleError(f"no usable atlas {name!r} in {folder}: {error}") from error
        if atlas.digest != facts.get("digest"):
            raise StyleError(f"atlas {name!r} in {folder} does not match its digest")
        return atlas


@cache
def bundled_atlas(name: str) -> Atlas:
    """Atlas that ships with glyphagent.

    Raises:
        StyleError: If there is none of that name; the message lists those there are.
    """
    folder = files("glyphagent").joinpath("atlases")
    if name not in (known := bundled_atlas_names()):
        raise StyleError(f"no atlas named {name!r}; bundled: {', '.join(known)}")
    return Atlas.read(folder, name)


def bundled_atlas_names() -> list[str]:
    """Names of the atlases that ship with glyphagent, sorted."""
    folder = files("glyphagent").joinpath("atlases")
    return sorted(p.name.removesuffix(".json") for p in folder.iterdir() if p.name.endswith("json"))
