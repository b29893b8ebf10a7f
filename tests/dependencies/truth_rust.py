"""Ground truth of a Rust project from its compiler.

    python -m tests.dependencies.truth_rust ROOT OUT.json [CARGO ARGS]

Every crate of the workspace is compiled by cargo with rustc in front of which this program stands
(`RUSTC_WORKSPACE_WRAPPER`). After the compiler's own run it is asked for two dumps of what it
understood: `-Zunpretty=hir-tree` holds every path with the definition that each of its parts
resolved to, and `-Zunpretty=thir-tree` every call with the function that type checking chose.
`RUSTC_BOOTSTRAP=1` opens these on a stable compiler. Build scripts and macros of the project run:
this is for projects that are trusted, never for the product.

- File edges: a `mod` leads from the file of the declaration to the module's; a path (in a `use` or
  not) leads to the file of the last module on it. Paths that a macro wrote are not required.
- Calls: to the function that was chosen; a trait's method on a type whose implementation is in the
  workspace is that implementation's. Functions that a macro
  or `derive` wrote are marked `named: false`, and so are calls that a macro wrote: they are true,
  whether or not its arguments name what is called. A tuple struct or variant that is called is a
  constructor.

`compiled` are the lines that the compiler kept: what a build condition leaves out is not judged.
All is compiled twice, with the default and with all features. With `--dumps DIR` dumps that were
made before are read.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.dependencies.rust_dumps import TARGETS, make_dumps

_DEF = re.compile(r"DefId\(\d+:\d+ ~ ([^)]*)\)")
_SPAN = re.compile(r"(\S.*?):(\d+):(\d+): (\d+):(\d+) \(#(\d+)\)")
_CALLED = re.compile(r"ty: FnDef\(DefId\(\d+:\d+ ~ (.*?)\), \[(.*)\]\)")


class Truth:
    """What the compiler understood of the files below a root."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.files: dict[str, str] = {}
        self.parents: dict[str, tuple[str, int]] = {}
        self.edges: dict[tuple[str, str], dict[str, object]] = {}
        self.paths: list[tuple[str, list[int], str, bool]] = []
        self.upward: list[tuple[str, list[int], str, int, bool]] = []
        self.impls: dict[tuple[str, str], list[tuple[str, frozenset[str]]]] = defaultdict(list)
        self.calls: set[tuple[str, int, str, str, str]] = set()
        self.written: set[tuple[str, str, str]] = set()
        self.constructed: set[tuple[str, int, str]] = set()
        self.expanded: set[str] = set()
        self.compiled: dict[str, set[int]] = defaultdict(set)
        self.externs: list[tuple[str, int, str]] = []

    def relative(self, file: str, folder: Path) -> str | None:
        """A file's path below the root."""
        path = Path(os.path.normpath(folder / file))
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else None

    def read_hir(self, lines: Iterator[str], folder: Path) -> None:
        """Read a dump of resolved paths."""
        block: list[str] = []
        for line in lines:
            if line.startswith("DefId(") and block:
                self._owner(block, folder)
                block = []
            block.append(line.rstrip("\n"))
            text = line.strip()
            if text.startswith("span: ") and "(#0)" in text:
                span = _SPAN.match(text[6:])
                file = self.relative(span[1], folder) if span is not None else None
                if span is not None and file is not None:
                    self.compiled[file].update((int(span[2]), int(span[4])))
        if block:
            self._owner(block, folder)

    def _owner(self, block: list[str], folder: Path) -> None:
        found = _DEF.match(block[0])
        if found is None:
            return
        owner = found[1]
        for number, line in enumerate(block):
            text = line.strip()
            if text.startswith("inner_span: "):
                span = _SPAN.match(text[12:])
                file = self.relative(span[1], folder) if span else None
                if file is not None:
                    self.files.setdefault(owner, file)
                break
            if number > 20:
                break
        kind = next((line.strip() for line in block[:9] if line.strip().startswith("kind: ")), "")
        indent = next((_indent(line) for line in block[:9] if "owner_id:" in line), 0)
        prefix = " " * indent + "span: "
        span = next(
            (_SPAN.match(each.strip()[6:]) for each in block if each.startswith(prefix)), None
        )
        if span is not None and span[6] != "0":
            self.expanded.add(owner)
        if kind.startswith("kind: Mod("):
            place = self._item_span(block, indent, folder)
            if place is not None:
                self.parents[owner] = place
        elif kind.startswith("kind: ExternCrate"):
            place = self._item_span(block, indent, folder)
            text = "".join(block[5:20])
            named = re.search(r"ExternCrate\(\s*(?:Some\(\s*\"(\w+)\"|None)[^#]*?(\w+)#0", text)
            if place is not None and named is not None:
                self.externs.append((*place, named[1] or named[2]))
        elif kind.startswith("kind: Impl"):
            self._impl(owner, block)
        self._paths_in(owner, block, folder)

    def _item_span(self, block: list[str], indent: int, folder: Path) -> tuple[str, int] | None:
        prefix = " " * indent + "span: "
        for line in block:
            if line.startswith(prefix):
                span = _SPAN.match(line.strip()[6:])
                file = self.relative(span[1], folder) if span else None
                return (file, int(span[4])) if span is not None and file is not None else None
        return None

    def _impl(self, owner: str, block: list[str]) -> None:
        trait = self_type = ""
        of_trait = False
        for number, line in enumerate(block):
            text = line.strip()
            of_trait = of_trait or text.startswith("of_trait: Some")
            if of_trait and text.startswith("trait_ref: TraitRef") and not trait:
                trait = _first_def(block, number)
            if text.startswith("self_ty: Ty") and not self_type:
                self_type = _first_def(block, number)
                break
        names = {
            found[1].rpartition("::")[2]
            for line in block
            if f"{owner}::" in line and (found := _DEF.search(line)) is not None
        }
        if trait:
            self.impls[trait, self_type].append((owner, frozenset(names)))

    def _paths_in(self, owner: str, block: list[str], folder: Path) -> None:
        open_paths: list[dict[str, object]] = []
        for number, line in enumerate(block):
            text = line.strip()
            indent = len(line) - len(text)
            while open_paths and indent <= int(str(open_paths[-1]["indent"])):
                self._path(owner, open_paths.pop(), folder)
            if text.endswith("Path {"):
                span = _SPAN.match(block[number + 1].strip()[6:])
                called = number > 5 and block[number - 6].strip() == "kind: Call("
                open_paths.append(
                    {
                        "called": called,
                        "indent": indent,
                        "span": span,
                        "modules": [],
                        "last": "",
                        "names": [],
                    }
                )
            elif open_paths and text.startswith("ident: ") and text.endswith("#0,"):
                if indent == int(str(open_paths[-1]["indent"])) + 12:
                    open_paths[-1]["names"].append(text[7:-3])  # type: ignore[attr-defined]
            elif open_paths and text in ("res: Def(", "Def("):
                what = block[number + 1].strip().rstrip(",")
                target = _DEF.search(
                    block[number + 2]
                    if "(" not in what
                    else "".join(block[number + 1 : number + 9])
                )
                path = open_paths[-1]
                if target is None:
                    continue
                if what == "Mod":
                    inner = indent > int(str(path["indent"])) + 4 and text == "res: Def("
                    if inner:
                        path["modules"].append(target[1])  # type: ignore[attr-defined]
                    else:
                        path["last"] = target[1]
                elif what.startswith("Ctor"):
                    path["constructor"] = target[1]
        while open_paths:
            self._path(owner, open_paths.pop(), folder)

    def _path(self, owner: str, path: dict[str, object], folder: Path) -> None:
        span = path["span"]
        if not isinstance(span, re.Match):
            return
        file = self.relative(span[1], folder)
        modules = path["modules"]
        assert isinstance(modules, list)
        module = path["last"] or (modules[-1] if modules else "")
        lines = sorted({int(span[2]), int(span[4])})
        if file is None:
            return
        if path["called"] and "constructor" in path and span[6] == "0":
            self.constructed.add((file, lines[-1], str(path["constructor"])))
        names = path["names"]
        assert isinstance(names, list)
        ups = next((i for i, each in enumerate(names) if each != "super"), len(names))
        if module:
            self.paths.append((file, lines, str(module), span[6] == "0"))
        elif len(names) > 1 and (ups or names[0] == "self"):
            # The compiler notes no definition for `super` where the next part is an item.
            self.upward.append((file, lines, owner, ups, span[6] == "0"))

    def read_thir(self, lines: Iterator[str], folder: Path) -> None:
        """Read a dump of calls."""
        called: re.Match[str] | None = None
        owner = ""
        for line in lines:
            text = line.strip()
            if line.startswith("DefId("):
                found = _DEF.match(line)
                owner = found[1] if found is not None else ""
            elif text == "Call {":
                called = None
            elif called is None and text.startswith("ty: FnDef("):
                called = _CALLED.match(text)
            elif text == "from_hir_call: false":
                # An operator, or an index: nothing is called by its name.
                called = None
            elif called is not None and text.startswith("fn_span: "):
                span = _SPAN.match(text[9:])
                file = self.relative(span[1], folder) if span is not None else None
                if span is not None and span[6] != "0":
                    self.written.add((owner, called[1], called[2]))
                elif span is not None and file is not None:
                    self.calls.add((file, int(span[4]), called[1], called[2], owner))
                called = None

    def result(self) -> dict[str, object]:
        """Edges and calls in the form of the scorer."""
        for owner, (file, line) in self.parents.items():
            self._edge(file, self.files.get(owner), "mod", [line], required=True)
        roots = {owner.partition("[")[0]: owner for owner in self.files if "::" not in owner}
        for file, line, crate in self.externs:
            self._edge(file, self.files.get(roots.get(crate, "")), "extern", [line], required=True)
        for file, lines, owner, ups, required in self.upward:
            inside = self.module_of(owner.rpartition("::")[0])
            for _ in range(ups):
                inside = self.module_of(inside.rpartition("::")[0])
            self._edge(file, self.files.get(inside), "path", lines, required=required)
        for file, lines, module, required in self.paths:
            self._edge(file, self.files.get(module), "path", lines, required=required)
        calls = [
            {"source": file, "target": target, "line": line, "name": name}
            | ({} if named else {"named": False})
            for file, line, target, name, named in sorted(set(self._calls()))
        ]
        return {
            "files": sorted(set(self.files.values())),
            "edges": [self.edges[key] for key in sorted(self.edges)],
            "calls": calls,
            "compiled": {file: _runs(lines) for file, lines in sorted(self.compiled.items())},
        }

    def _edge(
        self, source: str, target: str | None, kind: str, lines: list[int], *, required: bool
    ) -> None:
        if target is None or source == target:
            return
        new = {"source": source, "target": target, "kind": kind, "lines": [], "req": 0}
        edge = self.edges.setdefault((source, target), new)
        edge["lines"] = sorted({*edge["lines"], *lines})  # type: ignore[misc]
        edge["req"] = int(bool(edge["req"]) or required)

    def _calls(self) -> Iterator[tuple[str, int, str, str, bool]]:
        for file, line, function, types, _ in self.calls:
            function = self._implementation(function, types)
            target = self.file_of(function)
            if target is not None and target != file:
                yield (
                    file,
                    line,
                    target,
                    function.rpartition("::")[2],
                    not self._is_expanded(function),
                )
        for owner, function, types in self.written:
            function = self._implementation(function, types)
            source, target = self.file_of(owner), self.file_of(function)
            if source is not None and target is not None and source != target:
                yield source, 0, target, function.rpartition("::")[2], False
        for file, line, constructor in self.constructed:
            target = self.file_of(constructor)
            name = (
                constructor.removesuffix("::{constructor#0}").rpartition("::")[2].partition("#")[0]
            )
            if target is not None and target != file:
                yield file, line, target, name, True

    def _is_expanded(self, definition: str) -> bool:
        """Whether a macro or `derive` wrote a definition, so that no text has its name."""
        while definition:
            if definition in self.expanded:
                return True
            definition = definition.rpartition("::")[0]
        return False

    def _implementation(self, function: str, types: str) -> str:
        """The implementation that a trait's method has for its first type, if we know it."""
        trait, _, name = function.rpartition("::")
        first = types.partition(",")[0].strip().lstrip("&").removeprefix("'{erased} ")
        first = first.removeprefix("mut ").partition("<")[0].removesuffix("::")
        for (known, self_type), found in self.impls.items():
            if known == trait and first and _same_type(self_type, first):
                for owner, names in found:
                    if name in names:
                        return f"{owner}::{name}"
        return function

    def file_of(self, definition: str) -> str | None:
        """File of a definition: that of the innermost module around it."""
        return self.files.get(self.module_of(definition))

    def module_of(self, definition: str) -> str:
        """The innermost module around a definition, or itself if it is one."""
        while definition and definition not in self.files:
            definition = definition.rpartition("::")[0]
        return definition


