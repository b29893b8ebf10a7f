"""A mirror that looks only where the watcher says ends up equal to the folder, whatever is done."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest

from glyphagent.watching import Dirty

from .conftest import Git, Watch

_NAMES = ("one", "two", "three", "node_modules", "gen")
_FILES = ("a.py", "b.py", "c.log")


class Mirror:
    """Files of a root with their content, as of when each was last looked at."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[str, tuple[int, bytes]] = {}
        self.look([""])

    def look(self, paths: Iterable[str]) -> None:
        for path in paths:
            inside = f"{path}/" if path else ""
            for known in [p for p in self.files if p == path or p.startswith(inside)]:
                del self.files[known]
            whole = self.root / path
            if whole.is_dir() and not whole.is_symlink():
                for above, _, names in os.walk(whole):
                    for name in names:
                        self._take(Path(above, name))
            else:
                self._take(whole)

    def _take(self, file: Path) -> None:
        path = file.relative_to(self.root).as_posix()
        try:
            if not path.startswith(".git/"):
                self.files[path] = (file.lstat().st_mode, file.read_bytes())
        except OSError:
            # Gone meanwhile: another hint is on its way.
            self.files.pop(path, None)

    def counting(self) -> dict[str, tuple[int, bytes]]:
        """Those that git does not ignore."""
        command = ["git", "ls-files", "-c", "-o", "--exclude-standard", "-z"]
        listed = subprocess.run(command, cwd=self.root, capture_output=True, check=True).stdout
        names = {os.fsdecode(name) for name in listed.split(b"\0")}
        return {path: state for path, state in self.files.items() if path in names}


def disturb(root: Path, chance: random.Random, times: int) -> None:
    """Do random things to a folder."""
    for number in range(times):
        folders = [p for p in root.rglob("*") if p.is_dir() and ".git" not in p.parts]
        folder = chance.choice([root, *folders])
        other = chance.choice([root, *folders]) / chance.choice(_NAMES)
        file = folder / chance.choice(_FILES)
        deed = chance.randrange(10)
        try:
            if deed < 3:
                below = folder / chance.choice(_NAMES) / chance.choice(_NAMES)
                below.mkdir(parents=True)
                (below / "new.py").write_text(str(number))
            elif deed < 5:
                file.write_text(str(number))
            elif deed == 5:
                (folder / "tmp").write_text(str(number))
                (folder / "tmp").replace(file)
            elif deed == 6 and folder != root:
                folder.rename(other)
            elif deed == 7 and folder != root:
                shutil.rmtree(folder)
            elif deed == 8:
                (folder / ".gitignore").write_text(chance.choice(["gen/\n", "*.log\n", ""]))
            else:
                file.chmod(chance.choice([0o644, 0o600, 0o755]))
        except OSError:
            # Not there, or there already: the next deed may be possible.
            continue


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_ever_missed(
    seed: int, root: Path, watch: Watch, scratch_git: Git, tmp_path: Path
) -> None:
    # Backstops off: hints alone must do.
    watcher = watch(root, periodic_s=3600, quiet_s=0.02, longest_s=0.1)
    mirror = Mirror(root)
    deeds = threading.Thread(target=disturb, args=(root, random.Random(seed), 200))
    deeds.start()
    told: list[Dirty] = []
    while deeds.is_alive():
        dirty = watcher.wait(0.05)
        if dirty is not None:
            told.append(dirty)
            mirror.look(dirty.paths)
    while (dirty := watcher.wait(0.3)) is not None:
        told.append(dirty)
        mirror.look(dirty.paths)
    truth = Mirror(root)
    assert mirror.counting() == truth.counting()
    assert told
    assert not any(dirty.everything for dirty in told)
