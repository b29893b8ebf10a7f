"""Establish what the dependency questions must cite, without anything of glyphagent's.

    python tests/questions/dependency_truth.py          check `questions.jsonl` against the sources
    python tests/questions/dependency_truth.py --write  write what is found into it

Imports are read with `ast` alone and resolved by Python's own rules for relative imports; calls are
found as calls of that name in the syntax tree. Where several edges prove a step equally well (two
imports of one module, two shortest paths) each of them is right: a place then lists all of them,
`a.py:3|a.py:9`, and an answer has to cite one.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

QUESTIONS = Path(__file__).with_name("questions.jsonl")
FOLDERS = {"requests": ".", "httpx": ".", "jinja2": ".", "werkzeug": "debug"}


@dataclass(frozen=True)
class Asked:
    """What a question asks for: `importers`, `imports`, `impact`, `cycle`, `path` or `callers`."""

    what: str
    subject: str
    object: str = ""


# By the question's id.
ASKED = {
    "requests-17": Asked("importers", "status_codes.py"),
    "requests-18": Asked("impact", "hooks.py"),
    "requests-19": Asked("cycle", "certs.py"),
    "requests-20": Asked("path", "hooks.py", "sessions.py"),
    "requests-21": Asked("callers", "extract_cookies_to_jar"),
    "requests-22": Asked("path", "api.py", "certs.py"),
    "httpx-17": Asked("impact", "_urlparse.py"),
    "httpx-18": Asked("path", "_main.py", "_urlparse.py"),
    "httpx-19": Asked("callers", "create_ssl_context"),
    "httpx-20": Asked("importers", "_transports/base.py"),
    "httpx-21": Asked("cycle", "_exceptions.py"),
    "jinja2-16": Asked("imports", "sandbox.py"),
    "jinja2-17": Asked("path", "sandbox.py", "visitor.py"),
    "jinja2-18": Asked("impact", "idtracking.py"),
    "jinja2-19": Asked("cycle", "constants.py"),
    "jinja2-20": Asked("callers", "find_symbols"),
    "werkzeug-14": Asked("impact", "repr.py"),
    "werkzeug-15": Asked("cycle", "tbtools.py"),
    "werkzeug-16": Asked("callers", "get_pin_and_cookie_name"),
}


@cache
def trees(project: str) -> dict[str, ast.Module]:
    """Syntax trees of a project's files, by path."""
    spec = find_spec(project)
    assert spec is not None
    assert spec.origin is not None
    root = (Path(spec.origin).parent / FOLDERS[project]).resolve()
    return {
        file.relative_to(root).as_posix(): ast.parse(file.read_bytes())
        for file in sorted(root.rglob("*.py"))
    }


