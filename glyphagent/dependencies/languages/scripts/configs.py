"""The compiler configuration that holds for a file: tsconfig.json and jsconfig.json, as data.

`extends` is followed through chains, arrays and packages of the set. Where a folder has several
configurations (`tsconfig.app.json`, `tsconfig.node.json`, a solution that only references), the
one that lists the file wins, as the compiler and the editors have it.

Source: https://www.typescriptlang.org/tsconfig
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import partial

from glyphagent.dependencies.languages.scripts.manifests import (
    folders_up,
    glob_pattern,
    joined,
    read_json,
    strings,
    table,
)
from glyphagent.dependencies.languages.scripts.workspaces import package_folder
from glyphagent.dependencies.world import World

_NAMES = ("tsconfig.json", "jsconfig.json")
_VARIANT = re.compile(r"[tj]sconfig\.[\w.-]+\.json\Z")
_BASE = ("tsconfig.base.json", "tsconfig.common.json", "tsconfig.root.json")
_DEFAULT_EXCLUDE = ("node_modules", "bower_components", "jspm_packages")


@dataclass(frozen=True, slots=True)
class Config:
    """What of one configuration matters for where an import leads; all paths are the set's.

    Attributes:
        path: Path of the configuration file.
        base_url: Folder of bare imports, None if there is none.
        paths: Pairs of a pattern and the paths that it may stand for, likeliest pattern first.
        root_dirs: Folders that count as one.
        suffixes: `moduleSuffixes`.
        conditions: `customConditions`.
        out_dir: Folder of the compiler's output, None if there is none.
        root_dir: Folder that the output mirrors, None if it is not said.
        files: Paths that it lists; None if it does not list any.
        include: Patterns of what it includes, and of what it leaves out.
    """

    path: str
    base_url: str | None = None
    paths: tuple[tuple[str, tuple[str, ...]], ...] = ()
    root_dirs: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ("",)
    conditions: tuple[str, ...] = ()
    out_dir: str | None = None
    root_dir: str | None = None
    files: tuple[str, ...] | None = None
    include: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()

    def lists(self, path: str) -> bool:
        """Whether a file belongs to this configuration by its `files`, `include`, `exclude`."""
        if self.files is not None and path in self.files:
            return True
        if self.include is None and self.files is not None:
            return False
        folder = posixpath.dirname(self.path)
        include = self.include if self.include is not None else (folder,)
        return _matches(include, path) and not _matches(self.exclude, path)

    def targets(self, specifier: str) -> tuple[bool, tuple[str, ...]]:
        """Whether an alias holds for a bare import, and the paths that it may stand for."""
        for pattern, targets in self.paths:
            head, star, tail = pattern.partition("*")
            if not star:
                if specifier == pattern:
                    return True, targets
                continue
            if (
                len(specifier) >= len(head) + len(tail)
                and specifier.startswith(head)
                and specifier.endswith(tail)
            ):
                middle = specifier[len(head) : len(specifier) - len(tail)]
                return bool(head), tuple(each.replace("*", middle, 1) for each in targets)
        return False, ()


def configs_for(world: World, path: str) -> tuple[Config, ...]:
    """Configurations that may hold for a file, the one that does first."""
    folder = posixpath.dirname(path)
    found: list[Config] = []
    for each in folders_up(folder):
        here = configs_in(world, each)
        found += [config for config in here if config.lists(path)]
        found += [config for config in here if not config.lists(path)]
    return tuple(found)


def configs_in(world: World, folder: str) -> tuple[Config, ...]:
    """Configurations that lie in a folder, the main one first."""
    nothing: tuple[Config, ...] = ()
    return world.memo("scripts.configs", folder, partial(_in_folder, world, folder), nothing)


def _in_folder(world: World, folder: str) -> tuple[Config, ...]:
    """A folder's configurations: the main one, what it references, then all variants."""
    entries = {posixpath.basename(path): path for path in world.entries(folder)}
    names = [name for name in _NAMES if name in entries]
    names += [name for name in _BASE if name in entries]
    names += [name for name in sorted(entries) if _VARIANT.match(name) and name not in names]
    found: list[Config] = []
    seen: set[str] = set()
    for name in names:
        path = entries[name]
        if not world.exists(path):
            continue
        referenced = table(read_json(world, path)).get("references")
        more = []
        for each in referenced if isinstance(referenced, list) else []:
            target = table(each).get("path")
            at = joined(folder, target) if isinstance(target, str) else None
            if at is not None and not at.endswith(".json"):
                at = posixpath.join(at, "tsconfig.json")
            if at is not None and posixpath.dirname(at) == folder and world.exists(at):
                more.append(at)
        for each in (path, *more):
            if each not in seen:
                seen.add(each)
                found.append(read_config(world, each))
    # The main configuration comes first only where it lists anything: a solution's
    # `"files": []` makes `lists` refuse every path.
    return tuple(found)


