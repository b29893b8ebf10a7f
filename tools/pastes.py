"""What in a person's message was pasted and not written: fenced blocks, runs of machine text.

Only what is found here may become page images; a person's own words always stay words. Judged by
the text alone, so that the same message gives the same pastes in every call.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([^\n`]*)")
_SUFFIXES = {
    "python": "py",
    "py": "py",
    "javascript": "js",
    "js": "js",
    "typescript": "ts",
    "ts": "ts",
    "json": "json",
    "yaml": "yaml",
    "bash": "sh",
    "sh": "sh",
    "console": "txt",
    "diff": "diff",
    "rust": "rs",
    "go": "go",
    "java": "java",
    "c": "c",
    "cpp": "cpp",
    "html": "html",
    "css": "css",
    "sql": "sql",
}
# Line starts and ends of code, logs, listings and diffs that prose does not have.
_MACHINE = re.compile(
    r"[ \t]{2,}\S|\t"
    r"|(?:diff |@@ |index |\+\+\+ |--- |[+-]\S|\$ |>>> |\.\.\. |# ?include|//|/\*|#!|@\w)"
    r"|(?:import|from|def|class|func|fn|var|let|const|return|if|for|while|else|elif|try|except"
    r"|public|private|static|struct|enum|package|use|export|async|with) .*[:;{(=\"'\w]$"
    r"|\[?\d{4}-\d\d-\d\d[T ]|\[?\d\d:\d\d:\d\d|(?:[\w.-]+/)*[\w.-]+:\d+"
    r"|Traceback|(?:FAILED|PASSED|ERROR|WARN(?:ING)?|INFO|DEBUG|E  )\b"
    r"|[\w.-]+ ?[=:] ?\S|[\])}]|[ \t]*[\"'\d\[{-].*,$"
    r"|.*[;{}\\=|]$|.*\)$|.*\w\(.*\w"
)
# Sentences, and items of lists, which people write with indents too.
_PROSE = re.compile(
    r"[A-Z]?[\w'\u2019,-]+(?: [\w'\u2019(),\"-]+){5,}[.?!:]?$|[ \t]*(?:[-*+]|\d+[.)]) "
)
_LONG_LINE = 2000  # characters; such a line is judged by its signs: a person's has few
_SIGNS = '{}[]()<>"=:/\\_|&;%#@*+$0123456789'
_LEAST_SIGNS = 0.08
_GAP = 3  # lines of another kind that a run may hold at a stretch
_LEAST_LINES = 20
_LINE = 100  # characters; a long line counts as so many as it would make
_LEAST_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Paste:
    """A pasted part of a message.

    Attributes:
        start: Offset of its first character in the message, fence included.
        stop: Offset after its last character, fence included.
        text: What was pasted, without fences.
        path: A name whose suffix tells what it is.
    """

    start: int
    stop: int
    text: str
    path: str


def find_pastes(text: str, least_characters: int) -> tuple[Paste, ...]:
    """Pasted parts of at least this length, in order, none overlapping.

    Args:
        text: A person's message.
        least_characters: Shorter parts are not worth a look.
    """
    if len(text) < least_characters:
        return ()
    found: list[Paste] = []
    written = 0
    for fenced in _fenced(text):
        found += _plain(text, written, fenced.start)
        found.append(fenced)
        written = fenced.stop
    found += _plain(text, written, len(text))
    return tuple(paste for paste in found if len(paste.text) >= least_characters)


def _lines(text: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of each line, its feed included."""
    while start < stop:
        feed = text.find("\n", start, stop)
        end = stop if feed < 0 else feed + 1
        yield start, end
        start = end


def _fenced(text: str) -> Iterator[Paste]:
    """Yield fenced blocks; one that is never closed ends with the message.

    Source: CommonMark 0.31.2, section 4.5.
    """
    opened, inner, fence, info = -1, 0, "", ""
    for start, stop in _lines(text, 0, len(text)):
        found = _FENCE.match(text, start, stop)
        if opened < 0:
            if found:
                opened, inner, fence, info = start, stop, found[1], found[2].strip()
        elif found and found[1].startswith(fence) and not found[2].strip():
            yield Paste(opened, stop, text[inner:start], _path(info))
            opened = -1
    if opened >= 0:
        yield Paste(opened, len(text), text[inner:], _path(info))


def _plain(text: str, start: int, stop: int) -> Iterator[Paste]:
    """Yield runs of lines that a machine wrote, outside fences."""
    run: list[tuple[int, int]] = []
    machine = lines = gap = 0
    kept = (0, 0, 0)  # lines of the run up to its last machine line, and how many are which
    for begin, end in [*_lines(text, start, stop), (stop, stop)]:
        line = text[begin:end].rstrip()
        is_machine = _is_machine(line)
        if is_machine:
            run.append((begin, end))
            weight = len(line) // _LINE if len(line) > _LONG_LINE else 1
            machine, lines, gap = machine + weight, lines + weight, 0
            kept = (len(run), machine, lines)
        elif run:
            run.append((begin, end))
            lines, gap = lines + bool(line), gap + bool(line)
        if run and (gap > _GAP or begin == stop):
            count, marked, full = kept
            if full >= _LEAST_LINES and marked >= full * _LEAST_SHARE:
                first, last = run[0][0], run[count - 1][1]
                yield Paste(first, last, text[first:last], "paste.txt")
            run, machine, lines, gap, kept = [], 0, 0, 0, (0, 0, 0)


def _is_machine(line: str) -> bool:
    """Whether a line looks like code, a log, a listing or a diff."""
    if len(line) > _LONG_LINE:
        return sum(map(line.count, _SIGNS)) > _LEAST_SIGNS * len(line)
    return bool(_MACHINE.match(line)) and not _PROSE.match(line)


def _path(info: str) -> str:
    """Name for a block after its info string, which may be a language or a file's name."""
    word = (info.split() or [""])[0]
    if "." in word or "/" in word:
        return word
    return f"paste.{_SUFFIXES.get(word.lower(), 'txt')}"
