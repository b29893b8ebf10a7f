"""Which file of the source set an import names.

Only the set's own paths are looked at, and `tsconfig.json` files in it, as data; nothing is
imported or run. What is not in the set stays unresolved: a wrong file is worse than none.
"""

from __future__ import annotations

import json
import posixpath
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from glyphagent.dependencies.symbols import FileSymbols, Import

_PYTHON_SUFFIXES = (".py", ".pyi")
_SCRIPT_SUFFIXES = (
    ".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mts", ".d.mts", ".mjs", ".cts", ".d.cts", ".cjs",
    ".json", ".vue", ".svelte",
)  # fmt: skip
# TypeScript lets an import name the file that it will be compiled to.
_COMPILED_FROM = {
    ".js": (".ts", ".tsx", ".d.ts"),
    ".jsx": (".tsx",),
    ".mjs": (".mts", ".d.mts"),
    ".cjs": (".cts", ".d.cts"),
}
# How many imports must fit the set for each one that does not, to name the set by them.
_FITS_PER_MISFIT = 10
_JSON_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_JSON_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])')


def module_parts(path: str) -> tuple[str, ...]:
    """Parts of the dotted name that a path has as a module: `a/b/__init__.py` is `a.b`."""
    parts = path.split("/")
    stem = parts[-1].split(".", 1)[0] if not parts[-1].startswith(".") else parts[-1]
    if stem in ("__init__", "index"):
        return tuple(parts[:-1])
    return (*parts[:-1], stem)


class Resolver:
    """Looks imports up among a fixed set of paths."""

    def __init__(
        self,
        paths: Iterable[str],
        files: Mapping[str, FileSymbols],
        texts: Mapping[str, str],
        root_name: str = "",
    ) -> None:
        """Learn the set's folders, packages and path aliases.

        Args:
            paths: Every path in the set.
            files: What each of them says, of which the imports are looked at.
            texts: Texts, of which `tsconfig.json` and `jsconfig.json` are read.
            root_name: Name of the folder that the paths are relative to, if known. It matters
                where that folder is itself a package, whose files import it by that name.
        """
        self._paths = frozenset(paths)
        self._folders = {""}
        for path in self._paths:
            folder = posixpath.dirname(path)
            while folder and folder not in self._folders:
                self._folders.add(folder)
                folder = posixpath.dirname(folder)
        self._packages = {
            posixpath.dirname(path)
            for path in self._paths
            if posixpath.basename(path) in ("__init__.py", "__init__.pyi")
        }
        self._roots = self._python_roots()
        self.root_name = self._package_at_root(files, root_name)
        self._configs = dict(_path_aliases(texts))

    def resolve(self, each: Import, language: str) -> Import:
        """Give the import with the paths that it names, if any are in the set."""
        if language == "python":
            return replace(each, resolved=tuple(self._python(each)))
        if language in ("javascript", "typescript"):
            found = self._script(each)
            return replace(each, resolved=(found,) if found else ())
        return each

    def _python_roots(self) -> list[str]:
        """Folders from which a top-level module may be imported, the likeliest ones first."""
        roots = {""}
        for folder in self._packages:
            while folder in self._packages and folder:
                folder = posixpath.dirname(folder)
            roots.add(folder)
        roots |= {folder for folder in ("src", "lib", "python") if folder in self._folders}
        return sorted(roots - self._packages | {""}, key=lambda root: (root.count("/"), root))

    def _package_at_root(self, files: Mapping[str, FileSymbols], root_name: str) -> str:
        """Name under which the root folder is imported, where it is itself a package.

        The folder may have been renamed, so its files' absolute imports are weighed too. A name
        counts only where the files in the set define what is imported by it: a library from
        outside often has an `exceptions` or `utils` of its own.
        """
        if "" not in self._packages:
            return ""
        fits: dict[str, list[str]] = defaultdict(list)
        misfits: Counter[str] = Counter()
        for symbols in files.values():
            for each in symbols.imports if symbols.language == "python" else ():
                first, _, rest = each.module.partition(".")
                for target in self._tried_at_root(each, rest, files) if first else ():
                    if target is None:
                        misfits[first] += 1
                    else:
                        fits[first].append(target)
        known = root_name in sys.stdlib_module_names
        plausible = root_name.isidentifier() and misfits[root_name] <= len(fits[root_name])
        if plausible and fits[root_name]:
            return root_name
        # A few modules may be missing from the set, compiled ones for instance.
        strong = [
            name
            for name, targets in fits.items()
            if name not in sys.stdlib_module_names
            and len(set(targets)) > 1
            and misfits[name] * _FITS_PER_MISFIT <= len(targets)
        ]
        if len(strong) == 1:
            return strong[0]
        return root_name if plausible and not known else ""

    def _tried_at_root(
        self, each: Import, rest: str, files: Mapping[str, FileSymbols]
    ) -> Iterator[str | None]:
        """What an import takes from the set if its first name is the root's: files, or None.

        Nothing is given for what proves neither: the bare package, a star, a dunder.
        """
        parts = rest.split(".") if rest else []
        home = self._python_file("", parts)
        if (rest and home == each.path) or (home is None and "/".join(parts) not in self._folders):
            # No file imports itself by its full name.
            yield None
            return
        if not each.names:
            if rest and home is not None:
                yield home
            return
        symbols = files.get(home) if home is not None else None
        own = {d.name for d in symbols.definitions if not d.parent} if symbols else set()
        for taken in symbols.imports if symbols else ():
            own.update(taken.names or (taken.module.partition(".")[0],))
            own.update(alias for _, alias in taken.aliases)
        for name in each.names:
            submodule = self._python_file("/".join(parts), [name])
            if submodule is not None:
                yield submodule
            elif name in own:
                yield home
            elif "*" not in own and name != "*" and not name.startswith("__"):
                yield None

    def _python(self, each: Import) -> Iterator[str]:
        folder = posixpath.dirname(each.path)
        dots = len(each.module) - len(each.module.lstrip("."))
        parts = [part for part in each.module[dots:].split(".") if part]
        if dots:
            climbed = folder.split("/") if folder else []
            if dots - 1 > len(climbed):
                return
            base = "/".join(climbed[: len(climbed) - (dots - 1)])
            yield from self._python_at(base, parts, each)
            return
        if not parts or each.module == "__future__":
            return
        for root in self._roots_for(folder):
            found = list(self._python_at(root, parts, each))
            if found:
                yield from found
                return
        if self.root_name and parts[0] == self.root_name:
            yield from self._python_at("", parts[1:], each)

    def _roots_for(self, folder: str) -> Iterator[str]:
        """Folders to search for an absolute import out of a folder, the nearest ones first."""
        if folder not in self._packages:
            # A script's own folder comes first on the path.
            yield folder
        top = folder
        while top in self._packages and top:
            top = posixpath.dirname(top)
        if top not in self._packages:
            yield top
        while top:
            top = posixpath.dirname(top)
            if top not in self._packages:
                yield top
        for root in self._roots:
            if root not in self._packages:
                yield root

    def _python_at(self, root: str, parts: list[str], each: Import) -> Iterator[str]:
        """Files that a module below a folder, and the names taken from it, stand for."""
        home = self._python_file(root, parts)
        folder = posixpath.join(root, *parts)
        if each.kind != "from":
            if home is not None:
                yield home
            return
        inside = folder in self._folders and (home is None or "__init__." in home)
        rest = not each.names
        for name in each.names:
            submodule = self._python_file(folder, [name]) if inside and name != "*" else None
            if submodule is not None:
                yield submodule
            else:
                rest = True
        if rest and home is not None:
            yield home

    def _python_file(self, root: str, parts: list[str]) -> str | None:
        base = posixpath.join(root, *parts)
        for suffix in _PYTHON_SUFFIXES:
            # A package comes before a module of the same name, as for Python itself.
            for path in (posixpath.join(base, "__init__" + suffix), base + suffix):
                if path in self._paths:
                    return path
        return None

    def _script(self, each: Import) -> str | None:
        folder = posixpath.dirname(each.path)
        module = each.module.split("?", 1)[0]
        if module in (".", "..") or module.startswith(("./", "../")):
            return self._script_file(posixpath.normpath(posixpath.join(folder, module)))
        if module.startswith("/"):
            return self._script_file(module.lstrip("/"))
        while True:
            for target in self._configs.get(folder, _Aliases()).targets(module):
                found = self._script_file(posixpath.normpath(posixpath.join(folder, target)))
                if found is not None:
                    return found
            if not folder:
                return None
            folder = posixpath.dirname(folder)

    def _script_file(self, base: str) -> str | None:
        if base.startswith(".."):
            return None
        base = "" if base == "." else base
        stem, suffix = posixpath.splitext(base)
        candidates = [base, *(base + each for each in _SCRIPT_SUFFIXES)]
        candidates += [stem + each for each in _COMPILED_FROM.get(suffix, ())]
        candidates += [posixpath.join(base, "index" + each) for each in _SCRIPT_SUFFIXES]
        return next((path for path in candidates if path in self._paths), None)


