"""Import and export statements, and calls that load a module.

A module that is no name of its own (`require("./a").b()`) is known under an alias that no source
can contain, `require(./a)`, so that chains through it are chains like any other.
"""

from __future__ import annotations

import posixpath
import re

from tree_sitter import Node

from glyphagent.dependencies.facts import ImportFact
from glyphagent.dependencies.languages.scripts.collector import Collector

_REFERENCE = re.compile(r"///\s*<reference\s+(path|types)\s*=\s*[\"']([^\"']+)[\"']")
_MOCKERS = frozenset({"jest", "vi", "vitest"})
_MOCKS = frozenset(
    {
        "mock",
        "doMock",
        "unmock",
        "dontMock",
        "deepUnmock",
        "doUnmock",
        "unstable_mockModule",
        "setMock",
        "importActual",
        "importMock",
        "requireActual",
        "requireMock",
        "createMockFromModule",
        "genMockFromModule",
    }
)
_WORKERS = frozenset({"Worker", "SharedWorker", "URL"})
_TYPE_ENDS = (
    "_type",
    "_annotation",
    "type_query",
    "type_arguments",
    "type_alias_declaration",
    "constraint",
    "default_type",
    "extends_type_clause",
    "implements_clause",
)
_LONGEST = 120
_DEEPEST = 20


def literal(c: Collector, node: Node | None) -> str | None:
    """Value of a string without substitutions, None for everything else."""
    if node is None or node.type not in ("string", "template_string"):
        return None
    if node.type == "template_string" and any(
        child.type == "template_substitution" for child in node.named_children
    ):
        return None
    return c.text(node)[1:-1]


def constant(c: Collector, node: Node | None, depth: int = 0) -> str | None:
    """Value of a string, or of strings and the file's own folder put together; None otherwise."""
    if node is None or depth > _DEEPEST:
        return None
    if node.type == "binary_expression" and c.text(node.child_by_field_name("operator")) == "+":
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        here = left is not None and c.text(left) == "__dirname"
        head = "." if here else constant(c, left, depth + 1)
        tail = constant(c, right, depth + 1)
        return None if head is None or tail is None else head + tail
    if node.type == "call_expression":
        function = c.text(node.child_by_field_name("function"))
        arguments = node.child_by_field_name("arguments")
        given = arguments.named_children if arguments is not None else []
        if function not in ("path.join", "path.resolve") or not given:
            return None
        parts = [literal(c, each) for each in given[1:]]
        if c.text(given[0]) != "__dirname" or None in parts:
            return None
        inside = [each for each in parts if each]
        if function == "path.resolve" and any(each.startswith("/") for each in inside):
            return None
        return "./" + posixpath.normpath("/".join([".", *inside]))
    return literal(c, node)


def alias_of(kind: str, specifier: str) -> str:
    """Name of a module that a call loads."""
    return f"{kind}({specifier})"


def record(
    c: Collector,
    node: Node,
    specifier: str,
    kind: str,
    *,
    scope: int = 0,
    names: tuple[tuple[str, str], ...] = (),
    alias: str = "",
    computed: bool = False,
    condition: str = "",
    name_lines: tuple[int, ...] = (),
    bound: int = 0,
) -> None:
    """Enter an import whose evidence is a node."""
    line, column = c.place(node)
    condition = condition or ("lazy" if c.is_lazy(scope) else "")
    c.imports.append(
        ImportFact(
            specifier, kind, names, alias, bound, condition, computed, line, column, name_lines
        )
    )


def imported_module(c: Collector, node: Node) -> str | None:
    """Alias of the module that a call of `import` or `require` loads; None for other calls."""
    function = node.child_by_field_name("function")
    if function is None:
        return None
    if function.type == "import":
        kind = "type" if _in_type(node) else "dynamic"
    elif function.type == "identifier" and function.text == b"require":
        kind = "require"
    else:
        return None
    specifier = constant(c, _first_argument(node))
    return alias_of(kind, specifier) if specifier is not None else None


