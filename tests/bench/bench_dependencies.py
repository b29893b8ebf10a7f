"""CPU seconds and memory of whole dependency analyses, ours and other tools', interleaved.

    python tests/bench/bench_dependencies.py FOLDER --rounds 5 --label NAME \\
        --peer 'grimp=/path/to/python -c "..."' [--output tests/bench/results/NAME.json]

Every command is a fresh process that analyses FOLDER from nothing, caches off; what counts is user
and system time of the process and all its children, and the largest resident set. Commands take
turns, so that a noisy machine is noisy to all of them; the figure is the least of the rounds, and
the ratio is to ours. `{folder}` in a peer's command is replaced.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import subprocess
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

OURS = {
    "glyphagent, imports": "deps {folder} --no-symbols --json --quiet",
    "glyphagent, imports and symbols": "deps {folder} --json --quiet",
}

# The analysis by itself, of texts at hand, in a process that was started and has read them.
ALONE = {"imports": False, "imports and symbols": True}
_ALONE = (
    "import sys, time\n"
    "from pathlib import Path\n"
    "from glyphagent.dependencies.analyzer import DependencyAnalyzer\n"
    "from glyphagent.sources import Source\n"
    "root, symbols = sys.argv[1], sys.argv[2] == 'True'\n"
    "texts = {each.path: each.text for each in Source.open(root).read().documents}\n"
    "begun = time.process_time()\n"
    "options = {'symbols': symbols, 'workers': 0, 'root_name': Path(root).name}\n"
    "DependencyAnalyzer(texts, **options)\n"
    "print(time.process_time() - begun)\n"
)


def alone(folder: str, symbols: bool) -> float:
    """CPU seconds of our analysis without starting, reading and writing, in one process."""
    command = [sys.executable, "-c", _ALONE, folder, str(symbols)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


def measured(command: list[str], cwd: Path | None) -> tuple[float, float]:
    """CPU seconds and largest resident set in MiB of a command and its children."""
    # A child of its own, so that its children's usage is not mixed with other commands'.
    script = (
        "import json, resource, subprocess, sys\n"
        "code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(json.dumps([code, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *command],
        capture_output=True,
        text=True,
        check=True,
        cwd=cwd,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    code, seconds, size = json.loads(done.stdout)
    if code not in (0, 1):
        raise SystemExit(f"{shlex.join(command)} ended with {code}: {done.stderr[-2000:]}")
    return seconds, size


def main() -> int:
    """Measure all commands in turn."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--label", required=True, help="what the folder is, with its version")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND")
    parser.add_argument("--cwd", type=Path, help="where the peers are started")
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    folder = str(given.folder.resolve())
    ours = Path(sys.executable).with_name("glyphagent")
    commands: dict[str, tuple[list[str], Path | None]] = {
        name: ([str(ours), *shlex.split(line.format(folder=shlex.quote(folder)))], None)
        for name, line in OURS.items()
    }
    for peer in given.peer:
        name, _, line = peer.partition("=")
        commands[name] = (shlex.split(line.replace("{folder}", shlex.quote(folder))), given.cwd)
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    sizes: dict[str, float] = dict.fromkeys(commands, 0.0)
    analysis: dict[str, list[float]] = {name: [] for name in ALONE}
    for _ in range(given.rounds):
        for name, symbols in ALONE.items():
            analysis[name].append(alone(folder, symbols))
        for name, (command, cwd) in commands.items():
            used, size = measured(command, cwd)
            seconds[name].append(used)
            sizes[name] = max(sizes[name], size)
    base = min(seconds[next(iter(OURS))])
    rows: dict[str, Any] = {
        name: {
            "cpu_seconds": round(min(values), 2),
            "rounds": [round(each, 2) for each in values],
            "ratio_to_ours": round(min(values) / base, 2),
            "largest_process_mib": round(sizes[name]),
        }
        for name, values in seconds.items()
    }
    result = {
        "what": given.label,
        "date": date.today().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "python": platform.python_version(),
        "glyphagent": version("glyphagent"),
        "tools": rows,
        "our_analysis_alone": {
            name: {
                "cpu_seconds": round(min(values), 2),
                "rounds": [round(each, 2) for each in values],
            }
            for name, values in analysis.items()
        },
    }
    for name, row in rows.items():
        print(
            f"{name:34} {row['cpu_seconds']:7.2f} CPU s  {row['ratio_to_ours']:6.2f}  "
            f"{row['largest_process_mib']:5d} MiB"
        )
    for name, values in analysis.items():
        print(f"{'our analysis alone, ' + name:34} {min(values):7.2f} CPU s")
    if given.output:
        given.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
