"""Where an import of a script leads: the rules of Node, the bundlers and TypeScript together.

In the compiler's order: relative paths, path aliases and `baseUrl`, a package's own `#` imports,
the package itself, packages of the workspace. What leaves the set is external, what should be in
it and is not is missing.

Source: https://www.typescriptlang.org/docs/handbook/modules/reference.html,
https://nodejs.org/api/esm.html#resolution-algorithm
"""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple

from glyphagent.dependencies.edges import Confidence, Reason
from glyphagent.dependencies.languages.scripts.configs import Config, configs_for
from glyphagent.dependencies.languages.scripts.entries import Found, entry, internal
from glyphagent.dependencies.languages.scripts.manifests import joined
from glyphagent.dependencies.languages.scripts.probing import is_typed, probe, refused
from glyphagent.dependencies.languages.scripts.workspaces import (
    manifest,
    own_package,
    package_folder,
)
from glyphagent.dependencies.world import World

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_REQUIRED = ("require", "resolve")


class Resolution(NamedTuple):
    """The file that an import names, or why there is none."""

    path: str | None
    confidence: Confidence = "exact"
    reason: Reason = "external"


_EXTERNAL = Resolution(None)
_MISSING = Resolution(None, reason="missing")


def resolve(world: World, path: str, specifier: str, kind: str = "import") -> tuple[str, ...]:
    """Paths of the set that an import names, none or one.

    Args:
        world: The set.
        path: Path of the importing file.
        specifier: What it imports, as written.
        kind: `require` follows the conditions of CommonJS; everything else those of modules.
    """
    found = resolution(world, path, specifier, kind)
    return (found.path,) if found.path is not None else ()


def resolution(world: World, path: str, specifier: str, kind: str = "import") -> Resolution:
    """Where an import leads, how surely, and if nowhere, why."""
    key = (path, specifier, kind in _REQUIRED, kind == "doc")
    return world.memo(
        "scripts.resolve", key, lambda: _resolve(world, path, specifier, kind), _EXTERNAL
    )


def _resolve(world: World, path: str, specifier: str, kind: str) -> Resolution:
    bare = specifier.rpartition("!")[2] if "!" in specifier else specifier
    head = bare[:1]
    bare = head + re.split(r"[?]", bare[1:], maxsplit=1)[0] if head != "?" else ""
    if not bare or _SCHEME.match(bare) or bare.startswith("//"):
        return _EXTERNAL
    # A comment's import is the type checker's.
    typed = kind == "doc" or is_typed(path)
    if bare in (".", "..") or bare.startswith(("./", "../")):
        return _relative(world, path, bare, typed)
    if bare.startswith("/"):
        return _rooted(world, path, bare, typed)
    required = kind in _REQUIRED
    configs = configs_for(world, path)
    claimed = False
    for number, config in enumerate(configs):
        claims, targets = config.targets(bare)
        claimed = claimed or (claims and number == 0)
        if not targets and config.base_url is not None:
            targets = (posixpath.join(config.base_url, bare),)
        elif config.base_url is not None and not claims:
            targets = (*targets, posixpath.join(config.base_url, bare))
        for target in targets:
            found = _aliased(world, target, typed, required, config)
            if found is not None:
                sure = number == 0 and found.exact
                return Resolution(found.path, "exact" if sure else "inferred")
    first = configs[0] if configs else None
    folder = posixpath.dirname(path)
    own = own_package(world, folder)
    if bare.startswith("#"):
        inside = own is not None and internal(
            world, own, bare, typed=typed, required=required, config=first
        )
        return _told(inside) if inside else _MISSING
    count = 2 if bare.startswith("@") else 1
    parts = bare.split("/")
    name, subpath = "/".join(parts[:count]), "/".join(parts[count:])
    if own is not None and manifest(world, own).get("name") == name:
        found = entry(world, own, subpath, typed=typed, required=required, config=first)
        if found is not None:
            official = manifest(world, own).get("exports") is not None
            return _told(Found(found.path, found.exact and official))
    package = package_folder(world, folder, name)
    if package is not None:
        found = entry(world, package, subpath, typed=typed, required=required, config=first)
        return _told(found) if found is not None else _MISSING
    return _MISSING if claimed else _EXTERNAL


def _told(found: Found) -> Resolution:
    return Resolution(found.path, "exact" if found.exact else "inferred")


def _relative(world: World, path: str, bare: str, typed: bool) -> Resolution:
    folder = posixpath.dirname(path)
    at = joined(folder, bare)
    if at is None:
        return _EXTERNAL
    configs = configs_for(world, path) if typed else ()
    suffixes = configs[0].suffixes if configs else ("",)
    slash = "/" if bare.endswith(("/", "/.", "..")) or bare == "." else ""
    found = probe(world, at + slash, typed, suffixes)
    if found is None and "#" in at:
        found = probe(world, at.partition("#")[0], typed, suffixes)
    if found is not None:
        return Resolution(found)
    for config in configs[:1]:
        found = _virtual(world, at, config, typed)
        if found is not None:
            return Resolution(found)
    return Resolution(None, reason="skipped" if refused(world, at) else "missing")


def _virtual(world: World, at: str, config: Config, typed: bool) -> str | None:
    """The file that a relative path names where several folders count as one (`rootDirs`)."""
    homes = [root for root in config.root_dirs if not root or at.startswith(root + "/")]
    if not homes:
        return None
    home = max(homes, key=len)
    rest = at[len(home) + 1 :] if home else at
    for root in config.root_dirs:
        found = probe(world, posixpath.join(root, rest), typed, config.suffixes)
        if found is not None:
            return found
    return None


def _rooted(world: World, path: str, bare: str, typed: bool) -> Resolution:
    """Bundlers serve `/x` from the package's folder, or its `public` one."""
    own = own_package(world, posixpath.dirname(path)) or ""
    for root in dict.fromkeys((own, posixpath.join(own, "public"), "")):
        at = joined(root, bare.lstrip("/"))
        found = probe(world, at, typed) if at else None
        if found is not None:
            return Resolution(found, "inferred")
    return _EXTERNAL


def _aliased(
    world: World, target: str, typed: bool, required: bool, config: Config
) -> Found | None:
    """The file that an alias's target stands for; a package's folder has its own entry."""
    found = probe(world, target, typed, config.suffixes)
    if found is not None:
        return Found(found, True)
    if target and world.exists(posixpath.join(target, "package.json")):
        return entry(world, target, "", typed=typed, required=required, config=config)
    return None
