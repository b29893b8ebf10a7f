"""What a file makes run besides what its imports name: packages around a module, and conftest.py.

Python runs every `__init__.py` above a module before the module, and pytest the `conftest.py` of
every folder above a test. The graph tells statements alone, so such steps are no edges of it;
impact and rules follow them. Each has the statement that makes it happen, or its file's first line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from weakref import WeakKeyDictionary

from glyphagent.dependencies.edges import Edge
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.paths import evidence

_PACKAGE = "__init__.py"
_CONFTEST = "conftest.py"
_TESTS = ("_test.py", "_tests.py")
_known: WeakKeyDictionary[DependencyGraph, Implied] = WeakKeyDictionary()


class Implied:
    """A graph's file edges and the steps that they imply.

    Attributes:
        packages: Of each file the packages that run because of it, with the evidence.
    """

    def __init__(self, graph: DependencyGraph) -> None:
        """Take a graph, of which only parts are kept, so that it can be let go of."""
        self._paths = frozenset(graph.nodes)
        self._python = tuple(path for path in graph.nodes if path.endswith(".py"))
        self._imported = graph.imported
        self._importers = graph.importers
        self.packages = {path: self._run_by(path, graph.edges_from(path)) for path in self._python}
        self._reached: dict[str, Sequence[str]] = {}

    def imported(self, path: str) -> Sequence[str]:
        """Files that a file uses or makes run, sorted."""
        if path not in self._reached:
            every = {*self._imported.get(path, ()), *self.packages.get(path, ())}
            self._reached[path] = tuple(sorted(every))
        return self._reached[path]

    def importers(self, path: str) -> Sequence[str]:
        """Files that use a file or make it run, tests of a `conftest.py` too; sorted."""
        tests = self._tests_of(path) if path.rpartition("/")[2] == _CONFTEST else ()
        return sorted({*self._importers.get(path, ()), *self._users.get(path, ()), *tests})

    def step(self, graph: DependencyGraph, source: str, target: str) -> Edge:
        """The evidence of one step: an edge of the graph if there is one."""
        if target in self._imported.get(source, ()):
            return evidence(graph, source, target)
        package = self.packages.get(source, {}).get(target)
        return package or Edge(source, target, 1, 1, "conftest", target)

    def _run_by(self, path: str, edges: Sequence[Edge]) -> Mapping[str, Edge]:
        mine: dict[str, Edge] = {}
        for edge in edges:
            for package in self._around(edge.target, edge.name):
                kept = mine.get(package)
                # A statement without a condition proves more than one with it.
                if kept is None or (kept.condition and not edge.condition):
                    mine[package] = replace(edge, target=package, kind="package")
        for package in self._around(path, ""):
            mine.setdefault(package, Edge(path, package, 1, 1, "package", package))
        mine.pop(path, None)
        return mine

    @cached_property
    def _users(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for path, packages in self.packages.items():
            for package in packages:
                found.setdefault(package, []).append(path)
        return found

    def _tests_of(self, conftest: str) -> Iterator[str]:
        folder = conftest.removesuffix(_CONFTEST)
        for path in self._python:
            name = path.rpartition("/")[2]
            if path == conftest or not path.startswith(folder):
                continue
            if name == _CONFTEST or name.startswith("test") or name.endswith(_TESTS):
                yield path

    def _around(self, path: str, name: str) -> Iterator[str]:
        """The `__init__.py` files that run before a module, as an import of that name reaches it.

        Upwards until a folder has none; a name that is written with its packages leads over such
        a folder, which is then a namespace.
        """
        if not path.endswith(".py"):
            return
        folders = path.split("/")[:-1]
        if path.endswith(f"/{_PACKAGE}"):
            folders.pop()
        written = [part for part in name.split(".") if part] if not name.startswith(".") else []
        least = next(
            (
                depth
                for depth in range(len(folders))
                if written and _leads(folders[depth:], written, path)
            ),
            len(folders),
        )
        for depth in range(len(folders), 0, -1):
            package = "/".join([*folders[:depth], _PACKAGE])
            if package in self._paths:
                yield package
            elif depth <= least:
                return


def _leads(folders: Sequence[str], written: Sequence[str], path: str) -> bool:
    """Whether a written name begins with all of these folders and goes on to the file."""
    count = len(folders)
    last = path.removesuffix(f"/{_PACKAGE}").removesuffix(".py").rpartition("/")[2]
    return list(written[:count]) == list(folders) and written[count : count + 1] in ([], [last])


def implied(graph: DependencyGraph) -> Implied:
    """The steps that a graph implies, found once for each graph."""
    if graph not in _known:
        _known[graph] = Implied(graph)
    return _known[graph]


def implied_steps(graph: DependencyGraph, files: Sequence[str]) -> tuple[Edge, ...]:
    """Evidence for each step of a walk along edges and implied steps."""
    every = implied(graph)
    return tuple(every.step(graph, source, target) for source, target in pairwise(files))
