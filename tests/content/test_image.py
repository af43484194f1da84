from __future__ import annotations

import os
import threading
import tracemalloc
import warnings
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage
from PIL import ImageCms, ImageFile

from cmtools.content import content_type, formats, image
from cmtools.content.image import PictureFacts, difference_hash, display, inspect_picture, take_in, thumbnail
from cmtools.errors import BadDraft, BadPicture
from cmtools.model import Draft
from tests.tools.pictures import noise as grey_noise

from .pictures import FORMATS, MEDIA_TYPES, SVG, encoded, huge_png, noise, opened

IMAGE = content_type("Image")


# --- drafts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", ["http://x/y.jpg", "HTTPS://example.org/a%20b?c=d#e", "http://[::1]:80/x.png", "media:0f3c"]
)
def test_address_or_picture_of_the_service_passes(content: str) -> None:
    IMAGE.check(Draft(content=content, content_id="1"))


@pytest.mark.parametrize(
    "content", ["cat.jpg", "/tmp/cat.jpg", "file:///etc/passwd", "javascript:alert(1)", "http://", "http://a b/c.jpg"]
)
def test_what_no_browser_can_fetch_is_refused(content: str) -> None:
    with pytest.raises(BadDraft) as caught:
        IMAGE.check(Draft(content=content, content_id="1"))
    assert caught.value.where == "content"


def test_local_file_needs_no_address_but_must_be_there(tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(encoded(noise(), "PNG"))
    IMAGE.check(Draft(content="cat.png", content_id="1", path=path))
    path.unlink()
    with pytest.raises(BadDraft) as caught:
        IMAGE.check(Draft(content="cat.png", content_id="1", path=path))
    assert caught.value.where == "path"


# --- what is taken ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FORMATS)
def test_format_is_told_by_the_bytes_and_not_by_the_name(kind: str, tmp_path: Path) -> None:
    data = encoded(noise(30, 20), kind)
    path = tmp_path / "notes.txt"
    path.write_bytes(data)
    facts = inspect_picture(data)
    assert inspect_picture(path) == facts
    assert facts == PictureFacts(MEDIA_TYPES[kind], 30, 20, len(data), facts.difference_hash)


def test_width_and_height_are_those_a_person_sees() -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    facts = inspect_picture(encoded(noise(30, 20), "JPEG", exif=exif))
    assert (facts.width, facts.height) == (20, 30)


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (7, 5)])
@pytest.mark.parametrize("kind", FORMATS)
def test_tiny_and_thin_pictures_are_taken(kind: str, size: tuple[int, int]) -> None:
    data = encoded(PillowImage.new("RGB", size, "red"), kind)
    assert (inspect_picture(data).width, inspect_picture(data).height) == size
    assert max(opened(thumbnail(data, 50)).size) <= 50


