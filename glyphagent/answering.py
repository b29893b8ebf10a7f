"""Who answers: a backend, loaded when it is first asked, and what it has read and holds.

It is asked about snapshots; one answerer serves every snapshot of a session, so that pages which
stayed as they were are neither read nor sent anew where the backend can tell.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from glyphagent import asking, outcomes
from glyphagent.answer import Answer
from glyphagent.dependencies import FileSymbols, SymbolIndex
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.errors import BackendError
from glyphagent.live_graph import LiveGraph
from glyphagent.plugins import Backend, Reader, load
from glyphagent.profiles import Profile, visual_tokens
from glyphagent.reading import PageReader, Reading, reading_store
from glyphagent.snapshot import Snapshot
from glyphagent.targets import EMBEDDED

Progress = Callable[[str, int, int], None]


class Answerer:
    """Answers questions about snapshots.

    Attributes:
        backend_name: Name of the backend plugin.
        model: Model behind it.
        profile: The model's profile.
    """

    def __init__(
        self,
        backend: str | Backend,
        model: str | None,
        profile: Profile,
        progress: Progress,
        root_name: str,
    ) -> None:
        """Load nothing yet.

        Args:
            backend: Name of the backend plugin, or a backend.
            model: Model for it; None for its default.
            profile: The model's profile.
            progress: Called with stage, done and total.
            root_name: Name of the source's own folder.
        """
        self.backend_name = backend if isinstance(backend, str) else backend.name
        self.model = model or (EMBEDDED if backend == "local" else "")
        self.profile = profile
        self._asked_model = model
        self._progress = progress
        self._backend: Backend | None = None if isinstance(backend, str) else backend
        self._held: tuple[Snapshot, tuple[int, ...], asking.Held] | None = None
        self._page_reader: PageReader | None = None
        self._read: tuple[Snapshot, Reading, SymbolIndex] | None = None
        self._symbols: dict[str, tuple[str, FileSymbols]] = {}
        self._live = LiveGraph(progress, root_name)
        self._turn = threading.RLock()

    @property
    def pages_read(self) -> int:
        """Pages that the embedded reader read from pixels so far; kept readings do not count."""
        return 0 if self._page_reader is None else self._page_reader.pages_read

    def ask(
        self,
        snapshot: Snapshot,
        question: str,
        *,
        max_tokens: int = 512,
        budget: int | None = None,
        whole: bool = False,
    ) -> Answer:
        """Answer a question about a snapshot; see `Session.ask`.

        Raises:
            BackendError: If the model cannot be loaded or asked, or the question is empty.
        """
        begun = time.perf_counter()
        outcomes.check_question(question, max_tokens)
        backend = self.loaded()
        pages, maps, places = snapshot.pages, snapshot.map_pages, snapshot.places
        sent = tuple(range(len(pages)))
        costs = [visual_tokens(self.profile, p.width_px, p.height_px) for p in pages]
        if isinstance(backend, Reader) and not getattr(backend, "generates", False):
            sent = sent[: len(pages) - maps]
            reading, index = self._reading(snapshot, backend)
            answer = asking.answer_by_reading(
                reading, index, question, snapshot.by_path, lambda: self._graph_of(reading)
            )
        else:
            sent = asking.pages_to_send(
                question,
                costs,
                lambda: snapshot.graph,
                places,
                limit=self.profile.max_images,
                budget=budget,
                maps=maps,
                whole=whole,
            )
            answer = self._ask_model(backend, snapshot, sent, question, max_tokens)
        warnings, cone = answer.warnings, snapshot.made.cone
        if cone is not None and snapshot.made.undrawn:
            warnings = (*warnings, f"answered from a part of the source: {cone.told}")
        if len(sent) < len(pages) - maps:
            warnings = (*warnings, f"{len(sent)} of {len(pages)} pages were sent")
        return replace(
            answer,
            citations=tuple(places.placed(citation) for citation in answer.citations),
            backend=self.backend_name,
            model=self.model,
            visual_tokens=sum(costs[number] for number in sent),
            seconds=time.perf_counter() - begun,
            revision=snapshot.revision,
            warnings=warnings,
            pages=sent,
        )

    def reading(self, snapshot: Snapshot) -> Reading:
        """What the embedded reader reads on a snapshot's pages.

        Raises:
            BackendError: If the backend does not read, or refuses a page.
        """
        backend = self.loaded()
        if not isinstance(backend, Reader):
            raise BackendError(f"backend {self.backend_name!r} does not read pages; use local")
        return self._reading(snapshot, backend)[0]

    def loaded(self) -> Backend:
        """The backend itself, loaded now if it was not.

        Raises:
            BackendError: If the model cannot be loaded.
        """
        with self._turn:
            if self._backend is None:
                make = load("backends", self.backend_name)
                backend: Backend = make(self._asked_model)
                self._backend = backend
                self.model = backend.model or self.model
            return self._backend

    def _reading(self, snapshot: Snapshot, reader: Reader) -> tuple[Reading, SymbolIndex]:
        with self._turn:
            if self._page_reader is None:
                self._page_reader = PageReader(reader, reading_store())
            if self._read is None or self._read[0] is not snapshot:
                read = asking.read_source(
                    self._page_reader,
                    snapshot.document_pages,
                    snapshot.root_name,
                    self._progress,
                    self._symbols,
                )
                self._read = snapshot, *read
            return self._read[1:]

    def _graph_of(self, reading: Reading) -> DependencyGraph:
        with self._turn:
            return self._live.of(reading.texts)

    def _ask_model(
        self,
        backend: Backend,
        snapshot: Snapshot,
        sent: tuple[int, ...],
        question: str,
        max_tokens: int,
    ) -> Answer:
        with self._turn:
            if self._held is None or self._held[0] is not snapshot or self._held[1] != sent:
                self._progress("prefill", 0, 0)
                shown = [snapshot.pages[number] for number in sent]
                held = asking.hold(backend, shown, snapshot.made.documents)
                self._held = snapshot, sent, held
            held = self._held[2]
        now = snapshot.made.plan.drawn_as
        seen = {each.path for n in sent for each in snapshot.pages[n].source_map.documents}
        return asking.answer_by_model(
            held,
            question,
            max_tokens,
            snapshot.guard,
            lambda done: self._progress("answer", done, 0),
            renamed={new: old for new, old in now.items() if new in seen},
        )
