"""What the layout of an answer says of a part: the row before a block, the head of a column."""

from __future__ import annotations

import re

_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*\Z")
_LISTED = re.compile(r"(?:`[^`\n]{1,80}`(?:\s|,|and\b|or\b)*)+`?\Z")
_LONGEST_LIST = 4000
_MOST_ROWS = 200
_FARTHEST = 2000
_NEAR = 120


def intro(text: str, place: int) -> str:
    """The last row of prose before the block of code that holds a place."""
    fence = max(text.rfind("```", 0, place), text.rfind("~~~", 0, place))
    rows = [
        row for row in text[max(fence - _FARTHEST, 0) : max(fence, 0)].split("\n") if row.strip()
    ]
    if not rows or rows[-1].lstrip().startswith(("```", "~~~")):
        return ""
    return rows[-1]


def before_list(text: str, place: int) -> str:
    """What stands before a list of things in code, of which a place is in the last; or nothing."""
    row = max(text.rfind("\n", 0, place) + 1, place - _LONGEST_LIST)
    found = _LISTED.search(text, row, place)
    return text[max(row, found.start() - _NEAR) : found.start()] if found else ""


def header_over(text: str, place: int) -> str:
    """The head of the table column that a place is in; empty outside of tables."""
    start = text.rfind("\n", 0, place) + 1
    if not text[start:place].lstrip().startswith("|"):
        return ""
    column = len(re.findall(r"(?<!\\)\|", text[start:place]))
    rows = text[max(start - 100 * _MOST_ROWS, 0) : start].rstrip("\n").split("\n")[-_MOST_ROWS:]
    for number in range(len(rows) - 1, 0, -1):
        if not rows[number].lstrip().startswith("|"):
            return ""
        if _RULE.match(rows[number]):
            cells = re.split(r"(?<!\\)\|", rows[number - 1])
            return cells[column].strip() if column < len(cells) else ""
    return ""
