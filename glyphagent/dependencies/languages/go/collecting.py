"""What one Go file says by itself: package, constraint, imports, declarations, uses."""

from __future__ import annotations

import re

from tree_sitter import Node

from glyphagent.dependencies.facts import FileFacts, Interface
from glyphagent.dependencies.languages.go.builds import constraint_of
from glyphagent.dependencies.languages.go.chains import first, word
from glyphagent.dependencies.languages.go.declaring import Declarer
from glyphagent.dependencies.languages.go.importing import Imports
from glyphagent.dependencies.syntax import Parsed

_GENERATED = re.compile(r"^// Code generated .* DO NOT EDIT\.\r?$", re.MULTILINE)
# `package daemon // import "github.com/docker/docker/daemon"`
_CANONICAL = re.compile(r'//[ \t]*import[ \t]+"([^"\n]+)"')
_LONGEST_HEAD = 65536
_OUTERMOST = frozenset(
    (
        *("function_declaration", "method_declaration", "type_declaration"),
        *("var_declaration", "const_declaration"),
    )
)


def collect(path: str, text: str, *, uses: bool = True) -> FileFacts:
    """Facts of a Go file.

    Uses are read in any case: in Go they alone prove which file another one needs. Without
    `uses` they prove file edges only.
    """
    parsed = Parsed(path, text, "go")
    root = parsed.root
    imports = Imports(parsed)
    package, head_end, canonical = "", root.end_byte, ""
    outermost: list[Node] = []
    pending = list(reversed(root.named_children))
    while pending:
        node = pending.pop()
        kind = node.type
        if kind == "package_clause" and not package:
            package, head_end = word(first(node)), node.start_byte
            after = node.next_sibling
            while after is not None and after.start_point[0] == node.end_point[0]:
                found = _CANONICAL.match(word(after))
                canonical = found.group(1) if found else canonical
                after = after.next_sibling
        elif kind == "import_declaration":
            imports.declaration(node)
        elif kind == "comment":
            imports.embed(node)
        elif kind in _OUTERMOST:
            outermost.append(node)
        elif kind == "ERROR":
            pending.extend(reversed(node.named_children))
    declarer = Declarer(parsed, imports.names)
    for node in outermost:
        declarer.top(node)
    head = parsed.slice(0, min(head_end, _LONGEST_HEAD))
    marks = ("generated",) if _GENERATED.search(head) else ()
    interface = Interface(
        path=path,
        language="go",
        package=package,
        imports=tuple(imports.facts),
        declarations=tuple(declarer.declarations),
        extra=(constraint_of(path, head), canonical, *marks, *(() if uses else ("files only",))),
    )
    return FileFacts(
        interface,
        tuple(declarer.scopes),
        tuple(declarer.bindings),
        tuple(declarer.uses),
        root.has_error,
    )
