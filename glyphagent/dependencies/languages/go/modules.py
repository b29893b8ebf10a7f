"""Which folder an import path names: go.mod, go.work, replacements, vendor folders.

Manifests are data, read line by line; what a line cannot be understood as is passed over.

Source: https://go.dev/ref/mod
"""

from __future__ import annotations

import posixpath
import re
from functools import partial
from typing import NamedTuple

from glyphagent.dependencies.names import head_of
from glyphagent.dependencies.world import World

_LINE_COMMENT = re.compile(r"(?:^|\s)//.*$")
_WORD = re.compile(r'"([^"]*)"|`([^`]*)`|(\S+)')


class Module(NamedTuple):
    """One go.mod.

    Attributes:
        folder: Folder that holds it.
        path: Import path of its root package; empty if it states none.
        replaced: Pairs of an import path and the folder that stands in for it.
    """

    folder: str
    path: str
    replaced: tuple[tuple[str, str], ...] = ()


class Found(NamedTuple):
    """What an import path leads to.

    Attributes:
        folder: Folder of the package, None for none in the set.
        sure: Whether Go's own rules lead there.
        expected: Whether the path should have led into the set.
    """

    folder: str | None
    sure: bool = True
    expected: bool = False


class Layout(NamedTuple):
    """All modules of the set.

    Attributes:
        modules: By folder, the deepest first.
        workspaces: Pairs of a go.work's folder and the module folders that it uses.
        replaced: By go.work folder, as in `Module`.
    """

    modules: tuple[Module, ...] = ()
    workspaces: tuple[tuple[str, frozenset[str], tuple[tuple[str, str], ...]], ...] = ()


def layout(world: World) -> Layout:
    """All modules of the set."""
    return world.memo("go.layout", "", partial(_layout, world), Layout(), steady=True)


def _layout(world: World) -> Layout:
    modules = []
    for path in world.named("go.mod"):
        folder = posixpath.dirname(path)
        lines = _directives(world.text(path) or "")
        name = next((line[1] for line in lines if line[0] == "module" and len(line) > 1), "")
        modules.append(Module(folder, name, _replacements(lines, folder)))
    workspaces = []
    for path in world.named("go.work"):
        folder = posixpath.dirname(path)
        lines = _directives(world.text(path) or "")
        used = (_inside(folder, line[1]) for line in lines if line[0] == "use" and len(line) > 1)
        known = frozenset(each for each in used if each is not None)
        workspaces.append((folder, known, _replacements(lines, folder)))
    modules.sort(key=lambda each: (-_depth(each.folder), each.folder))
    workspaces.sort(key=lambda each: (-_depth(each[0]), each[0]))
    return Layout(tuple(modules), tuple(workspaces))


def module_of(world: World, folder: str) -> Module | None:
    """The module that a folder belongs to."""
    for module in layout(world).modules:
        if _within(folder, module.folder):
            return module
    return None


def find_package(world: World, folder: str, path: str) -> Found:
    """Folder of the set that an import path names, for files of a folder."""
    key = (folder, path)
    return world.memo("go.find", key, partial(_find, world, folder, path), Found(None))


def has_sources(world: World, folder: str) -> bool:
    """Whether a folder holds Go files itself."""
    if not world.is_folder(folder):
        return False
    return any(entry.endswith(".go") for entry in world.entries(folder))


