"""kill -9 at random moments of a refresh, full and read-only disks, damage: what does the store do?

    python -m tests.live.kill [--kills 200] [--seed 1]

A process edits files and refreshes its session, which keeps pages in a store on disk; at a random
moment of a refresh it is killed. Afterwards every file of the store must be whole or read as
missing, and a new session over the store must have the pages that a drawing without store gives,
byte for byte. The same is asked of a store on a full disk (a small tmpfs, where mounting is
allowed), of one that nobody may write to, and of one whose files were altered at random.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from glyphagent.blobs import BlobStore
from glyphagent.page_records import page_store
from glyphagent.session import Session
from tests.live.comparing import unlike
from tests.live.measuring import facts, tree, without_powers, write_result
from tests.live.repositories import make_repository, real_files

_FILES = 24
_LARGEST_FILE = 8000
# The first one starts workers.
_REFRESHES_BEFORE = 2
# Workers see that nobody is there any more, and end.
_ORPHANS_END_S = 5.0


def in_child(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a function gives in a process of its own; the error, if it raises one."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reading)
        try:
            told = work()
        except BaseException as error:
            told = {"error": f"{type(error).__name__}: {error}"}
        with open(writing, "w", encoding="utf-8") as pipe:
            json.dump(told, pipe)
        os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as pipe:
        text = pipe.read()
    os.waitpid(pid, 0)
    found: dict[str, Any] = json.loads(text) if text else {"error": "the process died"}
    return found


def edit(root: Path, chance: random.Random, lines: list[bytes]) -> None:
    """Change a few files: some a little, some altogether."""
    files = sorted(path for path in root.rglob("*") if path.is_file() and ".git" not in path.parts)
    for path in chance.sample(files, 4):
        old = path.read_bytes().splitlines(keepends=True)
        start = chance.randrange(len(old) + 1)
        stop = chance.choice((start, len(old)))
        new = [chance.choice(lines) for _ in range(chance.randrange(1, 60))]
        path.write_bytes(b"".join([*old[:start], *new, *old[stop:]])[:20_000])


def victim(root: Path, seed: int, told: int) -> None:
    """Edit and refresh until killed; a byte is written as each refresh begins and ends."""
    chance = random.Random(seed)
    lines = [line + b"\n" for path in real_files()[:40] for line in path.read_bytes().split(b"\n")]
    session = Session.open(root)
    while True:
        edit(root, chance, lines)
        os.write(told, b"<")
        session.refresh()
        os.write(told, b">")


def killed(root: Path, seed: int, moment: float) -> dict[str, Any]:
    """Kill a process at a moment of a refresh, told as a share of the one before.

    Gives whether it was refreshing then, and which of its processes outlive it.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reading)
        try:
            victim(root, seed, writing)
        finally:
            os._exit(1)
    os.close(writing)
    try:
        took = 0.0
        for number in range(_REFRESHES_BEFORE + 1):
            assert os.read(reading, 1) == b"<", "the process died of itself"
            begun = time.monotonic()
            if number < _REFRESHES_BEFORE:
                assert os.read(reading, 1) == b">", "the process died of itself"
                took = time.monotonic() - begun
        time.sleep(took * moment)
        workers = tree(pid)[1:]
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        refreshing = not os.read(reading, 1)
    finally:
        os.close(reading)
    end = time.monotonic() + _ORPHANS_END_S
    while (left := [each for each in workers if _runs(each)]) and time.monotonic() < end:
        time.sleep(0.05)
    return {"refreshing": refreshing, "refresh_s": round(took, 3), "orphans": len(left)}


def _runs(pid: int) -> bool:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


def looked_at(root: Path) -> dict[str, Any]:
    """What a new process finds: files of the store, pages of a session over it."""
    store = page_store()
    files = [path for path in store.folder.glob("??/*") if path.is_file()]
    keys = [path.name for path in files if not path.name.endswith(".tmp")]
    whole = sum(store.get(key) is not None for key in keys)
    session = Session.open(root)
    return {
        "files": len(keys),
        "torn": len(keys) - whole,
        "temporary": len(files) - len(keys),
        "differences": unlike(session, root),
    }


