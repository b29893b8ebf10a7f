"""From texts to a dependency graph, and from one state of the texts to the next.

Collecting is a pure function of one file and runs in killable workers; linking a file is a pure
function of its facts and of what it looked at in the `World`. An update collects the changed files
and links those alone whose looks would now give something else.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from glyphagent.dependencies.edges import Linked
from glyphagent.dependencies.facts import FileFacts, Interface
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.languages import language_module, load_language
from glyphagent.dependencies.world import Look, World
from glyphagent.workers import map_ordered

Progress = Callable[[str, int, int], None]
_TIMEOUT_S = 20.0
_BATCH_FILES = 40
_BATCH_CHARACTERS = 200_000


class DependencyAnalyzer:
    """The dependency graph of a source set, kept up to date.

    Attributes:
        graph: The graph of the present state.
        collected: Paths that the last build or update collected.
        relinked: Paths that it linked.
        strict: Whether a fault of a linker is raised, as our tests want it, rather than listed.
    """

    strict = False

    def __init__(
        self,
        texts: Mapping[str, str],
        *,
        skipped: Iterable[tuple[str, str]] = (),
        revision: str = "",
        root_name: str = "",
        symbols: bool = True,
        workers: int = 1,
        timeout_s: float = _TIMEOUT_S,
        progress: Progress | None = None,
    ) -> None:
        """Analyse a source set.

        Args:
            texts: Text of every document by path; configuration files are data for resolution.
            skipped: Pairs of a path that exists and was not read, and the reason.
            revision: Revision of the set, carried into the graph.
            root_name: Name of the folder that the paths are relative to, if known; it matters
                where that folder is itself a package.
            symbols: Whether symbol edges are wanted; without them it is faster.
            workers: Worker processes; 0 works in this process, without a deadline.
            timeout_s: Seconds that one file, or a batch of small ones, may take.
            progress: Called with stage, done and total.
        """
        self._symbols = symbols
        self._timeout_s = timeout_s
        self._progress = progress or (lambda stage, done, total: None)
        self._facts: dict[str, FileFacts] = {}
        self._linked: dict[str, Linked] = {}
        self._looks: dict[str, frozenset[Look]] = {}
        self._failed: dict[str, str] = {}
        self._unlinked: dict[str, str] = {}
        self._left_out = tuple(skipped)
        self._facts = self._collect(texts, workers)
        interfaces = {path: facts.interface for path, facts in self._facts.items()}
        self._world = World(interfaces, texts, (path for path, _ in self._left_out), root_name)
        self._link(list(self._facts))
        self.collected = tuple(self._facts)
        self._publish(revision)

    def update(
        self,
        texts: Mapping[str, str | None],
        *,
        skipped: Iterable[tuple[str, str]] | None = None,
        revision: str = "",
        workers: int = 0,
    ) -> DependencyGraph:
        """Move on to the next state of the set and give its graph.

        Args:
            texts: New text of each changed or new document, None for documents that are gone.
            skipped: All paths that exist and are not read now; None if they are as before.
            revision: Revision of the new state.
            workers: Worker processes; the default collects in this process, for speed, and is
                meant for few files.
        """
        if skipped is not None:
            self._left_out = tuple(skipped)
        present = {path: text for path, text in texts.items() if text is not None}
        for path in texts:
            self._failed.pop(path, None)
        collected = self._collect(present, workers)
        interfaces: dict[str, Interface | None] = {
            path: collected[path].interface if path in collected else None for path in texts
        }
        stale = self._world.change(interfaces, texts, (path for path, _ in self._left_out))
        for path in texts:
            if path in collected:
                self._facts[path] = collected[path]
            else:
                for record in (self._facts, self._linked, self._looks, self._unlinked):
                    record.pop(path, None)
        dirty = set(collected)
        dirty.update(path for path, looks in self._looks.items() if not stale.isdisjoint(looks))
        self._link([path for path in self._facts if path in dirty])
        self.collected = tuple(collected)
        self._publish(revision)
        return self.graph

    def _collect(self, texts: Mapping[str, str], workers: int) -> dict[str, FileFacts]:
        """Facts of the files of a known language; a file whose worker was killed has none."""
        mine = [(path, text) for path, text in texts.items() if language_module(path) is not None]
        work = partial(_collect_batch, uses=self._symbols)
        found: dict[str, FileFacts] = {}
        done = 0
        batches = list(_batches(mine))
        results = map_ordered(work, batches, workers=workers, timeout_s=self._timeout_s)
        with _without_collector():
            for batch, result in zip(batches, results, strict=True):
                if isinstance(result, Exception):
                    # Each file by itself, to learn which one it was.
                    alone = map_ordered(
                        work,
                        [[each] for each in batch],
                        workers=workers,
                        timeout_s=self._timeout_s,
                    )
                    for (path, _), facts in zip(batch, alone, strict=True):
                        if isinstance(facts, Exception):
                            self._failed[path] = f"not analysed: {facts}"
                        else:
                            found[path] = facts[0]
                else:
                    found.update(zip((path for path, _ in batch), result, strict=True))
                done += len(batch)
                self._progress("collect", done, len(mine))
        return {path: found[path] for path, _ in mine if path in found}

    def _link(self, paths: list[str]) -> None:
        with _without_collector():
            self._link_each(paths)

    def _link_each(self, paths: list[str]) -> None:
        for done, path in enumerate(paths, start=1):
            facts = self._facts[path]
            language = load_language(language_module(path) or "")
            self._unlinked.pop(path, None)
            try:
                linked, looks = self._world.watch(partial(language.link, facts, self._world))
                if self._world.went_too_deep:
                    self._unlinked[path] = "edges may be missing: its names lead on too far"
            except Exception as error:
                # A fault of ours in one file must not cost the others' edges.
                if self.strict:
                    raise
                linked, looks = Linked(), frozenset(self._world.looks)
                self._unlinked[path] = f"its edges are missing: {type(error).__name__}: {error}"
            self._linked[path], self._looks[path] = linked, looks
            self._progress("link", done, len(paths))
        self.relinked = tuple(paths)

    def _publish(self, revision: str) -> None:
        skipped = dict(self._left_out) | self._failed | self._unlinked
        self.graph = DependencyGraph(
            self._facts, self._linked, skipped=skipped.items(), revision=revision
        )


def _batches(items: list[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Files that a worker takes at once; passing them one by one costs as much as small ones."""
    batch: list[tuple[str, str]] = []
    size = 0
    for path, text in items:
        if batch and (len(batch) >= _BATCH_FILES or size + len(text) > _BATCH_CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append((path, text))
        size += len(text)
    if batch:
        yield batch


def _collect_batch(items: list[tuple[str, str]], *, uses: bool) -> list[FileFacts]:
    with _without_collector():
        return [
            load_language(language_module(path) or "").collect(path, text, uses=uses)
            for path, text in items
        ]


@contextmanager
def _without_collector() -> Iterator[None]:
    """Make many small records without the cyclic collector, which would walk them over and over.

    Nothing in them refers back, so nothing waits for it.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
