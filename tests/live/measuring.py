"""What a process costs, with all that it started, and what a result says about its machine."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[1] / "bench" / "results"
ROOT = Path(__file__).parents[2]

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_DROPPED = "GLYPHAGENT_LIVE_POWERS_DROPPED"
# With these, root reads what permissions forbid.
_POWERS = "-dac_override,-dac_read_search"


@dataclass(frozen=True)
class Footprint:
    """What a process holds at a moment.

    Attributes:
        seconds: Since the first one.
        resident_mib: Its own memory and that of the processes that it started.
        own_mib: Its own alone.
        descriptors: Files that it has open.
        threads: Its threads.
        children: Processes that it started, and theirs.
    """

    seconds: float
    resident_mib: float
    own_mib: float
    descriptors: int
    threads: int
    children: int


def _status(pid: int) -> list[str]:
    """Fields of `/proc/PID/stat` after the name; none if the process is gone.

    Source: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def tree(pid: int, without: Collection[int] = ()) -> list[int]:
    """A process and all below it, but for those left out and what is below them."""
    below: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (fields := _status(int(name))):
            below.setdefault(int(fields[1]), []).append(int(name))

    def walk(each: int) -> Iterator[int]:
        if each not in without:
            yield each
            for child in below.get(each, ()):
                yield from walk(child)

    return list(walk(pid))


def cpu_seconds(pid: int | None = None, without: Collection[int] = ()) -> float:
    """Processor time of a process and all that it started, ended ones that it waited for too."""
    return seconds_of(tree(os.getpid() if pid is None else pid, without))


def seconds_of(pids: Collection[int]) -> float:
    """Processor time of processes, and of those that they waited for."""
    every = [fields for pid in pids if (fields := _status(pid))]
    return sum(int(field) for fields in every for field in fields[11:15]) / _TICKS


def footprint(begun: float, pid: int | None = None, without: Collection[int] = ()) -> Footprint:
    """What a process holds now.

    Args:
        begun: Monotonic time of the first footprint.
        pid: The process; this one by default.
        without: Processes that do not count.
    """
    pid = os.getpid() if pid is None else pid
    every = tree(pid, without)
    sizes = [int(fields[21]) * _PAGE / 2**20 for each in every if (fields := _status(each))]
    return Footprint(
        round(time.monotonic() - begun, 1),
        round(sum(sizes), 1),
        round(sizes[0], 1),
        len(os.listdir(f"/proc/{pid}/fd")),
        int(_status(pid)[17]),
        len(every) - 1,
    )


def facts(seed: int | None = None) -> dict[str, Any]:
    """The machine, the versions and the day, as every result begins."""
    found: dict[str, Any] = {
        "date": date.today().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()} "
        f"{platform.release().split('-')[0]}, shared",
        "python": platform.python_version(),
        "glyphagent": version("glyphagent"),
        "numpy": version("numpy"),
    }
    return found if seed is None else found | {"seed": seed}


def write_result(name: str, result: dict[str, Any], output: Path | None = None) -> None:
    """Keep a result as JSON, where the others lie, and show it."""
    path = output or RESULTS / f"live_{name}.json"
    path.write_text(json.dumps(result, indent=1, default=asdict) + "\n", encoding="utf-8")
    short = {key: value for key, value in result.items() if not isinstance(value, list | dict)}
    print(json.dumps(short, indent=1))


def without_powers() -> bool:
    """Whether permissions hold for this process, which is started again without root's powers.

    Root may read what nobody may; then a permission that is taken away would test nothing.
    """
    if os.geteuid() or _DROPPED in os.environ:
        return True
    tool = shutil.which("setpriv")
    if tool is None:
        return False
    module = sys.modules["__main__"].__spec__
    assert module is not None  # these programs are started with `python -m`
    command = [sys.executable, "-m", module.name, *sys.argv[1:]]
    os.environ[_DROPPED] = "1"
    os.execv(tool, [tool, "--bounding-set", _POWERS, "--inh-caps", _POWERS, *command])