def _runs(lines: set[int]) -> list[list[int]]:
    """Lines as pairs of the first and the last of a run."""
    found: list[list[int]] = []
    for line in sorted(lines):
        if found and line == found[-1][1] + 1:
            found[-1][1] = line
        else:
            found.append([line, line])
    return found


def _same_type(definition: str, shown: str) -> bool:
    plain = re.sub(r"\[\w+\]", "", definition)
    # Types of other crates are shown by the path that they are visible under.
    crate, _, inside = plain.partition("::")
    elsewhere = shown.startswith(f"{crate}::") and shown.rpartition("::")[2]
    return plain == shown or inside == shown or elsewhere == inside.rpartition("::")[2]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _first_def(block: list[str], number: int) -> str:
    for line in block[number : number + 40]:
        found = _DEF.search(line)
        if found is not None and "hir_id" not in line and "owner_id" not in line:
            return found[1]
    return ""


def read_dumps(root: Path, dumps: Path) -> Truth:
    """All that the dumps in a folder say."""
    truth = Truth(root)
    for tree, read in (("hir", truth.read_hir), ("thir", truth.read_thir)):
        for path in sorted(dumps.glob(f"*.{tree}")):
            folder = Path(path.with_suffix(f".{tree}.folder").read_text())
            with path.open(errors="replace") as lines:
                read(lines, folder)
    return truth


def main() -> None:
    """Write the truth of a project."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--dumps", type=Path)
    options, arguments = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as temporary:
        dumps = (options.dumps or Path(temporary)).resolve()
        dumps.mkdir(exist_ok=True)
        if not list(dumps.glob("*.hir")):
            make_dumps(options.root.resolve(), dumps, arguments)
            make_dumps(options.root.resolve(), dumps, [*(arguments or TARGETS), "--all-features"])
        result = read_dumps(options.root, dumps).result()
    version = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True)
    version_name = " ".join(version.stdout.split()[:2])
    result["language"] = "rust"
    result["method"] = f"paths and calls as resolved by the compiler, {version_name}"
    options.out.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