def _find(world: World, folder: str, path: str) -> Found:
    if path.startswith(("./", "../")) or path in (".", ".."):
        inside = _inside(folder, path)
        if inside is not None and has_sources(world, inside):
            return Found(inside)
        return Found(None, expected=True)
    here = module_of(world, folder)
    roots: list[tuple[str, str]] = []
    known = layout(world)
    if here is not None:
        if here.path:
            roots.append((here.path, here.folder))
        roots += here.replaced
        for _, used, replaced in known.workspaces:
            if here.folder in used:
                roots += replaced
                roots += [(each.path, each.folder) for each in known.modules if each.folder in used]
    expected = False
    # The longest path wins; a replacement stands before what it replaces.
    for prefix, root in sorted(roots, key=lambda pair: -len(pair[0])):
        rest = _rest(path, prefix)
        if rest is None:
            continue
        target = posixpath.join(root, rest) if rest else root
        if has_sources(world, target) and module_of(world, target) == module_of(world, root):
            return Found(target)
        expected = True
    vendored = _vendored(world, folder, path)
    if vendored is not None:
        return Found(vendored)
    # A module of the set that neither a replacement nor a workspace connects.
    for module in sorted(known.modules, key=lambda each: (-len(each.path), each.folder)):
        rest = _rest(path, module.path) if module.path else None
        if rest is not None:
            target = posixpath.join(module.folder, rest) if rest else module.folder
            if has_sources(world, target) and module_of(world, target) == module:
                return Found(target, sure=False)
    if here is None and "." in path.partition("/")[0]:
        found = _without_module(world, folder, path)
        if found is not None:
            return Found(found, sure=False)
    return Found(None, expected=expected)


def _vendored(world: World, folder: str, path: str) -> str | None:
    """Copy of a package in the nearest vendor folder that has one."""
    while True:
        target = posixpath.join(folder, "vendor", path)
        if has_sources(world, target):
            return target
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _without_module(world: World, folder: str, path: str) -> str | None:
    """Folder below an old GOPATH, or below a root that was copied out of one."""
    for root in ("src", "", "Godeps/_workspace/src"):
        target = posixpath.join(root, path)
        if has_sources(world, target):
            return target
    prefix = _stated_prefix(world, folder)
    if prefix:
        rest = _rest(path, prefix)
        return rest if rest is not None and has_sources(world, rest) else None
    # The root of a copy is most often `host/owner/project`, and called like the project.
    parts = path.split("/")
    for cut in (3, 2):
        target = "/".join(parts[cut:])
        named = world.root_name in ("", parts[cut - 1]) if len(parts) >= cut else False
        if named and (world.root_name or target) and has_sources(world, target):
            return target
    return None


def _stated_prefix(world: World, folder: str) -> str:
    """Import path of the set's root, as a package clause's comment in a folder says it."""
    for path in world.entries(folder):
        head = head_of(world, path) if path.endswith(".go") else None
        if head is None or len(head.extra) < 2 or not head.extra[1]:
            continue
        stated = str(head.extra[1])
        if not folder:
            return stated
        if stated.endswith("/" + folder):
            return stated[: -len(folder) - 1]
    return ""


def _rest(path: str, prefix: str) -> str | None:
    if path == prefix:
        return ""
    return path[len(prefix) + 1 :] if path.startswith(prefix + "/") else None


def _within(folder: str, root: str) -> bool:
    return not root or folder == root or folder.startswith(root + "/")


def _depth(folder: str) -> int:
    return folder.count("/") + 1 if folder else 0


def _inside(folder: str, path: str) -> str | None:
    """A relative path from a folder, None if it leaves the set."""
    joined = posixpath.normpath(posixpath.join(folder, path))
    if joined.startswith("..") or posixpath.isabs(joined):
        return None
    return "" if joined == "." else joined


def _replacements(lines: list[list[str]], folder: str) -> tuple[tuple[str, str], ...]:
    found = []
    for line in lines:
        if line[0] != "replace" or "=>" not in line:
            continue
        arrow = line.index("=>")
        if arrow < 2 or arrow + 1 >= len(line):
            continue
        target = line[arrow + 1]
        if target.startswith(("./", "../")) or target in (".", ".."):
            inside = _inside(folder, target)
            if inside is not None:
                found.append((line[1], inside))
    return tuple(found)


def _directives(text: str) -> list[list[str]]:
    """Words of every directive; a block's lines each begin with the block's word."""
    found: list[list[str]] = []
    block = ""
    for raw in text.splitlines():
        line = _LINE_COMMENT.sub("", raw).strip()
        words = ["".join(match.groups(default="")) for match in _WORD.finditer(line)]
        if not words:
            continue
        if block:
            if words[0] == ")":
                block = ""
            else:
                found.append([block, *words])
        elif words[-1] == "(" and len(words) == 2:
            block = words[0]
        elif words[0].endswith("(") and len(words) == 1:
            block = words[0][:-1]
        else:
            found.append(words)
    return found
