"""Ground truth of C and C++ dependencies: `python truth_c.py ROOT OUT.json [--glob G] [FLAGS...]`.

The compiler (clang 14 through the `libclang` wheel, the same preprocessor rules as gcc) reads every
source below ROOT with FLAGS, then every header alone. Its include directives are the required
edges; those in branches that this configuration leaves out, resolved one by one by gcc, are
neutral. Calls and inheritance come from its references: the target is the file that defines what
is called, by the compiler's unique name of it over all sources, or declares it if none defines it.
Only calls whose name stands in the text count: what a macro's text calls is not judged, as that
depends on which macros this configuration expands.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from clang import cindex  # type: ignore[import-not-found]  # installed for this alone

SOURCES = (".c", ".cc", ".cpp", ".cxx")
HEADERS = (".h", ".hpp", ".hh", ".hxx")
TEXTS = (".inl", ".inc", ".def", ".ipp", ".tcc")
DIRECTIVE = re.compile(r'^[ \t]*#[ \t]*include(?:_next)?[ \t]*(["<][^">\n]+[">])', re.M)
KIND = cindex.CursorKind
CALLABLE = (KIND.FUNCTION_DECL, KIND.CXX_METHOD, KIND.CONSTRUCTOR, KIND.FUNCTION_TEMPLATE)


class Truth:
    """What the compiler says about the files below a folder."""

    def __init__(self, root: Path, flags: list[str]) -> None:
        """Take a folder and the flags that all its files are read with."""
        self.root = root
        self.flags = flags
        every = (path for path in sorted(root.rglob("*")) if path.is_file())
        self.files = [path for path in every if path.suffix.lower() in SOURCES + HEADERS + TEXTS]
        self.lines: dict[tuple[str, str], set[int]] = defaultdict(set)
        self.uses: set[tuple[str, int, str, str, str]] = set()
        self.definitions: dict[str, set[str]] = defaultdict(set)
        self.declared: dict[str, str] = {}
        self.failed: list[str] = []
        self.unread: set[str] = set()
        self.texts: dict[str, list[str]] = {}
        self.index = cindex.Index.create()

    def relative(self, file: object) -> str | None:
        """Path in the set, None for a file outside of it."""
        try:
            return str(Path(str(file)).resolve().relative_to(self.root))
        except ValueError:
            return None

    def read(self, path: Path, plus_plus: bool) -> None:
        """Take in one translation unit."""
        own = path.suffix.lower() in (".cc", ".cpp", ".cxx", ".hpp", ".hh", ".hxx")
        language = ["-x", "c++", "-std=c++17"] if own or plus_plus else ["-x", "c", "-std=gnu11"]
        options = cindex.TranslationUnit.PARSE_DETAILED_PROCESSING_RECORD
        try:
            unit = self.index.parse(str(path), [*language, *self.flags], options=options)
        except cindex.TranslationUnitLoadError:
            self.failed.append(str(path))
            return
        if any(each.severity >= cindex.Diagnostic.Fatal for each in unit.diagnostics):
            self.failed.append(f"{path}: {unit.diagnostics[0].spelling}")
            self.unread.add(str(path.relative_to(self.root)))
        for cursor in unit.cursor.get_children():
            source = self.relative(cursor.location.file) if cursor.location.file else None
            if source is None:
                continue
            if cursor.kind == KIND.INCLUSION_DIRECTIVE:
                try:
                    target = self.relative(cursor.get_included_file().name)
                except AssertionError:  # how the wheel says that the file was not found
                    target = None
                if target is not None and target != source:
                    self.lines[source, target].add(cursor.location.line)
            elif not cursor.kind.is_preprocessing():
                self.scan(cursor)

    def scan(self, top: cindex.Cursor) -> None:
        """Take in calls, bases and definitions below a cursor."""
        todo = [top]
        while todo:
            cursor = todo.pop()
            todo.extend(cursor.get_children())
            kind = cursor.kind
            if kind in CALLABLE and cursor.is_definition():
                place = self.relative(cursor.location.file)
                if place is not None:
                    self.definitions[cursor.get_usr()].add(place)
            if kind == KIND.CALL_EXPR:
                self.use(cursor, cursor.referenced, "call")
            elif kind == KIND.CXX_BASE_SPECIFIER:
                self.use(cursor, cursor.type.get_declaration(), "inherit")

    def use(self, cursor: cindex.Cursor, named: cindex.Cursor | None, kind: str) -> None:
        """Take in a use of a function or type."""
        if named is None or named.kind == KIND.NO_DECL_FOUND or named.location.file is None:
            return
        if kind == "call" and named.kind not in CALLABLE:
            return
        if named.kind == KIND.CONSTRUCTOR and not self.is_written(cursor, named):
            return
        template = cindex.conf.lib.clang_getSpecializedCursorTemplate(named)
        if template is not None and template.kind != KIND.NO_DECL_FOUND and template.location.file:
            named = template
        spot = cursor.location
        source = self.relative(spot.file) if spot.file is not None else None
        target = self.relative(named.location.file)
        if source is None or target is None:
            return
        usr = named.get_usr()
        self.declared.setdefault(usr, target)
        name = re.sub("<.*", "", named.spelling)
        if not name or name.startswith(("operator", "__builtin")):
            return
        if self.is_in_text(cursor, name):
            self.uses.add((source, spot.line, name, usr, kind))

    def is_written(self, cursor: cindex.Cursor, named: cindex.Cursor) -> bool:
        """Whether a constructor's call names the type in the text: `T(1)`, `new T`, not `T x`."""
        name = re.sub("<.*", "", named.spelling)
        for token in cursor.get_tokens():
            if token.spelling in "({":
                return False
            if token.spelling == name:
                return True
        return False

    def is_in_text(self, cursor: cindex.Cursor, name: str) -> bool:
        """Whether a name stands where it is used, rather than in the text of a macro."""
        path = str(cursor.location.file)
        if path not in self.texts:
            text = Path(path).read_text(encoding="utf-8", errors="replace")
            self.texts[path] = text.splitlines()
        first, last = cursor.extent.start.line, max(cursor.extent.end.line, cursor.location.line)
        lines = self.texts[path][first - 1 : last]
        return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", line) for line in lines)

    def inactive(self) -> Iterator[tuple[str, str, int]]:
        """Edges of directives that this configuration leaves out, resolved by gcc one by one."""
        known: dict[tuple[str, str], str | None] = {}
        for path in self.files:
            text = path.read_text(encoding="utf-8", errors="replace")
            for match in DIRECTIVE.finditer(text):
                key = (str(path.parent), match.group(1))
                if key not in known:
                    known[key] = self.resolve(*key)
                target = known[key]
                if target is not None:
                    line = text.count("\n", 0, match.start()) + 1
                    yield str(path.relative_to(self.root)), target, line

    def resolve(self, folder: str, written: str) -> str | None:
        """The file of the set that gcc opens for an include in a folder."""
        flags = [flag for flag in self.flags if flag.startswith(("-I", "-iquote"))]
        done = subprocess.run(
            ["gcc", "-E", "-H", "-w", "-x", "c", "-", "-iquote", folder, *flags],
            input=f"#include {written}\n#error stop\n",
            capture_output=True,
            text=True,
            check=False,
        )
        first = next((each for each in done.stderr.splitlines() if each.startswith(". ")), "")
        return self.relative(Path(folder, first[2:])) if first else None

    def result(self) -> dict[str, object]:
        """Files, file edges and symbol edges, as `score.py` reads them."""
        required = {key: set(lines) for key, lines in self.lines.items()}
        neutral: dict[tuple[str, str], set[int]] = defaultdict(set)
        for source, target, line in self.inactive():
            if (source, target) in required:
                required[source, target].add(line)
            elif source != target:
                neutral[source, target].add(line)
        # What cannot be read to its end for want of a foreign header is no source of anything.
        files = [str(path.relative_to(self.root)) for path in self.files]
        files = [path for path in files if path not in self.unread]
        edges = [
            {"source": a, "target": b, "lines": sorted(lines), "required": needed}
            for found, needed in ((required, True), (neutral, False))
            for (a, b), lines in sorted(found.items())
            if a in files
        ]
        uses: dict[str, list[dict[str, object]]] = {"call": [], "inherit": []}
        for source, line, name, usr, kind in sorted(self.uses):
            places = self.definitions.get(usr) or {self.declared[usr]}
            if source not in places and source in files:
                for target in sorted(places):
                    place = {"source": source, "target": target, "line": line, "name": name}
                    uses[kind].append(place)
        return {
            "language": "c",
            "method": "clang 14 (libclang), gcc 12 for directives in branches that are left out",
            "files": files,
            "edges": edges,
            "calls": uses["call"],
            "inherits": uses["inherit"],
        }


def main() -> None:
    """Write the truth of a folder as JSON."""
    root, out, *flags = sys.argv[1:]
    truth = Truth(
        Path(root).resolve(), [flag.replace("ROOT", str(Path(root).resolve())) for flag in flags]
    )
    plus_plus = any(path.suffix in (".cc", ".cpp", ".cxx") for path in truth.files)
    for path in truth.files:
        if path.suffix.lower() in TEXTS:
            continue
        truth.read(path, plus_plus and path.suffix in HEADERS)
    found = truth.result()
    Path(out).write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")
    counts = {key: len(value) for key, value in found.items() if isinstance(value, list)}
    print(counts, "failed:", len(truth.failed))
    for each in truth.failed[:20]:
        print("  ", each)


if __name__ == "__main__":
    main()
