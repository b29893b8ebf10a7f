"""Source roots of Java modules: by Maven's and Gradle's layouts, and by what build files say."""

from __future__ import annotations

import posixpath
import re
from functools import cache

from glyphagent.dependencies.world import World

_LAYOUT = re.compile(r"(^|/)src/([^/]+)/java(/|$)")
_FLAT = re.compile(r"(^|/)(test|tests|src|main|java)(/|$)")
_CONVENTIONAL = ("src/main/java", "src/test/java", "src", "test")
_MAVEN_FOLDER = re.compile(r"<(?:testS|s)ourceDirectory>\s*([^<$]*?)\s*</")
_GRADLE_FOLDERS = re.compile(r"\bsrcDirs?\s*(?:\+?=|\()?\s*[\[(]?([^\]\)\n]*)")
_QUOTED = re.compile(r"""["']([^"'$]+)["']""")


@cache
def partners(folder: str) -> tuple[str, ...]:
    """Folders that may hold the same package: itself, then the same one in main and test roots."""
    found = [folder]
    match = _LAYOUT.search(folder)
    if match is not None:
        for each in ("main", "test"):
            found.append(folder[: match.start(2)] + each + folder[match.end(2) :])
    else:
        for match in _FLAT.finditer(folder):
            for each in _OTHERS.get(match.group(2), ()):
                found.append(folder[: match.start(2)] + each + folder[match.end(2) :])
    return tuple(dict.fromkeys(found))


_OTHERS = {"test": ("src", "main"), "tests": ("src", "main"), "src": ("test", "tests")}


def hidden_from(folder: str, path: str) -> bool:
    """Whether a file is test code of the very module whose main code is in the folder."""
    asking, asked = _LAYOUT.search(folder), _LAYOUT.search(path)
    if asking is None or asked is None or (asking.group(2), asked.group(2)) != ("main", "test"):
        return False
    return folder[: asking.start(2)] == path[: asked.start(2)]


def source_root(path: str, package: str) -> str:
    """Folder that a file's package counts from, its own folder where they do not fit together."""
    folder = posixpath.dirname(path)
    inner = package.replace(".", "/")
    if inner and (folder == inner or folder.endswith(f"/{inner}")):
        return folder[: len(folder) - len(inner)].rstrip("/")
    return folder


def roots(world: World) -> tuple[str, ...]:
    """Source roots that the set's build files have, by layout or by what they say."""

    def make() -> tuple[str, ...]:
        found: dict[str, None] = {}
        for name in ("pom.xml", "build.gradle", "build.gradle.kts"):
            for path in world.named(name):
                text = world.text(path) or ""
                said = _MAVEN_FOLDER.findall(text) if name == "pom.xml" else []
                if name != "pom.xml":
                    for each in _GRADLE_FOLDERS.findall(text):
                        said += _QUOTED.findall(each)
                for inner in (*said, *_CONVENTIONAL):
                    folder = posixpath.normpath(posixpath.join(posixpath.dirname(path), inner))
                    if not folder.startswith("..") and world.is_folder(folder):
                        found.setdefault(folder)
        return tuple(found)

    return world.memo("java.roots", "", make, ())


def package_folders(world: World, path: str, own: str, package: str) -> tuple[str, ...]:
    """Folders of the set for a package, in the file's own root and the modules'.

    Args:
        world: The set.
        path: The file that asks.
        own: Package of that file.
        package: Package that is looked for.
    """
    inner = package.replace(".", "/")
    mine = source_root(path, own)
    places = (posixpath.join(root, inner) for root in (*partners(mine), *roots(world)))
    return tuple(each for each in dict.fromkeys(places) if world.is_folder(each))