class _Aliases:
    """The `baseUrl` and `paths` of one configuration file."""

    def __init__(self, base: str | None = None, paths: Mapping[str, object] | None = None) -> None:
        self._base = base
        self._paths = paths or {}

    def targets(self, module: str) -> Iterator[str]:
        """Paths, relative to the configuration file, that a module may stand for."""
        base = self._base if self._base is not None else "."
        # The longest prefix before the star wins, as TypeScript has it.
        for pattern in sorted(self._paths, key=lambda p: -len(p.partition("*")[0])):
            head, star, tail = pattern.partition("*")
            if not (module == pattern or (star and module.startswith(head))):
                continue
            if not module.endswith(tail) or len(module) < len(head) + len(tail):
                continue
            middle = module[len(head) : len(module) - len(tail)] if star else ""
            given = self._paths[pattern]
            for target in given if isinstance(given, list) else []:
                if isinstance(target, str):
                    yield posixpath.join(base, target.replace("*", middle, 1))
        if self._base is not None:
            yield posixpath.join(base, module)


def _path_aliases(texts: Mapping[str, str]) -> Iterator[tuple[str, _Aliases]]:
    """Read the path aliases that the set's own configuration files give, by folder."""
    for path, text in texts.items():
        if posixpath.basename(path) not in ("tsconfig.json", "jsconfig.json"):
            continue
        bare = _JSON_COMMENT.sub(lambda match: match.group(1) or " ", text)
        bare = _JSON_COMMA.sub(lambda match: match.group(1) or "", bare)
        try:
            options = json.loads(bare)["compilerOptions"]
            base, paths = options.get("baseUrl"), options.get("paths")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
        base = base if isinstance(base, str) else None
        yield posixpath.dirname(path), _Aliases(base, paths if isinstance(paths, dict) else None)
