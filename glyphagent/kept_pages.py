"""Which pages of the last drawing still hold: the same text, inks and neighbours, maybe moved.

A page is a function of what stands between its start and its reach (`stepwise.Step`). So a page
that starts at the same place of the same text is the same page if nothing up to its reach has
changed. After an edit that holds again from the first old page break behind it, where lines and
offsets of the source map have moved but no pixel has.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from glyphagent.document import Document
from glyphagent.page import DOCUMENT, LINE, TEXT_START, TEXT_STOP, Page, SourceMap
from glyphagent.stepwise import Coloured, Place, Step


@dataclass(frozen=True, eq=False)
class Run:
    """Documents that share pages, as they were drawn.

    Attributes:
        documents: The documents, in page order.
        shown: Path under which each is drawn.
        colours: Inks of each.
        steps: The pages, from the first to the last.
    """

    documents: tuple[Document, ...]
    shown: tuple[str, ...]
    colours: tuple[Coloured, ...] = ()
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class _Twin:
    """A document's older self.

    Attributes:
        number: Its number in the older run.
        same: Whether text and inks are equal.
        head: Characters at the start that are equal, with their inks.
        tail: Characters at the end that are equal, with their inks.
        longer: Characters that the document has more than its older self.
        lines: Lines that it has more.
    """

    number: int
    same: bool = True
    head: int = 0
    tail: int = 0
    longer: int = 0
    lines: int = 0


class KeptPages:
    """Pages of an older run, as pages of a newer one."""

    def __init__(self, old: Run, new: Run) -> None:
        """Compare both runs; the newer one has no steps yet."""
        self._old, self._new = old, new
        numbers = {path: number for number, path in enumerate(old.shown)}
        self._paths = {document.path: number for number, document in enumerate(old.documents)}
        self._twins = [
            None if path not in numbers else _twin(old, numbers[path], new, number)
            for number, path in enumerate(new.shown)
        ]
        # By start: number of the step, and whether what follows is free of what stands before.
        self._starts: dict[Place, tuple[int, bool]] = {}
        free = True
        for number, step in enumerate(old.steps):
            self._starts[step.start] = number, free
            free = step.free

    def at(self, place: Place, free: bool) -> Step | None:
        """The page that starts at a place of the newer run, if it is an old one.

        Args:
            place: Where it starts.
            free: Whether what follows the place is the same whatever text stands before it.
        """
        number, offset = place
        twin = self._twins[number]
        if twin is None:
            return None
        if twin.same or offset < twin.head:
            found = self._starts.get((twin.number, offset))
            if found and (step := self._old.steps[found[0]]) and self._holds(step, number, False):
                return self._moved(step, number, None)
        # Layouts may treat a document's start otherwise than any place within it, as to whether
        # others may share the page: what starts at one is never taken for what starts at another.
        within = offset and offset != twin.longer
        left = len(self._new.documents[number].text) - offset
        if free and within and not twin.same and left <= twin.tail:
            found = self._starts.get((twin.number, offset - twin.longer))
            if found and found[1]:
                step = self._old.steps[found[0]]
                if self._holds(step, number, True):
                    return self._moved(step, number, twin)
        return None

    def _holds(self, step: Step, number: int, in_tail: bool) -> bool:
        """Whether all that an old page follows from stands from a document of the run on."""
        last, end = step.reach
        shift = number - step.start[0]
        olds, news = len(self._old.documents), len(self._new.documents)
        if last >= olds and end and news != olds + shift:
            return False
        for old in range(step.start[0], last + (end > 0)):
            if old == olds:
                break
            if old + shift >= news:
                return False
            twin = self._twins[old + shift]
            if twin is None or twin.number != old:
                return False
            unread = in_tail and old == step.start[0]  # before the page's start
            if not (twin.same or unread or (old == last and end <= twin.head)):
                return False
        return True

    def _moved(self, step: Step, number: int, tail_of: _Twin | None) -> Step:
        """An old page, with the documents of the newer run and the offsets that they have now."""
        first = step.start[0]
        shift, longer = number - first, tail_of.longer if tail_of else 0
        page, spans = step.page, step.page.source_map.spans
        before = page.source_map.documents
        numbers = [self._paths[document.path] for document in before]
        now = tuple(self._new.documents[each + shift] for each in numbers)
        moved = tail_of is not None and (longer or tail_of.lines)
        if moved and tail_of is not None:
            spans = spans.copy()
            rows = numbers.index(first) == spans[:, DOCUMENT]
            spans[rows, TEXT_START] += longer
            spans[rows, TEXT_STOP] += longer
            spans[rows, LINE] += tail_of.lines
        if moved or any(one is not other for one, other in zip(before, now, strict=True)):
            page = with_source(page, SourceMap(now, spans))
        elif not shift:
            return step
        places = (
            _shifted(each, shift, first, longer) for each in (step.start, step.stop, step.reach)
        )
        start, stop, reach = places
        return Step(page, start, stop, reach, step.free)


def with_source(page: Page, source_map: SourceMap) -> Page:
    """The same page with another source map; what was computed of its pixels is kept."""
    made = replace(page, source_map=source_map)
    if "digest" in page.__dict__:
        made.__dict__["digest"] = page.digest
    return made


def _shifted(place: Place, documents: int, first: int, characters: int) -> Place:
    number, offset = place
    return number + documents, offset + characters if number == first else offset


def _twin(old: Run, older: int, new: Run, newer: int) -> _Twin:
    """How a document differs from its older self."""
    before, now = old.documents[older].text, new.documents[newer].text
    inks_before, inks_now = old.colours[older].inks, new.colours[newer].inks
    if before == now and (inks_before is inks_now or np.array_equal(inks_before, inks_now)):
        return _Twin(older)
    least = min(len(before), len(now))
    one, other = _points(before), _points(now)
    head = _agreeing((one[:least] == other[:least]) & (inks_before[:least] == inks_now[:least]))
    ends = one[len(one) - least :] == other[len(other) - least :]
    inks = inks_before[len(one) - least :] == inks_now[len(other) - least :]
    tail = _agreeing((ends & inks)[::-1])
    lines = now.count("\n") - before.count("\n")
    return _Twin(older, False, head, tail, len(now) - len(before), lines)


def _points(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def _agreeing(equal: npt.NDArray[np.bool_]) -> int:
    """How many are true before the first that is not."""
    return len(equal) if equal.all() else int(np.argmin(equal))
