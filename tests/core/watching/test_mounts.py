"""Which mounts tell nobody of changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from glyphagent.watching.mounts import remote_file_system

TABLE = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:26 / /tmp rw shared:5 - tmpfs tmpfs rw
40 22 0:40 / /home/ada/my\\040share rw - cifs //nas/ada rw
41 22 0:41 / /srv rw shared:7 master:2 - nfs4 nas:/srv rw
42 41 0:42 / /srv/local rw - ext4 /dev/vdb rw
43 22 0:43 / /home/ada/far rw - fuse.sshfs ada@far: rw
44 22 0:44 / /home/ada/safe rw - fuse.gocryptfs /home/ada/.safe rw
45 22 0:45 / /over rw - nfs nas:/over rw
46 45 0:46 / /over rw - ext4 /dev/vdc rw
"""


@pytest.mark.parametrize(
    ("root", "kind"),
    [
        ("/", "cifs"),
        ("/tmp/x", ""),
        ("/home/ada", "cifs"),
        ("/home/ada/my share/x", "cifs"),
        ("/home/ada/my share 2", ""),
        ("/srv/x", "nfs4"),
        ("/srv", "nfs4"),
        ("/srv/local", ""),
        ("/home/ada/far", "fuse.sshfs"),
        ("/home/ada/safe", ""),
        ("/over/x", ""),
    ],
)
def test_the_mount_that_a_root_lies_on_decides(root: str, kind: str, tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(TABLE)
    assert remote_file_system(root, str(table)) == kind


def test_a_system_without_the_table_has_no_remote_mounts(tmp_path: Path) -> None:
    assert remote_file_system("/", str(tmp_path / "none")) == ""


def test_local_folders_are_not_remote(tmp_path: Path) -> None:
    assert remote_file_system(str(tmp_path)) == ""
