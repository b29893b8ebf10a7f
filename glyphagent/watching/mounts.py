"""File systems that tell nobody what other machines write to them.

Source: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
"""

from __future__ import annotations

import os
import re

# Those that sit on the network or on the host of a virtual machine. Events are sent for what is
# done through this machine's kernel alone.
_REMOTE = re.compile(
    "9p|afs|beegfs|ceph|cifs|coda|davfs|drvfs|fakeowner|gfs2|glusterfs|gpfs|lustre|ncpfs|nfs4?"
    "|ocfs2|osxfs|prl_fs|smb3|smbfs|vboxsf|virtiofs|vmhgfs"
    r"|fuse\.(?:ceph|davfs2|gcsfuse|glusterfs|goofys|grpcfuse|rclone|s3fs|sshfs|vmhgfs-fuse)"
)
_TABLE = "/proc/self/mountinfo"


def remote_file_system(root: str, table: str = _TABLE) -> str:
    """Kind of a file system at or below the root that sends no events; empty if none is."""
    try:
        with open(table, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().splitlines()
    except OSError:
        return ""
    kinds: dict[str, str] = {}
    for line in lines:
        mount, _, rest = line.partition(" - ")
        fields, kind = mount.split(" "), rest.partition(" ")[0]
        if len(fields) > 4 and kind:
            # The last of several mounts on one place is the one that is seen.
            kinds[_unescaped(fields[4])] = kind
    above = [place for place in kinds if _lies_in(root, place)]
    seen = [kinds[max(above, key=len)]] if above else []
    seen += [kind for place, kind in kinds.items() if place != root and _lies_in(place, root)]
    return next((kind for kind in seen if _REMOTE.fullmatch(kind)), "")


def _lies_in(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it."""
    return path == folder or path.startswith(os.path.join(folder, ""))


def _unescaped(field: str) -> str:
    """A path of the table, in which blanks and the like are written as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), field)