def damage(store: BlobStore, chance: random.Random) -> int:
    """Alter every other file of a store in some way; gives how many."""
    files = sorted(path for path in store.folder.glob("??/*") if path.is_file())
    for path in files[::2]:
        data = bytearray(path.read_bytes())
        kind = chance.randrange(4)
        if kind == 0:
            data = data[: chance.randrange(len(data))]
        elif kind == 1:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        elif kind == 2:
            data = bytearray(len(data))
        else:
            data += b"more"
        path.write_bytes(data)
    # The other way round: whole files under other names.
    for path, other in zip(files[1::4], files[3::4], strict=False):
        path.write_bytes(other.read_bytes())
    return len(files[::2])


def refreshed(root: Path, seed: int) -> dict[str, Any]:
    """Open, refresh a few times, compare; gives what the store refused too."""
    chance = random.Random(seed)
    session = Session.open(root)
    for _ in range(3):
        edit(root, chance, [b"one = 1\n", b"# two\n", b"def three():\n"])
        session.refresh()
    store = session._drawing.store
    refusal = "" if store is None else store.refusal
    return {"differences": unlike(session, root), "refusal": refusal}


def full_disk(folder: Path, root: Path, seed: int, kib: int) -> dict[str, Any]:
    """A session whose store is on a file system that is soon full; none where none can be made."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True).returncode:
        return {"not_run": "no file system can be mounted here"}
    os.environ["GLYPHAGENT_CACHE_DIR"] = str(folder)
    try:
        full = in_child(lambda: refreshed(root, seed))
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        read_only = in_child(lambda: refreshed(root, seed + 1))
        again = in_child(lambda: looked_at(root))
    finally:
        subprocess.run(["umount", str(folder)], check=True)
    return {"full": full, "mounted_read_only": read_only, "looked_at": again}


def forbidden(folder: Path, root: Path, seed: int) -> dict[str, Any]:
    """A session whose store may be read and not written."""
    os.environ["GLYPHAGENT_CACHE_DIR"] = str(folder)
    in_child(lambda: refreshed(root, seed))
    subprocess.run(["chmod", "-R", "a-w", str(folder)], check=True)
    found = in_child(lambda: refreshed(root, seed + 1))
    subprocess.run(["chmod", "-R", "u+w", str(folder)], check=True)
    return found


def kills(folder: Path, count: int, seed: int) -> dict[str, Any]:
    """Kill so often; gives what was found each time."""
    root = folder / "repository"
    root.mkdir()
    make_repository(root, _FILES, _LARGEST_FILE)
    os.environ["GLYPHAGENT_CACHE_DIR"] = str(folder / "cache")
    chance = random.Random(seed)
    trials: list[dict[str, Any]] = []
    # Kills that came too late are checked like the others, and do not count.
    while sum(trial["refreshing"] for trial in trials) < count and len(trials) < 3 * count:
        trial = killed(root, seed * 100_000 + len(trials), chance.random())
        trials.append(trial | in_child(lambda: looked_at(root)))
        if len(trials) % 10 == 0:
            print(len(trials), json.dumps(trials[-1]), file=sys.stderr)
    odd = [trial for trial in trials if "error" in trial or trial["differences"]]
    altered = damage(page_store(), chance)
    return {
        "kills": len(trials),
        "while_refreshing": sum(trial["refreshing"] for trial in trials),
        "errors": sum("error" in trial for trial in trials),
        "sessions_with_other_pages": sum(bool(trial.get("differences")) for trial in trials),
        "torn_files": sum(trial.get("torn", 0) for trial in trials),
        "temporary_files_left": trials[-1].get("temporary", 0),
        "processes_that_outlived_the_kill": sum(trial["orphans"] for trial in trials),
        "files_in_the_store": trials[-1].get("files", 0),
        "odd": odd[:20],
        "altered_store": {"altered": altered, **in_child(lambda: looked_at(root))},
        "store_nobody_may_write_to": forbidden(folder / "forbidden", root, seed),
        "small_disk": full_disk(folder / "small", root, seed, 96),
    }


def main() -> int:
    """Kill, and keep the result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    held = without_powers()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        result = kills(Path(folder), given.kills, given.seed)
    write_result("kill", {**facts(given.seed), **result, "permissions_hold": held}, given.output)
    return 1 if result["odd"] or result["torn_files"] else 0


if __name__ == "__main__":
    sys.exit(main())
