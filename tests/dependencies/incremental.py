"""Whether updating a dependency graph gives what analysing anew gives, and what it costs.

    python -m tests.dependencies.incremental --git REPOSITORY [--commits 30]
    python -m tests.dependencies.incremental --folders FOLDER FOLDER ...
    python -m tests.dependencies.incremental --edits FOLDER [--count 30]

The first walks a repository's last commits on the first-parent line, oldest first; the second a
project's successive releases, unpacked; the third edits one file after the other: a comment at
its head, which nobody outside can see, then a new function, which others might. After every step
the updated graph is compared with one made from nothing, in all of its parts. Times are CPU
seconds of this process, without workers.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.sources import Source, SourceSet

State = tuple[str, dict[str, str], list[tuple[str, str]]]


def parts(graph: DependencyGraph) -> dict[str, Any]:
    """All that a graph says."""
    return {
        "nodes": graph.nodes,
        "edges": graph.edges,
        "symbol edges": graph.symbol_edges,
        "definitions": graph.definitions,
        "unresolved": graph.unresolved,
        "skipped": graph.skipped,
        "errors": graph.errors,
    }


def state(name: str, found: SourceSet) -> State:
    """Texts and skipped files of a source set."""
    texts = {document.path: document.text for document in found.documents}
    return name, texts, [(each.path, each.reason) for each in found.skipped]


def commits(repository: Path, count: int) -> Iterator[State]:
    """States of a repository at its last commits, oldest first."""
    command = ["git", "-C", str(repository), "rev-list", "--first-parent", f"-n{count + 1}", "HEAD"]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    for name in reversed(names):
        yield state(name, Source.from_git(repository, name).read())


def folders(paths: list[Path]) -> Iterator[State]:
    """States of a project in several folders."""
    for path in paths:
        yield state(path.name, Source.from_folder(path).read())


def edits(folder: Path, count: int) -> Iterator[State]:
    """States of a folder with one file edited after the other."""
    name, texts, skipped = state(folder.name, Source.from_folder(folder).read())
    yield name, dict(texts), skipped
    code = [path for path in sorted(texts) if path.endswith(".py")]
    for path in code[:: max(1, len(code) // count)][:count]:
        texts[path] = "# edited\n" + texts[path]
        yield f"comment in {path}", dict(texts), skipped
        texts[path] += "\n\ndef added_here():\n    return 1\n"
        yield f"function in {path}", dict(texts), skipped


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str | None]:
    """New texts by path, None for documents that are gone."""
    every = before.keys() | after.keys()
    return {path: after.get(path) for path in every if before.get(path) != after.get(path)}


def run(states: Iterator[State]) -> dict[str, Any]:
    """Walk through states and compare."""
    _, texts, skipped = next(states)
    analyzer = DependencyAnalyzer(texts, skipped=skipped, workers=0)
    differences: list[str] = []
    steps: list[dict[str, Any]] = []
    for name, after, left_out in states:
        change = changed(texts, after)
        begun = time.process_time()
        graph = analyzer.update(change, skipped=left_out)
        updated = time.process_time() - begun
        begun = time.process_time()
        fresh = DependencyAnalyzer(after, skipped=left_out, workers=0).graph
        anew = time.process_time() - begun
        new, old = parts(fresh), parts(graph)
        differences += [f"{name}: {part}" for part in new if new[part] != old[part]]
        steps.append(
            {
                "step": name,
                "files_changed": len(change),
                "relinked": len(analyzer.relinked),
                "update_ms": round(updated * 1000, 2),
                "anew_ms": round(anew * 1000, 1),
            }
        )
        texts = after
    return {"files": len(texts), "steps": steps, "differences": differences}


def main() -> int:
    """Walk, and say what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--git", type=Path)
    kind.add_argument("--folders", type=Path, nargs="+")
    kind.add_argument("--edits", type=Path)
    parser.add_argument("--commits", type=int, default=30)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--output", type=Path, help="write the whole result as JSON")
    given = parser.parse_args()
    if given.git:
        states, subject = commits(given.git, given.commits), given.git
    elif given.folders:
        states, subject = folders(given.folders), given.folders[-1]
    else:
        states, subject = edits(given.edits, given.count), given.edits
    result = run(states)
    result |= {
        "subject": subject.resolve().name,
        "date": date.today().isoformat(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
    }
    steps = result["steps"]
    one = [each for each in steps if each["files_changed"] == 1]
    print(f"{result['subject']}: {result['files']} files, {len(steps)} steps")
    print(f"differences from a full run: {len(result['differences'])}")
    for each in result["differences"][:10]:
        print("  ", each)
    if one:
        times = sorted(each["update_ms"] for each in one)
        print(
            f"one file changed ({len(one)} steps): median {median(times):.1f} ms, "
            f"nine in ten below {times[int(len(times) * 0.9)]:.1f} ms, most {times[-1]:.1f} ms; "
            f"anew {median(each['anew_ms'] for each in one):.0f} ms"
        )
    if given.output:
        given.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 1 if result["differences"] else 0


if __name__ == "__main__":
    sys.exit(main())
