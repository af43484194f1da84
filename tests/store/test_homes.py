"""Where an SQLite file may live, and where it would lose data."""

from __future__ import annotations

from pathlib import Path

import pytest

from cmtools.errors import StoreError
from cmtools.store.homes import check_home, kind_of


def mounts(folder: Path, *lines: str) -> Path:
    path = folder / "mounts"
    path.write_text("".join(f"{line} rw 0 0\n" for line in lines))
    return path


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "fuse.gcsfuse", "lustre"])
def test_database_on_a_network_is_refused_with_the_way_out(tmp_path: Path, kind: str) -> None:
    table = mounts(tmp_path, "/dev/sda / ext4", f"host:/x {tmp_path} {kind}")
    with pytest.raises(StoreError, match=rf"lies on a network \({kind} at .*disk of this machine, or use PostgreSQL"):
        check_home(tmp_path, table)


@pytest.mark.parametrize("kind", ["ext4", "xfs", "overlay", "tmpfs", "zfs", "fuseblk", "virtiofs"])
def test_database_on_a_disk_of_this_machine_is_taken(tmp_path: Path, kind: str) -> None:
    check_home(tmp_path, mounts(tmp_path, "host:/ / nfs4", f"/dev/sda {tmp_path} {kind}"))


def test_nearest_mount_decides_and_the_later_of_two_at_one_place(tmp_path: Path) -> None:
    home = tmp_path / "a b"
    home.mkdir()
    escaped = str(home).replace(" ", "\\040")
    table = mounts(tmp_path, "/dev/sda / ext4", f"x {escaped} nfs", f"y {escaped} xfs", f"z {home}c nfs")
    assert kind_of(home, table) == (str(home), "xfs")


def test_disk_of_a_sandbox_is_taken_and_a_system_that_tells_nothing_too(tmp_path: Path) -> None:
    check_home(tmp_path, mounts(tmp_path, "none / 9p"))
    check_home(tmp_path, tmp_path / "none")
