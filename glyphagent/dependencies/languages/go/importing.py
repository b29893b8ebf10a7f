"""What a Go file brings in: packages, embedded documents, headers of cgo comments."""

from __future__ import annotations

import posixpath
import re

from tree_sitter import Node

from glyphagent.dependencies.facts import ImportFact
from glyphagent.dependencies.languages.go.chains import word
from glyphagent.dependencies.languages.go.records import Records
from glyphagent.dependencies.syntax import Parsed

_EMBED = re.compile(r"//go:embed[ \t]+(.+)")
_PATTERN = re.compile(r'"((?:[^"\\]|\\.)*)"|`([^`]*)`|(\S+)')
_C_INCLUDE = re.compile(r'^[ \t/*]*#[ \t]*include[ \t]*"([^"\n]+)"')
_VERSION = re.compile(r"v[0-9]+$")


class Imports:
    """Imports of one file, in its order.

    Attributes:
        facts: The imports found.
        names: Names that imports may have here.
    """

    def __init__(self, parsed: Parsed) -> None:
        """Take a parsed file."""
        self._column = Records(parsed).column
        self.facts: list[ImportFact] = []
        self.names: set[str] = set()

    def declaration(self, node: Node) -> None:
        """Take an import declaration in."""
        pending = list(reversed(node.named_children))
        while pending:
            spec = pending.pop()
            if spec.type != "import_spec":
                pending.extend(reversed(spec.named_children))
                continue
            path = spec.child_by_field_name("path")
            specifier = word(path).strip('"`')
            if path is None or not specifier:
                continue
            name = spec.child_by_field_name("name")
            alias = "" if name is None else word(name)
            row, at = path.start_point[0], self._column(path)
            names = (("*", "*"),) if alias == "." else ()
            kind = {".": "dot", "_": "blank"}.get(alias, "import")
            bound = alias if kind == "import" else ""
            self.facts.append(ImportFact(specifier, kind, names, bound, line=row + 1, column=at))
            if specifier == "C":
                self._preamble(node)
                self.names.add("C")
            elif kind == "import":
                self.names |= {bound} if bound else likely_names(specifier)

    def _preamble(self, node: Node) -> None:
        """Local headers that the comment above `import "C"` includes."""
        comments: list[Node] = []
        above = node.prev_sibling
        while above is not None and above.type in ("comment", "\n"):
            if above.type == "comment":
                comments.append(above)
            above = above.prev_sibling
        for comment in reversed(comments):
            for offset, line in enumerate(word(comment).splitlines()):
                found = _C_INCLUDE.match(line)
                if found:
                    row = comment.start_point[0] + 1 + offset
                    column = found.start(1) + 1
                    self.facts.append(
                        ImportFact(found.group(1), "include", line=row, column=column)
                    )

    def embed(self, node: Node) -> None:
        """Take a comment in that may be an embed directive."""
        found = _EMBED.match(word(node))
        if found is None:
            return
        row, column = node.start_point
        for pattern in _PATTERN.finditer(found.group(1)):
            specifier = next((part for part in pattern.groups() if part), "")
            at = column + 1 + found.start(1) + pattern.start()
            if specifier:
                self.facts.append(ImportFact(specifier, "embed", line=row + 1, column=at))


def likely_names(specifier: str) -> set[str]:
    """Names that a package of this path may have, where the import gives it none."""
    last = posixpath.basename(specifier)
    if _VERSION.match(last) and "/" in specifier:
        last = posixpath.basename(posixpath.dirname(specifier))
    names = {last, posixpath.basename(specifier)}
    base = last.partition(".")[0]
    names.add(base)
    for part in (base.removeprefix("go-"), base.removesuffix("-go"), base.rpartition("-")[2]):
        names |= {part, part.replace("-", "_"), part.replace("-", "")}
    return {name for name in names if name.isidentifier()}
