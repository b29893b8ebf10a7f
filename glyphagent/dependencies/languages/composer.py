"""What Composer loads from where: the autoload sections of the set's own composer.json files.

Manifests are data; a broken one is as if it were absent.

Source: https://getcomposer.org/doc/04-schema.md#autoload
"""

from __future__ import annotations

import json
import posixpath
from functools import partial
from typing import NamedTuple

from glyphagent.dependencies.world import World


class Autoload(NamedTuple):
    """One entry of a composer.json.

    Attributes:
        prefix: Namespace with a dot at its end, in lower case; empty for whole folders and files.
        folder: Folder, or a file, that it leads to.
        kind: `psr-4`, `psr-0`, `classmap` or `files`.
    """

    prefix: str
    folder: str
    kind: str


def autoload(world: World) -> tuple[Autoload, ...]:
    """What the set's own composer.json files say about autoloading."""
    return world.memo("php.autoload", "", partial(_read, world), ())


def _read(world: World) -> tuple[Autoload, ...]:
    found: list[Autoload] = []
    for path in world.named("composer.json"):
        try:
            manifest = json.loads(world.text(path) or "")
        except (ValueError, RecursionError):
            continue
        base = posixpath.dirname(path)
        for part in ("autoload", "autoload-dev"):
            section = manifest.get(part) if isinstance(manifest, dict) else None
            for kind, given in section.items() if isinstance(section, dict) else ():
                if kind not in ("psr-4", "psr-0", "classmap", "files"):
                    continue
                pairs = given.items() if isinstance(given, dict) else [("", given)]
                for prefix, folders in pairs:
                    every = folders if isinstance(folders, list) else [folders]
                    for folder in every:
                        if isinstance(folder, str):
                            name = prefix.strip("\\").replace("\\", ".").lower()
                            target = posixpath.normpath(posixpath.join(base, folder))
                            found.append(Autoload(f"{name}." if name else "", target, kind))
    return tuple(found)


def is_autoloaded(world: World, full: str, path: str) -> bool:
    """Whether Composer loads a name from a file."""
    for each in autoload(world):
        if each.kind in ("classmap", "files"):
            if each.folder in (".", path) or path.startswith(each.folder + "/"):
                return True
        elif full.startswith(each.prefix):
            rest = full if each.kind == "psr-0" else full[len(each.prefix) :]
            if each.kind == "psr-0":  # underscores in a class's own name are folders too
                space, dot, last = rest.rpartition(".")
                rest = space + dot + last.replace("_", ".")
            expected = posixpath.normpath(posixpath.join(each.folder, rest.replace(".", "/")))
            if path.lower() == f"{expected.lower()}.php":
                return True
    return False
