"""A session: a source set held as pages, questions about it, and answers that were checked.

The only place that knows the whole road from source to answer. Wings are reached by plugin name.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from glyphagent import asking, outcomes
from glyphagent.answer import Answer
from glyphagent.cones import Cone, Wanted
from glyphagent.costs import costs
from glyphagent.dependencies import SymbolIndex
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.document import Document, Location, Skipped
from glyphagent.errors import BackendError, SourceError, StyleError
from glyphagent.focus import HOPS
from glyphagent.guard import Guard
from glyphagent.live_graph import LiveGraph
from glyphagent.manifest import Manifest
from glyphagent.outcomes import Changes, Estimate, Hit, Places
from glyphagent.page import Page
from glyphagent.plugins import Backend, Reader, installed, load
from glyphagent.profiles import Prices, Profile, profile_for, visual_tokens
from glyphagent.raster import png_bytes
from glyphagent.reading import PageReader, Reading, reading_store
from glyphagent.rendering import graph_of, render_source
from glyphagent.saving import save_pages
from glyphagent.sources import DEFAULT_OPTIONS, Source, SourceOptions
from glyphagent.style import Style
from glyphagent.targets import EMBEDDED, profile_of, styles_for
from glyphagent.tokens import TOKENIZER, count_text_tokens

Progress = Callable[[str, int, int], None]
"""Called with the stage, how much of it is done, and how much there is (0 if unknown)."""


class Session:
    """A source set held as pages.

    Use `Session.open`. Reading and rendering happen there; a model is loaded when it is asked.

    Attributes:
        source: Where the documents come from.
        documents: The documents on the pages, in page order: by folder and name, or in reading
            order where a part of the source is packed.
        undrawn: Documents that were read and are on no page, by folder and name.
        skipped: What was left out, and why.
        revision: State of the source.
        style: How the pages are drawn.
        pages: The pages, in order; those of the dependency map are the last ones.
        map_pages: How many of them are the dependency map's.
        cone: What was packed of the source; None if all of it was.
        backend_name: Name of the backend plugin.
        model: Model behind it.
        profile: The model's profile.
        lexers: What coloured each document.
        seconds: Wall time by stage: read, highlight, layout, paint, encode, total; analyse too,
            where the pages needed the dependency graph.
    """

    def __init__(
        self,
        source: Source,
        styles: Sequence[Style],
        profile: Profile,
        backend: str | Backend,
        model: str | None,
        wanted: Wanted,
        draw_map: bool,
        progress: Progress | None = None,
    ) -> None:
        """Hold nothing yet; `Session.open` reads and renders."""
        self.source = source
        self.style = styles[0]
        self.profile = profile
        self.backend_name = backend if isinstance(backend, str) else backend.name
        self.model = model or (EMBEDDED if backend == "local" else "")
        self.documents: tuple[Document, ...] = ()
        self.undrawn: tuple[Document, ...] = ()
        self.cone: Cone | None = None
        self.skipped: tuple[Skipped, ...] = ()
        self.pages: tuple[Page, ...] = ()
        self.revision, self.root, self.map_pages = "", "", 0
        self.seconds: dict[str, float] = {}
        self.lexers: dict[str, str] = {}
        self._asked_model = model
        self._styles, self._wanted, self._draw_map = styles, wanted, draw_map
        self._live = LiveGraph(progress, Path(source.root).name)
        self._live_read = LiveGraph(progress, Path(source.root).name)
        self._progress = progress or (lambda stage, done, total: None)
        self._by_path: dict[str, Document] = {}
        self._guard, self._places = Guard({}), Places(())
        self._backend: Backend | None = None if isinstance(backend, str) else backend
        self._held: tuple[tuple[int, ...], asking.Held] | None = None
        self._page_reader: PageReader | None = None
        self._read: tuple[Reading, SymbolIndex] | None = None

    @classmethod
    def open(
        cls,
        source: str | Path | Source,
        *,
        revision: str | None = None,
        backend: str | Backend = "local",
        model: str | None = None,
        preset: str | None = None,
        layout: str | None = None,
        style: Style | Sequence[Style] | None = None,
        options: SourceOptions | None = None,
        progress: Progress | None = None,
        cone: str | Sequence[str] = (),
        hops: int = HOPS,
        budget: int | None = None,
        dependency_map: bool | None = None,
    ) -> Session:
        """Read a source and render its pages.

        Args:
            source: Path of a folder, git repository or file, or a `Source`.
            revision: Git revision to read; nothing is checked out.
            backend: Name of the backend that will be asked, or a backend itself.
            model: Model for that backend; None for its default, which is the embedded reader.
            preset: How the pages look; None for what suits the model.
            layout: `flow` or `lines`.
            style: A style of your own, in place of preset and layout; or several, the most
                legible one first, of which a budget chooses.
            options: Limits and globs of the source, where `source` is a path.
            progress: Called as stages go on.
            cone: Files to pack with what they use and what uses them, and no others.
            hops: How far that reaches.
            budget: Most visual tokens of the documents' pages; what matters most is packed.
            dependency_map: Whether a map of who uses whom follows the last document's page; None
                for yes where a cone is packed.

        Raises:
            SourceError: If nothing readable is there, or a file of the cone is not.
            StyleError: If the style is wrong, or one that the embedded reader cannot read, or the
                budget does not hold the files of the cone.
            PluginError: If the backend is not installed.
        """
        if not isinstance(source, Source):
            source = Source.open(source, revision, options or DEFAULT_OPTIONS)
        elif revision is not None or options is not None:
            raise SourceError("a Source has its own revision and options: set them there")
        if isinstance(backend, str):
            if backend not in {plugin.name for plugin in installed("backends")}:
                load("backends", backend)  # says which there are
            profile = profile_of(backend, model)
        else:
            profile = profile_of(backend.name, model or backend.model)
        styles = [style] if isinstance(style, Style) else list(style or ())
        styles = styles or styles_for(profile, preset, layout, budget)
        for chosen in styles:
            if profile.name == EMBEDDED and not chosen.aligned:
                raise StyleError(
                    f"the embedded reader cannot read preset {chosen.preset!r}: its cells do not "
                    "divide the patch; use grid or grid-dense, or another --model"
                )
        wanted = Wanted((cone,) if isinstance(cone, str) else tuple(cone), hops, budget)
        with_map = bool(wanted.files) if dependency_map is None else dependency_map
        session = cls(source, styles, profile, backend, model, wanted, with_map, progress)
        session._render()
        return session

    def _render(self) -> None:
        made = render_source(
            self.source,
            self._styles,
            self.profile,
            self._live,
            self._progress,
            wanted=self._wanted,
            with_map=self._draw_map,
        )
        self.documents, self.undrawn, self.skipped = made.documents, made.undrawn, made.skipped
        self.revision, self.root, self.seconds = made.revision, made.root, made.seconds
        self.pages, self.map_pages = (*made.pages, *made.maps), len(made.maps)
        self.style, self.cone, self.lexers = made.style, made.cone, made.lexers
        self._by_path = {each.path: each for each in made.everything}
        self._guard = Guard(self._by_path, Path(self.source.root).name)
        self._places = Places(made.pages)
        self._held = None
        self._read = None

    @property
    def graph(self) -> DependencyGraph:
        """The dependency graph of all documents, analysed when first asked for, then kept up."""
        everything = tuple(self._by_path.values())
        return graph_of(self._live, everything, self.skipped, self.revision)

    def read_region(self, path: str, line_start: int, line_end: int) -> str:
        """Exact text of lines `line_start` to `line_end` of a document, both included.

        Raises:
            SourceError: If the document or the lines do not exist.
        """
        return outcomes.exact(self._by_path, path, line_start, line_end)

    def search(self, query: str, *, limit: int = 20) -> tuple[Hit, ...]:
        """Lines that hold `query`, letter case apart, in document order.

        Raises:
            SourceError: If the query is empty.
        """
        return outcomes.search(query, (*self.documents, *self.undrawn), self._places, limit)

    def page_png(self, page: int) -> bytes:
        """PNG file of a page, counted from 0.

        Raises:
            PageError: If there is no such page.
        """
        return png_bytes(outcomes.page_at(self.pages, page))

    def page_locations(self, page: int) -> list[Location]:
        """Which lines of which documents a page shows, in its order.

        Raises:
            PageError: If there is no such page.
        """
        return outcomes.page_at(self.pages, page).source_map.locations()

    def overview(self) -> str:
        """Folders and files with their lines and pages, and what was left out, as text."""
        estimate = self.estimate()
        title = (
            f"{self.root}: {len(self.documents)} documents on {len(self.pages)} pages, "
            f"{estimate.text_tokens:,} text tokens ({TOKENIZER}) in "
            f"{estimate.visual_tokens:,} visual tokens, revision {self.revision}"
        )
        if self.cone is not None:
            title += f"\n{self.cone.told}"
        if self.map_pages:
            title += f"\ndependency map: from page {len(self.pages) - self.map_pages} on"
        parts = self.documents, self.skipped, self._places, self.undrawn
        return outcomes.overview(title, *parts)

    def estimate(self, model: str | None = None, *, prices: Prices | None = None) -> Estimate:
        """What the source costs as text and as these pages, by a model's own formula.

        Args:
            model: Model id; None for this session's model.
            prices: What a million tokens cost; None for what the user's profiles say.

        Raises:
            PageError: If the user's file of profiles is damaged.
            BackendError: If the model is not named as text.
        """
        outcomes.check_model(model)
        profile = profile_for(model) if model else self.profile
        text = count_text_tokens(document.text for document in self.documents)
        named = model or self.model or profile.name
        return costs(named, profile, self.pages, len(self.documents), text, prices)

    def ask(
        self,
        question: str,
        *,
        max_tokens: int = 512,
        budget: int | None = None,
        whole: bool = False,
    ) -> Answer:
        """Answer a question, every citation checked against the source.

        The embedded reader answers from what it read off the pages, without a language model:
        where names are defined, signatures, docstrings, constants, imports, importers, calls,
        what a change reaches, cycles, contents. To anything else it gives passages and says that
        it does not reason. Any other model is sent the pages of what the question names and of its
        cone, within its limits, and the answer says so; all pages if they are few.

        Args:
            question: In plain words.
            max_tokens: Longest answer.
            budget: Most visual tokens of the pages that are sent.
            whole: Whether all pages are to be sent, if the model takes them.

        Raises:
            BackendError: If the model cannot be loaded or asked, or the question is empty.
        """
        begun = time.perf_counter()
        outcomes.check_question(question, max_tokens)
        backend = self._loaded()
        sent = tuple(range(len(self.pages)))
        costs = [visual_tokens(self.profile, p.width_px, p.height_px) for p in self.pages]
        if isinstance(backend, Reader) and not getattr(backend, "generates", False):
            sent = sent[: len(self.pages) - self.map_pages]
            reading, index = self._reading(backend)
            answer = asking.answer_by_reading(
                reading, index, question, self._by_path, lambda: self._live_read.of(reading.texts)
            )
        else:
            sent = asking.pages_to_send(
                question,
                costs,
                lambda: self.graph,
                self._places,
                limit=self.profile.max_images,
                budget=budget,
                maps=self.map_pages,
                whole=whole,
            )
            answer = self._ask_model(backend, sent, question, max_tokens)
        warnings = answer.warnings
        if self.cone is not None and self.undrawn:
            warnings = (*warnings, f"answered from a part of the source: {self.cone.told}")
        if len(sent) < len(self.pages) - self.map_pages:
            warnings = (*warnings, f"{len(sent)} of {len(self.pages)} pages were sent")
        return replace(
            answer,
            citations=tuple(self._places.placed(citation) for citation in answer.citations),
            backend=self.backend_name,
            model=self.model,
            visual_tokens=sum(costs[number] for number in sent),
            seconds=time.perf_counter() - begun,
            revision=self.revision,
            warnings=warnings,
            pages=sent,
        )

    def reading(self) -> Reading:
        """What the embedded reader reads on the pages.

        Raises:
            BackendError: If the backend does not read, or refuses a page.
        """
        backend = self._loaded()
        if not isinstance(backend, Reader):
            raise BackendError(f"backend {self.backend_name!r} does not read pages; use local")
        return self._reading(backend)[0]

    def _reading(self, reader: Reader) -> tuple[Reading, SymbolIndex]:
        if self._page_reader is None:
            self._page_reader = PageReader(reader, reading_store())
        if self._read is None:
            pages = self.pages[: len(self.pages) - self.map_pages]
            name = Path(self.source.root).name
            self._read = asking.read_source(self._page_reader, pages, name, self._progress)
        return self._read

    def _ask_model(
        self, backend: Backend, sent: tuple[int, ...], question: str, max_tokens: int
    ) -> Answer:
        if self._held is None or self._held[0] != sent:
            self._progress("prefill", 0, 0)
            self._held = sent, asking.hold(backend, [self.pages[n] for n in sent], self.documents)
        return asking.answer_by_model(
            self._held[1],
            question,
            max_tokens,
            self._guard,
            lambda done: self._progress("answer", done, 0),
        )

    def _loaded(self) -> Backend:
        if self._backend is None:
            make = load("backends", self.backend_name)
            backend: Backend = make(self._asked_model)
            self._backend = backend
            self.model = backend.model or self.model
        return self._backend

    def refresh(self) -> Changes:
        """Look at the source anew and render what changed.

        Raises:
            SourceError: If the source is gone; the session then stays as it was.
        """
        before, old_pages = self._by_path, self.pages
        self._render()
        return outcomes.changes(before, self._by_path, old_pages, self.pages, self.revision)

    def save(self, folder: str | Path) -> Manifest:
        """Write pages, `manifest.json`, `sidecar.txt` and an `index.html` to look at.

        Raises:
            PageError: If the folder cannot be written to; an older page set stays valid.
        """
        folder, begun = outcomes.folder_of(folder), time.perf_counter()
        manifest, spent = save_pages(
            folder,
            self.pages,
            documents=self.documents,
            skipped=self.skipped,
            style=self.style,
            revision=self.revision,
            source=self.root,
            text_tokens=self.estimate().text_tokens,
            profile=self.profile,
            on_page=lambda done: self._progress("write pages", done, len(self.pages)),
        )
        stages = ("read", "analyse", "highlight", "layout")
        rendered = sum(self.seconds.get(stage, 0.0) for stage in stages)
        self.seconds |= spent
        self.seconds["total"] = rendered + time.perf_counter() - begun
        return manifest