def loading_call(c: Collector, node: Node, scope: int) -> str | None:
    """Enter what a call loads, if anything; its alias if the call's value is the module.

    Covers `require`, `import()`, their resolvers, test runners' mocks, AMD's lists.
    """
    function = node.child_by_field_name("function")
    c.loaded.add(node.id)
    if function is None:
        return None
    kind = function.type
    if kind == "import" or (kind == "identifier" and function.text == b"require"):
        return _loaded(c, node, function, scope)
    if kind == "identifier":
        if function.text in (b"importScripts", b"define", b"requirejs"):
            _listed(c, node, scope)
        return None
    if kind == "member_expression":
        owner = function.child_by_field_name("object")
        name = c.text(function.child_by_field_name("property"))
        simple = owner is not None and owner.type in ("identifier", "meta_property")
        held = c.text(owner) if simple else ""
        if held == "import.meta" and name in ("glob", "globEager"):
            _glob(c, node, scope)
            return None
        mocked = held in _MOCKERS and name in _MOCKS
        if mocked or (name == "resolve" and held in ("require", "import.meta")):
            argument = _first_argument(node)
            specifier = literal(c, argument)
            if specifier:
                word = "mock" if mocked else "resolve"
                record(c, node, specifier, word, scope=scope, alias=alias_of(word, specifier))
                actual = name.endswith("Actual")
                return alias_of(word, specifier) if actual else None
    return None


def _glob(c: Collector, node: Node, scope: int) -> None:
    """Enter Vite's `import.meta.glob("./pages/*.vue")`, or of a list of patterns."""
    argument = _first_argument(node)
    listed = argument is not None and argument.type == "array"
    given = argument.named_children if argument is not None and listed else [argument]
    patterns = [literal(c, each) for each in given]
    known = [each for each in patterns if each and not any(char.isspace() for char in each)]
    if len(known) == len(patterns):
        record(c, node, " ".join(known), "glob", scope=scope)
    else:
        shown = " ".join(c.text(argument).split())[:_LONGEST]
        record(c, node, shown, "dynamic", scope=scope, computed=True)


def loading_constructor(c: Collector, node: Node, scope: int) -> None:
    """Enter the file that `new URL("./x", import.meta.url)` or `new Worker("./x")` names."""
    constructor = node.child_by_field_name("constructor")
    c.loaded.add(node.id)
    if constructor is None or c.text(constructor) not in _WORKERS:
        return
    arguments = node.child_by_field_name("arguments")
    given = arguments.named_children if arguments is not None else []
    specifier = literal(c, given[0]) if given else None
    if not specifier:
        return
    if c.text(constructor) == "URL":
        if len(given) > 1 and c.text(given[1]) == "import.meta.url":
            record(c, node, specifier, "url", scope=scope)
    elif specifier.startswith("."):
        record(c, node, specifier, "worker", scope=scope)


def import_statement(c: Collector, node: Node, scope: int) -> None:
    """Enter an `import` statement of any form."""
    source = node.child_by_field_name("source")
    kind = "type" if any(child.type in ("type", "typeof") for child in node.children) else "import"
    names: list[tuple[str, str]] = []
    lines: list[int] = []
    alias = ""
    for clause in node.named_children:
        if clause.type == "import_require_clause":
            source = clause.child_by_field_name("source")
            alias = c.text(clause.named_children[0])
            kind = "require"
            if any(child.type == "export" for child in node.children):
                c.exports.append((alias, alias))
        elif clause.type == "import_clause":
            for part in clause.named_children:
                if part.type == "identifier":
                    names.append(("default", c.text(part)))
                    lines.append(c.place(part)[0])
                elif part.type == "namespace_import" and part.named_children:
                    alias = c.text(part.named_children[0])
                elif part.type == "named_imports":
                    for each in part.named_children:
                        if each.type == "import_specifier":
                            names.append(_specified(c, each))
                            lines.append(c.place(each)[0])
    specifier = literal(c, source)
    if specifier is None:
        c.push_children(node, scope)
        return
    record(
        c, node, specifier, kind, names=tuple(names), alias=alias, name_lines=tuple(lines),
        condition="typing" if kind == "type" else "",
    )  # fmt: skip