def test_multi_picture_jpeg_is_a_jpeg() -> None:
    data = encoded(noise(64, 48), "MPO", save_all=True, append_images=[noise(64, 48)])
    assert inspect_picture(data).media_type == "image/jpeg"


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"Just some notes.\n", "it is not a picture"),
        (b"\x00" * 100, "it is not a picture"),
        (SVG, "SVG is not taken because it can carry script"),
        (b"\xef\xbb\xbf  <!-- hello -->\n<SVG></SVG>", "SVG is not taken"),
        (SVG.decode().encode("utf-16"), "SVG is not taken"),
        (b"<html><body>404</body></html>", "it is not a picture"),
        (b"\x00\x00\x00\x20ftypavif" + b"\x00" * 40, "AVIF files are not shown"),
        (b"\x00\x00\x00\x20ftypheic" + b"\x00" * 40, "HEIC files are not shown"),
        (b"\x00\x00\x00\x20ftypisom" + b"\x00" * 40, "video files are not shown"),
        (b"8BPS\x00\x01" + b"\x00" * 40, "Photoshop files are not shown"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000 files are not shown"),
        (b"%PDF-1.7", "PDF files are not shown"),
        (b"\x89PNG\r\n\x1a\n", "cut off|damaged"),
        (b"BM but only by chance", "damaged|cut off"),
        (b"\xff\xd8\xff", "damaged|cut off"),
    ],
)
def test_refusal_has_a_plain_reason(data: bytes, reason: str) -> None:
    with pytest.raises(BadPicture, match=reason):
        inspect_picture(data)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("GIF", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "jpeg"}),
    ],
)
def test_truncated_picture_is_refused(kind: str, options: dict[str, object], share: float) -> None:
    data = encoded(noise(), kind, **options)
    inspect_picture(data)
    with pytest.raises(BadPicture, match=r"cut off|damaged"):
        inspect_picture(data[: int(len(data) * share)])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_truncated_picture_is_called_cut_off(kind: str) -> None:
    data = encoded(noise(), kind)
    with pytest.raises(BadPicture, match="cut off: the file ends too early"):
        inspect_picture(data[: len(data) // 2])


def test_animation_cut_off_in_a_later_frame_is_refused() -> None:
    data = encoded(noise(), "GIF", save_all=True, append_images=[noise(), noise()])
    with pytest.raises(BadPicture, match="cut off"):
        inspect_picture(data[: int(len(data) * 0.8)])


def test_200_megapixel_png_is_refused_without_decoding_it(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(huge_png())
    tracemalloc.start()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(BadPicture, match="200 megapixels"):
                inspect_picture(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000  # decoding takes 200 MB
    for reader in (lambda data: thumbnail(data, 100), display):
        with pytest.raises(BadPicture, match="200 megapixels"):
            reader(path.read_bytes())


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_pixels_count_over_all_frames(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [PillowImage.new("RGB", (100, 100), colour) for colour in ("red", "green", "blue", "white")]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    monkeypatch.setattr(image, "MAX_PIXELS", 40_000)
    inspect_picture(data)
    monkeypatch.setattr(image, "MAX_PIXELS", 39_999)
    with pytest.raises(BadPicture, match="megapixels"):
        inspect_picture(data)


def test_endless_animation_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [PillowImage.new("RGB", (4, 4), (shade, 0, 0)) for shade in range(0, 240, 20)]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    monkeypatch.setattr(image, "MAX_FRAMES", 5)
    with pytest.raises(BadPicture, match="more than 5 frames"):
        inspect_picture(data)


def test_too_many_bytes_are_refused_by_their_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(noise(), "BMP")
    monkeypatch.setattr(formats, "MAX_BYTES", len(data) - 1)
    with pytest.raises(BadPicture, match="MB; the most is"):
        inspect_picture(data)


def test_missing_file_folder_and_pipe_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "none.png", tmp_path, tmp_path / "pipe"):
        with pytest.raises(BadPicture, match="there is no such file"):
            inspect_picture(path)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(FORMATS), st.randoms(use_true_random=False), st.integers(1, 12))
def test_damaged_bytes_give_a_picture_or_bad_picture_and_nothing_else(kind: str, random: object, times: int) -> None:
    data = bytearray(encoded(PillowImage.linear_gradient("L").resize((40, 30)), kind))
    for _ in range(times):
        data[random.randrange(len(data))] = random.randrange(256)
    for read in (inspect_picture, lambda damaged: thumbnail(damaged, 20), display):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                read(bytes(data))
        except BadPicture as refused:
            assert refused.message  # noqa: PT017


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=200), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"BM", b"II*\x00"])
)
def test_random_bytes_are_refused(tail: bytes, head: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(BadPicture):
            inspect_picture(head + tail)


# --- thumbnails and display copies ------------------------------------------------------------------------------------

MODES = [
    ("PNG", "1"),
    ("PNG", "L"),
    ("PNG", "LA"),
    ("PNG", "P"),
    ("PNG", "RGB"),
    ("PNG", "RGBA"),
    ("PNG", "I;16"),
    ("JPEG", "L"),
    ("JPEG", "RGB"),
    ("JPEG", "CMYK"),
    ("GIF", "L"),
    ("GIF", "P"),
    ("WEBP", "RGB"),
    ("WEBP", "RGBA"),
    ("BMP", "1"),
    ("BMP", "L"),
    ("BMP", "P"),
    ("BMP", "RGB"),
    ("BMP", "RGBA"),
    ("TIFF", "1"),
    ("TIFF", "L"),
    ("TIFF", "LA"),
    ("TIFF", "P"),
    ("TIFF", "PA"),
    ("TIFF", "RGB"),
    ("TIFF", "RGBA"),
    ("TIFF", "RGBX"),
    ("TIFF", "CMYK"),
    ("TIFF", "YCbCr"),
    ("TIFF", "LAB"),
    ("TIFF", "I"),
    ("TIFF", "F"),
    ("TIFF", "I;16"),
    ("TIFF", "I;16B"),
]


def in_mode(mode: str, light: int, size: tuple[int, int] = (160, 120)) -> PillowImage.Image:
    """A flat grey, ``light`` of 255, in that mode."""
    if mode.startswith("I;16"):
        return PillowImage.new(mode, size, light * 257)
    if mode in ("I", "F"):
        return PillowImage.new(mode, size, light)
    if mode == "LAB":
        return PillowImage.new(mode, size, (light, 128, 128))
    return PillowImage.new("RGB", size, (light,) * 3).convert(mode if mode != "PA" else "P").convert(mode)


@pytest.mark.parametrize(("kind", "mode"), MODES)
def test_every_mode_becomes_a_small_jpeg_and_a_display_copy(kind: str, mode: str) -> None:
    data = encoded(in_mode(mode, 255), kind)
    inspect_picture(data)
    small = opened(thumbnail(data, 80))
    shown = opened(display(data)[0])
    assert (small.format, small.size, shown.size) == ("JPEG", (80, 60), (160, 120))
    if mode not in ("LAB", "F"):
        assert min(small.convert("L").getextrema()) >= 245
        assert min(shown.convert("L").getextrema()) >= 245


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_grey_keeps_its_lightness(kind: str) -> None:
    low, high = opened(thumbnail(encoded(in_mode("I;16", 100), kind), 80)).convert("L").getextrema()
    assert 97 <= low <= high <= 103


def test_scientific_tiff_shows_its_range() -> None:
    ramp = PillowImage.linear_gradient("L").convert("F").point(lambda value: value * 1e-3 - 0.1)
    low, high = opened(display(encoded(ramp, "TIFF"))[0]).convert("L").getextrema()
    assert (low, high) == (0, 255)


def test_smaller_picture_keeps_its_size() -> None:
    assert opened(thumbnail(encoded(noise(30, 20), "PNG"), 320)).size == (30, 20)


@pytest.mark.parametrize("size", [1, 7, 64, 320])
@pytest.mark.parametrize("shape", [(641, 481), (481, 641), (3000, 2), (2, 3000)])
def test_thumbnail_fits_its_size(shape: tuple[int, int], size: int) -> None:
    for kind in ("PNG", "JPEG"):
        width, height = opened(thumbnail(encoded(PillowImage.new("RGB", shape), kind), size)).size
        assert 1 <= min(width, height) <= max(width, height) == size


@pytest.mark.parametrize("orientation", range(1, 9))
def test_picture_is_turned_as_exif_says(orientation: int) -> None:
    upright = PillowImage.new("RGB", (200, 120), "white")
    upright.paste("red", (0, 0, 100, 60))  # the upper left quarter
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the transposition that undoes what the orientation asks for
    stored = upright.transpose(back[orientation]) if orientation in back else upright
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    data = encoded(stored, "JPEG", exif=exif, quality=95, subsampling=0)
    for result in (thumbnail(data, 100), display(data)[0]):
        picture = opened(result).convert("RGB")
        assert picture.width > picture.height
        redness = picture.resize((2, 2), PillowImage.Resampling.BOX).getchannel("G")
        assert [redness.getpixel(at) < 60 for at in ((0, 0), (1, 0), (0, 1), (1, 1))] == [True, False, False, False]


def test_metadata_does_not_survive() -> None:
    exif = PillowImage.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0)}
    jpeg = encoded(noise(), "JPEG", exif=exif, comment=b"SECRET", icc_profile=b"SECRET" * 30, dpi=(300, 300))
    info = PillowImage.new("RGBA", (50, 50), (200, 0, 0, 100))
    info.info["comment"] = b"SECRET"
    png = encoded(info, "PNG", exif=exif, icc_profile=b"SECRET" * 30)
    for data in (thumbnail(jpeg, 100), display(jpeg)[0], thumbnail(png, 100), display(png)[0]):
        assert b"SECRET" not in data
        assert not opened(data).getexif()


