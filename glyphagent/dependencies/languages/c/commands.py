"""Include folders of C and C++ files: by `compile_commands.json`, and by what build files name."""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from glyphagent.dependencies.world import World

_WITH_FOLDER = ("-I", "-iquote", "-isystem", "-idirafter")
_FLAG = re.compile(r"(?:^|[\s\"'=])-(?:I|iquote\s*|isystem\s*)\s*([^\s\"']+)", re.M)
_CMAKE = re.compile(r"\b(?:target_)?include_directories\s*\(([^)]*)\)", re.I)
_CMAKE_WORDS = frozenset("PUBLIC PRIVATE INTERFACE SYSTEM BEFORE AFTER".split())  # noqa: SIM905
_VARIABLE = re.compile(
    r"^\$[({](?:top_srcdir|srcdir|CMAKE_(?:CURRENT_)?SOURCE_DIR|\w*_SOURCE_DIR|CURDIR|abs_\w+)[)}]/?"
)
_BUILD_FILES = (
    "Makefile",
    "makefile",
    "GNUmakefile",
    "Makefile.am",
    "Makefile.in",
    "CMakeLists.txt",
)


@dataclass(frozen=True, slots=True)
class Folders:
    """Where a file's includes are sought, in order: for quotes alone, then for both forms."""

    quote: tuple[str, ...] = ()
    both: tuple[str, ...] = ()


def folders(world: World, path: str) -> Folders | None:
    """Include folders that the compilation database has for a file; None if it has none.

    A header has those of all its set's files, in the order of the database: which of them read
    it is not asked.
    """
    every = _database(world)
    return every.get(path) or every.get("")


def named_folders(world: World) -> tuple[str, ...]:
    """Folders that the set's build files name as include folders, as far as they exist."""

    def make() -> tuple[str, ...]:
        found: dict[str, None] = {}
        for name in _BUILD_FILES:
            for path in world.named(name):
                here = posixpath.dirname(path)
                for written in _written(name, world.text(path) or ""):
                    match = _VARIABLE.match(written)
                    base = "" if match and "top" in match.group(0) else here
                    rest = written[match.end() :] if match else written
                    if "$" in rest or rest.startswith("/") or "@" in rest:
                        continue
                    folder = _inside(posixpath.join(base, rest))
                    if folder is not None and world.is_folder(folder):
                        found.setdefault(folder)
        return tuple(found)

    return world.memo("c.named_folders", "", make, ())


def _written(name: str, text: str) -> Iterator[str]:
    if name == "CMakeLists.txt":
        for arguments in _CMAKE.findall(text):
            for each in arguments.split():
                if each not in _CMAKE_WORDS:
                    inner = each.strip('"')
                    yield re.sub(r"^\$<BUILD_INTERFACE:(.*)>$", r"\1", inner)
    else:
        yield from _FLAG.findall(text)


def _inside(path: str) -> str | None:
    folder = posixpath.normpath(path)
    if folder.startswith(("..", "/")):
        return None
    return "" if folder == "." else folder


def _database(world: World) -> dict[str, Folders]:
    """Include folders by file, those of all files under the empty path."""

    def make() -> dict[str, Folders]:
        found: dict[str, Folders] = {}
        quote: dict[str, None] = {}
        both: dict[str, None] = {}
        for database in world.named("compile_commands.json"):
            for entry in _entries(world.text(database) or ""):
                read = _entry(world, posixpath.dirname(database), entry)
                if read is not None:
                    found.setdefault(*read)
                    quote.update(dict.fromkeys(read[1].quote))
                    both.update(dict.fromkeys(read[1].both))
        if found:
            found[""] = Folders(tuple(quote), tuple(both))
        return found

    return world.memo("c.database", "", make, {})


def _entries(text: str) -> list[dict[str, object]]:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [each for each in read if isinstance(each, dict)] if isinstance(read, list) else []


def _entry(world: World, here: str, entry: dict[str, object]) -> tuple[str, Folders] | None:
    file, folder = entry.get("file"), entry.get("directory", "")
    if not isinstance(file, str) or not isinstance(folder, str):
        return None
    arguments = entry.get("arguments")
    if not isinstance(arguments, list):
        try:
            arguments = shlex.split(str(entry.get("command", "")))
        except ValueError:
            return None
    full = posixpath.normpath(posixpath.join(folder, file))
    path, root = _relative(world, here, full)
    if path is None:
        return None
    quote: list[str] = []
    both: list[str] = []
    waiting = ""
    for word in map(str, arguments):
        flag, value = waiting, word
        if not waiting:
            flag = next((each for each in _WITH_FOLDER if word.startswith(each)), "")
            value = word[len(flag) :]
            if not flag:
                continue
            if not value:
                waiting = flag
                continue
        waiting = ""
        where = posixpath.normpath(posixpath.join(folder, value))
        if root and where != root and not where.startswith(f"{root}/"):
            continue
        inside = where[len(root) :].strip("/") if root else _inside(where)
        if inside is not None:
            (quote if flag == "-iquote" else both).append(inside)
    return path, Folders(tuple(quote), tuple(both))


def _relative(world: World, here: str, full: str) -> tuple[str | None, str]:
    """Path in the set of a file that a database names absolutely, and the set's root there."""
    if not full.startswith("/"):
        inside = _inside(posixpath.join(here, full))
        return (inside, "") if inside is not None and world.exists(inside) else (None, "")
    parts = full.strip("/").split("/")
    for cut in range(len(parts)):
        path = "/".join(parts[cut:])
        if world.exists(path):
            return path, "/" + "/".join(parts[:cut]) if cut else ""
    return None, ""