def reexport(c: Collector, node: Node, source: Node) -> None:
    """Enter an `export ... from` statement."""
    specifier = literal(c, source)
    if specifier is None:
        return
    names: list[tuple[str, str]] = []
    lines: list[int] = []
    alias = ""
    star = any(child.type == "*" for child in node.children)
    for part in node.named_children:
        if part.type == "export_clause":
            for each in part.named_children:
                if each.type == "export_specifier":
                    names.append(_specified(c, each))
                    lines.append(c.place(each)[0])
        elif part.type == "namespace_export" and part.named_children:
            alias = c.text(part.named_children[0]).strip("'\"")
    if star and not alias:
        names.append(("*", "*"))
        lines.append(c.place(node)[0])
    typing = any(child.type == "type" for child in node.children)
    # What is passed on is no name of this file.
    record(
        c, node, specifier, "reexport", bound=c.apart(),
        names=tuple(names), alias=alias, name_lines=tuple(lines),
        condition="typing" if typing else "",
    )  # fmt: skip


def references(c: Collector) -> None:
    """Enter the `/// <reference>` comments at the top of a file."""
    for node in c.parsed.root.named_children:
        if node.type not in ("comment", "hash_bang_line"):
            break
        found = _REFERENCE.match(c.text(node))
        if found is not None:
            kind = "reference" if found.group(1) == "path" else "types"
            record(c, node, found.group(2), kind, condition="typing")


def _loaded(c: Collector, node: Node, function: Node, scope: int) -> str | None:
    typed = function.type == "import" and _in_type(node)
    kind = "type" if typed else "dynamic" if function.type == "import" else "require"
    argument = _first_argument(node)
    if argument is None:
        return None
    if argument.type == "array" and kind == "require":
        _listed(c, node, scope)
        return None
    specifier = constant(c, argument)
    if specifier is None:
        # A minifier's or bundler's own `require` of numbers is no import.
        if argument.type not in ("number", "object", "function_expression"):
            shown = " ".join(c.text(argument).split())[:_LONGEST]
            record(c, node, shown, kind, scope=scope, computed=True)
        return None
    if not specifier:
        return None
    alias = alias_of(kind, specifier)
    condition = "typing" if typed else "lazy" if kind == "dynamic" else ""
    record(c, node, specifier, kind, scope=scope, alias=alias, condition=condition)
    return alias


def _listed(c: Collector, node: Node, scope: int) -> None:
    """Enter the modules of `define([...])`, `require([...])` or `importScripts(...)`."""
    arguments = node.child_by_field_name("arguments")
    given = arguments.named_children if arguments is not None else []
    scripts = c.text(node.child_by_field_name("function")) == "importScripts"
    lists = given if scripts else [each for each in given[:2] if each.type == "array"]
    for each in lists:
        for part in [each] if scripts else each.named_children:
            specifier = literal(c, part)
            if specifier and specifier.startswith("."):
                record(c, part, specifier, "worker" if scripts else "require", scope=scope)


def _first_argument(node: Node) -> Node | None:
    arguments = node.child_by_field_name("arguments")
    if arguments is None:
        return None
    if arguments.type == "template_string":
        return arguments
    given = [each for each in arguments.named_children if each.type != "comment"]
    return given[0] if given else None


def _specified(c: Collector, node: Node) -> tuple[str, str]:
    """Outer and inner name of an import or export specifier."""
    name = c.text(node.child_by_field_name("name")).strip("'\"") or "default"
    return name, c.text(node.child_by_field_name("alias")).strip("'\"") or name


def _in_type(node: Node) -> bool:
    """Whether an `import()` stands where a type does."""
    above = node.parent
    while above is not None and above.type in (
        "member_expression",
        "nested_identifier",
        "nested_type_identifier",
        "generic_type",
    ):
        above = above.parent
    return above is not None and above.type.endswith(_TYPE_ENDS)
