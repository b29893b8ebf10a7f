"""What people, editors and builds do to the files and folders of a tree."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import time
from collections import Counter
from pathlib import Path

MARKER = "zz-marker.py"
FOLDERS = ("src", "src/inner", "src/inner/deep", "docs", "tests", "lib", "lib/a b", "new", "build")
SUFFIXES = (".py", ".py", ".py", ".md", ".txt", ".js", ".json", ".toml", "")
IGNORED = ("build/", "*.log", "lib/", "*.txt", "!keep.txt", "deep/", "docs/*.md", "/new", "*~")
_UNLISTED = frozenset((".git", "build", "wt"))


class FileWork:
    """Operations on files and folders; one that cannot be done raises `OSError`.

    Attributes:
        root: The tree.
        outside: Where folders are moved to.
        random: Chooses.
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
        self._lines = [line for file in sorted(root.rglob("*.py")) for line in _lines(file)] or [
            "x"
        ]

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
        self._write(self._new(), self._text(self.random.choice((0, 1, 5, 20, 60, 150, 700))))

    def _edit(self) -> None:
        path = self._file()
        lines = path.read_bytes().splitlines(keepends=True)
        start = self.random.randrange(len(lines) + 1)
        stop = min(len(lines), start + self.random.randrange(4))
        new = self._text(self.random.randrange(4)).encode()
        path.write_bytes(b"".join([*lines[:start], new, *lines[stop:]])[:60_000])

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
