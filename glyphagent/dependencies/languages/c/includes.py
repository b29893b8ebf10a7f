"""Which file an include means: its own folder first, then include folders, known or inferred."""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from glyphagent.dependencies.edges import Reason
from glyphagent.dependencies.facts import ImportFact
from glyphagent.dependencies.languages.c.commands import folders, named_folders
from glyphagent.dependencies.languages.c.system_headers import is_system_header
from glyphagent.dependencies.world import World


class Found(NamedTuple):
    """The file that an include means, and whether nothing was guessed; or why there is none."""

    path: str = ""
    exact: bool = True
    reason: Reason = "external"


def resolve(world: World, path: str, fact: ImportFact) -> Found:
    """The file that an include in a file means."""
    if fact.computed:
        return Found(reason="dynamic")
    key = (path, fact.specifier, fact.kind)
    return world.memo("c.include", key, lambda: _resolve(world, *key), Found())


def _resolve(world: World, path: str, target: str, kind: str) -> Found:
    here = posixpath.dirname(path)
    following = kind.endswith("next")
    quoted = kind.startswith("quote")
    skipped = False
    if quoted and not following:
        near = _join(here, target)
        if near is not None and world.exists(near):
            return Found(near)
        skipped = near is not None and world.was_skipped(near)
    known = folders(world, path)
    places = ((*known.quote, *known.both) if quoted else known.both) if known is not None else ()
    passed = not following
    for folder in places:
        there = _join(folder, target)
        if there is None:
            continue
        if not passed:
            # `#include_next` goes on after the folder that this file itself was found in.
            passed = there == path or posixpath.dirname(there) == here
            continue
        if world.exists(there) and there != path:
            return Found(there)
        skipped = skipped or world.was_skipped(there)
    if skipped:
        return Found(reason="skipped")
    guess = None if following and not quoted else _infer(world, path, target, quoted)
    if guess is not None:
        return guess
    return Found(reason="missing" if quoted and not is_system_header(target) else "external")


def _infer(world: World, path: str, target: str, quoted: bool) -> Found | None:
    """A file whose path ends like the include: in a folder that a build names, or the nearest."""
    if not quoted and is_system_header(target):
        return None
    wanted = posixpath.normpath(target)
    while wanted.startswith("../"):
        wanted = wanted[3:]
    if wanted.startswith(("/", "..")) or not wanted:
        return None
    ends = [
        each
        for each in world.named(posixpath.basename(wanted))
        if each != path and (each == wanted or each.endswith(f"/{wanted}"))
    ]
    if not ends:
        return None
    said = named_folders(world)
    here = posixpath.dirname(path).split("/")

    def order(each: str) -> tuple[bool, int, int, str]:
        root = each[: len(each) - len(wanted)].rstrip("/")
        shared = 0
        for a, b in zip(here, each.split("/"), strict=False):
            if a != b:
                break
            shared += 1
        return root not in said, -shared, root.count("/") + bool(root), each

    best = min(ends, key=order)
    return Found(best, exact=False)


def _join(folder: str, target: str) -> str | None:
    """Path inside the set, None for one outside of it."""
    if target.startswith("/"):
        return None
    joined = posixpath.normpath(posixpath.join(folder, target))
    return None if joined.startswith("..") else joined
