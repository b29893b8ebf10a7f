"""Where a package's name leads inside the package: `exports`, `imports`, `main` and their kin.

What is published is often built; a set usually holds what it is built from. An entry that is not
in the set is led back to its source: through the compiler's own `outDir` and `rootDir` where the
package says them, else by the folders' usual names. That is a guess, and marked as one.

Source: https://nodejs.org/api/packages.html#package-entry-points
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from glyphagent.dependencies.languages.scripts.configs import Config, read_config
from glyphagent.dependencies.languages.scripts.manifests import joined
from glyphagent.dependencies.languages.scripts.probing import file_at, probe
from glyphagent.dependencies.languages.scripts.workspaces import manifest
from glyphagent.dependencies.world import World

_ALWAYS = frozenset({"default", "node", "module", "development", "source", "module-sync"})
_SOURCE_KEYS = ("source", "types", "typings", "module", "main", "jsnext:main", "browser")
_PLAIN_KEYS = ("source", "main", "module", "types", "typings", "jsnext:main", "browser")
_SOURCE_FOLDERS = ("src", "source", "lib", "")
_BUILT_SUFFIX = re.compile(
    r"(?:\.min|\.umd|\.esm|\.development|\.production)*"
    r"(?:\.d)?\.(?:[cm]?[jt]sx?)\Z"
)
_DEPTH = 40


class Found(NamedTuple):
    """A file, and whether the language's own rules lead there."""

    path: str
    exact: bool


def entry(
    world: World, folder: str, subpath: str, *, typed: bool, required: bool, config: Config | None
) -> Found | None:
    """The file that a subpath of a package leads to; the empty subpath is the package itself."""
    data = manifest(world, folder)
    conditions = _conditions(typed, required, config)
    if data.get("exports") is not None:
        key = "./" + subpath if subpath else "."
        given = data["exports"]
        if not isinstance(given, dict) or not any(str(each).startswith(".") for each in given):
            given = {".": given}
        targets = list(mapped(given, key, conditions))
        found = _first(world, folder, targets, typed)
        if found is not None:
            return found
        if targets or not subpath:
            return _by_habit(world, folder, subpath, typed)
        # Node forbids it, but bundlers and older compilers look anyway.
        inside = probe(world, posixpath.join(folder, subpath), typed)
        return Found(inside, False) if inside is not None else None
    if subpath:
        inside = probe(world, posixpath.join(folder, subpath), typed)
        if inside is not None:
            return Found(inside, True)
        return _first(world, folder, ["./" + subpath], typed) or _by_habit(
            world, folder, subpath, typed
        )
    keys = _SOURCE_KEYS if typed else _PLAIN_KEYS
    targets = [str(data[key]) for key in keys if isinstance(data.get(key), str)]
    found = _first(world, folder, targets, typed)
    if found is not None:
        return found
    index = file_at(world, posixpath.join(folder, "index"), typed)
    return Found(index, True) if index is not None else _by_habit(world, folder, "", typed)


def internal(
    world: World, folder: str, name: str, *, typed: bool, required: bool, config: Config | None
) -> Found | None:
    """The file that a `#name` leads to by the `imports` of a package."""
    given = manifest(world, folder).get("imports")
    if not isinstance(given, dict):
        return None
    targets = list(mapped(given, name, _conditions(typed, required, config)))
    return _first(world, folder, [each for each in targets if each.startswith(".")], typed)


def mapped(given: dict[str, object], key: str, conditions: frozenset[str]) -> Iterator[str]:
    """Targets that an `exports` or `imports` table has for a key, the likeliest first."""
    if key in given and "*" not in key:
        yield from _targets(given[key], conditions, None)
        return
    best: tuple[int, int, str, str] | None = None
    for pattern in given:
        head, star, tail = pattern.partition("*")
        if not star and pattern.endswith("/"):
            head, tail = pattern, ""
        elif not star:
            continue
        if key.startswith(head) and key.endswith(tail) and len(key) >= len(head) + len(tail):
            rank = (len(head), len(pattern), pattern, key[len(head) : len(key) - len(tail)])
            best = rank if best is None or rank[:2] > best[:2] else best
    if best is not None:
        yield from _targets(given[best[2]], conditions, best[3])


def _targets(value: object, conditions: frozenset[str], middle: str | None) -> Iterator[str]:
    """Strings of a target in the order of its conditions; nested no deeper than is sane."""
    pending: list[tuple[object, int]] = [(value, 0)]
    while pending:
        each, depth = pending.pop(0)
        if isinstance(each, str):
            if middle is None:
                yield each
            else:
                yield each.replace("*", middle) if "*" in each else each + middle
        elif isinstance(each, list) and depth < _DEPTH:
            pending[:0] = [(part, depth + 1) for part in each]
        elif isinstance(each, dict) and depth < _DEPTH:
            chosen = [part for name, part in each.items() if name in conditions]
            pending[:0] = [(part, depth + 1) for part in chosen]


def _conditions(typed: bool, required: bool, config: Config | None) -> frozenset[str]:
    more = {"require"} if required else {"import"}
    if typed:
        more.add("types")
    return _ALWAYS | more | frozenset(config.conditions if config is not None else ())


def _first(world: World, folder: str, targets: list[str], typed: bool) -> Found | None:
    """The first target that is in the set; else the first whose source is."""
    for each in targets:
        at = joined(folder, each)
        found = probe(world, at, typed) if at else None
        if found is not None:
            return Found(found, True)
    for each in targets:
        at = joined(folder, each)
        source = _source_of(world, folder, at, typed) if at else None
        if source is not None:
            return Found(source, False)
    return None


def _source_of(world: World, folder: str, built: str, typed: bool) -> str | None:
    """The file that a built one was made from: by the configuration, or the folders' names."""
    bare = _BUILT_SUFFIX.sub("", built)
    for name in ("tsconfig.json", "tsconfig.build.json", "tsconfig.lib.json"):
        path = posixpath.join(folder, name)
        if not world.exists(path):
            continue
        config = read_config(world, path)
        out = config.out_dir
        if out and bare.startswith(out + "/"):
            for root in (config.root_dir, posixpath.join(folder, "src"), folder):
                if root is not None:
                    at = posixpath.join(root, bare[len(out) + 1 :])
                    found = file_at(world, at, typed)
                    if found is not None:
                        return found
    rest = bare[len(folder) + 1 :] if folder else bare
    parts = rest.split("/")
    for skip in range(1, len(parts)):
        tail = "/".join(parts[skip:])
        for source in _SOURCE_FOLDERS:
            if source == parts[0]:
                continue
            at = posixpath.join(folder, source, tail)
            found = file_at(world, at, typed)
            found = found or file_at(world, posixpath.join(at, "index"), typed)
            if found is not None:
                return found
    return None


def _by_habit(world: World, folder: str, subpath: str, typed: bool) -> Found | None:
    """What a package's entry usually is built from, where its manifest leads nowhere."""
    for source in ("src", "source", "lib", ""):
        at = posixpath.join(folder, source, subpath or "index")
        found = file_at(world, at, typed)
        found = found or (file_at(world, posixpath.join(at, "index"), typed) if subpath else None)
        if found is not None:
            return Found(found, False)
    return None
