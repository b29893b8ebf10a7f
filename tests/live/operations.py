"""Random work in a git repository, as editors, builds, people and git itself do it.

    python -m tests.live.operations ROOT --seed 1

Each line on standard input is a number of operations to do; they are done in bursts with pauses,
then a file `zz-marker.py` is written and a line of JSON says what was done. At the end of the
input the program ends. It is a process of its own, so that its work is not counted as the
watcher's, and so that it really goes on while others read.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.live.repositories import git

MARKER = "zz-marker.py"
FOLDERS = ("src", "src/inner", "src/inner/deep", "docs", "tests", "lib", "lib/a b", "new", "build")
SUFFIXES = (".py", ".py", ".py", ".md", ".txt", ".js", ".json", ".toml", "")
IGNORED = ("build/", "*.log", "lib/", "*.txt", "!keep.txt", "deep/", "docs/*.md", "/new", "*~")
BRANCHES = ("main", "one", "two", "three")
# Between these it is held, by growing and by deleting, so that a run costs the same throughout.
FEWEST, MOST = 60, 160
_PAUSES_S = (0, 0, 0, 0.002, 0.01, 0.05, 0.2, 0.45, 0.9)
_LONGEST_BURST = 60
_UNLISTED = frozenset((".git", "build", "wt"))
_OLDEST_LISTING = 24
# Operations after which the same files lie in the same places.
_SHAPELESS = frozenset(
    ("edit", "append", "truncate", "atomic save", "same size, same time", "touch", "permissions")
)


class Worker:
    """Does random operations below a root; what cannot be done is left.

    Attributes:
        done: How often each operation was done.
        failed: How often one could not be done as things stood.
    """

    def __init__(self, root: Path, seed: int) -> None:
        """Change nothing yet."""
        self.root = root
        self.outside = root.with_name(f"{root.name}-outside")
        self.outside.mkdir(exist_ok=True)
        self.random = random.Random(seed)
        self.done: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self._number = 0
        self._listed: list[Path] = []
        self._age = 0
        self._lines = [line for file in sorted(root.rglob("*.py")) for line in _lines(file)] or [
            "x"
        ]
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
            self._rare.get(name, self._operations[name][1] * (25 if name[:3] == "git" else 100))
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

    def _files(self) -> list[Path]:
        """Files and links of the tree, without repositories' own."""
        if not self._listed:
            for folder, folders, names in os.walk(self.root):
                folders[:] = sorted(name for name in folders if name not in _UNLISTED)
                odd = (MARKER, ".git", ".gitignore")
                self._listed += [Path(folder, name) for name in sorted(names) if name not in odd]
        return self._listed

    def _file(self) -> Path:
        """A file of the tree; the caller fails where there is none."""
        files = [path for path in self._files() if not path.is_symlink()]
        return self.random.choice(files) if files else self.root / "missing"

    def _folder(self, made: bool = True) -> Path:
        """A folder, perhaps a new one."""
        folder = self.root / self.random.choice(FOLDERS)
        if made:
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _folders(self) -> list[Path]:
        """Folders of the tree below the root."""
        found = []
        for folder, folders, _ in os.walk(self.root):
            folders[:] = sorted(name for name in folders if name not in _UNLISTED)
            found += [Path(folder, name) for name in folders]
        return [path for path in found if not path.is_symlink()]

    def _any_folder(self) -> Path:
        folders = self._folders()
        return self.random.choice(folders) if folders else self._folder()

    def _new(self) -> Path:
        self._number += 1
        name = self.random.choice(("a", "b", "long name", "käse", "x-1", "Readme"))
        return self._folder() / f"{name}{self._number % 70}{self.random.choice(SUFFIXES)}"

    def _text(self, lines: int) -> str:
        end = self.random.choice(("\n", "\n", "\n", "\r\n"))
        return "".join(self.random.choice(self._lines) + end for _ in range(lines))

    def _write(self, path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8", newline="")

    def _create(self) -> None:
        self._write(self._new(), self._text(self.random.choice((0, 1, 5, 20, 60, 150))))

    def _edit(self) -> None:
        path = self._file()
        lines = path.read_bytes().splitlines(keepends=True)
        start = self.random.randrange(len(lines) + 1)
        stop = min(len(lines), start + self.random.randrange(4))
        new = self._text(self.random.randrange(4)).encode()
        path.write_bytes(b"".join([*lines[:start], new, *lines[stop:]])[:30_000])

    def _append(self) -> None:
        with self._file().open("ab") as file:
            file.write(self._text(self.random.randrange(1, 6)).encode())

    def _truncate(self) -> None:
        path = self._file()
        os.truncate(path, self.random.choice((0, path.stat().st_size // 2)))

    def _rename(self) -> None:
        old, new = self._file(), self._new()
        if self.random.random() < 0.6:
            new = new.with_suffix(old.suffix)
        old.rename(new)

    def _rename_onto(self) -> None:
        self._file().replace(self._file())

    def _delete(self) -> None:
        files = self._files()
        self.random.choice(files).unlink()

    def _delete_folder(self) -> None:
        shutil.rmtree(self._any_folder())

    def _atomic_save(self) -> None:
        path = self._file()
        text = path.read_bytes() + self._text(1).encode()
        temporary = path.with_name(self.random.choice((f".{path.name}.swp", "4913", "tmp~")))
        temporary.write_bytes(text)
        temporary.replace(path)

    def _backup_save(self) -> None:
        path = self._file()
        backup = path.with_name(f"{path.name}~")
        text = path.read_bytes()
        path.rename(backup)
        path.write_bytes(self._text(1).encode() + text)
        if self.random.random() < 0.8:
            backup.unlink()

    def _disguise(self) -> None:
        path = self._file()
        status, data = path.stat(), bytearray(path.read_bytes())
        if not data:
            raise FileNotFoundError(path)
        data[self.random.randrange(len(data))] = self.random.choice(b"abcxyz\n")
        path.write_bytes(data)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    def _touch(self) -> None:
        self._file().touch()

    def _move_folder(self) -> None:
        old, above = self._any_folder(), self._any_folder()
        if above == old or old in above.parents:
            above = self.root
        self._number += 1
        old.rename(above / self.random.choice((old.name, f"moved{self._number % 5}")))

    def _move_out(self) -> None:
        self._number += 1
        self._any_folder().rename(self.outside / f"out{self._number}")

    def _move_in(self) -> None:
        waiting = sorted(self.outside.iterdir())
        if not waiting:
            raise FileNotFoundError(self.outside)
        self._number += 1
        chosen = self.random.choice(waiting)
        chosen.rename(self._folder() / f"in{self._number % 9}")

    def _link(self) -> None:
        path, kind = self._file(), self.random.randrange(5)
        target = (
            os.path.relpath(self._file(), path.parent),
            os.path.relpath(self._any_folder(), path.parent),
            "nowhere",
            str(self.outside),
            path.name,
        )[kind]
        new = self._new() if self.random.random() < 0.5 else path
        with contextlib.suppress(FileNotFoundError):
            new.unlink()
        new.symlink_to(target)

    def _link_folder(self) -> None:
        folder, other = self._any_folder(), self._any_folder()
        if folder == other or folder in other.parents:
            raise FileNotFoundError(folder)
        self._number += 1
        folder.rename(self.outside / f"out{self._number}")
        folder.symlink_to(os.path.relpath(other, folder.parent))

    def _permissions(self) -> None:
        path = self._file()
        locked = [each for each in self._files() if _is_locked(each)]
        if locked and (self.random.random() < 0.6 or len(locked) > 3):
            self.random.choice(locked).chmod(0o644)
        else:
            path.chmod(self.random.choice((0o000, 0o755, 0o644)))

    def _folder_permissions(self) -> None:
        """Take a folder's away for a moment; or until the next one comes."""
        for folder in self._folders():
            if _is_locked(folder):
                folder.chmod(0o755)
                return
        self._any_folder().chmod(0o000)

    def _ignore(self) -> None:
        folder = self.root if self.random.random() < 0.5 else self._folder()
        path = folder / self.random.choice((".gitignore", ".gitignore", ".glyphagentignore"))
        kind = self.random.randrange(4)
        if kind == 0:
            path.unlink(missing_ok=True)
        elif kind == 1:
            with path.open("a", encoding="utf-8") as file:
                file.write(f"{self.random.choice(IGNORED)}\n")
        else:
            chosen = self.random.sample(IGNORED, self.random.randrange(1, 3))
            self._write(path, "\n".join(["build/", *chosen, f"!/{MARKER}", ""]))

    def _exclude(self) -> None:
        path = self.root / ".git/info/exclude"
        path.parent.mkdir(exist_ok=True)
        self._write(path, self.random.choice(("", "*.json\n", "*.orig\n", "src/inner/\n")))

    def _storm(self) -> None:
        folder = self.root / "build" / f"o{self.random.randrange(3)}"
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(60):
            self._write(folder / f"{number}.o.txt", str(self.random.random()))
        if self.random.random() < 0.4:
            shutil.rmtree(self.root / "build")

    def _odd(self) -> None:
        path = self._new()
        path.write_bytes(
            self.random.choice(
                (
                    b"\0\1\2binary" * 30,
                    b"caf\xe9\n" * 20,
                    "utf-16\n".encode("utf-16") * 9,
                    b"x" * 30_000,
                    b"y\n" * 520_000,
                    b"\xef\xbb\xbfbom\n",
                )
            )
        )
        if self.random.random() < 0.2:
            path.rename(os.fsdecode(os.fsencode(path.parent) + b"/odd\xff.txt"))

    def _git(self, *words: str) -> bool:
        return git(self.root, *words, check=False).returncode == 0

    def _commit(self) -> bool:
        self._git("add", "-A", "--ignore-errors")
        return self._git("commit", "-qm", f"state {self._number}")

    def _checkout(self) -> bool:
        force = ("-f",) if self.random.random() < 0.4 else ()
        where = self.random.choice((*BRANCHES, "HEAD~1", "HEAD~3"))
        return self._git("checkout", "-q", *force, where)

    def _branch(self) -> bool:
        return self._git("checkout", "-q", "-B", self.random.choice(BRANCHES))

    def _stash(self) -> bool:
        pop = self.random.random() < 0.5
        return self._git("stash", "pop", "-q") if pop else self._git("stash", "-q", "-u")

    def _rebase(self) -> bool:
        """Begin one and leave it where it stops; end one that is in progress."""
        if (self.root / ".git/rebase-merge").exists():
            how = self.random.choice(("--abort", "--skip", "--abort"))
            return self._git("rebase", how)
        self._commit()
        return self._git("rebase", self.random.choice(BRANCHES), "-q")

    def _merge(self) -> bool:
        if (self.root / ".git/MERGE_HEAD").exists():
            return self._git("merge", "--abort")
        return self._git("merge", "-q", "-m", "merged", self.random.choice(BRANCHES))

    def _untrack(self) -> bool:
        path = self._file().relative_to(self.root).as_posix()
        return self._git("rm", "-q", "-f", "--cached", "--", path)

    def _git_move(self) -> bool:
        old, new = self._file().relative_to(self.root), self._new().relative_to(self.root)
        return self._git("mv", "-f", "--", old.as_posix(), new.as_posix())

    def _work_tree(self) -> bool:
        inside = self.random.random() < 0.5
        place = self.root / "wt" if inside else self.outside.with_name(f"{self.root.name}-wt")
        if place.exists():
            return self._git("worktree", "remove", "--force", str(place))
        self._git("worktree", "prune")
        return self._git("worktree", "add", "-q", "--detach", str(place))

    def _nested(self) -> bool:
        """Make a repository in the repository, or its folder a plain one again: one at a time."""
        for folder in self._folders():
            if (folder / ".git").is_dir():
                shutil.rmtree(folder / ".git")
                return True
        folder = self._any_folder()
        if (folder / ".git").exists():
            return False
        return git(folder, "init", "-q", check=False).returncode == 0

    def _rename_root(self) -> None:
        away = self.root.with_name(f"{self.root.name}-away")
        self.root.rename(away)
        try:
            if self.random.random() < 0.5:
                self._write(away / "written-while-away.py", self._text(5))
            time.sleep(self.random.choice((0, 0.02, 0.6)))
        finally:
            away.rename(self.root)


def _is_locked(path: Path) -> bool:
    """Whether nobody may do anything with what lies at a path."""
    try:
        return not path.lstat().st_mode & 0o700
    except OSError:
        return False


def _lines(file: Path) -> list[str]:
    """Lines to write code from."""
    return file.read_text(encoding="utf-8", errors="replace").splitlines()[:80]


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
