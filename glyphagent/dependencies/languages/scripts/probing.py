"""Which file of the set a path without, or with another, suffix stands for.

TypeScript prefers sources over declarations over JavaScript, and lets `./x.js` name `./x.ts`;
plain JavaScript takes what is written first. Both are followed, by the kind of the importer.
"""

from __future__ import annotations

import posixpath

from glyphagent.dependencies.languages.scripts.manifests import joined, read_json
from glyphagent.dependencies.world import World

_TYPED = (".ts", ".tsx", ".d.ts")
_MODULES = (".mts", ".d.mts", ".cts", ".d.cts")
_PLAIN = (".js", ".jsx", ".mjs", ".cjs")
_DATA = (".json", ".vue", ".svelte", ".node")
_TYPED_FIRST = (*_TYPED, ".js", ".jsx", *_MODULES, ".mjs", ".cjs", *_DATA)
_PLAIN_FIRST = (*_PLAIN, ".json", *_TYPED, *_MODULES, *_DATA[1:])
# What a suffix in an import may have been written in, for TypeScript in this order.
_WRITTEN_IN = {
    ".js": (".ts", ".tsx", ".d.ts", ".js", ".jsx"),
    ".jsx": (".tsx", ".ts", ".d.ts", ".jsx", ".js"),
    ".mjs": (".mts", ".d.mts", ".mjs"),
    ".cjs": (".cts", ".d.cts", ".cjs"),
}
_TYPED_IMPORTERS = (".ts", ".tsx", ".mts", ".cts", ".vue")


def is_typed(path: str) -> bool:
    """Whether a file's imports follow TypeScript's preferences."""
    return path.lower().endswith(_TYPED_IMPORTERS)


def probe(world: World, base: str, typed: bool, suffixes: tuple[str, ...] = ("",)) -> str | None:
    """The file that a path in the set stands for: as written, with a suffix, or a folder's entry.

    Args:
        world: The set.
        base: Path in the set, without query.
        typed: Whether TypeScript's preferences apply.
        suffixes: `moduleSuffixes` of the configuration, in order.
    """
    return (
        file_at(world, base, typed, suffixes) if not base.endswith("/") and base else None
    ) or folder_entry(world, base.rstrip("/"), typed, suffixes)


def file_at(world: World, base: str, typed: bool, suffixes: tuple[str, ...] = ("",)) -> str | None:
    """The file that a path stands for, folders left out."""
    folder = posixpath.dirname(base)
    if not world.is_folder(folder):
        return None
    stem, suffix = posixpath.splitext(base)
    written = _WRITTEN_IN.get(suffix)
    # A declaration file stands beside what it declares (`style.css.d.ts`, `data.d.json.ts`).
    if (written is None or not typed) and world.exists(base):
        return base
    candidates = [stem + more + each for each in written or () for more in suffixes]
    if written is not None and not typed:
        # The same suffix was tried; what it is compiled from comes next.
        candidates = [each for each in candidates if each != base]
    order = _TYPED_FIRST if typed else _PLAIN_FIRST
    for path in candidates:
        if world.exists(path):
            return path
    for each in order:
        for more in suffixes:
            if world.exists(base + more + each):
                return base + more + each
    if typed and suffix and world.exists(f"{stem}.d{suffix}.ts"):
        return f"{stem}.d{suffix}.ts"
    return None


def folder_entry(
    world: World, folder: str, typed: bool, suffixes: tuple[str, ...] = ("",)
) -> str | None:
    """The file that a folder stands for: its package.json's entry, or its index file."""
    if not world.is_folder(folder):
        return None
    manifest = posixpath.join(folder, "package.json")
    if world.exists(manifest):
        data = read_json(world, manifest)
        keys = ("types", "typings", "main") if typed else ("main", "module", "types", "typings")
        for key in keys:
            entry = data.get(key)
            target = joined(folder, entry) if isinstance(entry, str) and entry else None
            if target:
                found = file_at(world, target, typed) or file_at(
                    world, posixpath.join(target, "index"), typed
                )
                if found is not None:
                    return found
    return file_at(world, posixpath.join(folder, "index"), typed, suffixes)


def refused(world: World, base: str) -> bool:
    """Whether what a path may stand for exists and was not read."""
    stem, suffix = posixpath.splitext(base)
    names = [base, *(stem + each for each in _WRITTEN_IN.get(suffix, ()))]
    names += [base + each for each in (".ts", ".tsx", ".js", ".jsx", ".json")]
    names += [posixpath.join(base, "index" + each) for each in (".ts", ".tsx", ".js")]
    return any(world.was_skipped(name) for name in names)
