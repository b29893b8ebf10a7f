"""TypeScript that the grammar cannot read, spelled so that it can, every character in its place.

The grammar misses that a line break ends a call signature in front of the next one (`{ (a: A): B`
and below it `<T>(a: T): B }`), after which it loses whole files; the variance of type parameters
(`<in out T>`); members named `in`; and quoted backquotes in types. A semicolon takes the place of
a blank of the indentation, blanks and quotes take that of the others. Only files with errors are
read in this way, and only what leaves fewer of them is kept.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from glyphagent.dependencies.syntax import Parsed

_TOKEN = re.compile(
    r"""
    (?P<blank>//[^\n]*|/\*(?:.*?\*/|.*))
    |(?P<text>"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|`(?:[^`\\]|\\.)*`?)
    |(?P<start>(?<=\n)[ \t]+(?=[(<]|in\??:))
    |(?P<word>[\w$]+)
    |(?P<arrow>=>)
    |(?P<mark>[^\s\w$])
    """,
    re.VERBOSE | re.DOTALL,
)
_BEGINNING = re.compile(r"\n[ \t]+(?:[(<]|in\??:)|\\`")
_VARIANCE = re.compile(
    r"(?<=[<,\s])(?:in[ \t]+out|in|out)(?=[ \t]+(?!(?:extends|in|out)\b)[A-Za-z_$][\w$]*\s*"
    r"(?:\bextends\b|=(?!>)|,|>))"
)
_QUOTED = re.compile(r"\\.", re.DOTALL)
_BLANK = re.compile(r"[^\n]")
# What stands before the brace of an object type, but never before that of a block.
_BEFORE_TYPE = frozenset(":=|&<,(?")
_UNFINISHED = frozenset({"asserts", "extends", "infer", "is", "keyof", "readonly", "typeof"})
_ENDS_TYPE = frozenset(")]}>'\"`")


def parsed(path: str, text: str, grammar: str) -> Parsed:
    """A file's tree; that of a spelling which the grammar reads better, where there is one."""
    best = Parsed(path, text, grammar)
    if grammar == "javascript" or not best.root.has_error:
        return best
    mended = _with_ends(_VARIANCE.sub(lambda match: _BLANK.sub(" ", match.group()), text))
    if mended == text:
        return best
    other = Parsed(path, mended, grammar)
    return other if _lost(other.root) < _lost(best.root) else best


def _lost(root: Node) -> int:
    """How much of a tree is text that the grammar could not explain."""
    if not root.has_error:
        return 0
    lost, pending = 1, [root]
    while pending:
        node = pending.pop()
        if node.type == "ERROR":
            lost += node.end_byte - node.start_byte
        elif node.is_missing:
            lost += 1
        elif node.has_error:
            pending.extend(node.children)
    return lost


def _with_ends(text: str) -> str:
    """The text with a semicolon before each member of a type that begins a line, unless named."""
    if _BEGINNING.search(text) is None:
        return text
    places: list[int] = []
    quoted: list[int] = []
    # Open brackets, and whether each is the brace of a type.
    open_ones: list[bool] = []
    before = ""
    header = False
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "blank":
            continue
        if kind == "start":
            ended = before in _ENDS_TYPE or before == "word"
            if ended and open_ones and open_ones[-1]:
                places.append(match.end() - 1)
            continue
        if kind == "word":
            header = header or match.group() == "interface"
            before = "" if match.group() in _UNFINISHED else "word"
        elif kind == "mark":
            mark = match.group()
            if mark == "{":
                open_ones.append(header or before in _BEFORE_TYPE)
                header = False
            elif mark in "([":
                open_ones.append(False)
            elif mark in ")]}" and open_ones:
                open_ones.pop()
            before = mark
        else:
            before = match.group()[-1] if kind == "text" else "=>"
        if kind == "text" and match.group()[0] == "`":
            for each in _QUOTED.finditer(text, match.start(), match.end()):
                if each.group() == "\\`":
                    quoted.append(each.start())
    mended = list(text)
    for place in places:
        mended[place] = ";"
    for place in quoted:
        mended[place : place + 2] = "''"
    return "".join(mended)
