"""Which new documents are old ones under another path: equal bytes first, then similar lines.

Only documents whose old path is gone are candidates, as in git; a copy is a new document. What a
rename means for pages is `planning`'s business.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice, product, takewhile

from glyphagent.document import Document

# Source: git-diff(1), -M: by default half of a file must be the same; 60 % pairs fewer strangers.
_LEAST_SIMILAR = 0.6
# Pairs that are compared line by line in one refresh; a branch checkout may offer millions.
_MOST_COMPARED = 400
# Above so many pairs only documents of one name are paired at all.
_MOST_PAIRS = 50_000


def renamed(gone: Sequence[Document], new: Sequence[Document]) -> dict[str, str]:
    """New path to old path of each document that was renamed or moved, each used once.

    Equal bytes are paired first: longest common end of both paths, then same suffix, then any.
    Then come documents that share at least 60 % of their lines, counted in characters of the
    longer one, the most similar first. Empty documents are the same only if their names are. The
    work is bounded: of very many documents only those of one name are compared, and at most a
    few hundred pairs.
    """
    found: dict[str, str] = {}
    _equal(gone, new, found)
    olds = set(found.values())
    left = {d.path: d for d in gone if d.path not in olds and d.text}
    rest = [document for document in new if document.path not in found and document.text]
    for old, path in _similar(list(left.values()), rest):
        if old in left and path not in found:
            found[path] = old
            del left[old]
    return found


def _unlikeness(old: str, new: str) -> tuple[bool, bool, int]:
    """How little two paths are alike: name, suffix, folders in common from the right."""
    folders = zip(reversed(old.split("/")[:-1]), reversed(new.split("/")[:-1]), strict=False)
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], folders))
    return name_of(old) != name_of(new), suffix_of(old) != suffix_of(new), -common


def name_of(path: str) -> str:
    """Last part of a path."""
    return path.rpartition("/")[2]


def folder_of(path: str) -> str:
    """All but the last part of a path; empty at the root."""
    return path.rpartition("/")[0]


def suffix_of(path: str) -> str:
    """What tells a document's language: its suffix, or its whole name if it has none."""
    stem, dot, suffix = name_of(path).rpartition(".")
    return f".{suffix}" if dot and stem else name_of(path)


def _equal(gone: Sequence[Document], new: Sequence[Document], found: dict[str, str]) -> None:
    """Pair equal bytes: longest common end of both paths first, then suffix, then whatever.

    Empty files and licences come by the thousand, so pairs are looked up, never tried.
    """
    deepest = max((document.path.count("/") for document in gone), default=0) + 1
    keys: list[Callable[[str], str]] = [partial(_tail, parts=n) for n in range(deepest, 0, -1)]
    taken: set[str] = set()
    for key in (*keys, suffix_of, lambda path: ""):
        if len(taken) == len(gone):
            return
        waiting: dict[object, deque[str]] = {}
        for document in gone:
            if document.path not in taken:
                waiting.setdefault(_told(document, key), deque()).append(document.path)
        for document in new:
            nameless = key not in keys and not document.text
            if document.path in found or nameless:
                continue
            if olds := waiting.get(_told(document, key)):
                found[document.path] = olds.popleft()
                taken.add(found[document.path])


def _tail(path: str, parts: int) -> str:
    return "/".join(path.split("/")[-parts:])


def _told(document: Document, key: Callable[[str], str]) -> object:
    return key(document.path), document.encoding, document.bom, document.text


def _similar(gone: Sequence[Document], new: Sequence[Document]) -> Iterator[tuple[str, str]]:
    """Pairs of old and new path that share enough lines, the most similar first."""
    chosen = []
    for one, other in islice(_candidates(gone, new), _MOST_PAIRS):
        less, more = sorted((len(one.text), len(other.text)))
        if less >= _LEAST_SIMILAR * more:
            promise = (*_unlikeness(one.path, other.path), more - less)
            chosen.append((promise, one.path, other.path, one, other))
    chosen.sort(key=lambda each: each[:3])
    lines: dict[str, Counter[str]] = {}
    ranked = []
    for promise, old, path, one, other in chosen[:_MOST_COMPARED]:
        shared = _lines(one, f"old {old}", lines) & _lines(other, f"new {path}", lines)
        size = sum(len(line) * count for line, count in shared.items())
        similarity = size / max(len(one.text), len(other.text))
        if similarity >= _LEAST_SIMILAR:
            ranked.append((-similarity, promise, old, path))
    for _, _, old, path in sorted(ranked):
        yield old, path


def _candidates(
    gone: Sequence[Document], new: Sequence[Document]
) -> Iterator[tuple[Document, Document]]:
    """Pairs worth a look: all, or of very many those of one name."""
    if len(gone) * len(new) <= _MOST_PAIRS:
        yield from product(gone, new)
        return
    by_name: dict[str, list[Document]] = {}
    for one in gone:
        by_name.setdefault(name_of(one.path), []).append(one)
    for other in new:
        for one in by_name.get(name_of(other.path), ()):
            yield one, other


def _lines(document: Document, key: str, known: dict[str, Counter[str]]) -> Counter[str]:
    """How often each line stands in a document, line ends included."""
    if key not in known:
        known[key] = Counter(document.text.splitlines(keepends=True))
    return known[key]
