"""The store keeps what it can, never more than it may, and never gives back anything torn."""

from __future__ import annotations

import hashlib
import os
import resource
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphagent.blobs import BlobStore, cache_folder, write_atomic


def key(number: int) -> str:
    return hashlib.blake2b(str(number).encode(), digest_size=16).hexdigest()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "ledger"]


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs", 10_000)


def test_bytes_come_back(store: BlobStore) -> None:
    assert store.get(key(1)) is None
    assert key(1) not in store
    assert store.put(key(1), b"one")
    assert store.put(key(2), b"")
    assert (store.get(key(1)), store.get(key(2))) == (b"one", b"")
    assert key(1) in store
    assert store.put(key(1), b"another")
    assert store.get(key(1)) == b"another"


def test_a_second_object_sees_the_same_files(store: BlobStore) -> None:
    store.put(key(1), b"one")
    assert BlobStore(store.folder, 10_000).get(key(1)) == b"one"


@pytest.mark.parametrize("bad", ["", "abc", "../../etc/passwd", "AB" * 8, "g" * 16, key(1) + "\n"])
def test_a_key_that_is_no_digest_is_refused(store: BlobStore, bad: str) -> None:
    for use in (store.get, store.__contains__, lambda name: store.put(name, b"")):
        with pytest.raises(ValueError, match="is no key"):
            use(bad)


@given(st.data())
def test_a_damaged_file_reads_as_missing_and_is_removed(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    store = BlobStore(tmp_path_factory.mktemp("blobs"), 10_000)
    store.put(key(1), b"some bytes of a page")
    (path,) = files(store.folder)
    whole = path.read_bytes()
    if data.draw(st.booleans()):
        path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    else:
        place = data.draw(st.integers(0, len(whole) - 1))
        flipped = whole[place] ^ data.draw(st.integers(1, 255))
        path.write_bytes(whole[:place] + bytes([flipped]) + whole[place + 1 :])
    assert store.get(key(1)) is None
    assert not path.exists()


def test_a_file_under_another_name_does_not_fit(store: BlobStore) -> None:
    store.put(key(1), b"one")
    (path,) = files(store.folder)
    target = store.folder / key(2)[:2] / key(2)
    target.parent.mkdir(exist_ok=True)
    path.rename(target)
    assert store.get(key(2)) is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4000)), max_size=25))
def test_the_limit_holds_after_every_write(
    tmp_path_factory: pytest.TempPathFactory, writes: list[tuple[int, int]]
) -> None:
    store = BlobStore(tmp_path_factory.mktemp("blobs"), 10_000)
    for number, size in writes:
        data = bytes([number]) * size
        assert store.put(key(number), data)
        assert store.get(key(number)) == data
        assert store.total_bytes() == sum(path.stat().st_size for path in files(store.folder))
        assert store.total_bytes() <= 10_000


def test_what_was_used_longest_ago_goes_first(store: BlobStore) -> None:
    for number in range(4):
        store.put(key(number), bytes(2000))
    assert store.get(key(0)) is not None
    store.put(key(4), bytes(2500))
    assert key(0) in store
    assert key(4) in store
    assert key(1) not in store


def test_what_is_larger_than_the_store_is_refused(store: BlobStore) -> None:
    store.put(key(1), b"one")
    assert not store.put(key(2), bytes(10_001))
    assert "more than the whole store" in store.refusal
    assert store.get(key(1)) == b"one"
    assert store.put(key(3), b"three")
    assert store.refusal == ""


def test_a_wrong_ledger_is_corrected(store: BlobStore) -> None:
    store.put(key(1), bytes(3000))
    (store.folder / "ledger").write_bytes(b"to")
    store.put(key(2), bytes(3000))
    assert key(1) in store
    # Somebody removed files by hand, and the ledger still counts them.
    for path in files(store.folder):
        path.unlink()
    for number in range(3, 6):
        assert store.put(key(number), bytes(3000))
    assert sum(key(number) in store for number in range(3, 6)) == 3


def test_a_dead_writers_file_goes_with_the_rest(store: BlobStore) -> None:
    store.put(key(1), bytes(1000))
    left = store.folder / key(1)[:2] / ".0123.tmp"
    left.write_bytes(bytes(5000))
    os.utime(left, (0, 0))
    (store.folder / "ledger").unlink()
    store.put(key(2), bytes(6000))
    assert not left.exists()
    assert key(1) in store


