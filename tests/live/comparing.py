"""Whether a session is what a fresh one would be: documents, left-out paths, pages, their text."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from glyphagent.drawing import Drawing
from glyphagent.errors import GlyphError
from glyphagent.history import Changes
from glyphagent.page import Page, recover
from glyphagent.plugins import load
from glyphagent.session import Session
from glyphagent.snapshot import Snapshot
from glyphagent.sources import Source, SourceSet


def page_digest(page: Page) -> str:
    """BLAKE2b of all that a page is, source map and documents included."""
    digest = hashlib.blake2b(digest_size=16)
    shown = [(each.path, each.digest) for each in page.source_map.documents]
    head = (page.codes.shape, page.atlas, page.palette, page.layout, shown)
    digest.update(repr(head).encode("utf-8", "surrogateescape"))
    for array, kind in ((page.codes, "<u2"), (page.inks, "u1"), (page.source_map.spans, "<i4")):
        digest.update(np.ascontiguousarray(array, kind).tobytes())
    return digest.hexdigest()


def page_digests(pages: Iterable[Page]) -> list[str]:
    """The same of each page."""
    return [page_digest(page) for page in pages]


def unlike_source(snapshot: Snapshot, fresh: SourceSet) -> list[str]:
    """Where a snapshot is not what was just read."""
    found: list[str] = []
    held = {document.path: document.data for document in snapshot.made.everything}
    there = {document.path: document.data for document in fresh.documents}
    found += [f"missing: {path!r}" for path in sorted(there.keys() - held.keys())]
    found += [f"not there any more: {path!r}" for path in sorted(held.keys() - there.keys())]
    both = sorted(held.keys() & there.keys())
    found += [f"other bytes: {path!r}" for path in both if held[path] != there[path]]
    if not found and [each.path for each in snapshot.made.everything] != list(there):
        found.append("documents in another order")
    if snapshot.made.skipped != fresh.skipped:
        odd = set(snapshot.made.skipped) ^ set(fresh.skipped)
        found.append(f"left out: {sorted((each.path, each.reason) for each in odd)[:6]}")
    if snapshot.revision != fresh.revision:
        found.append(f"revision {snapshot.revision}, not {fresh.revision}")
    return found


def unlike_text(snapshot: Snapshot) -> list[str]:
    """Documents whose text the pages' source maps do not give back."""
    try:
        told = recover(snapshot.document_pages)
    except GlyphError as error:
        return [f"source map: {error}"]
    texts = {document.path: document.text for document in snapshot.made.documents}
    odd = [path for path in texts.keys() | told.keys() if texts.get(path) != told.get(path)]
    # A document without any character has no span.
    return [f"text on the pages: {path!r}" for path in sorted(odd) if texts.get(path) != ""]


def unlike_drawing(snapshot: Snapshot) -> list[str]:
    """Pages that a renderer without memory or store draws otherwise, for the same plan."""
    made = snapshot.made
    drawing = Drawing(load("renderers", "code")())
    fresh = drawing.draw(made.plan, snapshot.by_path, made.style)
    return unlike_pages(snapshot.document_pages, fresh)


def unlike_pages(pages: Sequence[Page], fresh: Sequence[Page]) -> list[str]:
    """Pages that differ in anything."""
    if len(pages) != len(fresh):
        return [f"{len(pages)} pages, not {len(fresh)}"]
    pairs = enumerate(zip(page_digests(pages), page_digests(fresh), strict=True))
    return [f"page {number} of {len(pages)}" for number, (one, other) in pairs if one != other]


def unlike_changes(changes: Changes, then: Snapshot, now: Snapshot) -> list[str]:
    """Where changes do not lead from one snapshot to another.

    Args:
        changes: What is said to differ.
        then: The older one.
        now: The newer one.
    """
    before = {path: document.data for path, document in then.by_path.items()}
    after = {path: document.data for path, document in now.by_path.items()}
    origin = {new: old for old, new in changes.renamed}
    gone = {*changes.removed, *origin.values()}
    # What a path is said to have been; a new one nothing.
    was = {path: None if path in changes.added else origin.get(path, path) for path in after}
    found = [f"gone, not told: {path!r}" for path in sorted(before.keys() - after.keys() - gone)]
    found += [f"told gone, not there: {path!r}" for path in sorted(gone - before.keys())]
    for path, old in was.items():
        same = old is not None and before.get(old) == after[path]
        if old is not None and old not in before:
            found.append(f"new, not told: {path!r}")
        elif old is not None and same == (path in changes.changed):
            found.append(f"said to be {'changed' if same else 'unchanged'}: {path!r}")
        elif old is None and path in before and path not in gone:
            found.append(f"said to be new: {path!r}")
    if (changes.since, changes.revision) != (then.revision, now.revision):
        found.append("changes between other revisions")
    pages = Counter(page.digest for page in now.pages)
    kept = (pages & Counter(page.digest for page in then.pages)).total()
    if (changes.pages_new, changes.pages_kept) != (len(now.pages) - kept, kept):
        found.append(f"{changes.pages_kept} pages kept, not {kept}")
    return found


def unlike(session: Session, root: Path, draw: bool = True) -> list[str]:
    """Every way in which a session is not what its source is now.

    Args:
        session: It must be at rest.
        root: The source.
        draw: Whether to draw all pages anew as well.
    """
    snapshot = session.snapshot
    found = unlike_source(snapshot, Source.open(root).read()) + unlike_text(snapshot)
    return found + unlike_drawing(snapshot) if draw else found
