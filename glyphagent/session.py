"""A session: a source set held as pages, questions about it, and answers that were checked.

The only place that knows the whole road from source to answer. Wings are reached by plugin name.
"""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from glyphagent import outcomes
from glyphagent.answer import Answer
from glyphagent.answering import Answerer
from glyphagent.cones import Wanted
from glyphagent.document import Document
from glyphagent.drawing import Drawing
from glyphagent.errors import SourceError, StyleError
from glyphagent.focus import HOPS
from glyphagent.history import Changes, History
from glyphagent.live_graph import LiveGraph
from glyphagent.manifest import Manifest
from glyphagent.page_records import page_store
from glyphagent.plugins import Backend, installed, load
from glyphagent.profiles import Profile
from glyphagent.reading import Reading
from glyphagent.refreshing import Refreshing
from glyphagent.renames import renamed
from glyphagent.rendering import Rendered, render_source
from glyphagent.rescan import Rescan
from glyphagent.saving import save_pages
from glyphagent.snapshot import Snapshot
from glyphagent.sources import DEFAULT_OPTIONS, Source, SourceOptions, SourceSet
from glyphagent.style import Style
from glyphagent.targets import EMBEDDED, profile_of, styles_for
from glyphagent.view import View

Progress = Callable[[str, int, int], None]
"""Called with the stage, how much of it is done, and how much there is (0 if unknown)."""


