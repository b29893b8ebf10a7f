"""The house rules of this project, held as tests.

The core (glyphagent/) imports downward and names no subpackage; a subpackage imports the core
and its own files. Subpackages meet through entry points. Static readers know nothing of our
package-dir, so these rules are read from the syntax trees.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
SUBPACKAGES = ("renderers", "kernels", "tools", "training")
# Never imported with the core: large, or the business of one subpackage.
HEAVY = {"torch", "transformers", "triton", "langchain_core", "langchain", "git", "typer", "rich"}
# From the ground up: a file imports from lower floors, or from a file named earlier on its
# own. A folder counts as one file.
FLOORS = (
    ("errors", "marks", "document"),
    (
        *("atlas", "style", "page", "transcript", "worker_process", "workers", "blobs"),
        *("decoding", "ignores", "folders", "git_objects", "origins", "repositories", "sources"),
        "rescan",
        "dependencies",
    ),
    (
        *("formulas", "seeing", "known_models", "own_profiles", "profiles", "targets", "tokens"),
        *("budget", "raster", "plugins", "answer", "guard", "sidecar", "watching"),
    ),
    (
        *("live_graph", "symbolic", "spans", "manifest", "store", "contact_sheet", "reading"),
        *("outcomes", "costs", "focus", "cones", "dependency_map", "asking"),
        *("renames", "planning", "stepwise", "kept_pages", "page_records", "drawing"),
        *("rendering", "saving", "history", "snapshot", "answering", "refreshing", "view"),
    ),
    ("session",),
    ("__init__", "__main__"),
)
# Imported by name only, by those who have the extra that it is made for.
MADE_FOR = {
    "glyphagent.tools.middleware": "langchain",
    "glyphagent.tools.guard_middleware": "langchain",
}
ORDER = list(chain.from_iterable(FLOORS))
LONGEST_FILE = 400


@dataclass(frozen=True)
class Module:
    """A source file under the name that it has once installed."""

    file: Path
    name: str
    tree: ast.Module

    @property
    def package(self) -> str:
        return self.name if self.file.stem == "__init__" else self.name.rpartition(".")[0]

    @property
    def wing(self) -> str | None:
        first = self.file.relative_to(ROOT).parts[0]
        return first if first in SUBPACKAGES else None

    @property
    def place(self) -> str:
        """What `FLOORS` calls a core file."""
        return self.file.relative_to(ROOT / "glyphagent").parts[0].removesuffix(".py")


@dataclass(frozen=True)
class Import:
    """One imported name, absolute and dotted, and when it is imported."""

    name: str
    line: int
    eager: bool
    typing_only: bool
    relative: bool = False


@cache
def modules() -> tuple[Module, ...]:
    found = []
    for folder in ("glyphagent", *SUBPACKAGES):
        for file in sorted((ROOT / folder).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            parts = parts if parts[0] == "glyphagent" else ("glyphagent", *parts)
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found.append(Module(file, name, ast.parse(file.read_text(encoding="utf-8"))))
    return tuple(found)


def core() -> Iterator[Module]:
    return (module for module in modules() if module.wing is None)


def imports(module: Module) -> Iterator[Import]:
    """Yield every import of a module, those inside functions and type-checking blocks too."""

    def visit(node: ast.AST, eager: bool, typing_only: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, eager, typing_only)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = module.package.split(".")
                assert node.level <= len(parents), f"{module.file}:{node.lineno}: above the root"
                kept = parents[: len(parents) - node.level + 1]
                base = ".".join([*kept, *([base] if base else [])])
            for alias in node.names:
                name = f"{base}.{alias.name}"
                yield Import(name, node.lineno, eager, typing_only, node.level > 0)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for statement in node.body:
                yield from visit(statement, False, True)
            for statement in node.orelse:
                yield from visit(statement, eager, typing_only)
        else:
            inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for child in ast.iter_child_nodes(node):
                yield from visit(child, eager and not inside, typing_only)

    return visit(module.tree, True, False)


def in_core(name: str) -> str | None:
    """Name the core file that an import reaches; None for anything outside the core."""
    first, _, rest = name.partition(".")
    second = rest.split(".")[0]
    if first != "glyphagent" or second in SUBPACKAGES:
        return None
    return second if second in ORDER else "__init__"


def test_every_core_file_has_a_floor() -> None:
    homeless = sorted({module.place for module in core()} - set(ORDER))
    assert not homeless, f"name these on a floor in FLOORS (and in the design): {homeless}"


def test_the_core_imports_downward() -> None:
    wrong = []
    for module in core():
        if module.place in FLOORS[-1] or module.place not in ORDER:
            continue
        for found in imports(module):
            target = in_core(found.name)
            if target in (None, module.place) or found.name == "glyphagent.__version__":
                continue
            if ORDER.index(target) > ORDER.index(module.place):
                wrong.append(f"{module.file}:{found.line}: {found.name} is not below it")
    assert not wrong, "\n".join(wrong)


def test_a_subpackage_names_itself_and_the_core_only() -> None:
    wrong = []
    for module in modules():
        for found in imports(module):
            parts = [*found.name.split("."), ""]
            if parts[0] in SUBPACKAGES:
                wrong.append(f"{module.file}:{found.line}: {parts[0]} is a name of the checkout")
            if parts[0] == "glyphagent" and parts[1] in {*SUBPACKAGES} - {module.wing}:
                wrong.append(f"{module.file}:{found.line}: {found.name} names another subpackage")
            # In the checkout there is nothing of ours above a subpackage's folder.
            if found.relative and module.wing and parts[1] != module.wing:
                wrong.append(f"{module.file}:{found.line}: {found.name} climbs out")
    assert not wrong, "\n".join(wrong)


def test_no_string_names_another_subpackage() -> None:
    """Entry-point groups such as glyphagent.renderers are names too; modules below are not."""
    wrong = []
    for module in modules():
        others = "|".join({*SUBPACKAGES} - {module.wing})
        door = re.compile(rf"^glyphagent\.(?:{others})\.\w[\w.]*(?::\w+)?$")
        for node in ast.walk(module.tree):
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, str) and door.match(value):
                wrong.append(f"{module.file}: {value!r}")
    assert not wrong, "\n".join(wrong)


def test_the_core_imports_nothing_heavy() -> None:
    wrong = [
        f"{module.file}:{found.line}: import {found.name} where it is used"
        for module in core()
        for found in imports(module)
        if found.eager and found.name.split(".")[0] in HEAVY
    ]
    assert not wrong, "\n".join(wrong)


def test_importing_the_whole_core_loads_nothing_heavy() -> None:
    names = [module.name for module in core() if module.place != "__main__"]
    program = (
        f"import importlib, sys; [importlib.import_module(name) for name in {names!r}];"
        f"print(*sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_no_import_goes_in_circles() -> None:
    known = {module.name for module in modules()}

    def home(name: str) -> str:
        while name not in known and "." in name:
            name = name.rpartition(".")[0]
        return name

    graph: dict[str, set[str]] = {}
    for module in modules():
        targets = {home(found.name) for found in imports(module) if not found.typing_only}
        # A package's __init__ exports lazily what its own files define: no import-time circle.
        lazy = module.file.stem == "__init__"
        graph[module.name] = set() if lazy else (targets & known) - {module.name}

    done: set[str] = set()

    def walk(name: str, road: tuple[str, ...]) -> None:
        assert name not in road, " -> ".join([*road[road.index(name) :], name])
        if name not in done:
            for target in sorted(graph[name]):
                walk(target, (*road, name))
            done.add(name)

    for name in sorted(graph):
        walk(name, ())


def test_no_file_hides_another_module() -> None:
    ours = {"glyphagent", *SUBPACKAGES}
    taken = set(sys.stdlib_module_names) | set(packages_distributions()) - ours
    hiding = [
        str(module.file)
        for module in modules()
        if not module.file.stem.startswith("__") and module.file.stem in taken
    ]
    assert not hiding, f"named like a module of Python or of a dependency: {hiding}"


def declared() -> dict[str, set[str]]:
    """Map each extra, and "" for the core, to the distributions that it names directly."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lists = {"": project["dependencies"], **project["optional-dependencies"]}
    return {
        extra: {canonicalize_name(Requirement(line).name) for line in lines}
        for extra, lines in lists.items()
    }


