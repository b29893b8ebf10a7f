"""Ground truth of Go from go/types.

    python -m tests.dependencies.truth_go ROOT OUT.json [--gopath DIR]

Needs a Go toolchain of 1.19 or later. The checker's own resolution (`go_types/main.go`) says which
file declares what every name means, for one build: Linux, amd64, no cgo, or the systems of
`--systems`. Files of other builds are left out of `files`, so nothing is judged about them. An
import proves its package alone: its edges to files of which nothing is named are not required.
Packages from outside are read from `--gopath`; what a missing one hides is missing here too, and
counted in `method`.
"""

from __future__ import annotations

import argparse
import json
import os
import posixpath
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).parent / "go_types" / "main.go"


def truth(root: Path, *, gopath: Path | None = None, systems: str = "linux") -> dict[str, Any]:
    """Files, file edges, package edges and calls of a folder."""
    files: set[str] = set()
    used: dict[tuple[str, str], set[int]] = defaultdict(set)
    imported: dict[tuple[str, str], set[int]] = defaultdict(set)
    calls: set[tuple[str, str, int, str]] = set()
    told = []
    with tempfile.TemporaryDirectory() as scratch:
        program = Path(scratch) / "truth"
        environment = os.environ | {"GO111MODULE": "off", "GOFLAGS": "", "GOTOOLCHAIN": "local"}
        environment["GOCACHE"] = str(Path(scratch) / "cache")
        environment["GOPATH"] = str(gopath.resolve()) if gopath is not None else scratch
        command = ["go", "build", "-o", str(program), str(PROGRAM)]
        subprocess.run(command, check=True, env=environment)
        version = subprocess.run(["go", "version"], check=True, capture_output=True, text=True)
        for system in systems.split(","):
            command = [str(program), str(root.resolve()), system]
            run = subprocess.run(
                command, check=True, capture_output=True, text=True, env=environment
            )
            missing = 0
            for row in (line.split("\t") for line in run.stdout.splitlines()):
                if row[0] == "file":
                    files.add(row[1])
                elif row[0] == "use":
                    used[row[1], row[2]].add(int(row[3]))
                    if row[5] == "call":
                        calls.add((row[1], row[2], int(row[3]), row[4]))
                elif row[0] == "package":
                    imported[row[1], row[2]].add(int(row[3]))
                elif row[0] == "missing":
                    missing += 1
                elif row[0] == "errors":
                    told.append(f"{system}: {missing} packages missing, {row[1]} type errors")
    edges = [
        {
            "source": source,
            "target": target,
            "lines": sorted(
                used.get((source, target), set()) | imported.get((source, target), set())
            ),
            "required": (source, target) in used,
        }
        for source, target in sorted({*used, *imported})
        if source != target
    ]
    packages = {(posixpath.dirname(a), posixpath.dirname(b)) for a, b in {*used, *imported}}
    keys = ("source", "target", "line", "name")
    return {
        "language": "go",
        "method": f"go/types, {version.stdout.strip()}; {'; '.join(told)}",
        "files": sorted(files),
        "edges": edges,
        "package_edges": sorted([a, b] for a, b in packages if a != b),
        "calls": [dict(zip(keys, call, strict=True)) for call in sorted(calls)],
    }


def main() -> None:
    """Write the truth of a folder as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("root", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--gopath", type=Path)
    parser.add_argument("--systems", default="linux")
    given = parser.parse_args()
    found = truth(given.root, gopath=given.gopath, systems=given.systems)
    given.out.write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")
    print(found["method"], {key: len(value) for key, value in found.items() if key != "method"})


if __name__ == "__main__":
    main()
