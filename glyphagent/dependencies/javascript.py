"""Names and imports of one JavaScript or TypeScript file, by its syntax tree.

Covers ES modules and CommonJS, JSX, classes, interfaces, enums, namespaces and functions that a
name is assigned to. Local variables inside functions are left out. Where an import leads is
decided later, with all files at hand (`resolution`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from glyphagent.dependencies.symbols import Definition, FileSymbols, Import
from glyphagent.dependencies.syntax import Parsed, Scope, Scopes, clean, qualify
from glyphagent.document import Location

_COMMON = """
[(function_declaration) (generator_function_declaration)] @function
(class_declaration) @class
(method_definition) @method
(variable_declarator) @variable
[(arrow_function) (function_expression) (generator_function)] @anonymous
(expression_statement (assignment_expression) @assignment)
(pair value: [(arrow_function) (function_expression) (generator_function)]) @pair
(import_statement) @import
(export_statement source: (_)) @reexport
(call_expression function: (identifier) @_callee arguments: (arguments . (string) .)
  (#eq? @_callee "require")) @require
(call_expression function: (import) arguments: (arguments . (string))) @dynamic
"""
_JAVASCRIPT = _COMMON + "(field_definition) @field\n"
_TYPESCRIPT = (
    _COMMON
    + """
(public_field_definition) @field
(function_signature) @function
[(abstract_method_signature) (method_signature)] @method
(abstract_class_declaration) @class
(interface_declaration) @interface
(type_alias_declaration) @type
(enum_declaration) @enum
(enum_assignment) @member
(enum_body name: (_) @member)
[(internal_module) (module)] @module
(property_signature) @field
"""
)
_FUNCTIONS = ("arrow_function", "function_expression", "generator_function")
_CONSTANT = re.compile(r"[_$]*[A-Z][A-Z0-9_$]*\Z")
_EXPORTS = re.compile(r"(?:module\.)?exports\.([\w$]+)\Z")
_PROTOTYPE = re.compile(r"([\w$][\w$.]*)\.prototype\.([\w$]+)\Z")
_STATIC = re.compile(r"([A-Za-z_$][\w$]*)\.([\w$]+)\Z")


def extract_javascript(path: str, text: str) -> FileSymbols:
    """Give the definitions and imports of a JavaScript or TypeScript text."""
    suffix = path.rpartition(".")[2].lower()
    if suffix in ("ts", "mts", "cts"):
        language, pattern = "typescript", _TYPESCRIPT
    elif suffix == "tsx":
        language, pattern = "tsx", _TYPESCRIPT
    else:
        language, pattern = "javascript", _JAVASCRIPT
    parsed = Parsed(path, text, language)
    scopes = Scopes()
    definitions: list[Definition] = []
    imports: list[Import] = []
    for tag, node in parsed.captures(pattern):
        if tag in ("import", "reexport", "require", "dynamic"):
            imports.extend(_import(parsed, node, tag))
        elif tag == "anonymous":
            # A function that a name is assigned to was entered under that name already.
            around = scopes.around(node)
            if around.end_byte != node.end_byte or around.kind not in ("function", "method"):
                scopes.enter(Scope(around.qualified_name, "function", node.end_byte, True))
        elif tag != "_callee":
            found = _define(parsed, node, tag, scopes)
            if found is not None:
                definitions.append(found)
    docstring, where = _file_comment(parsed)
    shown = "javascript" if language == "javascript" else "typescript"
    return FileSymbols(
        path, shown, tuple(definitions), tuple(imports), docstring, where, parsed.root.has_error
    )


def _define(parsed: Parsed, node: Node, tag: str, scopes: Scopes) -> Definition | None:
    if tag in ("variable", "assignment", "field", "pair", "member"):
        return _valued(parsed, node, tag, scopes)
    name = parsed.text(node.child_by_field_name("name")).strip("'\"")
    if not name:
        return None
    around = scopes.around(node)
    qualified = qualify(around.qualified_name, name)
    scopes.enter(Scope(qualified, tag, node.end_byte))
    body = node.child_by_field_name("body")
    end = body.start_byte if body is not None else node.end_byte
    value = parsed.text(node.child_by_field_name("value")) if tag == "type" else ""
    return _record(parsed, node, name, qualified, tag, end, around.qualified_name, value)


def _record(
    parsed: Parsed,
    node: Node,
    name: str,
    qualified: str,
    kind: str,
    end: int,
    parent: str,
    value: str = "",
) -> Definition:
    """Give the definition that a node stands for, with the `export` and comment before it."""
    outer = _statement(node)
    signature = parsed.header(outer.start_byte, end).removesuffix("=>").rstrip()
    docstring, where = _comment_before(parsed, outer)
    return Definition(
        name,
        qualified,
        kind,
        parsed.node_lines(outer),
        parsed.header_lines(outer, outer.start_byte, outer.start_byte + len(signature.encode())),
        signature.rstrip(";").rstrip(),
        docstring,
        where,
        value=value,
        parent=parent,
        bases=_bases(parsed, node) if kind in ("class", "interface") else (),
    )


def _valued(parsed: Parsed, node: Node, tag: str, scopes: Scopes) -> Definition | None:
    """Give what a declarator, assignment, field, object member or enum member defines."""
    around = scopes.around(node)
    target = node.child_by_field_name("name") or node.child_by_field_name("property")
    value = node.child_by_field_name("value")
    if tag == "assignment":
        target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
    elif tag == "pair":
        target = node.child_by_field_name("key")
    elif tag == "member" and target is None:
        target = node
    name = parsed.text(target).strip("'\"")
    parent = around.qualified_name
    function = value is not None and value.type in (*_FUNCTIONS, "class")
    if tag == "assignment":
        placed = _assigned(name, parent, function)
        if placed is None:
            return None
        parent, name = placed
    elif target is not None and target.type.endswith("pattern"):
        return None
    local = around.kind in ("function", "method")
    if not name or (local and not function and not (around.anonymous and _CONSTANT.match(name))):
        return None
    qualified = qualify(parent, name)
    if value is not None and function:
        in_class = tag == "field" or around.kind == "class" or bool(parent and tag != "variable")
        kind = "class" if value.type == "class" else "method" if in_class else "function"
        scopes.enter(Scope(qualified, kind, value.end_byte))
        body = value.child_by_field_name("body")
        end = body.start_byte if body is not None else value.end_byte
        return _record(parsed, node, name, qualified, kind, end, parent)
    if value is not None and value.type == "object":
        scopes.enter(Scope(qualified, "object", value.end_byte))
    kind = "variable"
    if tag == "field":
        kind = "attribute"
    elif tag == "member" or _CONSTANT.match(name) or _is_const(node):
        kind = "constant"
    # Names that follow the first in one declaration must not carry the whole statement.
    return _record(parsed, node, name, qualified, kind, node.end_byte, parent, parsed.text(value))


def _assigned(left: str, parent: str, function: bool) -> tuple[str, str] | None:
    """Parent and name that `exports.x =`, `Foo.prototype.x =` or `foo.x = function` define."""
    match = _EXPORTS.match(left)
    if match is not None:
        return parent, match.group(1)
    match = _PROTOTYPE.match(left)
    if match is not None:
        return match.group(1), match.group(2)
    match = _STATIC.match(left)
    if match is not None and function and match.group(1) not in ("module", "exports", "this"):
        return match.group(1), match.group(2)
    return None


def _is_const(node: Node) -> bool:
    parent = node.parent
    if parent is None or parent.type != "lexical_declaration":
        return False
    return bool(parent.children) and parent.children[0].type == "const"


def _statement(node: Node) -> Node:
    """The node with what belongs to it in front: `const`, `export`, `declare`."""
    while node.parent is not None:
        parent = node.parent
        first = parent.named_children[0] if parent.named_children else None
        wraps = parent.type in ("export_statement", "ambient_declaration", "expression_statement")
        declares = parent.type in ("lexical_declaration", "variable_declaration")
        if wraps or (declares and first == node):
            node = parent
        else:
            break
    return node


def _bases(parsed: Parsed, node: Node) -> tuple[str, ...]:
    found: list[str] = []
    for child in node.children:
        if child.type == "class_heritage":
            clauses = [c for c in child.children if c.type.endswith("_clause")] or [child]
            for clause in clauses:
                found += [parsed.text(c) for c in clause.named_children if _names_type(c)]
        elif child.type in ("extends_type_clause", "extends_clause"):
            found += [parsed.text(c) for c in child.named_children if _names_type(c)]
    return tuple(found)


def _names_type(node: Node) -> bool:
    return node.type not in ("comment", "type_arguments")


def _comment_before(parsed: Parsed, node: Node) -> tuple[str, Location | None]:
    """Text and lines of the comment that ends on the line above a node."""
    comments: list[Node] = []
    row, before = node.start_point[0], node.prev_sibling
    while before is not None and before.type in ("comment", "decorator"):
        if before.end_point[0] < row - 1 or (comments and parsed.text(before)[:2] == "/*"):
            break
        row = before.start_point[0]
        # A comment behind code on the same line speaks of that code.
        ahead = before.prev_sibling
        if ahead is not None and ahead.end_point[0] == row and ahead.type != "comment":
            break
        if before.type == "comment":
            comments.insert(0, before)
            if parsed.text(before).startswith("/*"):
                break
        before = ahead
    return _comment_text(parsed, comments)


def _file_comment(parsed: Parsed) -> tuple[str, Location | None]:
    """Text and lines of the block comment that opens a file, apart from what follows it."""
    children = [c for c in parsed.root.children if c.type != "hash_bang_line"]
    if not children or children[0].type != "comment":
        return "", None
    follower = children[1] if len(children) > 1 else None
    if follower is not None and follower.start_point[0] - children[0].end_point[0] <= 1:
        return "", None
    return _comment_text(parsed, children[:1])


def _comment_text(parsed: Parsed, comments: list[Node]) -> tuple[str, Location | None]:
    if not comments:
        return "", None
    lines: list[str] = []
    for comment in comments:
        text = parsed.text(comment)
        if text.startswith("/*"):
            text = text[2:].removesuffix("*/").lstrip("*!")
            lines += [re.sub(r"^\s*\*(?: |$)?", "", line) for line in text.split("\n")]
        else:
            lines.append(text.lstrip("/").strip())
    first, last = comments[0].start_point[0] + 1, comments[-1].end_point[0] + 1
    return clean("\n".join(lines)), Location(parsed.path, first, last)


def _import(parsed: Parsed, node: Node, tag: str) -> Iterator[Import]:
    """Give the record of one import, re-export or call that loads a module."""
    source = node.child_by_field_name("source")
    names: list[str] = []
    aliases: list[tuple[str, str]] = []
    kind = tag
    pending = [c for c in node.named_children if c.type.endswith(("_clause", "_export"))]
    while pending:
        part = pending.pop(0)
        if part.type in ("import_specifier", "export_specifier"):
            name = parsed.text(part.child_by_field_name("name"))
            alias = parsed.text(part.child_by_field_name("alias"))
            names.append(name)
            if alias:
                aliases.append((name, alias))
        elif part.type in ("namespace_import", "namespace_export"):
            names.append("*")
            aliases += [("*", parsed.text(c)) for c in part.named_children]
        elif part.type == "identifier":
            # `import fs = require("fs")` takes the module itself, `import a from` its default.
            required = part.parent is not None and part.parent.type == "import_require_clause"
            names.append("*" if required else "default")
            aliases.append((names[-1], parsed.text(part)))
        else:
            if part.type == "import_require_clause":
                source = part.child_by_field_name("source")
            pending = [c for c in part.named_children if c.type != "string"] + pending
    if tag in ("require", "dynamic"):
        arguments = node.child_by_field_name("arguments")
        source = arguments.named_children[0] if arguments is not None else None
    elif tag == "import" and any(child.type == "type" for child in node.children):
        kind = "type"
    elif tag == "reexport" and any(child.type == "*" for child in node.children):
        names.append("*")
    module = parsed.text(source).strip("'\"`")
    if module and "\n" not in module:
        yield Import(parsed.node_lines(node), module, tuple(names), tuple(aliases), kind)
