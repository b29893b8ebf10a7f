"""Macros that the grammars cannot read past, blanked out before parsing.

A grammar does not expand macros: `class API Client {` is a function to it. Words that can only be
attributes by their place and spelling become blanks, so every line and column stays.
"""

from __future__ import annotations

import re
from functools import partial

_CAPITALS = r"[A-Z][A-Z0-9_]{2,}"
_ARGUMENTS = r"(?:[ \t]*\((?:[^()\n]|\([^()\n]*\))*\))?"
_SPECIFIERS = "const|unsigned|signed|struct|long|static|inline|extern"
_RULES = (
    # class API Client : ..., struct ATTRIBUTE(x) node {
    (
        re.compile(
            rf"\b(?:class|struct|union|enum)\s+({_CAPITALS}{_ARGUMENTS})"
            r"(?=\s+[A-Za-z_]\w*\s*(?:final\s*)?(?::[^:]|\{|<))"
        ),
        1,
    ),
    # API int CALL name(...), at the beginning of a line.
    (
        re.compile(
            rf"^[ \t]*(?:extern\s+|static\s+)?({_CAPITALS}{_ARGUMENTS})"
            rf"(?=[ \t]+(?:(?:{_SPECIFIERS})\s+)*[A-Za-z_]\w*"
            r"[\s*&]+[A-Za-z_]\w*(?:[ \t]+[A-Za-z_]\w*)?\s*\()",
            re.M,
        ),
        1,
    ),
    (
        re.compile(
            rf"^[ \t]*(?:(?:{_SPECIFIERS}|[A-Z]\w+)[ \t]+)*(?!(?:{_SPECIFIERS})\b)\w+[ \t*&]+"
            rf"({_CAPITALS})(?=[ \t]+[A-Za-z_]\w*\s*\()",
            re.M,
        ),
        1,
    ),
    # name(...) ATTRIBUTE(x);
    (re.compile(rf"\)\s*(?:const\s*)?({_CAPITALS}{_ARGUMENTS})(?=\s*(?:;|\{{|override\b))"), 1),
    (re.compile(rf"\w[ \t]+({_CAPITALS}_BY[ \t]*\([^()\n]*\))(?=\s*[;=])"), 1),
    # Lines of their own: Q_OBJECT, BEGIN_DECLS, NAMESPACE_END(x)
    (
        re.compile(
            rf"^[ \t]*(\w*(?:DECLS|OBJECT|NAMESPACE|_BEGIN|_END|BEGIN_|END_|DISALLOW|DEPRECATED)\w*"
            rf"{_ARGUMENTS})[ \t]*$",
            re.M,
        ),
        1,
    ),
)
# int name OF((int argument));
_PROTOTYPE = re.compile(
    r"\b((?:OF|_P|__P|P_|PROTO|PARAMS|_ANSI_ARGS_)\s*\()(\([^;{}]*\))(\))(?=\s*[;,])"
)


def cleaned(text: str) -> str:
    """The text with such macros as blanks, of the same length."""
    text = _PROTOTYPE.sub(lambda match: _blank(match, (1, 3)), text)
    for pattern, group in _RULES:
        text = pattern.sub(partial(_blank, groups=(group,)), text)
    return text


def _blank(match: re.Match[str], groups: tuple[int, ...]) -> str:
    whole, start = match.group(0), match.start()
    for group in groups:
        first, last = match.start(group) - start, match.end(group) - start
        inner = re.sub(r"[^\n]", " ", whole[first:last])
        whole = whole[:first] + inner + whole[last:]
    return whole
