from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from glyphagent.errors import SourceError
from glyphagent.tools.output_file import write_output

TEXT = "who uses whom\n" * 20_000


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_a_missing_file_is_made(tmp_path: Path) -> None:
    write_output(tmp_path / "new", "é\udc80\n")
    assert (tmp_path / "new").read_bytes() == "é\\udc80\n".encode()
    assert names(tmp_path) == ["new"]


def test_a_file_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    file.chmod(0o640)
    write_output(file, TEXT)
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == (TEXT, 0o640)


def test_a_link_stays_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside/real").write_text("old")
    (tmp_path / "link").symlink_to("inside/real")
    (tmp_path / "second").symlink_to("link")
    (tmp_path / "hanging").symlink_to("inside/new")
    write_output(tmp_path / "second", TEXT)
    write_output(tmp_path / "hanging", TEXT)
    assert names(tmp_path) == ["hanging", "inside", "link", "second"]
    assert all((tmp_path / each).is_symlink() for each in ("link", "second", "hanging"))
    assert (tmp_path / "inside/real").read_text() == TEXT
    assert (tmp_path / "inside/new").read_text() == TEXT
    assert names(tmp_path / "inside") == ["new", "real"]


def test_a_fifo_is_written_into(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    (tmp_path / "link").symlink_to("fifo")
    for name in ("fifo", "link"):
        read: list[str] = []
        reader = threading.Thread(target=lambda: read.append(fifo.read_text()))  # noqa: B023
        reader.start()
        write_output(tmp_path / name, TEXT)
        reader.join()
        assert read == [TEXT]
        assert stat.S_ISFIFO(fifo.stat().st_mode)
        assert names(tmp_path) == ["fifo", "link"]


def test_a_reader_that_leaves_is_one_line(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = threading.Thread(target=lambda: os.close(os.open(fifo, os.O_RDONLY)))
    reader.start()
    with pytest.raises(SourceError, match=r"--output .*/fifo: Broken pipe: name another file"):
        write_output(fifo, TEXT)
    reader.join()


def test_an_open_file_without_a_name_is_written_into(tmp_path: Path) -> None:
    with open(tmp_path / "gone", "w+") as stream:
        (tmp_path / "gone").unlink()
        write_output(Path(f"/proc/self/fd/{stream.fileno()}"), TEXT)
        assert stream.read() == TEXT
    assert names(tmp_path) == []


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to("circle")
    for path in (tmp_path, tmp_path / "no/such", tmp_path / "circle", tmp_path / ("x" * 300)):
        with pytest.raises(SourceError, match="name another file"):
            write_output(path, TEXT)
    assert names(tmp_path) == ["circle"]