def test_transparency_is_white_in_the_thumbnail_and_kept_for_display() -> None:
    black_on_nothing = PillowImage.new("RGBA", (100, 100), (0, 0, 0, 0))
    black_on_nothing.paste((0, 0, 0, 255), (40, 40, 60, 60))
    data = encoded(black_on_nothing, "PNG")
    small = opened(thumbnail(data, 100)).convert("L")
    assert small.getpixel((5, 5)) > 250
    assert small.getpixel((50, 50)) < 10
    shown, media_type = display(data)
    assert media_type == "image/png"
    assert opened(shown).getpixel((5, 5))[3] == 0


def test_white_drawing_on_nothing_can_still_be_seen() -> None:
    white_on_nothing = PillowImage.new("RGBA", (100, 100), (255, 255, 255, 0))
    white_on_nothing.paste((255, 255, 255, 255), (40, 40, 60, 60))
    small = opened(thumbnail(encoded(white_on_nothing, "PNG"), 100)).convert("L")
    assert small.getpixel((50, 50)) - small.getpixel((5, 5)) > 100


def test_fully_transparent_picture_is_shown_as_a_blank() -> None:
    data = encoded(PillowImage.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG")
    assert opened(thumbnail(data, 10)).size == (10, 10)


@pytest.mark.parametrize("transparency", [0, bytes([0] + [255] * 255), bytes(range(256))])
def test_palette_with_transparency_gives_no_warning(transparency: object) -> None:
    data = encoded(noise(mode="L").convert("P"), "PNG", transparency=transparency)
    inspect_picture(data)
    assert opened(thumbnail(data, 50)).mode == "RGB"
    assert display(data)[1] == "image/png"


@pytest.mark.parametrize(("mode", "transparency"), [("RGB", (255, 0, 0)), ("L", 10)])
def test_transparent_colour_is_transparent(mode: str, transparency: object) -> None:
    colour = (255, 0, 0) if mode == "RGB" else 10
    data = encoded(PillowImage.new(mode, (20, 20), colour), "PNG", transparency=transparency)
    assert display(data)[1] == "image/png"
    assert opened(thumbnail(data, 20)).getpixel((0, 0)) == (255, 255, 255)


def test_opaque_alpha_makes_a_jpeg() -> None:
    assert display(encoded(PillowImage.new("RGBA", (20, 20), "red"), "PNG"))[1] == "image/jpeg"


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_animation_shows_its_first_frame(kind: str) -> None:
    frames = [PillowImage.new("RGB", (60, 40), colour) for colour in ("#ff0000", "#00ff00", "#0000ff")]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
    red, green, blue = opened(thumbnail(data, 60)).getpixel((30, 20))
    assert red > 240
    assert max(green, blue) < 15


def test_display_copy_is_no_larger_than_a_screen_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image, "DISPLAY_SIDE", 200)
    assert opened(display(encoded(noise(), "PNG"))[0]).size == (200, 150)


