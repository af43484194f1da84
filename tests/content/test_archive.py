"""Pictures come out of honest zips, and nothing comes out of the others."""

from __future__ import annotations

import io
import random
import struct
import zipfile

import pytest

from cmtools.content import archive
from cmtools.content.archive import read_pictures
from cmtools.errors import BadDraft


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made:
        for name, data in files.items():
            made.writestr(zipfile.ZipInfo(name), data, method)
    return buffer.getvalue()


def refusal(data: bytes, *names: str) -> str:
    with pytest.raises(BadDraft) as caught:
        list(read_pictures(data, names or ["a.png"]))
    return str(caught.value)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_named_files_come_in_the_order_of_the_names(method: int) -> None:
    data = packed({"b.png": b"second", "a.png": b"first", "notes.txt": b"not asked for"}, method)
    assert list(read_pictures(data, ["a.png", "b.png"])) == [("a.png", b"first"), ("b.png", b"second")]


def test_file_that_is_named_twice_is_read_once() -> None:
    assert list(read_pictures(packed({"a.png": b"x"}), ["a.png", "a.png"])) == [("a.png", b"x")]


@pytest.mark.parametrize("path", ["Frames/a.png", "one/two/a.png", "Frames\\a.png", "./a.png"])
def test_file_in_a_folder_is_found_by_its_own_name(path: str) -> None:
    assert list(read_pictures(packed({"Frames/": b"", path: b"x"}), ["a.png"])) == [("a.png", b"x")]


def test_name_with_a_folder_is_found_where_the_zip_has_none() -> None:
    assert list(read_pictures(packed({"a.png": b"x"}), ["Frames/a.png"])) == [("Frames/a.png", b"x")]


def test_whole_path_wins_over_the_same_name_elsewhere() -> None:
    data = packed({"one/a.png": b"1", "two/a.png": b"2"})
    assert list(read_pictures(data, ["two/a.png"])) == [("two/a.png", b"2")]


def test_two_files_of_one_name_are_refused_where_it_is_asked_for() -> None:
    data = packed({"one/a.png": b"1", "two/a.png": b"2", "b.png": b"3"})
    assert "2 files 'a.png'" in refusal(data)
    assert list(read_pictures(data, ["b.png"])) == [("b.png", b"3")]


def test_missing_file_is_named() -> None:
    assert refusal(packed({"b.png": b"x"})) == "the zip has no file 'a.png'"


def test_folder_is_no_file() -> None:
    assert "no file 'a.png'" in refusal(packed({"a.png/": b""}))


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../a.png", "one/../../a.png", "..\\a.png", "C:\\a.png", "c:a.png", "\\\\host\\a.png"]
)
def test_entry_that_leads_out_of_the_zip_is_refused_even_beside_good_ones(path: str) -> None:
    assert "leads out of it" in refusal(packed({"a.png": b"x", path: b"y"}))


def test_encrypted_zip_is_refused() -> None:
    data = bytearray(packed({"a.png": b"x"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    assert "encrypted" in refusal(bytes(data))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packing_that_cannot_be_unpacked_piece_by_piece_is_refused(method: int) -> None:
    assert "unusual way" in refusal(packed({"a.png": b"x"}, method))


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04", packed({"a.png": b"x"})[:-10]], ids=len)
def test_what_is_no_zip_is_refused(data: bytes) -> None:
    assert "cannot be read" in refusal(data)


def test_too_many_entries_are_refused_before_they_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_ENTRIES", 3)
    data = packed({f"{n}.png": b"x" for n in range(4)})
    monkeypatch.delattr(archive.zipfile, "ZipFile")
    assert "more than 3 entries" in refusal(data)


def test_total_that_the_directory_admits_is_refused_before_anything_is_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = packed({"a.png": bytes(1_500_000)})
    monkeypatch.setattr(archive, "MAX_TOTAL_BYTES", 1_000_000)
    monkeypatch.delattr(archive.zipfile.ZipFile, "open")
    assert "unpacks to 2 MB" in refusal(data)


def test_file_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_BYTES", 1000)
    assert "more than" in refusal(packed({"a.png": bytes(1001)}))
    assert list(read_pictures(packed({"a.png": bytes(1000)}), ["a.png"])) == [("a.png", bytes(1000))]


def test_size_that_is_understated_gives_no_more_than_it_says() -> None:
    """The directory says 1 byte, the entry holds a million: what comes is bounded, and the check sum tells."""
    data = bytearray(packed({"a.png": bytes(1_000_000)}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.index(mark) + offset
        data[place : place + 4] = struct.pack("<I", 1)
    assert "cannot be read" in refusal(bytes(data))


def test_entries_that_share_their_bytes_do_not_multiply() -> None:
    """A bomb of many entries over one block: the directory's own total gives it away."""
    block = packed({"a.png": bytes(40_000_000)})
    start, end = block.index(b"PK\x01\x02"), block.index(b"PK\x05\x06")
    entry = bytearray(block[start:end])
    entries = b""
    for n in range(20):
        entry[46:47] = bytes([97 + n])
        entries += bytes(entry)
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 20, 20, len(entries), start, 0)
    assert "unpacks to 800 MB" in refusal(block[:start] + entries + tail)


def test_wrong_check_sum_is_refused() -> None:
    data = packed({"a.png": b"some bytes"}, zipfile.ZIP_STORED)
    assert "cannot be read" in refusal(data.replace(b"some bytes", b"same bytes", 1))


@pytest.mark.parametrize("seed", range(5))
def test_damaged_zip_is_read_or_refused_and_never_worse(seed: int) -> None:
    chance = random.Random(seed)
    good = packed({"Frames/a.png": b"first" * 50, "b.png": bytes(range(256)), "ü.png": b"u"})
    for _ in range(400):
        data = bytearray(good)
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(len(data))
            if chance.random() < 0.8:
                data[place] = chance.randrange(256)
            else:
                del data[place : place + chance.randint(1, 20)]
        try:
            for _, found in read_pictures(bytes(data), ["a.png", "b.png"]):
                assert found in (b"first" * 50, bytes(range(256)), b"u")
        except BadDraft:
            continue
