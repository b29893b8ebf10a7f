"""What changed between states of a source: documents, pages, names.

A history keeps how to get from each state back to the one before it, not the states themselves,
so it stays small however large the source is.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from glyphagent.document import Document, Skipped
from glyphagent.errors import SourceError

_MOST_STATES = 256


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between two states of a source and their pages.

    A renamed document is in `renamed`, and in `changed` too if its bytes are others now.

    Attributes:
        added: Paths that are new.
        changed: Paths whose bytes changed.
        removed: Paths that are gone.
        pages_new: Pages that are not as they were before.
        pages_kept: Pages that are as they were, byte for byte.
        revision: State of the source now.
        since: State that it is compared with.
        renamed: Pairs of an old and a new path.
        skipped: What is left out now and was not then.
        new_pages: Numbers, from 0, of the pages that are new.
        pages_removed: Pages that were there before and are no more.
        prefix_kept: Pages, from the first on, that are the same in the same places: what a
            provider's prompt cache still holds.
        moved: Whether a page that was kept has another number now.
        seconds: Time that the refresh took; 0 where states were compared later.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    pages_new: int
    pages_kept: int
    revision: str
    since: str = ""
    renamed: tuple[tuple[str, str], ...] = ()
    skipped: tuple[Skipped, ...] = ()
    new_pages: tuple[int, ...] = ()
    pages_removed: int = 0
    prefix_kept: int = 0
    moved: bool = False
    seconds: float = 0.0

    def __bool__(self) -> bool:
        """Whether anything differs."""
        documents = self.added or self.changed or self.removed or self.renamed or self.skipped
        return bool(documents or self.pages_new or self.pages_removed or self.moved)


@dataclass(frozen=True, slots=True)
class State:
    """What is compared of a state.

    Attributes:
        revision: State of the source.
        documents: Digest of each document's bytes, by path, in order.
        pages: Digest of each page, in order.
        skipped: What was left out.
    """

    revision: str
    documents: Mapping[str, str]
    pages: tuple[str, ...]
    skipped: tuple[Skipped, ...]

    @classmethod
    def of(
        cls,
        revision: str,
        documents: Mapping[str, Document],
        pages: Sequence[str],
        skipped: tuple[Skipped, ...],
    ) -> State:
        """The state of these documents and page digests."""
        digests = {path: document.content_digest for path, document in documents.items()}
        return cls(revision, digests, tuple(pages), skipped)


def compare(before: State, now: State, renamed: Mapping[str, str]) -> Changes:
    """What differs between two states.

    Args:
        before: The old one.
        now: The new one.
        renamed: New path by old path.
    """
    pairs = tuple(
        (old, new)
        for old, new in renamed.items()
        if old in before.documents and new in now.documents and old != new
    )
    origin = {new: old for old, new in pairs}
    gone = {old for old, _ in pairs}
    added, changed = [], []
    for path, digest in now.documents.items():
        known = before.documents.get(origin.get(path, path))
        if path not in origin and (known is None or path in gone):
            added.append(path)
        elif known != digest:
            changed.append(path)
    old_pages = Counter(before.pages)
    kept = old_pages & Counter(now.pages)
    fresh = tuple(number for number, page in enumerate(now.pages) if page not in old_pages)
    prefix = 0
    for old, new in zip(before.pages, now.pages, strict=False):
        if old != new:
            break
        prefix += 1
    count = kept.total()
    left_out = set(before.skipped)
    return Changes(
        added=tuple(added),
        changed=tuple(changed),
        removed=tuple(p for p in before.documents if p not in now.documents and p not in gone),
        pages_new=len(now.pages) - count,
        pages_kept=count,
        revision=now.revision,
        since=before.revision,
        renamed=pairs,
        skipped=tuple(skip for skip in now.skipped if skip not in left_out),
        new_pages=fresh,
        pages_removed=len(before.pages) - count,
        prefix_kept=prefix,
        moved=any(
            page in old_pages and before.pages[number : number + 1] != (page,)
            for number, page in enumerate(now.pages)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Step:
    """The way from a state back to the one before.

    Attributes:
        revision: Of the state before.
        documents: Digest there of what differs, None for what was not there.
        after: Digest after the step of what differs; without what is not there then.
        pages: Its pages.
        skipped: What was left out there.
        renamed: New path by old path, on the way forward.
    """

    revision: str
    documents: Mapping[str, str | None]
    after: Mapping[str, str]
    pages: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    renamed: Mapping[str, str]


class History:
    """The last states of a source, as far back as `most`.

    Attributes:
        now: The newest state.
    """

    def __init__(self, now: State, most: int = _MOST_STATES) -> None:
        """Begin with a state.

        Args:
            now: The first state.
            most: States that are remembered before it.
        """
        self.now = now
        self._steps: deque[_Step] = deque(maxlen=most)

    def __copy__(self) -> History:
        """A history that stays as this one is now."""
        made = History(self.now)
        made._steps = self._steps.copy()
        return made

    @property
    def revisions(self) -> tuple[str, ...]:
        """Revisions that changes can be told since, the oldest first."""
        return (*(step.revision for step in self._steps), self.now.revision)

    def add(self, state: State, renamed: Mapping[str, str], seconds: float = 0.0) -> Changes:
        """Go on to the next state; gives what differs from the one before.

        Args:
            state: The next state; the newest one itself if nothing changed.
            renamed: New path by old path.
            seconds: Time that it took.
        """
        before = self.now
        if state is before:
            return replace(compare(before, state, {}), seconds=seconds)
        paths = before.documents.keys() | state.documents.keys()
        undo = {
            path: before.documents.get(path)
            for path in paths
            if before.documents.get(path) != state.documents.get(path)
        }
        after = {path: state.documents[path] for path in undo if path in state.documents}
        self._steps.append(
            _Step(before.revision, undo, after, before.pages, before.skipped, dict(renamed))
        )
        self.now = state
        return replace(compare(before, state, renamed), seconds=seconds)

    def since(self, revision: str) -> Changes:
        """What differs between a state and the newest one.

        A revision tells documents apart, not pages. Of several states of one revision that one is
        meant which has least in common with now, so that whoever knows any of them is told all.

        Raises:
            SourceError: If the revision is not remembered.
        """
        steps = list(self._steps)
        known = [number for number, step in enumerate(steps) if step.revision == revision]
        if not known and revision != self.now.revision:
            raise SourceError(
                f"no state {revision!r} is remembered (the last {len(steps) + 1} are, the oldest "
                f"is {self.revisions[0]}): look at the overview anew"
            )
        found = [self._since(steps[number:]) for number in known]
        if revision == self.now.revision:
            found.append(compare(self.now, self.now, {}))
        return min(found, key=lambda each: (each.prefix_kept, each.pages_kept))

    def _since(self, steps: Sequence[_Step]) -> Changes:
        """What differs between the state before some last steps and the newest one."""
        documents = dict(self.now.documents)
        for step in reversed(steps):
            for path, digest in step.documents.items():
                if digest is None:
                    documents.pop(path, None)
                else:
                    documents[path] = digest
        then = State(steps[0].revision, documents, steps[0].pages, steps[0].skipped)
        return compare(then, self.now, _joined(steps, then, self.now))


def _joined(steps: Sequence[_Step], then: State, now: State) -> dict[str, str]:
    """New path by old path over several steps."""
    origin: dict[str, str | None] = {}  # what a path of the step is called in the first state
    for step in steps:
        moved = {new: origin.get(old, old) for old, new in step.renamed.items()}
        for path, digest in step.documents.items():
            if path not in step.after:
                origin.pop(path, None)
            elif digest is None:
                # What comes under a path that was free is the first state's only if it is equal.
                origin[path] = path if step.after[path] == then.documents.get(path) else None
        origin |= moved
    return {
        old: new
        for new, old in origin.items()
        if old is not None
        and old != new
        and old in then.documents
        and new in now.documents
        # A path that came back under its old name was not renamed after all.
        and now.documents.get(old) != then.documents[old]
    }
