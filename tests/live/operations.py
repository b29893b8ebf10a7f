"""Random work in a git repository, as editors, builds, people and git itself do it.

    python -m tests.live.operations ROOT --seed 1

Each line on standard input is a number of operations to do; they are done in bursts with pauses,
then a file `zz-marker.py` is written and a line of JSON says what was done. At the end of the
input the program ends. It is a process of its own, so that its work is not counted as the
watcher's, and so that it really goes on while others read.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.live.file_work import MARKER
from tests.live.git_work import GitWork

# Between these it is held, by growing and by deleting, so that a run costs the same throughout.
FEWEST, MOST = 60, 160
_PAUSES_S = (0, 0, 0, 0.002, 0.01, 0.05, 0.2, 0.45, 0.9)
_LONGEST_BURST = 60
_OLDEST_LISTING = 24
# Operations after which the same files lie in the same places.
_SHAPELESS = frozenset(
    ("edit", "append", "truncate", "atomic save", "same size, same time", "touch", "permissions")
)


class Worker(GitWork):
    """Does random operations below a root; what cannot be done is left."""

    def __init__(self, root: Path, seed: int) -> None:
        """Change nothing yet."""
        super().__init__(root, seed)
        self._age = 0
        self._operations: dict[str, tuple[Callable[[], object], int]] = {
            "create": (self._create, 12),
            "edit": (self._edit, 22),
            "append": (self._append, 8),
            "truncate": (self._truncate, 3),
            "rename file": (self._rename, 6),
            "rename onto": (self._rename_onto, 2),
            "delete": (self._delete, 5),
            "delete folder": (self._delete_folder, 0),
            "atomic save": (self._atomic_save, 8),
            "save with backup": (self._backup_save, 3),
            "same size, same time": (self._disguise, 4),
            "touch": (self._touch, 2),
            "move folder": (self._move_folder, 3),
            "move folder out": (self._move_out, 1),
            "move folder in": (self._move_in, 2),
            "link": (self._link, 3),
            "link in the place of a folder": (self._link_folder, 1),
            "permissions": (self._permissions, 3),
            "folder permissions": (self._folder_permissions, 1),
            "ignore rules": (self._ignore, 2),
            "excludes": (self._exclude, 1),
            "build storm": (self._storm, 1),
            "odd content": (self._odd, 2),
            "git add": (lambda: self._git("add", "-A", "--ignore-errors"), 3),
            "git commit": (self._commit, 3),
            "git checkout": (self._checkout, 3),
            "git branch": (self._branch, 1),
            "git stash": (self._stash, 2),
            "git rebase": (self._rebase, 1),
            "git merge": (self._merge, 1),
            "git reset": (lambda: self._git("reset", "-q", "--hard"), 1),
            "git clean": (lambda: self._git("clean", "-fdq"), 0),
            "git rm --cached": (self._untrack, 1),
            "git mv": (self._git_move, 1),
            "git work tree": (self._work_tree, 1),
            "nested repository": (self._nested, 0),
            "root renamed and back": (self._rename_root, 0),
        }
        # Rare, as they are: in percent of an operation.
        self._rare = {
            "delete folder": 40,
            "git clean": 20,
            "nested repository": 60,
            "root renamed and back": 15,
        }

        if not (root / ".git").exists():
            of_git = [name for name in self._operations if name[:3] == "git"]
            for name in (*of_git, "excludes", "nested repository"):
                del self._operations[name]

    def work(self, count: int, paced: bool = True) -> None:
        """Do so many operations, in bursts.

        Args:
            count: How many.
            paced: Whether to pause between bursts.
        """
        left = count
        while left > 0:
            burst = min(left, self.random.randint(1, _LONGEST_BURST))
            end = self.done.total() + burst
            while self.done.total() < end:
                self.step()
            left -= burst
            if paced:
                time.sleep(self.random.choice(_PAUSES_S))

    def step(self) -> None:
        """Do one operation."""
        names = list(self._operations)
        weights = [
            self._rare.get(name, self._operations[name][1] * (40 if name[:3] == "git" else 100))
            for name in names
        ]
        name = self.random.choices(names, weights)[0]
        count = len(self._files())
        if count > MOST and name in ("create", "move folder in"):
            name = "delete"
        elif count < FEWEST and name in ("delete", "delete folder", "move folder out", "git clean"):
            name = "create"
        self.do(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The operations."""
        return tuple(self._operations)

    def do(self, name: str) -> None:
        """Do an operation, if it can be done as things stand."""
        try:
            fits = self._operations[name][0]()
        except (OSError, subprocess.CalledProcessError):
            fits = False
        (self.failed if fits is False else self.done)[name] += 1
        # What is listed may be gone since; then the next one of this kind fails at most.
        self._age += 1 if name in _SHAPELESS else 3
        if fits is False or name.startswith("git") or self._age > _OLDEST_LISTING:
            self._listed.clear()
            self._age = 0

    def rest(self) -> str:
        """Write the marker, once all permissions and the root are as they should be.

        Gives its text.
        """
        # A rebase or merge may be in progress, on purpose; the index is nobody's.
        self._number += 1
        text = f"rest {self._number} {self.random.random()}\n"
        marker = self.root / MARKER
        if marker.is_symlink() or marker.is_dir():
            raise RuntimeError(f"{marker} is in the way")
        marker.write_text(text, encoding="ascii")
        return text


def main() -> int:
    """Do what standard input says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("root", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    worker = Worker(given.root.resolve(), given.seed)
    for line in sys.stdin:
        worker.work(int(line))
        marker = worker.rest()
        told = {"marker": marker, "done": worker.done, "failed": worker.failed}
        print(json.dumps(told), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