def read_config(world: World, path: str) -> Config:
    """A configuration file with all that it extends; a cycle of `extends` is cut."""
    return world.memo("scripts.config", path, lambda: _read(world, path), Config(path))


def _read(world: World, path: str) -> Config:
    data = read_json(world, path)
    folder = posixpath.dirname(path)
    config = Config(path)
    for extended in strings(data.get("extends")):
        base = _extended(world, folder, extended)
        if base is not None and base != path:
            config = _over(config, read_config(world, base))
    options = table(data.get("compilerOptions"))

    def place(value: object) -> str | None:
        return _placed(folder, value) if isinstance(value, str) else None

    base_url = place(options.get("baseUrl"))
    base_url = base_url if base_url is not None else config.base_url
    paths = config.paths
    if isinstance(options.get("paths"), dict):
        paths = _paths(table(options["paths"]), base_url if base_url is not None else folder)
    root_dirs = tuple(at for at in map(place, strings(options.get("rootDirs"))) if at is not None)
    files = include = None
    if isinstance(data.get("files"), list):
        files = tuple(at for at in map(place, strings(data["files"])) if at is not None)
    if isinstance(data.get("include"), list):
        include = tuple(at for at in map(place, strings(data["include"])) if at is not None)
    out_dir = place(options.get("outDir")) or config.out_dir
    if isinstance(data.get("exclude"), list):
        exclude = tuple(at for at in map(place, strings(data["exclude"])) if at is not None)
    elif config.exclude:
        exclude = config.exclude
    else:
        exclude = tuple(posixpath.join(folder, "**", name) for name in _DEFAULT_EXCLUDE)
        exclude += (out_dir,) if out_dir else ()
    return Config(
        path,
        base_url,
        paths,
        root_dirs or config.root_dirs,
        tuple(strings(options.get("moduleSuffixes"))) or config.suffixes,
        tuple(strings(options.get("customConditions"))) or config.conditions,
        out_dir,
        place(options.get("rootDir")) or config.root_dir,
        files if files is not None else config.files,
        include if include is not None else config.include,
        exclude,
    )


def _over(below: Config, above: Config) -> Config:
    """Two extended configurations as one, the later one over the earlier one."""
    return Config(
        below.path,
        above.base_url if above.base_url is not None else below.base_url,
        above.paths or below.paths,
        above.root_dirs or below.root_dirs,
        above.suffixes if above.suffixes != ("",) else below.suffixes,
        above.conditions or below.conditions,
        above.out_dir or below.out_dir,
        above.root_dir or below.root_dir,
        above.files if above.files is not None else below.files,
        above.include if above.include is not None else below.include,
        above.exclude or below.exclude,
    )


def _extended(world: World, folder: str, name: str) -> str | None:
    """The configuration file that an `extends` names, relative or inside a package."""
    if name.startswith((".", "/")):
        bases = [joined(folder, name.lstrip("/") if name.startswith("/") else name)]
    else:
        parts = name.split("/")
        count = 2 if name.startswith("@") else 1
        package = package_folder(world, folder, "/".join(parts[:count]))
        if package is None:
            return None
        rest = "/".join(parts[count:])
        inner = table(read_json(world, posixpath.join(package, "package.json"))).get("exports")
        mapped = table(inner).get("./" + rest)
        bases = [joined(package, mapped)] if isinstance(mapped, str) else []
        bases.append(joined(package, rest or "tsconfig.json"))
    for base in bases:
        for each in (base, f"{base}.json", f"{base}/tsconfig.json"):
            if base is not None and each is not None and world.exists(each):
                return each
    return None


def _placed(folder: str, value: str) -> str | None:
    if value.startswith("${configDir}"):
        value = "." + value.removeprefix("${configDir}")
    return joined(folder, value)


def _paths(given: dict[str, object], base: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Path aliases with their targets in the set, the longest head first, exact ones before."""
    found = []
    for pattern, targets in given.items():
        placed = [_placed(base, each) for each in strings(targets)]
        found.append((pattern, tuple(each for each in placed if each is not None)))
    found.sort(key=lambda pair: ("*" in pair[0], -len(pair[0].partition("*")[0])))
    return tuple(found)


def _matches(patterns: tuple[str, ...], path: str) -> bool:
    for pattern in patterns:
        if pattern == "" or path == pattern or path.startswith(pattern + "/"):
            return True
        if any(char in pattern for char in "*?"):
            compiled = glob_pattern(pattern)
            if compiled.match(path) or glob_pattern(pattern + "/**").match(path):
                return True
    return False
