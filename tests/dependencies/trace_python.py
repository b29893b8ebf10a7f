"""Calls between a Python package's files as a run makes them, and how the graph fits them.

    python tests/dependencies/trace_python.py PACKAGE_FOLDER OUTPUT.json -- -m pytest ... tests

runs the rest of the line as `python` would, with every call traced whose caller and callee both
lie in the package, and writes a truth for `score.py`. The traced project runs for real, so trace
only what you trust; this is an evaluation, no part of the product.

Only what someone wrote as a call counts: not properties, operators, iteration or `with`, which
run no call instruction, not special methods, which the interpreter calls, and not functions
defined inside functions, which other files reach through variables alone. Generators and
coroutines are left out (`suspended`): they begin to run where they are iterated or awaited, not
where they are called. A constructor counts as its class, also where a base's `__init__` runs.

A call is `named` if its expression spells the name of what is called; the others are computed, by
tables, `getattr` and callbacks, which no reading of the text can follow.

A run shows some of a program's calls, so recall is over the calls that ran, and precision over
the predicted calls whose line ran (`ran` holds the lines): one that ran and called something else
is wrong. Classes whose construction runs no Python code are judged neither way (`silent`).
"""

from __future__ import annotations

import ast
import dis
import inspect
import json
import linecache
import os
import re
import runpy
import sys
import threading
from collections import defaultdict
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

_CALLS = frozenset({"CALL", "PRECALL", "CALL_FUNCTION_EX", "CALL_KW"})
_SUSPENDED = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
# Frames that are made by a definition, not by a call that anyone wrote.
_NO_CALLS = frozenset(
    {"<module>", "<lambda>", "<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>"}
)


class Trace:
    """Calls and executed lines of one package."""

    def __init__(self, folder: Path) -> None:
        """Trace a package by its folder."""
        self.root = folder.resolve().parent
        self.prefix = str(folder.resolve()) + os.sep
        self.calls: set[tuple[str, str, int, str, bool]] = set()
        self.lines: dict[str, set[int]] = defaultdict(set)
        self._ours: dict[CodeType, bool] = {}

    def ours(self, code: CodeType) -> bool:
        """Whether a code object lies in the package."""
        known = self._ours.get(code)
        if known is None:
            known = self._ours[code] = code.co_filename.startswith(self.prefix)
        return known

    def __call__(self, frame: FrameType, event: str, argument: object) -> Any:
        """Take note of a call; follow lines in the package."""
        code = frame.f_code
        if not self.ours(code):
            return None
        back = frame.f_back
        if back is not None and self.ours(back.f_code) and _written(frame, back):
            source = self.relative(back.f_code)
            target, name = self.called(frame, back)
            if target and source != target:
                self.calls.add((source, target, back.f_lineno, name, self.named(back, name)))
        return self.line

    def called(self, frame: FrameType, back: FrameType) -> tuple[str, str]:
        """File and name of what was called: the class, for its constructor."""
        code = frame.f_code
        if code.co_name not in ("__init__", "__new__") or not code.co_argcount:
            return self.relative(code), code.co_name
        first = frame.f_locals.get(code.co_varnames[0])
        made = first if isinstance(first, type) else type(first)
        outer = back.f_code
        if outer.co_argcount and back.f_locals.get(outer.co_varnames[0]) is first:
            # `super().__init__()`, or a base named outright.
            return self.relative(code), code.co_name
        module = sys.modules.get(made.__module__)
        file = getattr(module, "__file__", None) or ""
        if not file.startswith(self.prefix):
            return "", ""
        return Path(file).relative_to(self.root).as_posix(), made.__name__

    def named(self, back: FrameType, name: str) -> bool:
        """Whether the calling expression spells the name of what is called."""
        code = back.f_code
        first, last = list(code.co_positions())[back.f_lasti // 2][:2]
        lines = linecache.getlines(code.co_filename)[(first or 1) - 1 : last or 1]
        return re.search(rf"\b{name}\b", "".join(lines)) is not None

    def line(self, frame: FrameType, event: str, argument: object) -> Any:
        """Take note of a line that runs."""
        if event == "line":
            self.lines[frame.f_code.co_filename].add(frame.f_lineno)
        return self.line

    def relative(self, code: CodeType) -> str:
        """Path of a code object's file below the package's parent."""
        return Path(code.co_filename).relative_to(self.root).as_posix()

    def truth(self) -> dict[str, Any]:
        """The truth that `score.py` reads."""
        files = sorted(p.relative_to(self.root).as_posix() for p in Path(self.prefix).rglob("*.py"))
        return {
            "language": "python",
            "method": f"sys.settrace, CPython {sys.version.split()[0]}",
            "files": files,
            "calls": [
                {"source": source, "target": target, "line": line, "name": name, "named": named}
                for source, target, line, name, named in sorted(self.calls)
            ],
            "suspended": [
                [path, name]
                for path in files
                for name in sorted(_suspended((self.root / path).read_text(encoding="utf-8")))
            ],
            "ran": {
                Path(name).relative_to(self.root).as_posix(): sorted(lines)
                for name, lines in sorted(self.lines.items())
            },
        }


def _written(frame: FrameType, back: FrameType) -> bool:
    """Whether a frame was entered by a call that stands in the source."""
    code = frame.f_code
    if code.co_flags & _SUSPENDED or code.co_name in _NO_CALLS or "<locals>" in code.co_qualname:
        return False
    if code.co_name.startswith("__") and code.co_name not in ("__init__", "__new__"):
        return False
    at, data = back.f_lasti, back.f_code.co_code
    # An inlined call leaves its caller in the cache behind the instruction.
    while at > 0 and dis.opname[data[at]] == "CACHE":
        at -= 2
    return dis.opname[data[at]] in _CALLS


def _suspended(text: str) -> set[str]:
    """Names of a file's generators and coroutines."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.FunctionDef):
            inner = (n for part in node.body for n in ast.walk(part))
            if any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in inner):
                found.add(node.name)
    return found


def main() -> None:
    """Trace a run."""
    folder, output, rest = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[4:]
    trace = Trace(folder)
    threading.settrace(trace)
    try:
        if rest[0] == "-m":
            sys.argv = rest[1:]
            sys.path.insert(0, "")
            sys.settrace(trace)
            runpy.run_module(rest[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = rest
            sys.settrace(trace)
            runpy.run_path(rest[0], run_name="__main__")
    except SystemExit:
        pass
    finally:
        sys.settrace(None)
        output.write_text(json.dumps(trace.truth(), indent=0), encoding="utf-8")


if __name__ == "__main__":
    main()
