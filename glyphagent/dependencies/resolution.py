"""Which file of the source set an import of the symbol index names.

The dependency graph's languages decide; here the index's own records are put to them. What is not
in the set stays unresolved: a wrong file is worse than none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from glyphagent.dependencies.facts import Declaration, ImportFact, Interface
from glyphagent.dependencies.symbols import FileSymbols, Import
from glyphagent.dependencies.world import World


def module_parts(path: str) -> tuple[str, ...]:
    """Parts of the dotted name that a path has as a module: `a/b/__init__.py` is `a.b`."""
    parts = path.split("/")
    stem = parts[-1].split(".", 1)[0] if not parts[-1].startswith(".") else parts[-1]
    if stem in ("__init__", "index"):
        return tuple(parts[:-1])
    return (*parts[:-1], stem)


class Resolver:
    """Resolution over a fixed set of texts.

    Attributes:
        root_name: Name under which the set's root is imported, if it is itself a package.
    """

    def __init__(
        self, files: Mapping[str, FileSymbols], texts: Mapping[str, str], root_name: str = ""
    ) -> None:
        """Learn the set's folders, packages and configuration files.

        Args:
            files: What each file says, by path.
            texts: All texts of the set, of which configuration files are read.
            root_name: Name of the folder that the paths are relative to, if known. It matters
                where that folder is itself a package, whose files import it by that name.
        """
        interfaces = {path: _interface(path, symbols) for path, symbols in files.items()}
        self._world = World(interfaces, texts, root_name=root_name)
        self.root_name = ""
        if any(symbols.language == "python" for symbols in files.values()):
            from glyphagent.dependencies.languages.python.modules import own_name

            self.root_name = own_name(self._world)

    def resolve(self, each: Import, language: str) -> Import:
        """Give the import with the paths that it names, if any are in the set."""
        if language == "python":
            from glyphagent.dependencies.languages.python.linking import targets
            from glyphagent.dependencies.languages.python.modules import locate

            module = locate(self._world, each.path, each.module)
            if module is None or each.module == "__future__":
                return replace(each, resolved=())
            found = targets(self._world, module, each.names, each.kind != "from")
            return replace(each, resolved=tuple(found))
        if language in ("javascript", "typescript"):
            from glyphagent.dependencies.languages.scripts.resolving import resolve

            return replace(each, resolved=resolve(self._world, each.path, each.module, each.kind))
        return each


def _interface(path: str, symbols: FileSymbols) -> Interface:
    """As much of an interface as resolution looks at."""
    return Interface(
        path,
        symbols.language,
        imports=tuple(
            ImportFact(
                each.module,
                each.kind,
                tuple((name, dict(each.aliases).get(name, name)) for name in each.names),
                each.module.partition(".")[0] if not each.names else "",
            )
            for each in symbols.imports
        ),
        declarations=tuple(
            Declaration(each.name, each.qualified_name, each.kind, each.parent)
            for each in symbols.definitions
        ),
    )
