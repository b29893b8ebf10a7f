"""What is shipped: one import name, the data files, and a command that a folder cannot hijack."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("glyphagent", "renderers", "kernels", "tools", "training")
# Lists what the wheel must hold besides code, as the checkout holds it.
DATA = {
    "glyphagent": [
        *("py.typed", "atlases/*", "weights/nano/*"),
        *("dependencies/formats/assets/*", "guard/*.txt"),
    ],
    "renderers": ["*.bdf", "*.txt"],
    "training": ["*.txt", "*.yaml"],
}
# Names that a repository may use and that Python, left alone, would import from it.
HOSTILE = ("pickle.py", "signal.py", "logging.py", "socket.py", "glyphagent.py", "numpy.py")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build from a copy: the checkout stays as it is, and no stale build/ slips in."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-P", "-m", "build", "--wheel", "--no-isolation"]
    run([*command, "--outdir", str(out), str(copy)], copy)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel installed on its own, in front of whatever else is installed here."""
    site = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-P", "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    run([*command, "--no-compile", "--target", str(site), str(wheel)], site)
    return site


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder to be read whose modules shout when they are imported."""
    shout = f"open({str(tmp_path / 'executed')!r}, 'a').write(__file__ + '\\n')\n"
    folder = tmp_path / "repository"
    for name in (*HOSTILE, "tools/__init__.py", "training/__init__.py", "tools/cli.py"):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(shout)
    (folder / "innocent.py").write_text("LIMIT = 3\n\n\ndef limit():\n    return LIMIT\n")
    return folder


def run(
    command: Sequence[str], folder: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder; what it printed is the message of its failure."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def executed(hostile: Path) -> str:
    record = hostile.parent / "executed"
    return record.read_text() if record.exists() else ""


def test_the_wheel_holds_one_import_name(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {
        "glyphagent",
        f"glyphagent-{importlib.metadata.version('glyphagent')}.dist-info",
    }
    assert not [name for name in names if "test" in name.lower().split("/")]


def test_the_wheel_holds_every_module_and_data_file(wheel: Path) -> None:
    expected = {}
    for folder in FOLDERS:
        for pattern in ["**/*.py", *DATA.get(folder, [])]:
            for file in (ROOT / folder).glob(pattern):
                inside = file.relative_to(ROOT).as_posix()
                inside = inside if folder == "glyphagent" else f"glyphagent/{inside}"
                expected[inside] = file.stat().st_size
    with zipfile.ZipFile(wheel) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
    missing = {name for name, size in expected.items() if sizes.get(name) != size}
    assert not missing
    extra = {name for name in sizes if ".dist-info/" not in name} - set(expected)
    assert not extra


def test_the_wheel_carries_its_licences(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert [name for name in names if name.endswith(".dist-info/licenses/LICENSE")]
    fonts = [name for name in names if name.endswith(".bdf")]
    texts = [name for name in names if name.startswith("glyphagent/renderers/")]
    assert not fonts or [name for name in texts if name.endswith(".txt")]


def test_every_entry_point_loads() -> None:
    ours = importlib.metadata.distribution("glyphagent").entry_points
    assert {entry.group for entry in ours} >= {
        "console_scripts",
        "glyphagent.backends",
        "glyphagent.commands",
        "glyphagent.renderers",
    }
    for entry in ours:
        assert entry.load() is not None


def test_the_installed_wheel_is_what_runs(site: Path, hostile: Path) -> None:
    program = (
        "import glyphagent.renderers as r, glyphagent.tools as t; print(r.__file__, t.__file__)"
    )
    done = run([sys.executable, "-P", "-c", program], hostile, PYTHONPATH=str(site))
    assert [Path(name).parents[2] for name in done.stdout.split()] == [site, site]


def test_a_folder_cannot_hijack_the_module_run(site: Path, hostile: Path) -> None:
    command = [sys.executable, "-P", "-m", "glyphagent", "--help"]
    done = run(command, hostile, PYTHONPATH=str(site))
    assert "render" in done.stdout
    assert executed(hostile) == ""


def test_a_folder_cannot_hijack_the_command_or_its_workers(site: Path, hostile: Path) -> None:
    out = hostile.parent / "pages"
    script = site / "bin" / "glyphagent"
    done = run(
        [str(script), "render", ".", "--out", str(out), "--json"], hostile, PYTHONPATH=str(site)
    )
    assert '"pages"' in done.stdout
    assert list(out.rglob("*.png"))
    assert executed(hostile) == ""
