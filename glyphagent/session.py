"""A session: a source set held as pages, questions about it, and answers that were checked.

The only place that knows the whole road from source to answer. Wings are reached by plugin name.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from glyphagent import outcomes
from glyphagent.answer import Answer, Citation
from glyphagent.asking import answer_by_model, answer_by_reading, hold
from glyphagent.contact_sheet import write_contact_sheet
from glyphagent.costs import costs
from glyphagent.dependencies import SymbolIndex, extract_all
from glyphagent.document import Document, Location, Skipped
from glyphagent.errors import BackendError, PageError, SourceError, StyleError
from glyphagent.guard import Guard
from glyphagent.outcomes import Changes, Estimate, Hit, Places
from glyphagent.page import Page
from glyphagent.plugins import Backend, Reader, installed, load
from glyphagent.profiles import Prices, Profile, profile_for, visual_tokens
from glyphagent.raster import palette_pixels, palette_png, png_bytes
from glyphagent.reading import PageReader, Reading, read_documents, reading_store
from glyphagent.sidecar import write_sidecar
from glyphagent.sources import DEFAULT_OPTIONS, Source, SourceOptions
from glyphagent.store import Manifest, write_page_set
from glyphagent.style import Style
from glyphagent.targets import EMBEDDED, profile_of, style_for
from glyphagent.tokens import TOKENIZER, count_text_tokens

Progress = Callable[[str, int, int], None]
"""Called with the stage, how much of it is done, and how much there is (0 if unknown)."""


class Session:
    """A source set held as pages.

    Use `Session.open`. Reading and rendering happen there; a model is loaded when it is asked.

    Attributes:
        source: Where the documents come from.
        documents: The documents, by folder and name.
        skipped: What was left out, and why.
        revision: State of the source.
        style: How the pages are drawn.
        pages: The pages, in order.
        backend_name: Name of the backend plugin.
        model: Model behind it.
        profile: The model's profile.
        seconds: Wall time by stage: read, highlight, layout, paint, encode, total.
    """

    def __init__(
        self,
        source: Source,
        style: Style,
        profile: Profile,
        backend: str | Backend,
        model: str | None,
        progress: Progress | None = None,
    ) -> None:
        """Hold nothing yet; `Session.open` reads and renders."""
        self.source = source
        self.style = style
        self.profile = profile
        self.backend_name = backend if isinstance(backend, str) else backend.name
        self.model = model or (EMBEDDED if backend == "local" else "")
        self.documents: tuple[Document, ...] = ()
        self.skipped: tuple[Skipped, ...] = ()
        self.pages: tuple[Page, ...] = ()
        self.revision = ""
        self.root = ""
        self.seconds: dict[str, float] = {}
        self._asked_model = model
        self._progress = progress or (lambda stage, done, total: None)
        self._by_path: dict[str, Document] = {}
        self._guard = Guard({})
        self._places = Places(())
        self._backend: Backend | None = None if isinstance(backend, str) else backend
        self._context: Any = None
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
        style: Style | None = None,
        options: SourceOptions | None = None,
        progress: Progress | None = None,
    ) -> Session:
        """Read a source and render its pages.

        Args:
            source: Path of a folder, git repository or file, or a `Source`.
            revision: Git revision to read; nothing is checked out.
            backend: Name of the backend that will be asked, or a backend itself.
            model: Model for that backend; None for its default, which is the embedded reader.
            preset: How the pages look; None for what suits the model.
            layout: `flow` or `lines`.
            style: A style of your own, in place of preset and layout.
            options: Limits and globs of the source, where `source` is a path.
            progress: Called as stages go on.

        Raises:
            SourceError: If nothing readable is there.
            StyleError: If the style is wrong, or one that the embedded reader cannot read.
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
        chosen = style or style_for(profile, preset, layout)
        if profile.name == EMBEDDED and not chosen.aligned:
            raise StyleError(
                f"the embedded reader cannot read preset {chosen.preset!r}: its cells do not "
                "divide the patch; use grid or grid-dense, or another --model"
            )
        session = cls(source, chosen, profile, backend, model, progress)
        session._render()
        return session

    def _render(self) -> None:
        begun = time.perf_counter()
        self._progress("read", 0, 0)
        found = self.source.read()
        read = time.perf_counter()
        renderer = load("renderers", "code")()
        total = len(found.documents)
        pages = tuple(
            renderer.render(
                found.documents, self.style, lambda done: self._progress("render", done, total)
            )
        )
        rendered = time.perf_counter()
        highlight = float(getattr(renderer, "seconds_highlighting", 0.0))
        self.documents, self.skipped = found.documents, found.skipped
        self.revision, self.root, self.pages = found.revision, found.root, pages
        self.lexers: dict[str, str] = dict(getattr(renderer, "lexers", {}))
        self.seconds = {
            "read": read - begun,
            "highlight": highlight,
            "layout": rendered - read - highlight,
            "paint": 0.0,
            "encode": 0.0,
            "total": rendered - begun,
        }
        self._by_path = {document.path: document for document in self.documents}
        self._guard = Guard(self._by_path, Path(self.source.root).name)
        self._places = Places(pages)
        self._context = None
        self._read = None

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
        return outcomes.search(query, self.documents, self._places, limit)

    def page_png(self, page: int) -> bytes:
        """PNG file of a page, counted from 0.

        Raises:
            PageError: If there is no such page.
        """
        return png_bytes(self._page(page))

    def page_locations(self, page: int) -> list[Location]:
        """Which lines of which documents a page shows, in its order.

        Raises:
            PageError: If there is no such page.
        """
        return self._page(page).source_map.locations()

    def overview(self) -> str:
        """Folders and files with their lines and pages, and what was left out, as text."""
        estimate = self.estimate()
        title = (
            f"{self.root}: {len(self.documents)} documents on {len(self.pages)} pages, "
            f"{estimate.text_tokens:,} text tokens ({TOKENIZER}) in "
            f"{estimate.visual_tokens:,} visual tokens, revision {self.revision}"
        )
        return outcomes.overview(title, self.documents, self.skipped, self._places)

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

    def ask(self, question: str, *, max_tokens: int = 512) -> Answer:
        """Answer a question, every citation checked against the source.

        The embedded reader answers from what it read off the pages, without a language model:
        where names are defined, signatures, docstrings, constants, imports, importers, mentions,
        contents. To anything else it gives passages and says that it does not reason.

        Raises:
            BackendError: If the model cannot be loaded or asked, or the question is empty.
        """
        begun = time.perf_counter()
        outcomes.check_question(question, max_tokens)
        backend = self._loaded()
        if isinstance(backend, Reader) and not getattr(backend, "generates", False):
            answer = answer_by_reading(*self._reading(backend), question, self._by_path)
        else:
            answer = self._ask_model(backend, question, max_tokens)
        return replace(
            answer,
            citations=tuple(self._placed(citation) for citation in answer.citations),
            backend=self.backend_name,
            model=self.model,
            visual_tokens=self._visual_tokens(self.profile),
            seconds=time.perf_counter() - begun,
            revision=self.revision,
        )

    def _visual_tokens(self, profile: Profile) -> int:
        if not profile.takes_images:
            return 0
        return sum(visual_tokens(profile, p.width_px, p.height_px) for p in self.pages)

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
        if self._read is None:
            if self._page_reader is None:
                self._page_reader = PageReader(reader, reading_store())
            count = len(self.pages)
            seen = self._page_reader.read(
                self.pages, lambda done: self._progress("read pages", done, count)
            )
            reading = read_documents(self.pages, seen)
            name = Path(self.source.root).name
            index = SymbolIndex.build(
                reading.texts, extracted=extract_all(reading.texts), root_name=name
            )
            self._read = (reading, index)
        return self._read

    def _ask_model(self, backend: Backend, question: str, max_tokens: int) -> Answer:
        if not self.pages:
            raise BackendError("there is no page to ask about: nothing could be rendered")
        limit = self.profile.max_images
        if limit is not None and len(self.pages) > limit:
            raise BackendError(
                f"{self.model} takes {limit} images and there are {len(self.pages)} pages: "
                "narrow the source with --include"
            )
        if self._context is None:
            self._progress("prefill", 0, 0)
            self._context = hold(backend, self.pages, self.documents)
        return answer_by_model(
            self._context,
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
        before = {document.path: document.digest for document in self.documents}
        old_pages = {page.digest for page in self.pages}
        self._render()
        after = {document.path: document.digest for document in self.documents}
        kept = sum(page.digest in old_pages for page in self.pages)
        return Changes(
            added=tuple(path for path in after if path not in before),
            changed=tuple(p for p, digest in after.items() if before.get(p, digest) != digest),
            removed=tuple(path for path in before if path not in after),
            pages_new=len(self.pages) - kept,
            pages_kept=kept,
            revision=self.revision,
        )

    def save(self, folder: str | Path) -> Manifest:
        """Write pages, `manifest.json`, `sidecar.txt` and an `index.html` to look at.

        Raises:
            PageError: If the folder cannot be written to; an older page set stays valid.
        """
        folder, begun = outcomes.folder_of(folder), time.perf_counter()
        spent = {"paint": 0.0, "encode": 0.0}

        def encode(page: Page) -> bytes:
            start = time.perf_counter()
            pixels = palette_pixels(page)
            painted = time.perf_counter()
            data = palette_png(pixels, page.palette)
            spent["paint"] += painted - start
            spent["encode"] += time.perf_counter() - painted
            return data

        count = len(self.pages)
        manifest = write_page_set(
            folder,
            self.pages,
            documents=self.documents,
            skipped=self.skipped,
            style=self.style,
            revision=self.revision,
            source=self.root,
            text_tokens=self.estimate().text_tokens,
            profile=self.profile,
            on_page=lambda done: self._progress("write pages", done, count),
            encode=encode,
        )
        write_contact_sheet(folder, manifest)
        write_sidecar(folder, self.pages, self.documents)
        rendered = self.seconds["read"] + self.seconds["highlight"] + self.seconds["layout"]
        self.seconds |= spent
        self.seconds["total"] = rendered + time.perf_counter() - begun
        return manifest

    def _page(self, number: int) -> Page:
        if not outcomes.is_number(number) or not 0 <= number < len(self.pages):
            raise PageError(f"no page {number!r}: there are {len(self.pages)}, counted from 0")
        return self.pages[number]

    def _placed(self, citation: Citation) -> Citation:
        """Citation with its page and box."""
        found = self._places.box_of(citation.location)
        number, box = found or (self._places.page_of(citation.location), None)
        return replace(citation, page=number, box=box)
