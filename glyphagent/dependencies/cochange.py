"""Files that change together in history, joined with the edges between them.

What often changes together without an edge is coupled by something that no import shows: a format
that both know, a copy, a protocol. One `git log` gives names alone, so years of history take a
second.
"""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.errors import SourceError
from glyphagent.git_objects import Repository, complaint, run

LARGEST_COMMIT = 30
"""Files of a commit, above which it is left out: a rename of everything couples nothing."""
MOST_COMMITS = 10_000
LEAST_SUPPORT = 5
LEAST_CONFIDENCE = 0.5

_MARK = "\x01"
# Nothing of the repository's configuration decides what is told: no signature check (which would
# run a program), no following of one file, no mapping of names.
_LOG = (
    "log",
    "--name-status",
    "-z",
    "--no-merges",
    "--no-show-signature",
    "--no-ext-diff",
    "--no-textconv",
    "--no-mailmap",
    "--no-follow",
    "--no-color",
    "--no-relative",
    "--ignore-submodules=all",
    f"--format={_MARK}%H",
)


@dataclass(frozen=True, slots=True)
class Commit:
    """Paths that one commit touched, under the names that they have at the revision read."""

    id: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coupling:
    """Two files that change together.

    Attributes:
        first: Path of one, the lower in sorted order.
        second: Path of the other.
        support: Commits that changed both.
        first_changes: Commits that changed the first, large ones left out.
        second_changes: Commits that changed the second, alike.
        linked: Whether an edge, of files or of symbols, joins them in either direction.
    """

    first: str
    second: str
    support: int
    first_changes: int
    second_changes: int
    linked: bool

    @property
    def confidence(self) -> float:
        """Share of the rarer file's commits that changed the other one too."""
        return self.support / min(self.first_changes, self.second_changes)

    @property
    def hidden(self) -> bool:
        """Whether no edge explains it."""
        return not self.linked


@dataclass(frozen=True, slots=True)
class History:
    """What was read of a history.

    Attributes:
        couplings: Strongest first: by support, then confidence, then paths.
        commits: Commits that were counted.
        large: Commits that were left out for their size.
        complete: Whether it went back to the first commit.
    """

    couplings: tuple[Coupling, ...]
    commits: int
    large: int
    complete: bool


def read_commits(
    repository: Repository,
    revision: str = "HEAD",
    part: str = "",
    most: int = MOST_COMMITS,
) -> tuple[Commit, ...]:
    """Commits and their paths, newest first, merges left out; a renamed file is one file.

    Args:
        repository: The repository.
        revision: Commit id to begin from.
        part: Folder whose paths alone are wanted; they come relative to it.
        most: Number of commits to stop after.

    Raises:
        SourceError: Git cannot tell.
    """
    where = ("--end-of-options", revision, "--", *([part] if part else []))
    for renames in ("-M", "--no-renames"):  # a partial clone may lack what -M compares
        try:
            output = run(repository, *_LOG, renames, f"--max-count={most}", *where)
            break
        except subprocess.CalledProcessError as error:
            if renames == "--no-renames":
                raise SourceError(
                    f"cannot read the history of {repository.place}: {complaint(error)}"
                ) from None
    return tuple(_commits(output, f"{part}/" if part else ""))


def find_couplings(
    graph: DependencyGraph,
    commits: tuple[Commit, ...],
    *,
    largest: int = LARGEST_COMMIT,
    support: int = LEAST_SUPPORT,
    confidence: float = LEAST_CONFIDENCE,
    most: int = MOST_COMMITS,
) -> History:
    """Pairs of the graph's files that change together often enough.

    Args:
        graph: Graph of the present state; files that it does not know are left out.
        commits: From `read_commits`.
        largest: Files of a commit above which it is left out.
        support: Fewest commits that must have changed both.
        confidence: Least share of the rarer file's commits that changed both.
        most: What `read_commits` was told to stop after.
    """
    known = frozenset(graph.nodes)
    alone: Counter[str] = Counter()
    together: Counter[tuple[str, str]] = Counter()
    large = 0
    for commit in commits:
        if len(commit.paths) > largest:
            large += 1
            continue
        paths = sorted(known.intersection(commit.paths))
        alone.update(paths)
        together.update(combinations(paths, 2))
    linked = {(edge.source, edge.target) for edge in (*graph.edges, *graph.symbol_edges)}
    couplings = [
        Coupling(
            first,
            second,
            count,
            alone[first],
            alone[second],
            (first, second) in linked or (second, first) in linked,
        )
        for (first, second), count in together.items()
        if count >= support
    ]
    couplings = [each for each in couplings if each.confidence >= confidence]
    couplings.sort(key=lambda each: (-each.support, -each.confidence, each.first, each.second))
    return History(tuple(couplings), len(commits) - large, large, len(commits) < most)


def _commits(output: bytes, prefix: str) -> Iterator[Commit]:
    """Commits of a log's output, each path under its newest name."""
    now: dict[str, str] = {}
    words = iter(os.fsdecode(output).split("\0"))
    name = ""
    paths: list[str] = []
    moved: dict[str, str] = {}

    def finished() -> Iterator[Commit]:
        if name:
            yield Commit(name, tuple(dict.fromkeys(paths)))
        # Older commits know the file by its old name; not this one, which may use both.
        now.update(moved)

    for word in words:
        status = word.lstrip("\n")
        if status.startswith(_MARK):
            yield from finished()
            name, paths, moved = status[1:].strip(), [], {}
        elif status[:1] in ("R", "C"):
            before, after = next(words, ""), next(words, "")
            here = now.get(after, after)
            if status[0] == "R":
                moved[before] = here
            paths += [here[len(prefix) :]] if here.startswith(prefix) else []
        elif status:
            path = next(words, "")
            here = now.get(path, path)
            paths += [here[len(prefix) :]] if here.startswith(prefix) else []
    yield from finished()
