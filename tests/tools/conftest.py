"""A small source of two folders, opened once; tests that change it make their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from glyphagent.session import Session
from glyphagent.tools import cli

FILES = {
    "app/__init__.py": '"""A shop."""\n',
    "app/prices.py": (
        '"""Prices."""\n\nfrom app import rates\n\nLIMIT = 250\n\n\n'
        "def total(items: list[int], tax: float = 0.2) -> float:\n"
        '    """Sum of the items with tax."""\n'
        "    return sum(items) * (1 + tax + rates.BASE)\n"
    ),
    "app/rates.py": "BASE = 0.05\n",
    "lib/long.py": "".join(f"value_{n} = {n}\n" for n in range(1000)),
}


@pytest.fixture(scope="session", autouse=True)
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache of our own, so that nothing read earlier answers; colours as in a plain pipe."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLYPHAGENT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        for name in ("FORCE_COLOR", "NO_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE"):
            patch.delenv(name, raising=False)
        yield


def write_files(folder: Path) -> Path:
    """Write the small source into a folder, which comes back."""
    for path, text in FILES.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (folder / "picture.bin").write_bytes(bytes(range(256)))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small source, to change at will."""
    return write_files(tmp_path / "shop")


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small source, to be left as it is."""
    return write_files(tmp_path_factory.mktemp("source") / "shop")


@pytest.fixture(scope="session")
def session(shop: Path, surroundings: None) -> Session:
    """The small source, open."""
    return Session.open(shop)


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Exit code, stdout and stderr of `glyphagent deps`."""

    def run(*arguments: object) -> tuple[int, str, str]:
        code = cli.main(["deps", *map(str, arguments)])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run
