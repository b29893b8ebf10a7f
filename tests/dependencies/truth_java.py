"""Ground truth of Java dependencies: `python truth_java.py ROOT OUT.json [CLASSPATH]`.

The compiler's own resolution (`truth_java/Truth.java`, JDK 16 or later) says which file declares
what every name of the text means. A file edge is a type that is named, with an import or without;
symbol edges are what is called, referred to and inherited. What a missing library hides from the
compiler is missing here too.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

PROGRAM = Path(__file__).parent / "truth_java" / "Truth.java"


def truth(root: Path, classpath: str = "") -> dict[str, object]:
    """Files, file edges and symbol edges of a folder, as the gold files have them."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "lines"
        command = ["java", str(PROGRAM), str(root), str(out), *([classpath] if classpath else [])]
        subprocess.run(command, check=True)
        rows = [line.split("\t") for line in out.read_text(encoding="utf-8").splitlines()]
    files = sorted(str(path.relative_to(root)) for path in root.rglob("*.java"))
    lines: dict[tuple[str, str], set[int]] = defaultdict(set)
    uses: dict[str, list[dict[str, object]]] = {"call": [], "inherit": []}
    for source, target, line, name, kind in rows:
        if source != target and kind in ("import", "mention"):
            lines[source, target].add(int(line))
        elif source != target and kind in uses:
            place = {"source": source, "target": target, "line": int(line), "name": name}
            uses[kind].append(place)
    edges = [
        {"source": source, "target": target, "lines": sorted(at), "required": True}
        for (source, target), at in sorted(lines.items())
    ]
    version = subprocess.run(["java", "--version"], check=True, capture_output=True, text=True)
    return {
        "language": "java",
        "method": f"javac's own resolution of every name, {version.stdout.splitlines()[0]}",
        "files": files,
        "edges": edges,
        "calls": uses["call"],
        "inherits": uses["inherit"],
    }


def main() -> None:
    """Write the truth of a folder as JSON."""
    root, out, *rest = sys.argv[1:]
    found = truth(Path(root), *rest)
    Path(out).write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")
    print({key: len(value) for key, value in found.items() if isinstance(value, list)})


if __name__ == "__main__":
    main()
