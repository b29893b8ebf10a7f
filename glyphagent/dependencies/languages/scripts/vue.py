"""The script blocks of a Vue single-file component, at the places where they stand in the file."""

from __future__ import annotations

import re

_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_LANG = re.compile(r"""\blang\s*=\s*["']?(\w+)""")
_SOURCE = re.compile(r"""\bsrc\s*=\s*["']([^"']+)["']""")
_NOT_A_BREAK = re.compile(r"[^\n]")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def scripts(text: str) -> tuple[str, str, list[tuple[int, str]]]:
    """Give the scripts of a component alone, every character in its place.

    Returns:
        The text with all but the scripts blanked out, the grammar that reads it, and pairs of a
        line from 1 and the file that a script is kept in (`<script src>`).
    """
    bare = _COMMENT.sub(lambda match: _NOT_A_BREAK.sub(" ", match.group()), text)
    parts: list[str] = []
    sources: list[tuple[int, str]] = []
    languages: set[str] = set()
    at = 0
    for match in _SCRIPT.finditer(bare):
        found = _LANG.search(match.group(1))
        languages.add(found.group(1).lower() if found else "js")
        source = _SOURCE.search(match.group(1))
        if source is not None:
            sources.append((bare.count("\n", 0, match.start()) + 1, source.group(1)))
        parts.append(_NOT_A_BREAK.sub(" ", text[at : match.start(2)]))
        # A block's last statement needs no semicolon; the next block's first is a new one.
        parts.append(text[match.start(2) : match.end(2)])
        at = match.end(2)
    parts.append(_NOT_A_BREAK.sub(" ", text[at:]))
    grammar = "tsx" if "tsx" in languages else "typescript" if "ts" in languages else "javascript"
    return "".join(parts), grammar, sources
