"""The packages of a source set by name: workspaces, linked folders, committed node_modules.

A package.json that merely lies somewhere (a test's fixture, a template) is no package that other
files can import: only members of a workspace around the importer, what its own manifest links to,
and what a node_modules folder on its way up holds.

Source: https://nodejs.org/api/modules.html#loading-from-node_modules-folders,
https://docs.npmjs.com/cli/using-npm/workspaces, https://pnpm.io/pnpm-workspace_yaml
"""

from __future__ import annotations

import posixpath
from functools import partial

from glyphagent.dependencies.languages.scripts.manifests import (
    folders_up,
    glob_pattern,
    joined,
    nearest,
    pnpm_packages,
    read_json,
    strings,
    table,
)
from glyphagent.dependencies.world import World

_LINKS = ("file:", "link:", "portal:", "workspace:")
_TABLES = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")


def own_package(world: World, folder: str) -> str | None:
    """Folder of the nearest package.json around a folder, itself included."""
    return nearest(folder, lambda each: world.exists(posixpath.join(each, "package.json")))


def manifest(world: World, folder: str) -> dict[str, object]:
    """The package.json of a folder, empty if there is none."""
    return read_json(world, posixpath.join(folder, "package.json"))


def package_folder(world: World, folder: str, name: str) -> str | None:
    """Folder in the set that a package's name leads to, seen from a folder."""
    return world.memo(
        "scripts.package", (folder, name), lambda: _package_folder(world, folder, name), None
    )


def _package_folder(world: World, folder: str, name: str) -> str | None:
    for each in folders_up(folder):
        if posixpath.basename(each) == "node_modules":
            continue
        installed = posixpath.join(each, "node_modules", name)
        if world.is_folder(installed):
            return installed
    own = own_package(world, folder)
    linked = _linked(world, own, name) if own is not None else None
    if linked is not None:
        return linked
    for each in folders_up(folder):
        members = members_of(world, each)
        if name in members:
            return members[name]
    return None


def _linked(world: World, own: str, name: str) -> str | None:
    """Folder that the importer's own manifest links a name to (`file:../x`)."""
    data = manifest(world, own)
    for key in _TABLES:
        value = table(data.get(key)).get(name)
        if isinstance(value, str) and value.startswith(_LINKS):
            target = joined(own, value.partition(":")[2])
            if target is not None and world.exists(posixpath.join(target, "package.json")):
                return target
    return None


def workspace_globs(world: World, folder: str) -> tuple[str, ...]:
    """Globs of the members of the workspace whose root a folder is; none if it is no root."""
    pnpm = posixpath.join(folder, "pnpm-workspace.yaml")
    if world.exists(pnpm):
        found = pnpm_packages(world, pnpm)
        if found:
            return found
    for each in ("package.json", "lerna.json"):
        path = posixpath.join(folder, each)
        if not world.exists(path):
            continue
        data = read_json(world, path)
        given = data.get("workspaces" if each == "package.json" else "packages")
        globs = strings(table(given).get("packages") if isinstance(given, dict) else given)
        if globs:
            return tuple(globs)
    return ()


def members_of(world: World, root: str) -> dict[str, str]:
    """Folders of a workspace's packages by name, empty for a folder that is no root of one."""
    nothing: dict[str, str] = {}
    return world.memo("scripts.members", root, partial(_members, world, root), nothing)


def _members(world: World, root: str) -> dict[str, str]:
    """Folders of a workspace's packages by name; the root's own name leads to the root."""
    globs = workspace_globs(world, root)
    if not globs:
        return {}
    wanted = [glob_pattern(_bare(each)) for each in globs if not each.startswith("!")]
    barred = [glob_pattern(_bare(each[1:])) for each in globs if each.startswith("!")]
    found: dict[str, str] = {}
    for path in world.named("package.json"):
        folder = posixpath.dirname(path)
        relative = _below(folder, root)
        if relative is None or "node_modules" in folder.split("/"):
            continue
        if relative and not any(each.match(relative) for each in wanted):
            continue
        if any(each.match(relative) for each in barred):
            continue
        name = read_json(world, path).get("name")
        if isinstance(name, str):
            found.setdefault(name, folder)
    return found


def _bare(glob: str) -> str:
    return glob.removeprefix("./").rstrip("/")


def _below(folder: str, root: str) -> str | None:
    """A folder's path relative to another one around it, None if it is not below that."""
    if not root:
        return folder
    if folder == root:
        return ""
    return folder[len(root) + 1 :] if folder.startswith(root + "/") else None
