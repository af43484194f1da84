"""Whether a folder is a fit home for an SQLite file: several machines must not share it. It opens nothing."""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import StoreError

MOUNTS = Path("/proc/self/mounts")
NETWORKS = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|9p|afs|ceph|lustre|gpfs|beegfs|glusterfs|orangefs|pvfs2|vboxsf"
    r"|fuse\.(sshfs|s3fs|rclone|gcsfuse|glusterfs|ceph|cephfs|blobfuse\d?|goofys|juicefs|davfs\d?)"
)
ESCAPED = re.compile(r"\\([0-7]{3})")


def check_home(folder: Path, mounts: Path = MOUNTS) -> None:
    """Raise `StoreError` when a folder lies on a network; where the system does not tell, it is let pass.

    SQLite's log is shared memory, which machines cannot share, and many networks lose its locks: the file breaks.

    Examples
    --------
    >>> check_home(Path("/"))
    """
    found = kind_of(folder.resolve(), mounts)
    if found is not None and NETWORKS.fullmatch(found[1]) and found != ("/", "9p"):  # a sandbox's own disk is a 9p too
        place, kind = found
        raise StoreError(
            f"{folder} lies on a network ({kind} at {place}), where SQLite loses data. Put the database on a disk of "
            "this machine, or use PostgreSQL (postgresql://...)"
        )


def kind_of(folder: Path, mounts: Path = MOUNTS) -> tuple[str, str] | None:
    """Where the file system of a folder begins, and its kind; None where the system does not tell."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    best: tuple[str, str] | None = None
    for line in lines:
        parts = line.split(" ")
        if len(parts) < 3:
            continue
        place = ESCAPED.sub(lambda match: chr(int(match[1], 8)), parts[1])  # a space is written \040
        if folder.is_relative_to(place) and (best is None or len(place) >= len(best[0])):
            best = (place, parts[2])  # a later mount at one place covers the earlier
    return best
