"""The files of an embedded reader: found, checked against this version's atlases, opened.

A reader's folder is a stock Glm4v checkpoint with two files more: `reader.json`, which says for
which characters and atlases the glyph head was trained, and `glyph_head.safetensors`. Only the
vision tower and the head are loaded. Nothing here imports torch before tensors are asked for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glyphagent.atlas import bundled_atlas
from glyphagent.errors import BackendError

from .device import torch_missing
from .tiles import Slots

if TYPE_CHECKING:
    from torch import Tensor

READER_FILE = "reader.json"
CONFIG_FILE = "config.json"
SCALING_FILE = "preprocessor_config.json"
HEAD_FILE = "glyph_head.safetensors"
WEIGHTS_FILE = "model.safetensors"
MODEL_TYPE = "glm4v"
_VISION_PREFIX = "model.visual."


@dataclass(frozen=True, eq=False)
class ReaderFiles:
    """What a reader's folder holds, read and checked.

    Attributes:
        folder: The folder.
        slots: How cells divide a tile, for each atlas that the reader reads; a page that shows
            nothing counts as drawn with the first one.
        tile_px: Side of a tile, the merged patch that one visual token shows.
        dimension: Width of the glyph head's inner layer.
        vision: The checkpoint's `vision_config`.
        image_mean: Mean that the checkpoint's processor subtracts, per channel.
        image_std: Deviation that it divides by, per channel.
    """

    folder: Path
    slots: Mapping[str, Slots]
    tile_px: int
    dimension: int
    vision: Mapping[str, Any]
    image_mean: tuple[float, ...]
    image_std: tuple[float, ...]

    @classmethod
    def open(cls, folder: Path) -> ReaderFiles:
        """Read and check the small files.

        Raises:
            BackendError: If one is missing or broken, or the reader was trained for other
                characters or bitmaps than this version draws.
        """
        if not (folder / READER_FILE).is_file():
            raise BackendError(
                f"no embedded reader in {folder}: it has no {READER_FILE}; "
                "train one with `make nano`, or name another folder"
            )
        facts, config = _object(folder / READER_FILE), _object(folder / CONFIG_FILE)
        scaling = _object(folder / SCALING_FILE)
        try:
            vision = dict(config["vision_config"])
            tile_px = int(vision["patch_size"]) * int(vision["spatial_merge_size"])
            slots = dict(_slots(facts, tile_px))
            mean, std = (
                tuple(float(number) for number in scaling[key])
                for key in ("image_mean", "image_std")
            )
            opened = cls(folder, slots, tile_px, int(facts["dimension"]), vision, mean, std)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reason = f"no {error}" if isinstance(error, KeyError) else str(error)
            raise BackendError(f"the reader in {folder} cannot be used: {reason}") from error
        if not slots:
            raise BackendError(f"the reader in {folder} reads no atlas")
        return opened

    @cached_property
    def digest(self) -> str:
        """BLAKE2b of the files that decide what is read, 32 hex digits.

        Raises:
            BackendError: If one cannot be read.
        """
        digest = hashlib.blake2b(digest_size=16)
        for name in (CONFIG_FILE, SCALING_FILE, READER_FILE, HEAD_FILE, WEIGHTS_FILE):
            try:
                content = (self.folder / name).read_bytes()
            except OSError as error:
                raise BackendError(f"cannot read {self.folder / name}: {error}") from error
            digest.update(f"{name} {len(content)}\n".encode())
            digest.update(content)
        return digest.hexdigest()

    def vision_tensors(self) -> dict[str, Tensor]:
        """Tensors of the vision tower, by their names inside `model.visual`.

        Raises:
            BackendError: If the file cannot be read.
        """
        return _tensors(self.folder / WEIGHTS_FILE, _VISION_PREFIX)

    def head_tensors(self) -> dict[str, Tensor]:
        """Tensors of the glyph head.

        Raises:
            BackendError: If the file cannot be read.
        """
        return _tensors(self.folder / HEAD_FILE, "")


def embedded_folder() -> Path:
    """Folder of the reader that ships with glyphagent."""
    return Path(str(files("glyphagent").joinpath("weights", "nano")))


def _slots(facts: Mapping[str, Any], tile_px: int) -> Iterator[tuple[str, Slots]]:
    characters = "".join(chr(int(point, 16)) for point in facts["characters"])
    for name, entry in facts["atlases"].items():
        atlas = bundled_atlas(name)
        if atlas.characters != characters:
            raise ValueError(f"it was trained for other characters than atlas {name!r} has")
        if entry["digest"] != atlas.digest:
            raise ValueError(f"it was trained for other bitmaps than atlas {name!r} has")
        slots = Slots.of(atlas, tile_px)
        if int(entry["slots"]) != slots.count:
            raise ValueError(f"atlas {name!r} has {slots.count} cells in a patch")
        yield name, slots


def _object(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BackendError(f"cannot read {file}: {error}") from error
    if not isinstance(value, dict):
        raise BackendError(f"{file} should hold one JSON object")
    return value


def _tensors(file: Path, prefix: str) -> dict[str, Tensor]:
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError as error:
        raise torch_missing() from error
    try:
        with safe_open(file, framework="pt") as opened:
            names = [name for name in opened.keys() if name.startswith(prefix)]  # noqa: SIM118
            return {name.removeprefix(prefix): opened.get_tensor(name) for name in names}
    except ImportError as error:
        raise torch_missing() from error
    except (OSError, SafetensorError) as error:
        raise BackendError(f"cannot read {file}: {error}") from error


def check_type(config: object, name: str) -> None:
    """Refuse the configuration of anything but a Glm4v.

    Raises:
        BackendError: If it is another kind of model.
    """
    kind = config.get("model_type") if isinstance(config, Mapping) else None
    if kind != MODEL_TYPE:
        raise BackendError(
            f"{name!r} is a model of type {kind!r}; the backend 'local' runs Glm4v checkpoints "
            f"(model_type {MODEL_TYPE!r}), such as zai-org/Glyph"
        )
