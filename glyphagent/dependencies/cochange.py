"""Files that change together in history, joined with the edges between them.

What often changes together without an edge is coupled by something that no import shows: a format
that both know, a copy, a protocol. One `git log` gives names alone, so years of history take a
second.
"""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import combinations

from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.errors import SourceError
from glyphagent.git_objects import Repository, complaint, object_id, run

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
    f"--format={_MARK}%H %P",
)


@dataclass(frozen=True, slots=True)
class Commit:
    """Paths that one commit touched, under the names that they have at the revision read.

    Attributes:
        id: The commit.
        paths: Those of the part that was asked for.
        size: How many paths it touched in the whole repository.
    """

    id: str
    paths: tuple[str, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Log:
    """What git told of a history.

    Attributes:
        commits: Newest first, those alone that touched the part that was asked for.
        complete: Whether it goes back to the first commit.
    """

    commits: tuple[Commit, ...]
    complete: bool


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
) -> Log:
    """Commits and their paths, newest first, merges left out; a renamed file is one file.

    The whole repository's log is read whatever the part, so that a commit is as large, and a file
    that came from elsewhere has the same past, as seen from any folder.

    Args:
        repository: The repository.
        revision: Commit id to begin from.
        part: Folder whose paths alone are wanted; they come relative to it.
        most: Number of commits to stop after.

    Raises:
        SourceError: Git cannot tell, or there is no commit yet.
    """
    place = f"cannot read the history of {repository.place}"
    if object_id(repository, f"{revision}^{{commit}}") is None:
        raise SourceError(f"{place}: it has no commit {revision!r} yet")
    where = ("--end-of-options", revision, "--")
    for renames in ("-M", "--no-renames"):  # a partial clone may lack what -M compares
        try:
            output = run(repository, *_LOG, renames, f"--max-count={most}", *where)
            break
        except subprocess.CalledProcessError as error:
            if renames == "--no-renames":
                raise SourceError(f"{place}: {complaint(error)}") from None
    shallow = is_shallow(repository)
    found = list(_commits(output, f"{part}/" if part else "", whole=not shallow))
    touched = tuple(commit for commit in found if commit.paths)
    return Log(touched, not shallow and len(found) < most)


def is_shallow(repository: Repository) -> bool:
    """Whether a clone was cut off, so that its oldest commits are not there."""
    try:
        return run(repository, "rev-parse", "--is-shallow-repository") == b"true\n"
    except subprocess.CalledProcessError:
        return False


def find_couplings(
    graph: DependencyGraph,
    log: Log,
    *,
    of: Collection[str] | None = None,
    largest: int = LARGEST_COMMIT,
    support: int = LEAST_SUPPORT,
    confidence: float = LEAST_CONFIDENCE,
) -> History:
    """Pairs of the graph's files that change together often enough.

    Args:
        graph: Graph of the present state; files that it does not know are left out.
        log: From `read_commits`.
        of: Files one of which every pair must have; all files if none is given.
        largest: Files of a commit above which it is left out.
        support: Fewest commits that must have changed both.
        confidence: Least share of the rarer file's commits that changed both.
    """
    known = frozenset(graph.nodes)
    alone: Counter[str] = Counter()
    together: Counter[tuple[str, str]] = Counter()
    large = 0
    for commit in log.commits:
        if commit.size > largest:
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
        if count >= support and (of is None or first in of or second in of)
    ]
    couplings = [each for each in couplings if each.confidence >= confidence]
    couplings.sort(key=lambda each: (-each.support, -each.confidence, each.first, each.second))
    return History(tuple(couplings), len(log.commits) - large, large, log.complete)


def _commits(output: bytes, prefix: str, *, whole: bool) -> Iterator[Commit]:
    """Commits of a log's output, each path under its newest name.

    Where the history is not whole, a commit without parents is left out: git shows all that was
    there before it as its own.
    """
    now: dict[str, str] = {}
    words = iter(os.fsdecode(output).split("\0"))
    name = ""
    paths: dict[str, None] = {}
    moved: dict[str, str] = {}

    def finished() -> Iterator[Commit]:
        commit, _, parents = name.partition(" ")
        if commit and (parents or whole):
            inside = tuple(path[len(prefix) :] for path in paths if path.startswith(prefix))
            yield Commit(commit, inside, len(paths))
        # Older commits know the file by its old name; not this one, which may use both.
        now.update(moved)

    for word in words:
        status = word.lstrip("\n")
        if status.startswith(_MARK):
            yield from finished()
            name, paths, moved = status[1:].strip(), {}, {}
        elif status[:1] in ("R", "C"):
            before, after = next(words, ""), next(words, "")
            here = now.get(after, after)
            if status[0] == "R":
                moved[before] = here
            paths[here] = None
        elif status:
            path = next(words, "")
            paths[now.get(path, path)] = None
    yield from finished()
