"""Names and imports of one Python file, by its syntax tree.

Works on text that does not parse: what the grammar cannot explain is searched line by line for
`def` and `class` headers, so that one misread character hides one statement at most. Where an
import leads is decided later, with all files at hand (`resolution`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from glyphagent.dependencies.symbols import Definition, FileSymbols, Import
from glyphagent.dependencies.syntax import Parsed, Scope, Scopes, clean, qualify
from glyphagent.document import Location

_PATTERN = """
(function_definition) @function
(class_definition) @class
(import_statement) @import
(import_from_statement) @from
(future_import_statement) @future
(expression_statement (assignment) @assignment)
(expression_statement (augmented_assignment) @augmented)
(type_alias_statement) @type
(call function: [(identifier) (attribute)] @callee
      arguments: (argument_list . (string) @literal)
      (#match? @callee "(^|[.])(import_module|__import__)$")) @dynamic
"""
_CONSTANT = re.compile(r"_*[A-Z][A-Z0-9_]*\Z")
_HEADER = re.compile(r"[ \t]*(?:async[ \t]+)?(def|class)[ \t]+([^\W\d]\w*)[ \t]*(?=[(:\[])")


def extract_python(path: str, text: str) -> FileSymbols:
    """Give the definitions and imports of a Python text, whether it parses or not."""
    parsed = Parsed(path, text, "python")
    scopes = Scopes()
    definitions: list[Definition] = []
    imports: list[Import] = []
    for tag, node in parsed.captures(_PATTERN):
        if tag in ("function", "class"):
            found = _define(parsed, node, tag, scopes)
            if found is not None:
                definitions.append(found)
        elif tag in ("assignment", "augmented"):
            definitions.extend(_assign(parsed, node, scopes))
        elif tag == "type":
            definitions.extend(_alias(parsed, node, scopes))
        elif tag == "dynamic":
            imports.extend(_dynamic(parsed, node))
        elif tag not in ("callee", "literal"):
            imports.extend(_import(parsed, node, tag))
    if parsed.root.has_error:
        definitions.extend(_recover(parsed, text, definitions))
        definitions.sort(key=lambda each: each.line)
    docstring, where = _docstring(parsed, parsed.root)
    return FileSymbols(
        path, "python", tuple(definitions), tuple(imports), docstring, where, parsed.root.has_error
    )


def _define(parsed: Parsed, node: Node, tag: str, scopes: Scopes) -> Definition | None:
    """Give a function or class and enter it; None where an error left it without a name."""
    name = parsed.text(node.child_by_field_name("name"))
    if not name:
        return None
    around = scopes.around(node)
    body = node.child_by_field_name("body")
    end = next((c.start_byte for c in reversed(node.children) if c.type == ":"), None)
    if end is None:
        end = body.start_byte if body is not None else node.end_byte
    kind = "method" if tag == "function" and around.kind == "class" else tag
    qualified = qualify(around.qualified_name, name)
    scopes.enter(Scope(qualified, kind, node.end_byte))
    docstring, where = _docstring(parsed, body) if body is not None else ("", None)
    return Definition(
        name,
        qualified,
        kind,
        Location(parsed.path, node.start_point[0] + 1, _last_line(node)),
        parsed.header_lines(node, node.start_byte, end),
        parsed.header(node.start_byte, end),
        docstring,
        where,
        parent=around.qualified_name,
        decorators=_decorators(parsed, node),
        bases=_bases(parsed, node) if tag == "class" else (),
    )


def _last_line(node: Node) -> int:
    """Last line of a definition's last statement; comments behind it do not count."""
    while True:
        inner = next((c for c in reversed(node.children) if c.type != "comment"), None)
        if inner is None or not (
            "block" in (node.type, inner.type) or inner.type.endswith(("_clause", "_definition"))
        ):
            return node.end_point[0] + (node.end_point[1] > 0 or node.start_byte == node.end_byte)
        node = inner


def _decorators(parsed: Parsed, node: Node) -> tuple[str, ...]:
    parent = node.parent
    if parent is None or parent.type != "decorated_definition":
        return ()
    return tuple(
        parsed.text(child)[1:].strip() for child in parent.children if child.type == "decorator"
    )


def _bases(parsed: Parsed, node: Node) -> tuple[str, ...]:
    arguments = node.child_by_field_name("superclasses")
    if arguments is None:
        return ()
    return tuple(
        parsed.text(child)
        for child in arguments.named_children
        if child.type not in ("keyword_argument", "comment")
    )


def _docstring(parsed: Parsed, body: Node) -> tuple[str, Location | None]:
    """Text and lines of the string that opens a body; escapes stay as written."""
    first = next((c for c in body.named_children if c.type != "comment"), None)
    return ("", None) if first is None else _docstring_statement(parsed, first)


def _docstring_statement(parsed: Parsed, statement: Node) -> tuple[str, Location | None]:
    if statement.type != "expression_statement" or not statement.named_children:
        return "", None
    return _string_text(parsed, statement.named_children[0])


def _string_text(parsed: Parsed, literal: Node) -> tuple[str, Location | None]:
    parts = literal.named_children if literal.type == "concatenated_string" else [literal]
    texts = []
    for part in parts:
        children = part.children
        if part.type != "string" or len(children) < 2:
            return "", None
        if re.search("[bBfFtT]", parsed.text(children[0])):
            return "", None
        texts.append(parsed.slice(children[0].end_byte, children[-1].start_byte))
    return clean("".join(texts)), parsed.node_lines(literal)


def _assign(parsed: Parsed, node: Node, scopes: Scopes) -> Iterator[Definition]:
    """Give the names that an assignment defines at the top, in a class, or on `self`."""
    around = scopes.around(node)
    inside_function = around.kind in ("function", "method")
    holder = scopes.holder("class") if around.kind == "method" else None
    if inside_function and holder is None:
        return
    targets: list[Node] = []
    value: Node | None = node
    while value is not None and value.type in ("assignment", "augmented_assignment"):
        left, value = value.child_by_field_name("left"), value.child_by_field_name("right")
        if left is not None:
            targets.append(left)
    docstring, where = ("", None) if inside_function else _attribute_docstring(parsed, node)
    lines, statement = parsed.node_lines(node), parsed.text(node)
    for target in targets:
        for name_node, part in _names(target, value):
            name = parsed.text(name_node)
            if inside_function:
                owner, _, name = name.partition(".")
                if owner not in ("self", "cls") or not name.isidentifier() or holder is None:
                    continue
                if name in holder.names:
                    continue
                holder.names.add(name)
                kind, parent = "attribute", holder.qualified_name
            elif name_node.type != "identifier":
                continue
            else:
                kind = "constant" if _CONSTANT.match(name) else "variable"
                parent = around.qualified_name
                around.names.add(name)
            yield Definition(
                name,
                qualify(parent, name),
                kind,
                lines,
                lines,
                statement,
                docstring,
                where,
                value=parsed.text(part),
                parent=parent,
            )


def _names(target: Node, value: Node | None) -> Iterator[tuple[Node, Node | None]]:
    """Pair each name of an assignment's left side with its part of the right side."""
    # A stack instead of recursion: a hostile file may nest deeper than Python does.
    pending: list[tuple[Node, Node | None]] = [(target, value)]
    while pending:
        target, value = pending.pop()
        if target.type in ("pattern_list", "tuple_pattern", "list_pattern"):
            left = [c for c in target.named_children if c.type != "comment"]
            right: list[Node | None] = [value] * len(left)
            if value is not None and value.type in ("expression_list", "tuple", "list"):
                parts = [c for c in value.named_children if c.type != "comment"]
                starred = any("splat" in c.type for c in left + parts)
                if len(parts) == len(left) and not starred:
                    right = list(parts)
            pending.extend(reversed(list(zip(left, right, strict=True))))
        elif target.type == "list_splat_pattern" and target.named_children:
            yield target.named_children[0], value
        else:
            yield target, value


def _attribute_docstring(parsed: Parsed, node: Node) -> tuple[str, Location | None]:
    """Text and lines of the string statement or `#:` comment that documents an assignment."""
    statement = node.parent
    if statement is None:
        return "", None
    after = statement.next_named_sibling
    # With a blank line between, the string is a statement of its own.
    if after is not None and after.start_point[0] - statement.end_point[0] <= 1:
        found = _docstring_statement(parsed, after)
        if found[1] is not None:
            return found
    lines: list[Node] = []
    before = statement.prev_named_sibling
    row = statement.start_point[0]
    while before is not None and before.type == "comment" and before.start_point[0] == row - 1:
        if not parsed.text(before).startswith("#:"):
            break
        lines.insert(0, before)
        row, before = before.start_point[0], before.prev_named_sibling
    if not lines:
        return "", None
    text = "\n".join(parsed.text(line)[2:].strip() for line in lines)
    first, last = lines[0].start_point[0] + 1, lines[-1].start_point[0] + 1
    return text, Location(parsed.path, first, last)


def _alias(parsed: Parsed, node: Node, scopes: Scopes) -> Iterator[Definition]:
    around = scopes.around(node)
    left = node.child_by_field_name("left")
    match = re.match(r"\w+", parsed.text(left))
    if match is None or around.kind in ("function", "method"):
        return
    lines = parsed.node_lines(node)
    yield Definition(
        match.group(),
        qualify(around.qualified_name, match.group()),
        "type",
        lines,
        lines,
        parsed.text(node),
        value=parsed.text(node.child_by_field_name("right")),
        parent=around.qualified_name,
    )


def _import(parsed: Parsed, node: Node, tag: str) -> Iterator[Import]:
    """Give one record for each module that a statement imports."""
    location = parsed.node_lines(node)
    names: list[str] = []
    aliases: list[tuple[str, str]] = []
    for child in node.children_by_field_name("name"):
        name, alias = child, ""
        if child.type == "aliased_import":
            name = child.child_by_field_name("name") or child
            alias = parsed.text(child.child_by_field_name("alias"))
        written = re.sub(r"\s+", "", parsed.text(name))
        names.append(written)
        if alias:
            aliases.append((written, alias))
    if tag == "import":
        given = dict(aliases)
        for name_text in names:
            alias_of = ((name_text, given[name_text]),) if name_text in given else ()
            yield Import(location, name_text, aliases=alias_of, kind="import")
        return
    module = "__future__"
    if tag == "from":
        module = re.sub(r"\s+", "", parsed.text(node.child_by_field_name("module_name")))
        if any(child.type == "wildcard_import" for child in node.children):
            names.append("*")
    if module:
        yield Import(location, module, tuple(names), tuple(aliases), "from")


def _dynamic(parsed: Parsed, node: Node) -> Iterator[Import]:
    arguments = node.child_by_field_name("arguments")
    if arguments is None or not arguments.named_children:
        return
    module, where = _string_text(parsed, arguments.named_children[0])
    if where is not None and re.fullmatch(r"\.*[^\W\d][\w.]*", module):
        yield Import(parsed.node_lines(node), module, kind="dynamic")


def _recover(parsed: Parsed, text: str, known: list[Definition]) -> Iterator[Definition]:
    """Find headers that the grammar lost, line by line, outside of strings and comments."""
    seen = {each.line for each in known if each.kind in ("function", "method", "class")}
    for row, line in enumerate(text.split("\n")):
        match = _HEADER.match(line)
        if match is None or row + 1 in seen:
            continue
        column = len(line[: match.start(1)].encode("utf-8", "surrogatepass"))
        at = parsed.root.descendant_for_point_range((row, column), (row, column))
        if at is not None and at.type in ("string_content", "comment", "string"):
            continue
        lines = Location(parsed.path, row + 1, row + 1)
        kind = "class" if match.group(1) == "class" else "function"
        name = match.group(2)
        signature = line.strip().removesuffix(":").rstrip()
        yield Definition(name, name, kind, lines, lines, signature)