def test_clearing_frees_everything(store: BlobStore) -> None:
    assert store.clear() == 0
    store.put(key(1), bytes(1000))
    taken = store.total_bytes()
    assert store.clear() == taken > 1000
    assert (store.total_bytes(), files(store.folder)) == (0, [])
    assert store.put(key(1), bytes(9000))


WRITER = """
import random, sys
from glyphagent.blobs import BlobStore
folder, seed = sys.argv[1], int(sys.argv[2])
store, rng = BlobStore(folder, 20_000), random.Random(seed)
for _ in range(150):
    number = rng.randrange(20)
    name = f"{number:016x}"
    if rng.random() < 0.5:
        data = bytes([number]) * (500 + 100 * number)
        assert store.put(name, data), store.refusal
    found = store.get(name)
    assert found is None or found == bytes([number]) * (500 + 100 * number)
    assert store.total_bytes() <= 20_000 + 3000, store.total_bytes()
"""


def test_many_processes_share_one_store(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-P", "-c", WRITER, str(tmp_path / "blobs"), str(seed)],
            stderr=subprocess.PIPE,
        )
        for seed in range(3)
    ]
    complaints = [writer.communicate()[1].decode() for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0], complaints
    store = BlobStore(tmp_path / "blobs", 20_000)
    assert 0 < store.total_bytes() <= 20_000
    assert not [path for path in files(store.folder) if path.suffix == ".tmp"]


def test_threads_share_one_object(store: BlobStore) -> None:
    def write(start: int) -> None:
        for number in range(start, start + 30):
            store.put(key(number), bytes(300))

    threads = [threading.Thread(target=write, args=(100 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0 < store.total_bytes() <= 10_000


FULL = """
import sys, resource
from glyphagent.blobs import BlobStore, write_atomic
store = BlobStore(sys.argv[1], 10_000_000)
assert store.put("aa" * 8, b"small")
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
assert not store.put("bb" * 8, bytes(1_000_000))
assert store.refusal, "a reason is kept"
assert store.get("aa" * 8) == b"small"
try:
    write_atomic(sys.argv[1] + "/page.png", bytes(1_000_000))
except OSError:
    sys.exit(0)
"""


def test_a_disk_that_takes_no_more_is_no_error(tmp_path: Path) -> None:
    assert resource.RLIMIT_FSIZE is not None
    command = [sys.executable, "-P", "-c", FULL, str(tmp_path / "blobs")]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert len(files(tmp_path / "blobs")) == 1


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = BlobStore(tmp_path / "file" / "blobs")
    assert not store.put(key(1), b"one")
    assert store.refusal
    assert store.get(key(1)) is None
    assert store.total_bytes() == store.clear() == 0


def test_the_folder_is_named_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLYPHAGENT_CACHE_DIR", str(tmp_path))
    assert BlobStore().folder == tmp_path / "blobs"
    monkeypatch.delenv("GLYPHAGENT_CACHE_DIR")
    assert cache_folder().name == "glyphagent"


def test_a_file_is_put_in_place_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "page.png"
    write_atomic(path, b"one")
    write_atomic(path, b"two", durable=True)
    assert path.read_bytes() == b"two"
    assert os.listdir(path.parent) == ["page.png"]
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask


def test_what_cannot_be_put_in_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inside").write_text("x")
    with pytest.raises(OSError, match="folder"):
        write_atomic(tmp_path / "folder", b"data")
    assert os.listdir(tmp_path) == ["folder"]


def test_new_folders_are_private(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "cache" / "blobs")
    assert store.put(key(1), b"one")
    for folder in (tmp_path / "cache", tmp_path / "cache" / "blobs"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_everyone_can_write_to_is_not_trusted(store: BlobStore) -> None:
    store.put(key(1), b"one")
    store.folder.chmod(0o777)
    assert store.get(key(1)) is None
    assert "can be written by everyone" in store.refusal
    assert not store.put(key(2), b"two")
    store.folder.chmod(0o700)
    assert store.get(key(1)) == b"one"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a folder away")
def test_a_folder_of_another_user_is_not_trusted(store: BlobStore) -> None:
    store.put(key(1), b"one")
    os.chown(store.folder, 12345, -1)
    assert store.get(key(1)) is None
    assert "belongs to another user" in store.refusal


def test_a_refusal_is_said_once_and_quietly(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    store = BlobStore(tmp_path / "file" / "blobs")
    with caplog.at_level("DEBUG", logger="glyphagent.blobs"):
        for number in range(3):
            assert not store.put(key(number), b"one")
    assert [record.levelname for record in caplog.records] == ["DEBUG"]
    assert store.refusal
