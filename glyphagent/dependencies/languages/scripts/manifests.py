"""Manifests of a source set read as data: package.json, pnpm-workspace.yaml, tsconfig.json.

A manifest that is broken counts as absent. Everything here is kept in the world's memos, so that
a manifest is parsed once, however many files ask.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterator

from glyphagent.dependencies.world import World

_COMMENT = re.compile(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_COMMA = re.compile(r'("(?:[^"\\\n]|\\.)*")|,(?=\s*[}\]])')
_STARRED = re.compile(r"([^/*?{},]+)(?=\*)")
_ANY = re.compile(r"\*\*(?!\*|/)")
# More `**` in one pattern than anybody needs would take a path apart in too many ways.
_MOST_FOLDERS = 4
_FOLDERS = re.compile(r"(?:\*\*+/)+")
_YAML_KEY = re.compile(r"^packages\s*:\s*(.*)$")
_YAML_ITEM = re.compile(r"^\s*-\s+(.*)$")


def table(value: object) -> dict[str, object]:
    """A parsed value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def strings(value: object) -> list[str]:
    """The strings of a parsed array, or a lone string as the only one."""
    if isinstance(value, str):
        return [value]
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def read_json(world: World, path: str) -> dict[str, object]:
    """The object that a JSON document holds, comments and trailing commas forgiven."""
    return world.memo("scripts.json", path, lambda: _parse(world.text(path)), {})


def _parse(text: str | None) -> dict[str, object]:
    if text is None:
        return {}
    try:
        return table(json.loads(text.removeprefix("\ufeff")))
    except (ValueError, RecursionError):
        pass
    bare = _COMMENT.sub(lambda match: match.group(1) or " ", text.removeprefix("\ufeff"))
    bare = _COMMA.sub(lambda match: match.group(1) or "", bare)
    try:
        return table(json.loads(bare))
    except (ValueError, RecursionError):
        return {}


def pnpm_packages(world: World, path: str) -> tuple[str, ...]:
    """Globs under `packages:` of a pnpm-workspace.yaml, in block or flow form.

    Only this key is read, by lines: the file is written by hand in these two forms, and a YAML
    parser is no dependency of the core.
    """
    found: list[str] = []
    inside = False
    for line in (world.text(path) or "").splitlines():
        bare = line.split(" #", 1)[0].rstrip()
        if not bare or bare.lstrip().startswith("#"):
            continue
        head = _YAML_KEY.match(bare)
        if head is not None:
            inside = True
            flow = head.group(1).strip()
            found += [each.strip(" '\"") for each in flow.strip("[]").split(",") if each.strip()]
            continue
        item = _YAML_ITEM.match(bare)
        if inside and item is not None:
            found.append(item.group(1).strip(" '\""))
        elif not bare[0].isspace():
            inside = False
    return tuple(found)


def folders_up(folder: str) -> Iterator[str]:
    """A folder and all folders around it, the set's root last."""
    yield folder
    while folder:
        folder = posixpath.dirname(folder)
        yield folder


def nearest(folder: str, has: Callable[[str], bool]) -> str | None:
    """The innermost folder around a folder, itself included, that passes a test."""
    return next((each for each in folders_up(folder) if has(each)), None)


def joined(folder: str, relative: str) -> str | None:
    """Path in the set of a path relative to one of its folders; None if that leaves the set."""
    path = posixpath.normpath(posixpath.join(folder, relative.replace("\\", "/")))
    if path == ".":
        return ""
    return None if path.startswith(("../", "/")) or path == ".." else path


def glob_pattern(glob: str) -> re.Pattern[str]:
    """A compiled form of a path glob with `*`, `**`, `?` and `{a,b}`."""
    out: list[str] = []
    at = 0
    depth = 0
    if len(_FOLDERS.findall(glob)) > _MOST_FOLDERS or len(_ANY.findall(glob)) > _MOST_FOLDERS:
        return re.compile(re.escape(glob) + r"\Z")
    while at < len(glob):
        char = glob[at]
        folders = _FOLDERS.match(glob, at)
        if folders is not None:
            out.append("(?:[^/]+/)*")
            at = folders.end()
            continue
        if glob.startswith("**", at):
            out.append(".*")
            at = len(glob) - len(glob[at:].lstrip("*"))
            continue
        if char == "*":
            after = _STARRED.match(glob, at + 1)
            if after is not None:
                # Of several stars in one name the first takes as little as it can, for good.
                out.append(f"(?>[^/]*?{re.escape(after.group(1))})")
                at = after.end(1)
                continue
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "{":
            out.append("(?:")
            depth += 1
        elif char == "}" and depth:
            out.append(")")
            depth -= 1
        elif char == "," and depth:
            out.append("|")
        else:
            out.append(re.escape(char))
        at += 1
    try:
        return re.compile("".join(out) + ")" * depth + r"\Z")
    except re.error:
        return re.compile(re.escape(glob) + r"\Z")
