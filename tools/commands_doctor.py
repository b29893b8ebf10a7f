"""`glyphagent doctor`: what is here, what is missing, and what that stops."""

from __future__ import annotations

import hashlib
import os
import platform
import secrets
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typer

import glyphagent
from glyphagent.blobs import cache_folder, write_atomic
from glyphagent.plugins import KINDS, installed

from .commands_plugins import problem
from .terminal import JsonOption, plain, show, table, write_json

# What the extras bring; without them rendering and the agent tools still work.
_OPTIONAL = ("torch", "transformers", "triton", "safetensors", "langchain")


def doctor(as_json: JsonOption = False) -> None:
    """Checks this installation; exit code 1 if something that should work does not.

    JSON: {"glyphagent", "python", "platform", "cpus", "packages", "cuda", "weights", "plugins",
    "cache", "git", "problems"}.
    """
    facts = examine()
    if as_json:
        write_json(facts)
    else:
        shown = table("", "what", "state")
        for what, state in _rows(facts):
            shown.add_row(what, plain(state))
        ending = [f"problem: {plain(text)}" for text in facts["problems"]]
        show(shown, *(ending or ["no problems"]))
    if facts["problems"]:
        raise typer.Exit(1)


def examine() -> dict[str, Any]:
    """Everything that `doctor` tells; imports plugins and torch to see whether they work."""
    found = [plugin for kind in KINDS for plugin in installed(kind)]
    broken = {f"{p.kind}: {p.name}": problem(p, found, check=True) for p in found}
    weights = _weights()
    problems = [text for text in broken.values() if text]
    if not any(name.endswith("model.safetensors") for name in weights):
        problems.append("the embedded reader has no weights: `make nano`, or install a release")
    git = _git()
    if git is None:
        problems.append("git is not on the path: only folders and file lists can be read")
    problems += _cache_problems(cache_folder())
    return {
        "glyphagent": glyphagent.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "packages": dict(_packages()),
        "cuda": _cuda(),
        "weights": weights,
        "plugins": {name: text or "ok" for name, text in broken.items()},
        "cache": str(cache_folder()),
        "git": git,
        "problems": problems,
    }


def _packages() -> Iterator[tuple[str, str | None]]:
    """Yield version by name of what we need, then of what extras bring; None if missing."""
    try:
        needed = [line for line in requires("glyphagent") or () if "extra ==" not in line]
    except PackageNotFoundError:
        needed = []
    for line in (*needed, *_OPTIONAL):
        name = line.partition(";")[0].strip()
        for mark in "<>=!~[ ":
            name = name.partition(mark)[0]
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, None


def _cuda() -> str | None:
    """CUDA device that torch sees, or None; an install that does not import counts as none."""
    if find_spec("torch") is None:
        return None
    try:
        torch = import_module("torch")
        return str(torch.cuda.get_device_name()) if torch.cuda.is_available() else None
    except Exception:  # a broken driver or install raises whatever it likes; plugins report it
        return None


def _weights() -> dict[str, str]:
    """SHA-256 of each bundled weight file, by its path in the package."""
    folder = files("glyphagent").joinpath("weights")
    digests = {}
    for model in sorted(folder.iterdir(), key=lambda m: m.name) if folder.is_dir() else ():
        for file in sorted(model.iterdir(), key=lambda f: f.name) if model.is_dir() else ():
            if file.name.endswith(".safetensors"):
                digest = hashlib.sha256(file.read_bytes()).hexdigest()
                digests[f"{model.name}/{file.name}"] = digest
    return digests


def _git() -> str | None:
    if (program := shutil.which("git")) is None:
        return None
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip().removeprefix("git version ")


def _cache_problems(folder: Path) -> Iterator[str]:
    """Yield why nothing can be kept in the cache, and who else could change what is."""
    trial = folder / f"doctor-{secrets.token_hex(8)}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomic(trial, b"")
        trial.unlink()
        status = folder.stat()
    except OSError as error:
        yield (
            f"nothing can be kept in the cache {folder} ({error.strerror or error}), so that each "
            "run reads all pages anew: set GLYPHAGENT_CACHE_DIR to a folder of yours"
        )
        return
    if status.st_mode & stat.S_IWOTH:
        whose = "yours" if status.st_uid == os.getuid() else f"of user {status.st_uid}"
        yield (
            f"the cache {folder} ({whose}) can be written to by everybody, who could change what "
            "was read: set GLYPHAGENT_CACHE_DIR to a folder of yours alone"
        )


def _rows(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "glyphagent", facts["glyphagent"]
    yield "python", f"{facts['python']} ({sys.executable})"
    yield "platform", f"{facts['platform']}, {facts['cpus']} CPUs"
    for name, found in facts["packages"].items():
        yield f"  {name}", found or "not installed"
    yield "CUDA", facts["cuda"] or "no device"
    for name, digest in facts["weights"].items():
        yield f"  {name}", f"sha256 {digest[:16]}"
    for name, state in facts["plugins"].items():
        yield f"  {name}", state
    yield "cache", facts["cache"]
    yield "git", facts["git"] or "not found"
