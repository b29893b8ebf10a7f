"""Files as a tree of folders, and a graph seen from as far away as a drawing can show."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence


def folder_tree(paths: Iterable[str]) -> dict[str, list[str]]:
    """What each folder holds, folders first, each sorted; folders end with `/`, the top is empty.

    A folder that holds one folder alone is written with it as one.
    """
    inside: dict[str, set[str]] = defaultdict(set)
    inside[""] = set()
    for path in paths:
        entry = path
        while entry:
            above = posixpath.dirname(entry.rstrip("/"))
            above = f"{above}/" if above else ""
            inside[above].add(entry)
            entry = above
    for folder in sorted(inside, key=len, reverse=True):
        only = next(iter(inside[folder])) if len(inside[folder]) == 1 else ""
        if folder and only.endswith("/"):
            above = posixpath.dirname(folder.rstrip("/"))
            above = f"{above}/" if above else ""
            inside[above].remove(folder)
            inside[above].add(only)
            del inside[folder]
    return {
        folder: sorted(entries, key=lambda entry: (not entry.endswith("/"), entry))
        for folder, entries in sorted(inside.items())
    }


def seen_from_afar(paths: Sequence[str], most: int) -> Mapping[str, str]:
    """For each file itself or a folder that stands for it, so that at most `most` are left.

    The deepest level of folders that fits is taken; the top level is, even if it does not.
    """
    deepest = max((path.count("/") for path in paths), default=0)
    for depth in range(deepest + 1, 0, -1):
        found = {path: _cut(path, depth) for path in paths}
        if len(set(found.values())) <= most:
            return found
    return {path: _cut(path, 1) for path in paths}


def _cut(path: str, depth: int) -> str:
    parts = path.split("/")
    return path if len(parts) <= depth else "/".join(parts[:depth]) + "/"
