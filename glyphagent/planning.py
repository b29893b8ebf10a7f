"""Which documents share pages, in which order, and under which path each is drawn.

A plan is fixed when a session opens and only mended afterwards, so that pages stay as they are:
what is new goes to the end, what is gone is left out, and nothing else moves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from types import MappingProxyType

from glyphagent.document import Document
from glyphagent.renames import folder_of, renamed, suffix_of

_NOBODY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Plan:
    """The order of all documents and how they share pages.

    Attributes:
        runs: Paths of one folder each that share pages, in page order.
        drawn_as: Path that the pages' headers show, for documents that were renamed since they
            were first drawn; no two documents are drawn under one path.
    """

    runs: tuple[tuple[str, ...], ...] = ()
    drawn_as: Mapping[str, str] = field(default_factory=lambda: _NOBODY)

    @property
    def paths(self) -> tuple[str, ...]:
        """All documents in page order."""
        return tuple(path for run in self.runs for path in run)

    def drawn(self, path: str) -> str:
        """Path under which a document is drawn."""
        return self.drawn_as.get(path, path)


def first_plan(documents: Iterable[Document]) -> Plan:
    """Plan that keeps the order given; neighbours of one folder share pages."""
    paths = (document.path for document in documents)
    return Plan(tuple(tuple(run) for _, run in groupby(paths, key=folder_of)))


def next_plan(
    plan: Plan,
    before: Mapping[str, Document],
    documents: Sequence[Document],
    undrawn: Collection[str] = (),
) -> Plan:
    """Plan for a new state of the documents that leaves as many pages alone as it can.

    1. Documents that are still there keep their place, edited or not.
    2. Documents that are gone are left out; a run of which nothing is left goes too.
    3. A document whose old path is gone and that has its bytes, or at least 60 % of its lines
       (`renames.renamed`), was renamed: it takes the place of the old one, as long as its run
       stays within one folder. Where a run's documents would lie in several folders, those in
       the run's own folder stay, or if none does those in the folder that most of them moved to;
       the others are new documents. So a folder that moves takes its runs along, a document
       alone in its run takes that along, and one that leaves the neighbours it shares pages with
       is new.
    4. A renamed document is drawn under the path that it was drawn under before, so that its
       pages stay as they are, unless a document of the new state has that path, or the suffix
       is another one (the language may be); it is then drawn under its own path, from then on.
    5. New documents come last in the order given, folder by folder; those in the folder of the
       last run come first among them and join it.

    Args:
        plan: The plan so far.
        before: The documents that it was made for, by path.
        documents: The documents of the new state, each path once.
        undrawn: Paths of documents that are there and on no page: nothing was renamed from them,
            and nothing is drawn under their names.
    """
    now = {document.path: document for document in documents}
    planned = plan.paths
    known = set(planned)
    there = now.keys() | set(undrawn)
    gone = [before[path] for path in planned if path not in there and path in before]
    fresh = [document for document in documents if document.path not in known]
    moved = {old: new for new, old in renamed(gone, fresh).items()} if gone and fresh else {}
    runs: list[tuple[str, ...]] = []
    drawn_as: dict[str, str] = {}
    placed: set[str] = set()
    for run in plan.runs:
        kept = _kept(run, now, moved)
        if kept:
            runs.append(tuple(new for _, new in kept))
            placed.update(runs[-1])
        for old, new in kept:
            shown = plan.drawn(old)
            if shown != new and shown not in there and suffix_of(shown) == suffix_of(new):
                drawn_as[new] = shown
    added = [document.path for document in documents if document.path not in placed]
    _append(runs, added)
    return Plan(tuple(runs), MappingProxyType(drawn_as) if drawn_as else _NOBODY)


def _kept(
    run: Sequence[str], now: Mapping[str, Document], moved: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Old and new path of the documents that stay in a run; the new ones are of one folder."""
    pairs = [(old, old if old in now else moved[old]) for old in run if old in now or old in moved]
    if not pairs:
        return []
    folders = Counter(folder_of(new) for _, new in pairs)
    own = folder_of(run[0])
    folder = own if own in folders else max(folders, key=lambda each: folders[each])
    return [(old, new) for old, new in pairs if folder_of(new) == folder]


def _append(runs: list[tuple[str, ...]], added: Sequence[str]) -> None:
    """Put new documents at the end, those of one folder together."""
    by_folder: dict[str, list[str]] = {}
    for path in added:
        by_folder.setdefault(folder_of(path), []).append(path)
    if runs:
        runs[-1] += tuple(by_folder.pop(folder_of(runs[-1][0]), ()))
    runs.extend(tuple(paths) for paths in by_folder.values())
