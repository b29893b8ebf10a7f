"""The user's own profiles: a TOML file that adds models, changes limits and names prices.

It is the file that `GLYPHAGENT_PROFILES` names, else `profiles.toml` in the user's configuration
folder; never one of the repository that is read. Each table says what is different for the models
that its pattern fits:

    [models."claude-sonnet-4-5*"]           # a model that we know: prices for a million tokens
    prices = { text = 3.0, cached = 0.3 }

    [models."my-org/my-vlm"]                # a model that we do not know
    like = "qwen2.5-vl"                     # or a formula of its own, with what that needs
    max_images = 16
    preset = "grid"
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

from glyphagent.errors import GlyphError, PageError
from glyphagent.seeing import NEEDS, CacheRules, Formula, Prices, Profile
from glyphagent.style import Style
from glyphagent.style import preset as preset_named

VARIABLE = "GLYPHAGENT_PROFILES"
_MAX_BYTES = 1 << 20
_NOTHING = "none"  # TOML has no null: lifts a limit

_WHOLE = {
    *("patch_px", "min_pixels", "native_side_px", "base_tokens", "tile_px", "tile_tokens"),
    *("min_tiles", "max_tiles", "small_side_px", "block_tokens"),
}
_WHOLE_OR_NOTHING = {
    *("max_pixels", "max_side_px", "max_images", "max_bytes", "max_patches", "budget"),
    *("many_images", "many_max_side_px", "max_image_bytes"),
}
_FROM_ZERO = {"min_pixels", "base_tokens", "small_side_px", "block_tokens"}
_CACHE_TYPES: Mapping[str, type] = {
    "automatic": bool,
    "breakpoints": int,
    "min_tokens": int,
    "write_multiplier": float,
    "read_multiplier": float,
}


@dataclass(frozen=True, slots=True)
class OwnProfile:
    """What the user's file says about some models.

    Attributes:
        pattern: Pattern of their ids, lower case.
        like: Name of the profile to start from; None for the one that the model has.
        changes: Fields that differ.
        place: File and table, for messages.
    """

    pattern: str
    like: str | None
    changes: tuple[tuple[str, Any], ...]
    place: str

    def fits(self, model: str) -> bool:
        """Whether it is about this model id, in lower case."""
        return fnmatchcase(model, self.pattern)

    def applied_to(self, known: Profile, named: Mapping[str, Profile]) -> Profile:
        """Profile that the model has now.

        Args:
            known: Profile that it has without the user's file.
            named: All profiles by name, for `like`.

        Raises:
            PageError: If what comes out does not say how tokens are counted, or nothing can be
                drawn for it.
        """
        base = known
        if self.like is not None:
            if self.like not in named:
                raise PageError(
                    f"{self.place}: no profile named {self.like!r}; there are: {', '.join(named)}"
                )
            base = named[self.like]
        changes = dict(self.changes)
        detail = changes.pop("detail", None)
        made = replace(base, models=(self.pattern,), **changes)
        silent = not made.takes_images and changes.get("formula") != "none"
        if silent and set(changes) - {"prices", "cache", "name"}:
            raise PageError(f"{self.place}: how are its visual tokens counted? add like or formula")
        for field in NEEDS.get(made.formula, ()):
            if not getattr(made, field):
                raise PageError(f"{self.place}: formula {made.formula!r} needs {field}")
        another = made.takes_images and (self.like is not None or not known.takes_images)
        if another and "name" not in changes:
            made = replace(made, name=self.pattern)
        made = replace(made, source=f"{self.place}, over: {base.source}")
        try:
            _check_page(made)
            return made.at_detail(str(detail)) if detail is not None else made
        except GlyphError as error:
            raise PageError(f"{self.place}: {error}") from error


def _check_page(profile: Profile) -> None:
    """Refuse a preset, a page or a patch with which nothing can be drawn.

    Raises:
        StyleError: If that is so.
    """
    style = preset_named(profile.preset) if profile.preset else Style()
    if profile.page_px is None:
        style.on_patch(profile.patch_px)
    else:
        width, height = profile.page_px
        replace(style, patch_px=profile.patch_px, width_px=width, height_px=height)


def own_profiles() -> tuple[OwnProfile, ...]:
    """What the user's file says, in its order; nothing if there is no file.

    Raises:
        PageError: If the file is not what it should be, or the one that is named is missing.
    """
    named = os.environ.get(VARIABLE)
    if named:
        path = Path(named).expanduser()
    else:
        from platformdirs import user_config_dir

        path = Path(user_config_dir("glyphagent", appauthor=False)) / "profiles.toml"
    try:
        found = path.stat()
    except OSError as error:
        if named:
            raise PageError(f"{VARIABLE} names {path}: {error.strerror or error}") from error
        return ()
    return _read(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int, size: int) -> tuple[OwnProfile, ...]:
    """Entries of a file; the other arguments only tell its states apart."""
    try:
        with path.open("rb") as stream:
            document = tomllib.loads(stream.read(_MAX_BYTES).decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise PageError(f"{path}: {error}") from error
    if unknown := sorted(set(document) - {"models"}):
        raise PageError(f'{path}: no key {unknown[0]!r}; write tables such as [models."my-vlm"]')
    tables = document.get("models", {})
    if not isinstance(tables, dict):
        raise PageError(f"{path}: models must be a table of models, not {tables!r}")
    return tuple(_entry(f'{path}, models."{key}"', key, table) for key, table in tables.items())


def _entry(place: str, pattern: str, table: Any) -> OwnProfile:
    if not isinstance(table, dict):
        raise PageError(f"{place}: must be a table, not {table!r}")
    if not pattern.strip():
        raise PageError(f"{place}: a model needs an id")
    changes = {key: _value(place, key, value) for key, value in table.items() if key != "like"}
    like = table.get("like")
    if like is not None and not isinstance(like, str):
        raise PageError(f"{place}: like must be the name of a profile, not {like!r}")
    return OwnProfile(pattern.strip().lower(), like, tuple(changes.items()), place)


def _value(place: str, key: str, value: Any) -> Any:
    where = f"{place}: {key}"
    if key in _WHOLE or key in _WHOLE_OR_NOTHING:
        if value == _NOTHING and key in _WHOLE_OR_NOTHING:
            return None
        least = 0 if key in _FROM_ZERO else 1
        if type(value) is not int or value < least:
            raise PageError(f"{where} must be a whole number from {least}, not {value!r}")
        return value
    if key == "multiplier":
        return _number(where, value)
    if key in ("name", "preset", "detail", "date"):
        return _text(where, value)
    if key == "images_in_tool_results":
        if type(value) is not bool:
            raise PageError(f"{where} must be true or false, not {value!r}")
        return value
    if key == "formula":
        if value not in get_args(Formula):
            raise PageError(f"{where}: no {value!r}; there are: {', '.join(get_args(Formula))}")
        return value
    if key == "page_px":
        if not (isinstance(value, list) and [type(side) for side in value] == [int, int]):
            raise PageError(f"{where} must be [width, height] in pixels, not {value!r}")
        return tuple(value)
    if key == "tool_image_apis":
        if not (isinstance(value, list) and all(isinstance(api, str) for api in value)):
            raise PageError(f'{where} must be like ["openai-responses"], not {value!r}')
        return tuple(value)
    if key == "prices":
        return _prices(where, value)
    if key == "cache":
        return _cache(where, value)
    known = sorted(
        {"like", *(f.name for f in fields(Profile))} - {"models", "source", "details", "tokenizer"}
    )
    raise PageError(f"{place}: no key {key!r}; there are: {', '.join(known)}")


def _prices(where: str, value: Any) -> Prices:
    if (
        not isinstance(value, dict)
        or "text" not in value
        or set(value) - {"text", "image", "cached"}
    ):
        raise PageError(
            f"{where} must be like {{ text = 3.0, image = 3.0, cached = 0.3 }}, for a million "
            f"tokens each, of which only text is needed; not {value!r}"
        )
    return Prices(**{key: _number(f"{where}.{key}", price) for key, price in value.items()})


def _cache(where: str, value: Any) -> CacheRules:
    if not isinstance(value, dict) or set(value) - set(_CACHE_TYPES):
        raise PageError(f"{where} must be a table of {', '.join(_CACHE_TYPES)}; not {value!r}")
    rules: dict[str, Any] = {}
    for key, given in value.items():
        if _CACHE_TYPES[key] is float:
            rules[key] = _number(f"{where}.{key}", given)
        elif isinstance(given, int) and type(given) is _CACHE_TYPES[key] and given >= 0:
            rules[key] = given
        else:
            kind = "true or false" if _CACHE_TYPES[key] is bool else "a whole number from 0"
            raise PageError(f"{where}.{key} must be {kind}, not {given!r}")
    return CacheRules(**rules, source=where)


def _number(where: str, value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value < float("inf"):
        raise PageError(f"{where} must be a number from 0, not {value!r}")
    return float(value)


def _text(where: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise PageError(f"{where} must be a text, not {value!r}")
    return value
