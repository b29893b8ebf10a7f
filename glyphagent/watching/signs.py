"""What a watcher tells, and what it has gathered before it tells."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Dirty:
    """Where something may have changed.

    Attributes:
        folders: Relative to the root, `/` between parts, nothing for the root; each stands for
            its whole subtree. Names that are not UTF-8 are written as `os.fsdecode` does.
        everything: Whether the whole root must be looked at: hints may have been lost.
        why: What happened, for people.
        events: How many events of the system are behind it.
        paths: The same more finely, for who can look at single files: changed folders, which
            stand for their subtrees, and changed files.
    """

    folders: frozenset[str]
    everything: bool
    why: str
    events: int = 0
    paths: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Status:
    """How a watcher stands.

    Attributes:
        kind: `inotify`, `observer` (systems other than Linux) or `polling`.
        notice: What the user should know, once; empty if all is as it should be.
        present: Whether the root is there and can be listed.
        folders: Folders that carry a watch of their own.
    """

    kind: str
    notice: str = ""
    present: bool = True
    folders: int = 0


@dataclass
class Signs:
    """What was gathered since the last `Dirty`.

    Attributes:
        files: Changed paths that are no folders; whether they are ignored is asked at the end.
        folders: Changed folders that are not ignored.
        manifests: Folders in which the manifest of a page set may have come or gone.
        lost: Reasons to look at everything.
        rules: Whether rules on what is ignored may have changed.
        index: Whether git's list of tracked files may have changed.
        root: Whether something happened to the root itself.
        events: How many events were gathered.
        first: Time of the first one; none if there is none.
        last: Time of the last one.
    """

    files: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    manifests: set[str] = field(default_factory=set)
    lost: list[str] = field(default_factory=list)
    rules: bool = False
    index: bool = False
    root: bool = False
    events: int = 0
    first: float | None = None
    last: float = 0.0

    def touch(self, now: float, events: int = 1) -> None:
        """Note that something was gathered."""
        self.events += events
        self.last = now
        if self.first is None:
            self.first = now

    def lose(self, why: str, now: float) -> None:
        """Note that everything must be looked at."""
        if why not in self.lost:
            self.lost.append(why)
        self.touch(now, 0)
