"""JSDoc comments of plain JavaScript: declared types where the language itself has none.

Only what the uses of other files hang on is read: parameters, results, variables, and the names
that a comment brings in (`@typedef {import("./a").B} B`, `@import {B} from "./a"`). A comment
belongs to what begins on the line after it, or on its own last line.

Source: https://www.typescriptlang.org/docs/handbook/jsdoc-supported-types.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tree_sitter import Node

from glyphagent.dependencies.facts import ITEMS, Chain, ImportFact
from glyphagent.dependencies.languages.scripts.annotations import COLLECTIONS, TRANSPARENT
from glyphagent.dependencies.languages.scripts.collector import Collector

_TAG = re.compile(
    r"@(param|arg|argument|returns?|type|typedef|prop(?:erty)?|import|template|extends|augments"
    r"|implements|this|satisfies|throws|enum)\b\s*"
)
# Tags of which only the modules that they name matter.
_OTHERS = frozenset(
    [
        "template",
        "extends",
        "augments",
        "implements",
        "this",
        "satisfies",
        "throws",
        "exception",
        "enum",
    ]
)
_ANY_IMPORT = re.compile(r"\bimport\(\s*[\"']([^\"'\n]+)[\"']\s*[,)]")
_NAME = re.compile(r"\s*\[?([A-Za-z_$][\w$]*)(\.)?")
_IMPORT = re.compile(
    r"(?:typeof\s+)?import\(\s*[\"']([^\"']+)[\"']\s*\)((?:\.[A-Za-z_$][\w$]*)*)\Z"
)
_MEMBER = re.compile(r"\s*(?:readonly\s+)?([A-Za-z_$][\w$]*)\s*\??\s*:\s*([^{}()]+)\Z")
_DOTTED = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*\Z")
_FROM = re.compile(r"(?:\{([^}]*)\}|\*\s+as\s+([\w$]+))\s*from\s*[\"']([^\"']+)[\"']")
_EMPTY = frozenset({"", "null", "undefined", "void", "any", "unknown", "*"})
_STARS = re.compile(r"\n[ \t]*\*")
_DEPTH = 20


@dataclass(slots=True)
class Doc:
    """What one comment says.

    Attributes:
        parameters: Pairs of a parameter's name and type, in their order.
        result: Type of what is returned.
        typed: Type of a variable.
    """

    parameters: list[tuple[str, Chain]] = field(default_factory=list)
    result: Chain = ()
    typed: Chain = ()


def read_docs(c: Collector) -> None:
    """Read all comments of a file, and enter the names that they bring in."""
    if b"/**" not in c.parsed.data:
        return
    for _, node in c.parsed.captures("(comment) @comment"):
        text = c.text(node)
        if text.startswith("/**") and "@" in text:
            # Stars become blanks: what is found keeps its place in the comment.
            bare = _STARS.sub(lambda match: match.group()[:-1] + " ", text[3:-2])
            doc = _read(c, node, "   " + bare)
            if doc is not None:
                c.docs[node.end_point[0]] = doc
                if doc.typed:
                    c.casts[node.end_byte] = doc.typed


def doc_of(c: Collector, node: Node) -> Doc | None:
    """The comment that belongs to a node."""
    if not c.docs:
        return None
    row = node.start_point[0]
    found = c.docs.get(row - 1) or c.docs.get(row)
    return found if isinstance(found, Doc) else None


def _read(c: Collector, node: Node, text: str) -> Doc | None:
    doc = Doc()
    # The type of a `@typedef` whose `@property` tags follow.
    shape = ""
    for tag in _TAG.finditer(text):
        word, at = tag.group(1), tag.end()
        c.tag_at = tag.start()
        if word == "import":
            found = _FROM.match(text, at)
            if found is not None:
                _bring(c, node, found)
            continue
        if not text.startswith("{", at):
            continue
        inner, end = _braced(text, at)
        for module in _ANY_IMPORT.finditer(inner):
            _module(c, node, module.group(1))
        if word in _OTHERS:
            continue
        if word == "typedef":
            named = _NAME.match(text, end)
            shape = named.group(1) if named is not None and _shaped(inner) else ""
            if named is not None and shape:
                c.declare(shape, "interface", "", node, node)
                _members(c, node, shape, inner)
            elif named is not None:
                _define(c, node, inner, named.group(1))
            continue
        kind = doc_type(c, node, inner)
        if word in ("property", "prop"):
            named = _NAME.match(text, end)
            if shape and named is not None and not named.group(2):
                c.declare(named.group(1), "field", shape, node, node, typed=kind)
        elif word in ("returns", "return"):
            doc.result = doc.result or kind
        elif word == "type":
            doc.typed = kind
        else:
            named = _NAME.match(text, end)
            # `options.name` describes a part of a parameter.
            if named is not None and not named.group(2):
                doc.parameters.append((named.group(1), kind))
    return doc if doc.parameters or doc.result or doc.typed else None


def _braced(text: str, at: int) -> tuple[str, int]:
    """Text between two matching braces, and where it ends."""
    depth = 0
    for index in range(at, len(text)):
        if text[index] == "{":
            depth += 1
        elif text[index] == "}":
            depth -= 1
            if not depth:
                return text[at + 1 : index], index + 1
    return "", len(text)


def doc_type(c: Collector, node: Node, text: str, depth: int = 0) -> Chain:
    """Chain of a type as a comment writes it."""
    text = text.strip().lstrip("?!").rstrip("=").removeprefix("...").strip()
    while text.startswith("(") and text.endswith(")") and "=>" not in text:
        text = text[1:-1].strip()
    if depth > _DEPTH or "=>" in text or text.startswith("{"):
        return ()
    for part in _split(text, "|"):
        part = part.strip().lstrip("?!")
        if part in _EMPTY:
            continue
        if part.endswith("[]"):
            element = doc_type(c, node, part[:-2], depth + 1)
            return (*element, ITEMS) if element else ()
        module = _IMPORT.match(part)
        if module is not None:
            return (_module(c, node, module.group(1)), *module.group(2).split(".")[1:])
        head, opened, rest = part.partition("<")
        head = head.rstrip(".")
        if opened:
            inner = _split(rest.rpartition(">")[0], ",")
            if head in TRANSPARENT:
                return doc_type(c, node, inner[0], depth + 1)
            if head in COLLECTIONS:
                element = doc_type(c, node, inner[0], depth + 1)
                return (*element, ITEMS) if element else ()
        if _DOTTED.match(head):
            return tuple(head.split("."))
        module = _IMPORT.match(head)
        if module is not None:
            return (_module(c, node, module.group(1)), *module.group(2).split(".")[1:])
        return ()
    return ()


def _split(text: str, separator: str) -> list[str]:
    """Parts of a type at a separator that stands outside of all brackets."""
    parts, depth, start = [], 0, 0
    for index, char in enumerate(text):
        if char in "<([{":
            depth += 1
        elif char in ">)]}":
            depth -= 1
        elif char == separator and depth <= 0:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]


def _module(c: Collector, node: Node, specifier: str) -> str:
    """Alias of a module that a comment names."""
    alias = f"doc({specifier})"
    _enter(c, node, ImportFact(specifier, "doc", alias=alias, condition="typing"))
    return alias


def _shaped(inner: str) -> bool:
    """Whether a type is written out, or left to the tags that follow."""
    bare = inner.strip()
    return bare in ("Object", "object") or (bare.startswith("{") and bare.endswith("}"))


def _members(c: Collector, node: Node, shape: str, inner: str) -> None:
    """Declare the members of a type that a comment writes out: `{a: A, b?: B}`."""
    bare = inner.strip()
    for part in re.split("[,;\n]", bare[1:-1]) if bare.startswith("{") else ():
        found = _MEMBER.match(part)
        if found is not None:
            kind = doc_type(c, node, found.group(2))
            c.declare(found.group(1), "field", shape, node, node, typed=kind)


def _define(c: Collector, node: Node, inner: str, name: str) -> None:
    module = _IMPORT.match(inner.strip())
    rest = module.group(2).split(".")[1:] if module is not None else []
    if module is not None and len(rest) == 1:
        names = ((rest[0], name),)
        _enter(c, node, ImportFact(module.group(1), "doc", names, condition="typing"))
    elif module is not None and not rest:
        _enter(c, node, ImportFact(module.group(1), "doc", alias=name, condition="typing"))
    else:
        kind = doc_type(c, node, inner)
        if kind and kind != (name,):
            c.declare(name, "type", "", node, node, typed=kind)


def _bring(c: Collector, node: Node, found: re.Match[str]) -> None:
    given, alias, specifier = found.groups()
    names = []
    for part in (given or "").split(","):
        name, _, local = part.strip().partition(" as ")
        if name:
            names.append((name.strip(), (local or name).strip()))
    _enter(c, node, ImportFact(specifier, "doc", tuple(names), alias or "", condition="typing"))


def _place(c: Collector, node: Node, specifier: str) -> tuple[int, int]:
    """Row inside a comment, and column from 1, of the tag that is being read or what it names."""
    text = c.text(node)
    at = text.find(specifier, c.tag_at)
    at = c.tag_at if at < 0 else at
    row = text.count("\n", 0, at)
    start = text.rfind("\n", 0, at) + 1
    return row, at - start + (c.place(node)[1] if not row else 1)


def _enter(c: Collector, node: Node, fact: ImportFact) -> None:
    row, column = _place(c, node, fact.specifier)
    key = (fact.specifier, fact.names, fact.alias)
    if key not in c.documented:
        c.documented.add(key)
        c.imports.append(
            ImportFact(
                *(fact.specifier, "doc", fact.names, fact.alias, 0, "typing", False),
                line=c.place(node)[0] + row,
                column=column,
            )
        )
