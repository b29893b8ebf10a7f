"""What changes together with the files that `glyphagent deps` analyses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from glyphagent import git_objects
from glyphagent.dependencies.cochange import History, find_couplings, read_commits
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.errors import SourceError
from glyphagent.repositories import below

from .deps_revisions import found_repository


def read_history(
    path: Path,
    graph: DependencyGraph,
    analysed: Callable[[Path, str | None], DependencyGraph],
) -> History:
    """Files that change together, by git's history up to the graph's revision.

    For a single file these are its partners wherever they lie, named from the repository's top.

    Args:
        path: Folder, repository or file.
        graph: Its graph.
        analysed: Gives the graph of a folder at a commit, none for the files as they lie.

    Raises:
        SourceError: There is no history.
    """
    repository = found_repository(path)
    # A graph that is no commit's, such as that of the files as they lie, has the history of HEAD.
    commit = git_objects.object_id(repository, f"{graph.revision}^{{commit}}")
    at = commit or git_objects.object_id(repository, "HEAD^{commit}")
    if at is None:
        raise SourceError(f"{repository.place} has no commit yet: nothing has changed together")
    top = repository.work_tree
    part = "" if top is None else below(path.resolve(), top)
    if top is None or not path.is_file():
        return find_couplings(graph, read_commits(repository, at, part))
    return find_couplings(analysed(top, commit), read_commits(repository, at), of={part})
