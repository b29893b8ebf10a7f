"""What differs between two states of a source set: files, and the lines of each.

Pure functions of the texts, so a revision is compared with a revision or with the working tree in
the same way, without asking git for a difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Lines = tuple[tuple[int, int], ...]
"""Ranges of lines from 1, both ends included."""

# Comparing costs the product of both sides in the worst case. Beyond this many lines on a side,
# after what is equal at both ends is taken off, all that is left counts as changed.
_MOST_LINES = 4000
_NOW, _BEFORE = "not read now", "not read before"


@dataclass(frozen=True, slots=True)
class Change:
    """One file that differs.

    Attributes:
        path: Its path, the new one if it moved.
        status: `added`, `removed`, `changed`, `moved` (same text elsewhere), or `unread`: there
            in both states, but not read in one, so whether and where it differs is unknown.
        lines: Changed lines of the new text; where lines were only removed, the two around them.
        old_lines: Changed lines of the old text, alike.
        old_path: Where a moved file was.
        reason: Of an `unread` one, in which state it was not read, and why.
    """

    path: str
    status: Literal["added", "removed", "changed", "moved", "unread"]
    lines: Lines = ()
    old_lines: Lines = ()
    old_path: str = ""
    reason: str = ""

    @property
    def unread_now(self) -> bool:
        """Whether it was read before and is not now."""
        return self.status == "unread" and self.reason.startswith(_NOW)


def find_changes(
    old: Mapping[str, str],
    new: Mapping[str, str],
    *,
    old_skipped: Mapping[str, str] | None = None,
    new_skipped: Mapping[str, str] | None = None,
) -> tuple[Change, ...]:
    """Every file that differs, sorted by path.

    Args:
        old: Text of each document before, by path.
        new: Text of each document now.
        old_skipped: Why each file was not read that was there before, by path.
        new_skipped: Why each file is not read that is there now.
    """
    unread = [
        *(
            Change(p, "unread", reason=f"{_NOW} ({why})", old_lines=_all(old[p]))
            for p, why in (new_skipped or {}).items()
            if p in old and p not in new
        ),
        *(
            Change(p, "unread", reason=f"{_BEFORE} ({why})", lines=_all(new[p]))
            for p, why in (old_skipped or {}).items()
            if p in new and p not in old
        ),
    ]
    apart = {change.path for change in unread}
    old = {path: text for path, text in old.items() if path not in apart}
    new = {path: text for path, text in new.items() if path not in apart}
    gone: dict[str, list[str]] = defaultdict(list)
    for path in sorted(old.keys() - new.keys(), reverse=True):
        gone[old[path]].append(path)
    found = unread
    for path in sorted(new):
        text = new[path]
        if path not in old:
            if text.strip() and gone.get(text):
                before = gone[text].pop()
                found.append(Change(path, "moved", old_path=before))
            else:
                found.append(Change(path, "added", _all(text)))
        elif old[path] != text:
            lines, old_lines = _differing(old[path].splitlines(), text.splitlines())
            found.append(Change(path, "changed", lines, old_lines))
    removed = [path for paths in gone.values() for path in paths]
    found += [Change(path, "removed", old_lines=_all(old[path])) for path in removed]
    return tuple(sorted(found, key=lambda change: change.path))


def _all(text: str) -> Lines:
    count = len(text.splitlines())
    return ((1, count),) if count else ()


def _differing(old: list[str], new: list[str]) -> tuple[Lines, Lines]:
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    was, now = old[head : len(old) - tail], new[head : len(new) - tail]
    if max(len(was), len(now)) > _MOST_LINES:
        blocks = [(0, len(was), 0, len(now))]
    else:
        matcher = SequenceMatcher(None, was, now, autojunk=False)
        blocks = [code[1:] for code in matcher.get_opcodes() if code[0] != "equal"]
    old_lines = [_span(head + a, head + b, len(old)) for a, b, _, _ in blocks]
    lines = [_span(head + c, head + d, len(new)) for _, _, c, d in blocks]
    return tuple(each for each in lines if each), tuple(each for each in old_lines if each)


def _span(begin: int, end: int, count: int) -> tuple[int, int] | None:
    """Lines of a half-open range from 0; of an empty one the lines on both sides of it."""
    if begin < end:
        return (begin + 1, end)
    return (max(begin, 1), min(begin + 1, count)) if count else None