def test_thumbnail_of_no_picture_is_bad_picture() -> None:
    for read in (lambda data: thumbnail(data, 100), display):
        with pytest.raises(BadPicture, match="not a picture"):
            read(b"nothing")


# --- taken in ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FORMATS)
def test_what_is_taken_in_has_the_same_facts_and_thumbnails_beside_them(kind: str) -> None:
    data = encoded(noise(400, 300), kind)
    facts, small = take_in(data)
    seen = inspect_picture(data)
    assert (facts.media_type, facts.width, facts.height, facts.size_bytes) == (
        seen.media_type,
        seen.width,
        seen.height,
        seen.size_bytes,
    )
    assert {side: opened(made).size for side, made in small.items()} == {192: (192, 144), 24: (24, 18)}


def test_thumbnail_that_is_taken_in_is_upright_and_that_of_a_large_png_is_made_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    assert opened(take_in(encoded(noise(400, 300), "JPEG", exif=exif))[1][192]).size == (144, 192)
    monkeypatch.setattr(image, "_MOST_MADE_SMALL", 1000)
    facts, small = take_in(encoded(noise(400, 300), "PNG"))
    assert (facts.width, small) == (400, {})


# --- threads ----------------------------------------------------------------------------------------------------------


def test_pillow_globals_stay_as_they_were_and_threads_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PillowImage, "MAX_IMAGE_PIXELS", 1000)  # someone else's setting: neither obeyed nor changed
    filters = list(warnings.filters)
    good, cut = encoded(noise(), "JPEG"), encoded(noise(), "PNG")[:4000]

    def work(number: int) -> object:
        try:
            return inspect_picture(cut if number % 2 else good).media_type
        except BadPicture as refused:
            return refused.message

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(80)))
    assert set(results[::2]) == {"image/jpeg"}
    assert set(results[1::2]) == {"the picture is cut off: the file ends too early"}
    assert (PillowImage.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES) == (1000, False)
    assert list(warnings.filters) == filters


