"""Create requests: what is read leniently, what is refused and where, videos with their frames."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmtools.content.video import MAX_FRAMES
from cmtools.errors import BadDraft, BadRequest, TooLarge
from cmtools.model import Draft, Frame
from cmtools.wire import creation
from cmtools.wire.creation import Incoming
from tests.tools.effort import calls

GOOD = {"Type": "Image", "Content": "https://x.example/1.jpg", "ContentId": "1"}
VIDEO = {"Type": "Video", "Content": "https://x.example/manifest", "ContentId": "1"}
FRAME = {"Timestamp": 5, "FrameImage": "https://x.example/5.png"}


def body(*items: object) -> bytes:
    return json.dumps(items).encode()


def changed(**fields: object) -> dict[str, object]:
    return {**GOOD, **fields}


def video(**fields: object) -> dict[str, object]:
    return {**VIDEO, **fields}


def only(item: object) -> Draft:
    (found,) = creation.read_drafts(body(item))
    return found.draft


@pytest.mark.parametrize(
    ("item", "where"),
    [
        ("text", "[1]"),
        (changed(Type=None), "[1].Type"),
        (changed(Type="Audio"), "[1].Type"),
        (changed(Type=["Image"]), "[1].Type"),
        (changed(Content=" "), "[1].Content"),
        (changed(Content={"url": 1}), "[1].Content"),
        (changed(Content="cat.jpg"), "[1].Content"),
        (changed(Content="https://x.example/\0"), "[1].Content"),
        (changed(ContentId=None), "[1].ContentId"),
        (changed(ContentId=""), "[1].ContentId"),
        (changed(ContentId="x" * 100_000), "[1].ContentId"),
        (changed(CallbackEndpoint=5), "[1].CallbackEndpoint"),
        (changed(CallbackEndpoint="ftp://x.example"), "[1].CallbackEndpoint"),
        (changed(Metadata={"a": "True"}), "[1].Metadata"),
        (changed(Metadata=["a"]), "[1].Metadata[0]"),
        (changed(Metadata=[{"Key": "a", "Value": "b"}, {"Value": "x"}]), "[1].Metadata[1].Key"),
        (changed(Metadata=[{"Key": "", "Value": "x"}]), "[1].Metadata[0].Key"),
        (changed(Metadata=[{"Key": "a", "Value": None}]), "[1].Metadata[0].Value"),
        (changed(Metadata=[{"Key": "a", "Value": ["x"]}]), "[1].Metadata[0].Value"),
        (changed(Metadata=[{"Key": "a", "Value": "x" * 200_000}]), "[1].Metadata[0].Value"),
        (changed(Metadata=[{"Key": "a", "Value": ""}] * 2000), "[1].Metadata"),
        (changed(Weight="1"), "[1].Weight"),
        (changed(Weight=0), "[1].Weight"),
        (changed(Weight=True), "[1].Weight"),
        (changed(Weight=10**400), "[1].Weight"),
        (changed(Stratum=1), "[1].Stratum"),
        (changed(IdempotencyKey=""), "[1].IdempotencyKey"),
        (changed(IdempotencyKey="x" * 201), "[1].IdempotencyKey"),
        (changed(Status="Unpublished"), "[1].Status"),
        (changed(VideoFrames=[FRAME]), "[1].VideoFrames"),
        (video(Status="Complete"), "[1].Status"),
        (video(Status=1), "[1].Status"),
        (video(VideoFrames={}), "[1].VideoFrames"),
        (video(VideoFrames=[FRAME, 5]), "[1].VideoFrames[1]"),
        (video(VideoFrames=[{**FRAME, "Timestamp": None}]), "[1].VideoFrames[0].Timestamp"),
        (video(VideoFrames=[{**FRAME, "Timestamp": 10**400}]), "[1].VideoFrames[0].Timestamp"),
        (video(VideoFrames=[{**FRAME, "FrameImage": "5.png"}]), "[1].VideoFrames[0].FrameImage"),
        (video(VideoFrames=[{**FRAME, "FrameImage": None}]), "[1].VideoFrames[0].FrameImage"),
        (video(VideoFrames=[{**FRAME, "Metadata": [{"Key": 1}]}]), "[1].VideoFrames[0].Metadata[0].Value"),
        (video(VideoFrames=[{**FRAME, "Metadata": [{"Key": "", "Value": ""}]}]), "[1].VideoFrames[0].Metadata[0].Key"),
        (video(VideoFrames=[{**FRAME, "ReviewerResultTags": "a"}]), "[1].VideoFrames[0].ReviewerResultTags"),
        (
            video(VideoFrames=[{**FRAME, "ReviewerResultTags": [{"Key": "a", "Value": "\0"}]}]),
            "[1].VideoFrames[0].ReviewerResultTags[0].Value",
        ),
        (video(VideoFrames=[{**FRAME, "Id": "x" * 2000}]), "[1].VideoFrames[0].Id"),
        (video(VideoFrames=[FRAME, FRAME]), "[1].VideoFrames[1].Timestamp"),
    ],
)
def test_one_bad_item_refuses_the_batch_and_names_the_field(item: object, where: str) -> None:
    with pytest.raises(BadDraft) as caught:
        creation.read_drafts(body(GOOD, item))
    assert caught.value.where == where


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe[]",
        b"[" * 100_000,
        b'["\\ud800"]',
        b"[NaN]",
        b"[" + b"9" * 5000 + b"]",
        b"{}",
        b"null",
        b"[]",
        b'"a"',
    ],
    ids=lambda raw: repr(raw[:10]),
)
def test_body_that_is_no_list_of_items_is_a_bad_request(raw: bytes) -> None:
    with pytest.raises(BadRequest):
        creation.read_drafts(raw)


def test_byte_order_mark_is_passed_over() -> None:
    assert len(creation.read_drafts(b"\xef\xbb\xbf" + body(GOOD))) == 1


def test_too_many_items_are_too_large() -> None:
    with pytest.raises(TooLarge, match="10,001"):
        creation.read_drafts(b"[" + b"1," * creation.MAX_ITEMS + b"1]")


def test_too_many_frames_are_too_large_and_named() -> None:
    with pytest.raises(TooLarge, match="10,001") as caught:
        creation.read_drafts(body(GOOD, video(VideoFrames=[1] * 10_001)))
    assert caught.value.where == "[1].VideoFrames"


def test_frames_of_all_videos_of_a_request_count_together() -> None:
    half = video(VideoFrames=[{**FRAME, "Timestamp": index} for index in range(MAX_FRAMES // 2)])
    assert len(creation.read_drafts(body(half, GOOD, half))) == 3
    with pytest.raises(TooLarge, match="frames") as caught:
        creation.read_drafts(body(half, GOOD, half, video(VideoFrames=[FRAME])))
    assert caught.value.where == "[3].VideoFrames"


def test_a_hundred_thousand_items_are_refused_before_any_is_read() -> None:
    raw = body(*[GOOD] * 100_000)

    def read() -> None:
        with pytest.raises(TooLarge):
            creation.read_drafts(raw)

    assert calls(read) < 1000


def test_empty_callback_endpoint_is_not_an_absent_one() -> None:
    empty, absent = creation.read_drafts(body(changed(CallbackEndpoint=""), GOOD))
    assert (empty.draft.callback_endpoint, absent.draft.callback_endpoint) == ("", None)


def test_of_keys_that_differ_in_case_alone_the_last_one_counts() -> None:
    raw = b'[{"Type": "Image", "Content": "https://x.example/1", "ContentId": "1", "contentId": "2", "CONTENTID": "3"}]'
    assert creation.read_drafts(raw)[0].draft.content_id == "3"


@pytest.mark.parametrize("status", ["Unpublished", "UnPublished", "unpublished"])
def test_video_may_be_unpublished_in_any_spelling(status: str) -> None:
    assert only(video(Status=status)).status == "Unpublished"


@pytest.mark.parametrize("fields", [{}, {"Status": None}, {"Status": "pending"}])
def test_video_is_pending_unless_it_says_otherwise(fields: dict[str, object]) -> None:
    assert only(video(**fields)).status == "Pending"


def test_picture_may_say_that_it_is_pending_and_has_no_frames() -> None:
    assert only(changed(Status="Pending", VideoFrames=[])) == only(GOOD)


def test_fault_in_a_frame_is_named_by_its_place_in_the_request_not_in_time() -> None:
    late, bad = {**FRAME, "Timestamp": 9}, {**FRAME, "FrameImage": "x.png"}
    with pytest.raises(BadDraft) as caught:
        only(video(VideoFrames=[late, bad]))
    assert caught.value.where == "[0].VideoFrames[1].FrameImage"


def test_bad_timescale_is_named() -> None:
    with pytest.raises(BadRequest, match="no timescale") as caught:
        only(video(Timescale=0))
    assert caught.value.where == "[0].Timescale"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["Type", "content", "ContentId", "Metadata", "Key", "Value", "Weight", "VideoFrames", "Timescale"]
            ),
            inner,
        )
    ),
    max_leaves=12,
)


@given(data=JSON | st.builds(lambda fields: [{**VIDEO, **fields}], st.dictionaries(st.just("VideoFrames"), JSON)))
def test_no_body_raises_anything_but_an_error_of_ours(data: object) -> None:
    with suppress(BadRequest, TooLarge):
        assert creation.read_drafts(json.dumps(data).encode())


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
PAIRS = st.lists(st.tuples(st.sampled_from(["a", "R", "model"]), TEXT), max_size=5).map(tuple)
FRAMES = st.lists(
    st.builds(
        Frame,
        timestamp=st.integers(0, 2**53 - 1),
        image=st.sampled_from(["media:1", "https://x.example/1.png"]),
        metadata=PAIRS,
        result_tags=PAIRS,
        name=st.none() | TEXT,
    ),
    max_size=4,
    unique_by=lambda frame: frame.timestamp,
).map(lambda found: tuple(sorted(found, key=lambda frame: frame.timestamp)))


@given(
    content_id=TEXT.filter(str.strip),
    metadata=PAIRS,
    callback=st.sampled_from([None, "", "https://x.example/?q=1"]),
    weight=st.floats(min_value=0.001, max_value=1e9),
    key=st.sampled_from([None, "k1"]),
)
def test_what_the_client_writes_is_what_the_service_reads(
    content_id: str, metadata: tuple[tuple[str, str], ...], callback: str | None, weight: float, key: str | None
) -> None:
    draft = Draft("media:1", content_id, "Image", metadata, callback, weight=weight)
    raw = json.dumps(creation.write_drafts([Incoming(draft, key)])).encode()
    assert creation.read_drafts(raw) == [Incoming(draft, key)]


@given(status=st.sampled_from(["Pending", "Unpublished"]), metadata=PAIRS, frames=FRAMES)
def test_video_that_the_client_writes_is_what_the_service_reads(
    status: str, metadata: tuple[tuple[str, str], ...], frames: tuple[Frame, ...]
) -> None:
    draft = Draft("https://x.example/manifest", "1", "Video", metadata, status=status, frames=frames)
    raw = json.dumps(creation.write_drafts([Incoming(draft)])).encode()
    assert creation.read_drafts(raw) == [Incoming(draft)]
