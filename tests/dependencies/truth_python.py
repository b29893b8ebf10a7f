"""Imports between a package's files as grimp sees them, for `score.py`.

    PYTHON_WITH_GRIMP tests/dependencies/truth_python.py PACKAGE_FOLDER OUTPUT.json

Run it where `grimp` and the package are installed; the package is found, not imported. grimp leaves
out folders without `__init__.py`, so the files of such folders are left out of the truth as well,
and it takes what type checkers alone import.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any


def truth(folder: Path) -> dict[str, Any]:
    """Edges of a package by its folder."""
    import grimp  # type: ignore[import-not-found]  # installed for this alone

    sys.path.insert(0, str(folder.resolve().parent))
    graph = grimp.build_graph(folder.name, cache_dir=None)

    def path(module: str) -> str:
        base = folder.resolve().parent.joinpath(*module.split("."))
        file = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
        return file.relative_to(folder.resolve().parent).as_posix()

    edges = []
    for module in sorted(graph.modules):
        for imported in sorted(graph.find_modules_directly_imported_by(module)):
            details = graph.get_import_details(importer=module, imported=imported)
            lines = sorted({int(each["line_number"]) for each in details})
            edges.append({"source": path(module), "target": path(imported), "lines": lines})
    return {
        "language": "python",
        "method": f"grimp {version('grimp')}",
        "files": sorted(path(module) for module in graph.modules),
        "edges": [each for each in edges if each["source"] != each["target"]],
    }


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(truth(Path(sys.argv[1])), indent=0), encoding="utf-8")
