"""Frames: moments to the millisecond, faults with their path, and what is answered of them."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmtools.content.video import MAX_FRAMES
from cmtools.errors import BadDraft, BadRequest, ServiceError, TooLarge
from cmtools.model import Frame, Review, Team
from cmtools.tags import Tag, TagSet
from cmtools.wire import frames
from tests.tools.effort import calls

GOOD = {"Timestamp": 5, "FrameImage": "https://x.example/5.png"}
TEAM = Team("Night", TagSet([Tag("sc", "isscreenshot"), Tag("hid", "hidden", visible=False)]))
FRAME = Frame(500, "https://x.example/1.png", result_tags=(("A", "true"),), human_tags={"r": True, "hid": True})
VIDEO = Review("v1", "Pending", "Video", "https://x.example/v", "1", frames=(FRAME,))


def body(*items: object) -> bytes:
    return json.dumps(items).encode()


def changed(**fields: object) -> dict[str, object]:
    return {**GOOD, **fields}


# Moments --------------------------------------------------------------------------------------------------------------


@given(ticks=st.integers(0, 10**18 - 1), timescale=st.integers(1, 10**18 - 1))
def test_ticks_become_the_millisecond_that_has_begun(ticks: int, timescale: int) -> None:
    exact = math.floor(Fraction(ticks) * 1000 / timescale)
    assert frames.read_moment(ticks, timescale) == frames.read_moment(str(ticks), timescale) == exact


@given(
    ticks=st.decimals(0, 10**12, places=6, allow_nan=False, allow_infinity=False),
    timescale=st.none() | st.integers(1, 10**7),
)
def test_ticks_with_a_decimal_point_are_read_exactly(ticks: Decimal, timescale: int | None) -> None:
    exact = math.floor(Fraction(ticks) * 1000 / timescale) if timescale else math.floor(ticks)
    assert frames.read_moment(f"{ticks:f}", timescale) == exact


@pytest.mark.parametrize(("ticks", "milliseconds"), [(0, 0), (15, 500), (25, 833), (29, 966), (30, 1000)])
def test_recorded_timescale_of_thirty_gives_the_recorded_milliseconds(ticks: int, milliseconds: int) -> None:
    assert frames.read_moment(ticks, 30) == milliseconds


def test_large_ticks_lose_nothing_to_floating_point() -> None:
    assert frames.read_moment("9007199254740993", 1000) == 9007199254740993


@pytest.mark.parametrize(("value", "milliseconds"), [(17000.0, 17000), (0.9, 0), (-0.0, 0), (" 17 ", 17), ("007", 7)])
def test_moment_may_be_written_in_odd_ways(value: object, milliseconds: int) -> None:
    assert frames.read_moment(value) == milliseconds


NO_NUMBERS = [None, "", " ", "-1", "1e3", "1_000", "٣", "5 s", "NaN", ".5", "5.", "1" * 19, True, [], {}]
OUT_OF_BOUNDS = [-1, -0.5, 10**18, 10**400, 1e18, 1e300, math.inf]


@pytest.mark.parametrize("value", [*NO_NUMBERS, *OUT_OF_BOUNDS], ids=lambda value: repr(value)[:12])
def test_what_is_no_moment_is_refused(value: object) -> None:
    with pytest.raises(BadDraft) as caught:
        frames.read_moment(value)
    assert caught.value.where == "Timestamp"
    assert len(str(caught.value)) < 150


@pytest.mark.parametrize(("value", "timescale"), [("30", 30), (30, 30), (30.0, 30), (" 90000 ", 90000), ("", None)])
def test_timescale_is_read_from_a_query_or_a_body(value: object, timescale: int | None) -> None:
    assert frames.read_timescale(value) == timescale


@pytest.mark.parametrize("value", ["0", 0, -30, "29.97", 29.97, "x", True, [], 10**400, 1e300, math.inf, "1" * 19])
def test_what_is_no_timescale_is_refused(value: object) -> None:
    with pytest.raises(BadRequest, match="no timescale") as caught:
        frames.read_timescale(value)
    assert (caught.value.where, len(str(caught.value)) < 150) == ("timescale", True)


# Requests -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "where"),
    [
        ("text", "[1]"),
        (changed(Timestamp=None), "[1].Timestamp"),
        (changed(Timestamp=10**400), "[1].Timestamp"),
        (changed(Timestamp=10**17), "[1].Timestamp"),
        (changed(FrameImage=None), "[1].FrameImage"),
        (changed(FrameImage=""), "[1].FrameImage"),
        (changed(FrameImage="5.png"), "[1].FrameImage"),
        (changed(FrameImage="file:///etc/passwd"), "[1].FrameImage"),
        (changed(FrameImage=["https://x.example/5.png"]), "[1].FrameImage"),
        (changed(Metadata=[{"Key": "a", "Value": "\0"}]), "[1].Metadata[0].Value"),
        (changed(Metadata=[{"Key": " ", "Value": "x"}]), "[1].Metadata[0].Key"),
        (changed(ReviewerResultTags=[{"Key": "a"}]), "[1].ReviewerResultTags[0].Value"),
        (changed(Id=[]), "[1].Id"),
        (changed(Id="\0"), "[1].Id"),
    ],
)
def test_one_bad_frame_refuses_them_all_and_names_the_field(item: object, where: str) -> None:
    with pytest.raises(BadDraft) as caught:
        frames.read_frames(body(changed(Timestamp=99), item))
    assert caught.value.where == where


def test_two_frames_at_one_millisecond_are_both_named() -> None:
    with pytest.raises(BadDraft) as caught:
        frames.read_frames(body(changed(Timestamp=10), changed(Timestamp=30), changed(Timestamp=10)), 3000)
    assert str(caught.value) == "[2].Timestamp: frame [0] is at 3 milliseconds too"


def test_two_ticks_within_one_millisecond_are_one_moment() -> None:
    with pytest.raises(BadDraft, match="too"):
        frames.read_frames(body(changed(Timestamp=10), changed(Timestamp=11)), 10_000)


@pytest.mark.parametrize("raw", [b"", b" \n", b"[]"])
def test_request_without_frames_says_that_none_were_sent(raw: bytes) -> None:
    with pytest.raises(BadRequest, match="no frames were sent"):
        frames.read_frames(raw)


@pytest.mark.parametrize(
    "raw", [b"{}", b"null", b'"a"', b"[" * 100_000, b"[NaN]", b"\xff"], ids=lambda raw: repr(raw[:9])
)
def test_body_that_is_no_list_of_frames_is_a_bad_request(raw: bytes) -> None:
    with pytest.raises(BadRequest):
        frames.read_frames(raw)


def test_frames_come_in_the_order_of_time() -> None:
    found = frames.read_frames(body(changed(Timestamp=900), changed(Timestamp="20"), changed(Timestamp=100)))
    assert [frame.timestamp for frame in found] == [20, 100, 900]


def test_pictures_in_a_zip_go_by_any_name_that_can_be_kept() -> None:
    (found,) = frames.read_frames(body(changed(FrameImage="Roar Frames/5.png")), named=True)
    assert found.image == "Roar Frames/5.png"


@pytest.mark.parametrize("name", ["\0.png", "x" * 10_000, "", None])
def test_name_of_a_picture_in_a_zip_that_cannot_be_kept_is_refused(name: object) -> None:
    with pytest.raises(BadDraft) as caught:
        frames.read_frames(body(changed(FrameImage=name)), named=True)
    assert caught.value.where == "[0].FrameImage"


def test_picture_that_was_uploaded_goes_by_its_id() -> None:
    assert frames.read_frames(body(changed(FrameImage="media:12ab")))[0].image == "media:12ab"


def test_a_hundred_thousand_frames_are_refused_before_any_is_read() -> None:
    raw = body(*[GOOD] * 100_000)

    def read() -> None:
        with pytest.raises(TooLarge, match="100,000"):
            frames.read_frames(raw)

    assert calls(read) < 1000


def test_as_many_frames_as_may_be_are_read() -> None:
    raw = body(*[changed(Timestamp=index) for index in range(MAX_FRAMES)])
    assert len(frames.read_frames(raw)) == MAX_FRAMES


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["Timestamp", "frameImage", "Metadata", "Key", "Value", "Id"]), inner)
    ),
    max_leaves=12,
)


@given(data=JSON, timescale=st.none() | st.integers(1, 10**18), named=st.booleans())
def test_no_body_raises_anything_but_an_error_of_ours(data: object, timescale: int | None, named: bool) -> None:
    with suppress(BadRequest, TooLarge):
        assert frames.read_frames(json.dumps(data).encode(), timescale, named=named)


# Answers --------------------------------------------------------------------------------------------------------------


def test_frame_shows_the_tags_it_came_with_until_the_video_is_complete() -> None:
    (written,) = frames.write_frames(replace(VIDEO, status="Submitted"), TEAM, "pascal")["VideoFrames"]
    assert written["ReviewerResultTags"] == [{"Key": "A", "Value": "true"}]


def test_frame_of_a_complete_video_shows_every_visible_tag_as_the_reviewer_left_it() -> None:
    (written,) = frames.write_frames(replace(VIDEO, status="Complete"), TEAM, "camel")["videoFrames"]
    assert written["reviewerResultTags"] == [
        {"key": "a", "value": "False"},
        {"key": "r", "value": "True"},
        {"key": "sc", "value": "False"},
    ]


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"VideoFrames": None},
        {"VideoFrames": {}},
        {"VideoFrames": [1]},
        {"VideoFrames": [{"Timestamp": "x"}]},
    ],
)
def test_answer_that_has_no_frames_is_a_service_error(data: object) -> None:
    with pytest.raises(ServiceError, match="no video frames"):
        frames.read_video_frames(data)
