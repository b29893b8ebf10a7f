"""The statements and calls by which a Python file imports."""

from __future__ import annotations

import re
from collections.abc import Callable

from tree_sitter import Node

from glyphagent.dependencies.facts import ImportFact
from glyphagent.dependencies.languages.python.expressions import word

_LOADED_FROM = {
    ("importlib", "import_module"): "name",
    ("runpy", "run_module"): "mod_name",
}
_MODULE = re.compile(r"\.*[^\W\d]\w*(?:\.[^\W\d]\w*)*\Z|\.+\Z")
LOADERS = ("import_module", "__import__", "run_module")
"""Functions of the standard library that import what they are given."""

_BLANK = re.compile(r"\s+|\\|#[^\n]*")


class ImportStatements:
    """Imports in the order of the file."""

    def __init__(self, column: Callable[[Node], int]) -> None:
        """Take a function that gives a node's column."""
        self.found: list[ImportFact] = []
        self._column = column
        # Names that mean such a function here, and the keyword that its module goes by.
        self._loaders = {"import_module": "name", "__import__": "name"}

    def statement(self, node: Node, scope: int, condition: str) -> None:
        """Take one record for each module that a statement imports."""
        pairs: list[tuple[str, str, Node]] = []
        for child in node.children_by_field_name("name"):
            name, alias = child, ""
            if child.type == "aliased_import":
                name = child.child_by_field_name("name") or child
                given = child.child_by_field_name("alias")
                alias = word(given) if given is not None else ""
            pairs.append((_BLANK.sub("", word(name)), alias, name))
        if node.type == "import_statement":
            for written, alias, name in pairs:
                bound = alias or written.partition(".")[0]
                self._take(written, "import", (), bound, scope, condition, node, name)
            return
        module = node.child_by_field_name("module_name")
        if module is None:
            return
        names = tuple((written, alias or written) for written, alias, _ in pairs)
        for outer, local in names:
            if (word(module), outer) in _LOADED_FROM:
                self._loaders[local] = _LOADED_FROM[word(module), outer]
        if any(child.type == "wildcard_import" for child in node.children):
            names = (*names, ("*", "*"))
        written = _BLANK.sub("", word(module))
        self._take(written, "from", names, "", scope, condition, node, module)

    def dynamic(self, node: Node, scope: int, condition: str) -> None:
        """Take `import_module(...)`, `__import__(...)` and `runpy.run_module(...)`."""
        function = node.child_by_field_name("function")
        if function is None:
            return
        keyword: str | None = None
        if function.type == "attribute":
            name = function.child_by_field_name("attribute")
            if name is not None and word(name) in ("import_module", "__import__"):
                keyword = "name"
            elif word(function) == "runpy.run_module":
                keyword = "mod_name"
        else:
            keyword = self._loaders.get(word(function))
        first = _argument(node, keyword) if keyword is not None else None
        if first is None:
            return
        literal = _literal(first)
        if literal is not None and _MODULE.match(literal):
            self._take(literal, "dynamic", (), "", scope, condition, node, first)
        elif literal is None:
            line, column = first.start_point[0] + 1, self._column(first)
            text = " ".join(word(first).split())[:80]
            self.found.append(
                ImportFact(text, "dynamic", (), "", scope, condition, True, line, column)
            )

    def lazy_table(self, node: Node, scope: int) -> None:
        """Take the modules that a table of lazily imported names spells out."""
        assignment = node
        if node.type == "expression_statement" and node.named_child_count:
            assignment = node.named_children[0]
        right = assignment.child_by_field_name("right")
        if assignment.type != "assignment" or right is None or right.type != "dictionary":
            return
        for pair in right.named_children:
            if pair.type != "pair":
                continue
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if key is None or value is None:
                continue
            target, name = value, _literal(key) or ""
            if value.type in ("tuple", "list") and value.named_child_count:
                first = value.named_children[0]
                if value.type == "list":
                    # `{"module": ["Name", ...]}`: the key is the module.
                    target, name = key, ""
                else:
                    target = first
            module = _literal(target)
            if module and _MODULE.match(module):
                line, column = target.start_point[0] + 1, self._column(target)
                names = ((name, name),) if name else ()
                self.found.append(
                    ImportFact(module, "lazy", names, "", scope, "lazy", False, line, column)
                )

    def _take(
        self,
        written: str,
        kind: str,
        names: tuple[tuple[str, str], ...],
        bound: str,
        scope: int,
        condition: str,
        statement: Node,
        place: Node,
    ) -> None:
        if not written:
            return
        line = statement.start_point[0] + 1
        column = self._column(place if place.start_point[0] + 1 == line else statement)
        self.found.append(
            ImportFact(written, kind, names, bound, scope, condition, False, line, column)
        )


def _argument(call: Node, keyword: str) -> Node | None:
    """The first argument of a call, or the one that goes by a keyword."""
    arguments = call.child_by_field_name("arguments")
    if arguments is None:
        return None
    given = [each for each in arguments.named_children if each.type != "comment"]
    if given and given[0].type not in ("keyword_argument", "list_splat", "dictionary_splat"):
        return given[0]
    for each in given:
        name = each.child_by_field_name("name") if each.type == "keyword_argument" else None
        if name is not None and word(name) == keyword:
            return each.child_by_field_name("value")
    return None


def _literal(node: Node) -> str | None:
    """Text of a plain string literal."""
    if node.type != "string" or any(c.type == "interpolation" for c in node.named_children):
        return None
    return "".join(word(c) for c in node.named_children if c.type == "string_content")