def test_every_dependency_is_declared() -> None:
    extras = declared()
    light = extras[""]
    with_torch = light | extras["local"] | extras["train"]
    anywhere = with_torch | extras["langchain"]
    homes = packages_distributions()
    wrong = []
    for module in modules():
        eager = with_torch if module.wing in ("kernels", "training") else light
        eager = eager | extras[MADE_FOR.get(module.name, "")]
        for found in imports(module):
            first = found.name.split(".")[0]
            if first in sys.stdlib_module_names or first == "glyphagent":
                continue
            names = {canonicalize_name(name) for name in homes.get(first, [first])}
            if not names & (eager if found.eager else anywhere):
                wrong.append(f"{module.file}:{found.line}: {found.name} is in no fitting list")
    assert not wrong, "\n".join(wrong)


def test_the_constraints_lie_within_the_ranges() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    pins = [
        Requirement(line)
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    versions = {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in pins}
    ranges = {requirement.name: requirement for requirement in map(Requirement, lines)}
    # Ours, and what each build of torch pins for itself.
    for name in ranges.keys() - {"glyphagent", "triton"}:
        assert versions[canonicalize_name(name)] in ranges[name].specifier
        bounds = {clause.operator for clause in ranges[name].specifier}
        assert bounds & {"<", "=="} or name == "setuptools", f"{name} has no upper bound"


def test_names_say_what_things_are() -> None:
    vague = {"util", "utils", "common", "helper", "helpers", "misc", "manager"}
    wrong = [str(module.file) for module in modules() if module.file.stem in vague]
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and re.search(
                "^(?:Base|Abstract)[A-Z]|Manager$|^I[A-Z][a-z]", node.name
            ):
                wrong.append(f"{module.file}:{node.lineno}: {node.name}")
    assert not wrong, "\n".join(wrong)


def test_every_package_is_listed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    setup = project["tool"]["setuptools"]
    listed = {setup["package-dir"].get(name, name.replace(".", "/")) for name in setup["packages"]}
    found = {
        module.file.parent.relative_to(ROOT).as_posix()
        for module in modules()
        if module.file.stem == "__init__"
    }
    with_code = {module.file.parent.relative_to(ROOT).as_posix() for module in modules()}
    assert listed == found == with_code


@pytest.mark.parametrize("folder", ["glyphagent", *SUBPACKAGES, "tests"])
def test_no_file_is_long(folder: str) -> None:
    lengths = {
        file: len(file.read_text(encoding="utf-8").splitlines())
        for file in (ROOT / folder).rglob("*.py")
    }
    long = {str(file): length for file, length in lengths.items() if length > LONGEST_FILE}
    assert not long, f"more than {LONGEST_FILE} lines: {long}"


Public = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def public(body: list[ast.stmt]) -> Iterator[Public]:
    """Yield public classes, functions and methods; what is inside functions is private."""
    for node in body:
        if isinstance(node, ast.If | ast.Try | ast.With):
            yield from public(node.body)
        elif isinstance(node, Public) and not node.name.startswith("_"):
            yield node
            yield from public(node.body) if isinstance(node, ast.ClassDef) else ()


def decorated(node: Public, name: str) -> bool:
    return any(name in ast.unparse(decorator).split("(")[0] for decorator in node.decorator_list)


def test_everything_public_is_documented() -> None:
    wrong = [str(module.file) for module in modules() if not ast.get_docstring(module.tree)]
    wrong = [file for file in wrong if Path(file).read_text(encoding="utf-8").strip()]
    for module in modules():
        for node in public(module.tree.body):
            if not ast.get_docstring(node) and not decorated(node, "overload"):
                wrong.append(f"{module.file}:{node.lineno}: {node.name}")
    assert not wrong, "\n".join(wrong)


def test_everything_public_is_annotated() -> None:
    wrong = []
    for module in modules():
        for node in public(module.tree.body):
            # Kernels are compiled: what their arguments are is said in their docstrings.
            if isinstance(node, ast.ClassDef) or decorated(node, "jit"):
                continue
            given = node.args
            named = [*given.posonlyargs, *given.args, *given.kwonlyargs]
            extra = [argument for argument in (given.vararg, given.kwarg) if argument]
            bare = [
                argument.arg
                for argument in (*named, *extra)
                if not argument.annotation and argument.arg not in ("self", "cls")
            ]
            if bare or not node.returns:
                wrong.append(f"{module.file}:{node.lineno}: {node.name} {bare or 'returns'}")
    assert not wrong, "\n".join(wrong)