def test_only_one_big_picture_is_decoded_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image, "_BIG", 1000)
    inside, most, lock = 0, 0, threading.Lock()
    decode = image._decode_other_frames

    def counted(picture: ImageFile.ImageFile) -> None:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        decode(picture)
        with lock:
            inside -= 1

    monkeypatch.setattr(image, "_decode_other_frames", counted)
    data = encoded(noise(800, 600), "PNG")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(inspect_picture, [data] * 12))
    assert most == 1


# --- the difference hash ----------------------------------------------------------------------------------------------


def hashed(picture: PillowImage.Image, kind: str = "PNG", **options: object) -> int:
    return int(difference_hash(encoded(picture, kind, **options)) or "", 16)


def apart(one: int, other: int) -> int:
    return (one ^ other).bit_count()


def shape(seed: int = 0, mode: str = "RGB") -> PillowImage.Image:
    """A picture of a few soft blots, as photographs are."""
    return grey_noise((12, 9), 120, seed).resize((640, 480), PillowImage.Resampling.BICUBIC).convert(mode)


@pytest.mark.parametrize(
    ("kind", "options"), [("JPEG", {"quality": 30}), ("WEBP", {"quality": 40}), ("GIF", {}), ("TIFF", {}), ("BMP", {})]
)
def test_other_format_of_a_picture_is_a_near_duplicate(kind: str, options: dict[str, object]) -> None:
    picture = shape()
    assert apart(hashed(picture), hashed(picture, kind, **options)) <= 6


@pytest.mark.parametrize("size", [(80, 60), (320, 240), (3000, 2250)])
def test_other_size_of_a_picture_is_a_near_duplicate(size: tuple[int, int]) -> None:
    picture = shape()
    again = picture.resize(size, PillowImage.Resampling.LANCZOS)
    assert apart(hashed(picture), hashed(again)) <= 6
    assert apart(hashed(picture), hashed(again, "JPEG")) <= 6


def test_turned_picture_has_the_hash_of_the_upright_one() -> None:
    picture, exif = shape(), PillowImage.Exif()
    exif[0x0112] = 6
    turned = picture.transpose(PillowImage.Transpose.ROTATE_90)
    assert apart(hashed(picture), hashed(turned, "JPEG", exif=exif, quality=95)) <= 2


def test_hashes_of_different_pictures_are_far_apart() -> None:
    hashes = [hashed(shape(seed)) for seed in range(20)]
    assert min(apart(*pair) for pair in combinations(hashes, 2)) > 6


def test_picture_of_one_shade_has_no_hash() -> None:
    assert difference_hash(encoded(PillowImage.new("RGB", (50, 50), "red"), "PNG")) is None


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGBA", "I"])
def test_picture_of_any_mode_has_a_hash(mode: str) -> None:
    kind = "TIFF" if mode in ("PA", "I") else "PNG"
    data = encoded(shape(mode="L").convert(mode), kind)
    assert len(difference_hash(data) or "") == 16
    assert inspect_picture(data).difference_hash == difference_hash(data)


# --- colours ----------------------------------------------------------------------------------------------------------


def swapped() -> bytes:
    """A colour profile in which red and blue have changed places, so that nobody can miss that it is used."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile)


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGB"), ("JPEG", "RGB"), ("PNG", "RGBA"), ("TIFF", "RGB")])
def test_colours_are_those_that_the_profile_means(kind: str, mode: str) -> None:
    data = encoded(PillowImage.new(mode, (64, 64), (250, 10, 10)), kind, icc_profile=swapped())
    for shown in (display(data)[0], thumbnail(data, 32)):
        red, _, blue = opened(shown).convert("RGB").getpixel((5, 5))
        assert blue > 200 > 100 > red
        assert "icc_profile" not in opened(shown).info


@pytest.mark.parametrize("profile", [b"", b"x", b"x" * 16 + b"RGB ", b"x" * 16 + b"RGB " + bytes(200)])
def test_broken_profile_does_not_cost_the_picture(profile: bytes) -> None:
    data = encoded(PillowImage.new("RGB", (64, 64), (250, 10, 10)), "PNG", icc_profile=profile)
    assert opened(display(data)[0]).getpixel((5, 5))[0] > 240
