"""The dependency graph of texts that change: analysed when first asked for, then kept up to date.

A session has one of its documents and, where a reader reads its pages, one of what was read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.graph import DependencyGraph

Progress = Callable[[str, int, int], None]


class LiveGraph:
    """Gives the graph of texts, analysing only what changed since it was last asked.

    Safe to use from several threads: a refresh and a question may want it at the same time.
    """

    def __init__(self, progress: Progress | None = None, root_name: str = "") -> None:
        """Start with nothing analysed.

        Args:
            progress: Called with stage, done and total.
            root_name: Name of the folder that the paths are relative to, if known; a package's
                own files import it by that name.
        """
        self._progress = progress
        self._root_name = root_name
        self._analyzer: DependencyAnalyzer | None = None
        self._texts: dict[str, str] = {}
        self._skipped: tuple[tuple[str, str], ...] = ()
        self._turn = threading.RLock()

    def of(
        self,
        texts: Mapping[str, str],
        *,
        skipped: Iterable[tuple[str, str]] = (),
        revision: str = "",
    ) -> DependencyGraph:
        """The graph of these texts, equal to a fresh analysis of them.

        Files are parsed in a worker that can be killed, changed ones too: what is in them is no
        more to be trusted than it was at first.

        Args:
            texts: Text of every document by path.
            skipped: Pairs of a path that exists and was not read, and the reason.
            revision: Revision of the texts, carried into the graph.
        """
        with self._turn:
            try:
                return self._of(texts, tuple(skipped), revision)
            except BaseException:
                # Ctrl-C within an update leaves half of it done: the next one starts anew.
                self._analyzer = None
                raise

    def _of(
        self, texts: Mapping[str, str], left_out: tuple[tuple[str, str], ...], revision: str
    ) -> DependencyGraph:
        """The same; the turn is held."""
        if self._analyzer is None:
            self._analyzer = DependencyAnalyzer(
                texts,
                skipped=left_out,
                revision=revision,
                root_name=self._root_name,
                progress=self._progress,
            )
        else:
            changed: dict[str, str | None] = {
                path: text for path, text in texts.items() if self._texts.get(path) != text
            }
            changed |= {path: None for path in self._texts if path not in texts}
            same = left_out == self._skipped and revision == self._analyzer.graph.revision
            if changed or not same:
                self._analyzer.update(changed, skipped=left_out, revision=revision, workers=1)
        self._texts, self._skipped = dict(texts), left_out
        return self._analyzer.graph


def unanalysed(graph: DependencyGraph) -> tuple[str, ...]:
    """Paths whose edges the graph does not have, because their analysis failed."""
    # How the analyser opens its reasons for these; a source's own reasons open otherwise.
    openings = ("not analysed: ", "its edges are missing: ")
    return tuple(path for path, reason in graph.skipped if reason.startswith(openings))