@cache
def edges(project: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """Places of the imports that lead from one file to another."""
    found: dict[tuple[str, str], list[str]] = {}
    for path, tree in trees(project).items():
        for node in ast.walk(tree):
            for target, line in targets(path, node, project):
                found.setdefault((path, target), []).append(f"{path}:{line}")
    return {pair: tuple(dict.fromkeys(sorted(places))) for pair, places in found.items()}


def targets(path: str, node: ast.AST, project: str) -> Iterable[tuple[str, int]]:
    """Files that an import leads to, with the line of it; absolute ones lead outside here."""
    if not isinstance(node, ast.ImportFrom) or not node.level:
        return
    folder = path.split("/")[:-1]
    if node.level - 1 > len(folder):
        return
    base = [*folder[: len(folder) - node.level + 1], *filter(None, [node.module or ""])]
    base = [part for each in base for part in each.split(".")]
    for alias in node.names:
        # A submodule of that name, unless the statement names a module already.
        choices = [file_of([*base, alias.name], project), file_of(base, project)]
        target = next(filter(None, choices), None)
        if target is not None:
            yield target, node.lineno


def file_of(parts: list[str], project: str) -> str | None:
    """File of a module, if there is one."""
    stem = "/".join(parts)
    options = [f"{stem}.py", f"{stem}/__init__.py" if stem else "__init__.py"]
    return next((option for option in options if option in trees(project)), None)


def distances(project: str, start: str, *, backward: bool) -> dict[str, int]:
    """How many imports away every file is that `start` leads to, or that leads to it."""
    found, ring = {start: 0}, [start]
    while ring:
        following = []
        for source, target in edges(project):
            near, far = (target, source) if backward else (source, target)
            if near in ring and far not in found:
                following.append(far)
        for far in following:
            found.setdefault(far, found[ring[0]] + 1)
        ring = list(dict.fromkeys(following))
    return found


def truth(project: str, asked: Asked) -> list[str]:
    """Places that an answer must cite; none where what is asked for is not there."""
    known, subject = edges(project), asked.subject
    if asked.what == "importers":
        pairs = sorted(pair for pair in known if pair[1] == subject)
        return [place for pair in pairs for place in known[pair]]
    if asked.what == "imports":
        kinds = (ast.Import, ast.ImportFrom)
        nodes = [n for n in ast.walk(trees(project)[subject]) if isinstance(n, kinds)]
        return [f"{subject}:{line}" for line in sorted({node.lineno for node in nodes})]
    if asked.what == "callers":
        return calls(project, subject)
    if asked.what == "impact":
        far = distances(project, subject, backward=True)
        return [
            "|".join(p for pair in near for p in known[pair])
            for path in sorted(far, key=lambda each: (far[each], each))
            if far[path]
            for near in [[(path, t) for s, t in known if s == path and closer(far, t, path)]]
        ]
    if asked.what == "path":
        return chain(project, subject, asked.object)
    rounds = [
        [place, *chain(project, target, subject)]
        for source, target in known
        if source == subject != target
        for place in ["|".join(known[source, target])]
        if subject in distances(project, target, backward=False)
    ]
    shortest = min(map(len, rounds), default=0)
    best = [each for each in rounds if len(each) == shortest]
    return [alternatives(step) for step in zip(*best, strict=True)]


def closer(far: dict[str, int], target: str, path: str) -> bool:
    """Whether an import of `target` brings `path` one step nearer."""
    return far.get(target, -1) == far[path] - 1


def chain(project: str, source: str, target: str) -> list[str]:
    """For each step of the shortest chains the places of all imports that may be it."""
    ahead = distances(project, source, backward=False)
    behind = distances(project, target, backward=True)
    if target not in ahead:
        return []
    length = ahead[target]
    return [
        alternatives(
            place
            for (near, far), places in sorted(edges(project).items())
            if ahead.get(near) == step and behind.get(far) == length - step - 1
            for place in places
        )
        for step in range(length)
    ]


def alternatives(places: Iterable[str]) -> str:
    """Places of which one has to be cited."""
    return "|".join(dict.fromkeys(p for each in places for p in each.split("|")))


def calls(project: str, name: str) -> list[str]:
    """Places of calls and decorators of a name."""
    found = set()
    for path, tree in trees(project).items():
        for node in ast.walk(tree):
            called = [node.func] if isinstance(node, ast.Call) else []
            called += getattr(node, "decorator_list", [])
            for each in called:
                if (isinstance(each, ast.Name) and each.id == name) or (
                    isinstance(each, ast.Attribute) and each.attr == name
                ):
                    found.add((path, each.end_lineno))
    return [f"{path}:{line}" for path, line in sorted(found)]


def main(arguments: list[str]) -> int:
    """Compare or write; the exit code is 1 where a question has another truth than is written."""
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    wrong = 0
    for row in rows:
        if row["id"] not in ASKED:
            continue
        places = truth(row["project"], ASKED[row["id"]])
        if (row["places"], row["found"]) != (places, bool(places)):
            wrong += 1
            print(f"{row['id']}: {row['places']} is written, {places} is found")
            row["places"], row["found"] = places, bool(places)
    if "--write" in arguments:
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        QUESTIONS.write_text(text, encoding="utf-8")
        return 0
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