class Session(View):
    """A source set held as pages.

    Use `Session.open`. Reading and rendering happen there; a model is loaded when it is asked.
    What is held is a snapshot: `refresh` makes the next one beside it and swaps. A question that
    is under way ends on the snapshot that it began with; `pinned` keeps one for several calls.
    Safe to use from several threads.

    Attributes:
        source: Where the documents come from.
        profile: The model's profile.
        seconds: Wall time by stage of the last rendering: read, highlight, layout, paint, encode,
            total; analyse too, where the pages needed the dependency graph.
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
        """Read and render; use `Session.open`."""
        self.source = source
        self.profile = profile
        self.seconds: dict[str, float] = {}
        self._progress = progress or (lambda stage, done, total: None)
        root_name = Path(source.root).name
        self._styles, self._wanted, self._draw_map = styles, wanted, draw_map
        self._answerer = Answerer(backend, model, profile, self._progress, root_name)
        self._live = LiveGraph(progress, root_name)
        self._analysing, self._refreshing = threading.RLock(), threading.RLock()
        self._swapping = threading.Lock()
        self._listeners: list[Callable[[Changes], None]] = []
        self._rescan = Rescan(source)
        self._drawing = Drawing(load("renderers", "code")(), page_store())
        self._pinned = False
        self._snapshot = self._make(None, None)
        self._history = History(self._snapshot.state)

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
        return cls(source, styles, profile, backend, model, wanted, with_map, progress)

    def _make(self, before: Snapshot | None, folders: Collection[str] | None) -> Snapshot:
        """The next snapshot; the same one again if nothing changed."""
        begun = time.perf_counter()
        self._progress("read", 0, 0)
        found = self._rescan.read(folders)
        read = time.perf_counter()
        if before is not None and _same(found, before.made):
            return before
        made = render_source(
            found,
            self._styles,
            self.profile,
            self._live,
            self._drawing,
            self._progress,
            wanted=self._wanted,
            with_map=self._draw_map,
            before=None if before is None else before.made,
        )
        made.seconds["read"] = read - begun
        made.seconds["total"] = time.perf_counter() - begun
        self.seconds = dict(made.seconds)
        return Snapshot(made, self.source.root, self._live, self._analysing)

    def pinned(self) -> Session:
        """This session as it is now, whatever a refresh brings; the backend is shared."""
        with self._swapping:
            pinned = copy.copy(self)
            pinned._history = copy.copy(self._history)
        pinned._pinned = True
        return pinned

    @property
    def model(self) -> str:
        """Model behind the backend."""
        return self._answerer.model

    @property
    def pages_read(self) -> int:
        """Pages that the embedded reader read from pixels so far; kept readings do not count."""
        return self._answerer.pages_read

    @property
    def backend_name(self) -> str:
        """Name of the backend that is asked."""
        return self._answerer.backend_name

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
        return self._answerer.ask(
            self._snapshot, question, max_tokens=max_tokens, budget=budget, whole=whole
        )

    def reading(self) -> Reading:
        """What the embedded reader reads on the pages.

        Raises:
            BackendError: If the backend does not read, or refuses a page.
        """
        return self._answerer.reading(self._snapshot)

    def refresh(self, folders: Collection[str] | None = None) -> Changes:
        """Look at the source anew and render what changed.

        Pages keep their order, and renamed documents their pages; new documents come last. Only
        changed documents are read, highlighted and laid out.

        Args:
            folders: Look only at what lies in or below these folders of the source (an empty one
                is the source itself), because nothing changed elsewhere; None for everything.

        Raises:
            SourceError: If the source is gone; the session then stays as it was.
        """
        return self._go_on(self._snapshot, folders)

    def replan(self) -> Changes:
        """Look at the source anew and put the pages into the order that a new session has.

        Raises:
            SourceError: If the source is gone; the session then stays as it was.
        """
        return self._go_on(None, None)

    def _go_on(self, before: Snapshot | None, folders: Collection[str] | None) -> Changes:
        if self._pinned:
            raise SourceError("a pinned session stays as it is: refresh the one it came from")
        begun = time.perf_counter()
        with self._refreshing:
            old = self._snapshot
            new = self._make(None if before is None else old, folders)
            names = {} if new is old else _new_names(old.by_path, new.by_path)
            state = new.state
            with self._swapping:
                self._snapshot = new
                changes = self._history.add(state, names, time.perf_counter() - begun)
            for tell in tuple(self._listeners):
                tell(changes)
            return changes

    def changes_since(self, revision: str | None = None) -> Changes:
        """What differs between an earlier state of this session and now.

        Args:
            revision: Of the earlier state; None for the oldest one that is remembered.

        Raises:
            SourceError: If that state is not remembered, because it was never there or is too old.
        """
        with self._swapping:
            return self._history.since(revision or self._history.revisions[0])

    def watch(self, *, quiet_s: float = 0.4, polling: bool | None = None) -> Refreshing:
        """Keep this session as its folder is: a context manager, and an iterator of changes.

        Use `with session.watch() as changes: for change in changes: ...`, or `async with` and
        `async for`. While it is open the session refreshes in the background; the iterator gives
        every change of the session, also those that `refresh` or another watching found.

        Args:
            quiet_s: How long nothing may happen before a refresh, in seconds.
            polling: Whether to look at regular times instead of being told by the system; None
                for only where the system cannot tell.

        Raises:
            SourceError: If the source never changes, such as a revision or a stream.
        """
        if self._pinned:
            raise SourceError("a pinned session stays as it is: watch the one it came from")
        return Refreshing(
            self.source, self.refresh, self._listeners, quiet_s=quiet_s, polling=polling
        )

    def save(self, folder: str | Path) -> Manifest:
        """Write pages, `manifest.json`, `sidecar.txt` and an `index.html` to look at.

        Raises:
            PageError: If the folder cannot be written to; an older page set stays valid.
        """
        folder, begun = outcomes.folder_of(folder), time.perf_counter()
        shown = self._snapshot
        made = shown.made
        manifest, spent = save_pages(
            folder,
            shown.pages,
            documents=made.documents,
            skipped=made.skipped,
            style=made.style,
            revision=made.revision,
            source=made.root,
            text_tokens=self._estimate(shown, None, None).text_tokens,
            profile=self.profile,
            on_page=lambda done: self._progress("write pages", done, len(shown.pages)),
            drawn_as=made.plan.drawn_as,
        )
        stages = ("read", "analyse", "highlight", "layout")
        rendered = sum(made.seconds.get(stage, 0.0) for stage in stages)
        total = rendered + time.perf_counter() - begun
        self.seconds = {**made.seconds, **spent, "total": total}
        return manifest


def _same(found: SourceSet, made: Rendered) -> bool:
    """Whether a source gave what is drawn already."""
    same = len(found.documents) == len(made.everything) and found.skipped == made.skipped
    pairs = zip(found.documents, made.everything, strict=False)
    return same and found.revision == made.revision and all(a is b or a == b for a, b in pairs)


def _new_names(before: Mapping[str, Document], now: Mapping[str, Document]) -> dict[str, str]:
    """New path by old path of the documents that were renamed."""
    gone = [document for path, document in before.items() if path not in now]
    fresh = [document for path, document in now.items() if path not in before]
    return {old: new for new, old in renamed(gone, fresh).items()} if gone and fresh else {}
