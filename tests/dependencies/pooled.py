"""Calls of all unseen projects of a language together, from the results that are written down.

    python -m tests.dependencies.pooled [--seen]

A project counts as it was scored when the analyser had never met it: one that was mended for later
counts with its first score, where that was kept, and with `--seen` all others count. Calls on
values of which the checker knows no type count as wrong.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[1] / "bench" / "results"
# Results of scripts hold both languages in one file.
JAVASCRIPT = ("fastify", "mocha", "eslint", "three", "svelte", "@hapi/hapi")
LANGUAGES = {
    "dependencies_python.json": "Python",
    "dependencies_go.json": "Go",
    "dependencies_java.json": "Java",
    "dependencies_c.json": "C and C++",
    "dependencies_rust.json": "Rust",
    "dependencies_rust_further.json": "Rust",
}


def scored() -> Iterator[tuple[str, str, bool, dict[str, Any]]]:
    """Yield language, project, whether it was seen, and the counts of its calls."""
    for path in sorted(RESULTS.glob("dependencies_*.json")):
        found = json.loads(path.read_text())
        projects = found.get("projects", ())
        rows = (
            projects.items()
            if isinstance(projects, dict)
            else ((each["project"], each) for each in projects)
        )
        every = [(name, row["used_while_developing"], row) for name, row in rows]
        every += [(name, True, row) for name, row in found.get("development", {}).items()]
        every += [(name, False, row) for name, row in found.get("unseen", {}).items()]
        for name, seen, row in every:
            calls = row.get("calls_on_unknown_types_as_wrong") or row.get("calls")
            language = LANGUAGES.get(path.name)
            if path.name == "dependencies_scripts.json":
                language = "JavaScript" if name.startswith(JAVASCRIPT) else "TypeScript"
            if calls and language:
                yield language, name, seen, calls


def main() -> None:
    """Print a row for each language."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seen", action="store_true", help="The others instead.")
    wanted = options.parse_args().seen
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    names: dict[str, list[str]] = defaultdict(list)
    for language, name, seen, calls in scored():
        if seen == wanted:
            names[language].append(name)
            for number, what in enumerate(("hits", "wrong", "missed")):
                sums[language][number] += calls[what]
    for language, (hits, wrong, missed) in sorted(sums.items()):
        precision, recall = hits / max(hits + wrong, 1), hits / max(hits + missed, 1)
        print(
            f"{language}: {precision:.3f} / {recall:.3f}  {hits} of {hits + missed} found, "
            f"{wrong} wrong: {', '.join(names[language])}"
        )


if __name__ == "__main__":
    main()
