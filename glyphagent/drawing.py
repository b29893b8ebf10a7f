"""Pages of a plan, of which only those are drawn that have changed.

What the last drawing made is kept in memory, and what any process drew lies in a store on disk;
the rest is the renderer's work. The result is always the one that a fresh drawing would give.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace

from glyphagent.blobs import BlobStore
from glyphagent.document import Document
from glyphagent.kept_pages import KeptPages, Run, with_source
from glyphagent.page import Page, SourceMap
from glyphagent.page_records import PageRecords, Part, part_starts
from glyphagent.planning import Plan
from glyphagent.plugins import Renderer
from glyphagent.stepwise import Coloured, Place, Step, Stepwise
from glyphagent.style import Style


@dataclass(frozen=True, eq=False)
class _Job:
    """A run that is to be drawn, and what is known of it.

    Attributes:
        run: Its documents and drawn paths.
        shown: The documents under the paths that they are drawn under.
        old: The run of the last drawing that it comes from, if its pages are of use.
        colours: Inks of each document; None where they are not known.
        parts: Pages from the store, by the number of the document that they start with.
    """

    run: Run
    shown: tuple[Document, ...]
    old: Run | None
    colours: tuple[Coloured | None, ...]
    parts: Mapping[int, Part]

    @property
    def missing(self) -> list[Document]:
        """Documents whose inks are not known."""
        pairs = zip(self.shown, self.colours, strict=False)  # no colours without steps
        return [document for document, colour in pairs if colour is None]


class Drawing:
    """Draws plans again and again, and only what changed.

    A drawing that fails leaves the memory as it was. Not for several threads at once.

    Attributes:
        pages_drawn: Pages that the renderer made in the last drawing.
        pages_kept: Pages that were taken from the memory.
        pages_stored: Pages that came from the store.
        documents_drawn: Documents that were highlighted.
        lexers: What coloured each document, by path.
        seconds_highlighting: Wall time of the last drawing that went into highlighting.
        seconds_storing: Wall time that went into the store.
    """

    def __init__(self, renderer: Renderer, store: BlobStore | None = None) -> None:
        """Draw with a renderer, and keep pages in a store if there is one.

        A renderer that draws step by step (`stepwise.Stepwise`) is asked for single pages, and
        the store is used; any other one is asked for whole runs of documents that share pages.
        """
        self.renderer = renderer
        self.store = store
        self.lexers: dict[str, str] = {}
        self._clear_counters()
        self._style: Style | None = None
        self._where: dict[str, tuple[Run, int]] = {}
        self._records: PageRecords | None = None

    def _clear_counters(self) -> None:
        self.pages_drawn = self.pages_kept = self.pages_stored = self.documents_drawn = 0
        self.seconds_highlighting = self.seconds_storing = 0.0

    def draw(
        self,
        plan: Plan,
        documents: Mapping[str, Document],
        style: Style,
        on_document: Callable[[int], None] | None = None,
    ) -> tuple[Page, ...]:
        """The pages of a plan.

        Args:
            plan: Which documents share pages, and the paths that headers show.
            documents: The documents by path; those that are not in the plan are left out.
            style: How to draw them.
            on_document: Called with the number of documents that are done.
        """
        self._clear_counters()
        if self.store is None or not isinstance(self.renderer, Stepwise):
            self._records = None
        elif self._records is None or self._style != style:
            self._records = PageRecords(self.store, self.renderer.identity, style)
        jobs = [self._job(paths, plan, documents, style) for paths in plan.runs]
        missing = [each for job in jobs if isinstance(job, _Job) for each in job.missing]
        tell, done = on_document or (lambda done: None), 0
        runs: list[Run] = []
        with contextlib.closing(self._coloured(missing, style)) as colours:
            for job in jobs:
                if isinstance(job, Run):
                    runs.append(job)
                    self.pages_kept += len(job.steps)
                elif isinstance(self.renderer, Stepwise):
                    told = done

                    def one_more(step: int, told: int = told) -> None:
                        tell(told + step)

                    runs.append(self._stepped(job, self.renderer, colours, style, one_more))
                else:
                    runs.append(self._rendered(job, style))
                done += len(runs[-1].documents)
                tell(done)
        self._style = style
        self._where = {path: (run, n) for run in runs for n, path in enumerate(run.shown)}
        self.lexers = {
            document.path: colour.lexer
            for run in runs
            for document, colour in zip(run.documents, run.colours, strict=False)
        }
        return tuple(step.page for run in runs for step in run.steps)

    def _job(
        self, paths: Sequence[str], plan: Plan, documents: Mapping[str, Document], style: Style
    ) -> _Job | Run:
        """What there is to do for a run; the run of the last drawing if it is the same."""
        run = Run(tuple(documents[path] for path in paths), tuple(plan.drawn(p) for p in paths))
        known = [self._where.get(path) for path in run.shown]
        old = next((found[0] for found in known if found), None) if self._style == style else None
        if old and old.shown == run.shown and all(map(_is, old.documents, run.documents)):
            return old
        shown = tuple(map(_as_shown, run.documents, run.shown))
        if not isinstance(self.renderer, Stepwise):
            return _Job(run, shown, old, (), {})
        colours: list[Coloured | None] = [None] * len(shown)
        if self._style is not None and self._style.highlight == style.highlight:
            for number, found in enumerate(known):
                if found and found[0].documents[found[1]].text == shown[number].text:
                    colours[number] = found[0].colours[found[1]]
        parts = self._stored(run, shown, old, colours)
        return _Job(run, shown, old, tuple(colours), parts)

    def _stored(
        self,
        run: Run,
        shown: Sequence[Document],
        old: Run | None,
        colours: list[Coloured | None],
    ) -> dict[int, Part]:
        """Parts of a run that the store has, where inks are missing; fills in these inks."""
        parts: dict[int, Part] = {}
        if self._records is None:
            return parts
        begun = time.perf_counter()
        opening = {old.shown[number] for number in part_starts(old.steps)} if old else set()
        nearest, done = -1, 0
        for number, document in enumerate(shown):
            nearest = number if document.path in opening else nearest
            if colours[number] is not None or number < done:
                continue
            for start in (nearest, number) if done <= nearest < number else (number,):
                part = self._records.load(run, shown, start)
                if part is not None and part.stop > number:
                    parts[start] = part
                    for each in range(start, part.stop):
                        colours[each] = colours[each] or part.colours[each - start]
                    done = part.stop
                    break
        self.seconds_storing += time.perf_counter() - begun
        return parts

    def _coloured(
        self, documents: Sequence[Document], style: Style
    ) -> Generator[Coloured, None, None]:
        """Yield inks of documents, in order."""
        if documents and isinstance(self.renderer, Stepwise):
            for colour in self.renderer.colour(documents, style):
                self.documents_drawn += 1
                self.seconds_highlighting += colour.seconds
                yield colour

    def _stepped(
        self,
        job: _Job,
        renderer: Stepwise,
        colours: Generator[Coloured, None, None],
        style: Style,
        tell: Callable[[int], None],
    ) -> Run:
        """A run page by page: from the memory, else from the store, else from the renderer."""
        complete: list[Coloured] = []
        for known in job.colours:
            complete.append(next(colours) if known is None else known)
            if known is None:
                tell(len(complete))
        run = replace(job.run, colours=tuple(complete))
        kept = KeptPages(job.old, run) if job.old else None
        layout = renderer.run_layout(job.shown, lambda number: run.colours[number].inks, style)
        numbers = {document.path: number for number, document in enumerate(job.shown)}
        steps: list[Step] = []
        place: Place = (0, 0)
        free = True
        while place[0] < len(job.shown):
            found = kept.at(place, free) if kept else None
            if found is not None:
                self.pages_kept += 1
                steps.append(found)
            elif not place[1] and place[0] in job.parts:
                steps += job.parts[place[0]].steps
                self.pages_stored += len(job.parts[place[0]].steps)
            else:
                made = layout.page_from(place)
                steps.append(replace(made, page=_owned(made.page, numbers, run)))
                self.pages_drawn += 1
            place, free = steps[-1].stop, steps[-1].free
        run = replace(run, steps=tuple(steps))
        if self._records is not None:
            begun = time.perf_counter()
            self._records.save(run, job.shown)
            self.seconds_storing += time.perf_counter() - begun
        return run

    def _rendered(self, job: _Job, style: Style) -> Run:
        """A run as a renderer draws it that knows no steps."""
        numbers = {document.path: number for number, document in enumerate(job.shown)}
        if job.old and job.old.shown == job.run.shown and _same_texts(job.old, job.run):
            olds = {document.path: number for number, document in enumerate(job.old.documents)}
            pages = [_owned(step.page, olds, job.run) for step in job.old.steps]
            self.pages_kept += len(pages)
        else:
            drawn = self.renderer.render(job.shown, style)
            pages = [_owned(page, numbers, job.run) for page in drawn]
            self.pages_drawn += len(pages)
            self.documents_drawn += len(job.shown)
        end = len(job.shown)
        return replace(
            job.run, steps=tuple(Step(page, (0, 0), (end, 0), (end, 1), True) for page in pages)
        )


def _is(one: object, other: object) -> bool:
    return one is other


def _same_texts(one: Run, other: Run) -> bool:
    pairs = zip(one.documents, other.documents, strict=True)
    return all(first.text == second.text for first, second in pairs)


def _as_shown(document: Document, path: str) -> Document:
    return document if document.path == path else replace(document, path=path)


def _owned(page: Page, numbers: Mapping[str, int], run: Run) -> Page:
    """A page whose source map names the run's own documents."""
    before = page.source_map.documents
    now = tuple(run.documents[numbers[document.path]] for document in before)
    if all(map(_is, before, now)):
        return page
    return with_source(page, SourceMap(now, page.source_map.spans))
