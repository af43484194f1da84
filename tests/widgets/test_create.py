"""The create form in Python: what it takes in, says of it, and creates, without a browser."""

from __future__ import annotations

import gc
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cmtools.client.client import Client
from cmtools.client.creation import LOT_DRAFTS
from cmtools.errors import BadDraft, BadRequest, BadTag, Conflict, NotFound, Unreachable
from cmtools.taggers import Tagger, Tagging
from cmtools.testing import RunningService, running_service
from cmtools.widgets import create_talk
from cmtools.widgets.create import CreateReviews
from tests.widgets.fake_client import plain_picture

PICTURE = plain_picture(7, 200)


@pytest.fixture(scope="module")
def service() -> Iterator[RunningService]:
    with running_service() as running:
        yield running


@pytest.fixture
def client(service: RunningService, request: pytest.FixtureRequest) -> Client:
    """A client of a team of the test's own."""
    team = request.node.name.replace("_", "-")[:60]
    made = service.client("ana", team=team, key=service.add_team(team))
    made.add_tag("sc", "isscreenshot")
    return made


@pytest.fixture
def make(client: Client) -> Iterator[Callable[..., CreateReviews]]:
    made: list[CreateReviews] = []

    def form(*args: Any, **kwargs: Any) -> CreateReviews:
        made.append(CreateReviews(client, *args, **kwargs))
        made[-1].sent = []
        made[-1].send = lambda content, buffers=None: made[-1].sent.append((content, buffers or []))
        made[-1].wait()
        return made[-1]

    yield form
    for one in made:
        one.close()


Make = Callable[..., CreateReviews]


class Hear:
    """A browser page, as far as the form can tell."""

    def __init__(self, form: CreateReviews, page: str = "p1") -> None:
        self.form, self.page = form, page

    def __call__(self, type: str, buffers: list[bytes] | None = None, **fields: Any) -> dict[str, Any]:
        """Send a message; the answer of the type that belongs to it."""
        self.form.wait()
        start = len(self.form.sent)
        self.form._handle_custom_msg({"type": type, "page": self.page, **fields}, buffers or [])
        self.form.wait()
        self.form._pictures.wait(10)
        self.form._views.wait(10)
        awaited = {"files": "taken", "chunk": "got", "where": "got", "lines": "added", "table": "added"}
        found = [content for content, _ in self.form.sent[start:] if content["type"] == awaited.get(type, type)]
        return found[-1] if found else {}

    def view(self) -> dict[str, Any]:
        self.form._views.wait(10)
        return self.form._seen()

    def rows(self, **fields: Any) -> list[dict[str, Any]]:
        return self("rows", n=1, first=0, count=100, show=fields.pop("show", "all"), **fields)["rows"]

    def upload(self, *files: tuple[str, bytes], piece: int = 1_000_000) -> list[str | None]:
        keys = self("files", first=0, files=[[name, len(data)] for name, data in files])["keys"]
        for key, (_, data) in zip(keys, files, strict=True):
            for offset in range(0, len(data) if key else 0, piece):
                part = {"key": key, "offset": offset, "last": offset + piece >= len(data)}
                self("chunk", [data[offset : offset + piece]], parts=[part])
        return keys


# Taking in ------------------------------------------------------------------------------------------------------------


def test_a_folder_a_list_and_addresses_become_entries(make: Make, tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(PICTURE)
    (tmp_path / "c.jpg").write_bytes(b"no picture")
    form = make(tmp_path)
    form.add_urls("https://x.org/1.jpg\n\n https://x.org/2.jpg ")
    form.wait()
    assert list(form.results["content_id"]) == ["a.jpg", "b.jpg", "c.jpg", "https://x.org/1.jpg", "https://x.org/2.jpg"]
    assert "not a picture" in form.results["error"][2]
    assert repr(form).endswith("4 ready, 1 refused)")


def test_a_table_brings_ids_tags_scores_and_metadata(make: Make) -> None:
    table = pd.DataFrame({"text": ["Hi!", "Buy"], "id": [7, 8], "a": [True, False], "lang": ["en", "de"]})
    form = make(table, type="Text")
    assert form.drafts[0].metadata == (("a", "True"), ("lang", "en"))
    assert [draft.content_id for draft in form.drafts] == ["7", "8"]


def test_a_table_that_cannot_be_read_is_an_error_at_once(client: Client) -> None:
    with pytest.raises(BadDraft, match="no column holds the content"):
        CreateReviews(client, pd.DataFrame({"x": [1]}))


def test_a_request_body_brings_its_own_types_metadata_and_frames(make: Make) -> None:
    frames = [{"Timestamp": 0, "FrameImage": "https://x.org/0.jpg"}]
    form = make()
    form.add_body(
        [
            {"Type": "Text", "Content": "Hi!", "ContentId": "t", "Metadata": [{"Key": "a", "Value": "True"}]},
            {"Type": "Video", "Content": "https://x.org/v.mp4", "ContentId": "v", "VideoFrames": frames},
        ]
    )
    form.wait()
    assert [(draft.type, draft.metadata, len(draft.frames)) for draft in form.drafts] == [
        ("Text", (("a", "True"),), 0),
        ("Video", (), 1),
    ]


BODY = """[
  {"Type": "Text", "Content": "a", "ContentId": "1"},
  {"Type": "Text", "Content": "b", "Metadata": [{"Key": "r", "Value": "True"}]},
  {"Type": "Text", "Content": "c", "ContentId": "3", "Metadata": 7},
  "d",
  {"Type": "Image", "Content": "cat.jpg", "ContentId": "5"}
]"""


def test_items_of_a_request_body_that_are_bad_stop_no_other_and_are_mended_in_the_form(make: Make) -> None:
    form = make()
    assert form.add_body(BODY) == 5
    form.wait()
    page = Hear(form)
    assert [row["state"] for row in page.rows()] == ["ready", *["refused"] * 4]
    assert [(row["reason"], row["next"]) for row in page.rows(show="problems")] == [
        ("item 2: it has no id: give it one", "Correct it here, or remove it."),
        (
            'item 3.Metadata: it must be an array of {"Key": ..., "Value": ...}',
            "Remove it, correct it where it comes from, and add it again.",
        ),
        ("item 4: it is not a JSON object", "Remove it, correct it where it comes from, and add it again."),
        (
            "item 5: 'cat.jpg' is no address: it must start with http:// or https://",
            "Correct it here, or remove it.",
        ),
    ]
    page("rename", key="e2", id="2")
    form.set_content("5", "https://x.org/cat.jpg")
    form.wait()
    assert [(draft.content_id, draft.metadata) for draft in form.drafts] == [
        ("1", ()),
        ("2", (("r", "True"),)),
        ("5", ()),
    ]


def test_a_body_that_is_no_json_is_refused_as_a_whole(make: Make) -> None:
    form = make()
    assert "cannot be read as JSON" in Hear(form)("lines", text='[{"Type": ', n=1)["error"]
    assert len(form) == 0


def test_a_text_that_starts_with_a_bracket_is_a_text(make: Make) -> None:
    form = make(type="Text")
    assert Hear(form)("lines", text="[sic] really\n[1, 2]", n=1)["count"] == 2


def test_texts_are_counted_past_ids_that_are_there(make: Make) -> None:
    form = make(type="Text")
    form.add_texts(["one", "two"])
    form.remove("text-0001")
    form.add_texts("three\nlines")
    assert list(form.results["content_id"]) == ["text-0002", "text-0003"]


LINES = "https://x.org/1.jpg\n\n/etc/passwd\nhttps://x.org/2.jpg\nhttps://x.org/1.jpg\n"


def test_bad_lines_become_problems_that_say_where_and_the_good_ones_are_ready(make: Make) -> None:
    form = make()
    page = Hear(form)
    assert page("lines", text=LINES, n=1) == {"type": "added", "page": "p1", "n": 1, "count": 4}
    assert [row["state"] for row in page.rows()] == ["ready", "refused", "ready", "refused"]
    assert [row["reason"] for row in page.rows(show="problems")] == [
        "line 3: '/etc/passwd' is no address: it must start with http:// or https://",
        "line 5: the id 'https://x.org/1.jpg' is taken by an earlier one: give it another",
    ]


def test_an_address_that_is_corrected_takes_its_id_with_it(make: Make) -> None:
    form = make()
    form.add_urls(LINES)
    form.wait()
    page = Hear(form)
    page("rewrite", key="e2", content=" https://x.org/3.jpg ")
    assert (page.rows()[1]["id"], page.rows()[1]["state"]) == ("https://x.org/3.jpg", "ready")
    form.set_content("https://x.org/3.jpg", "nonsense")
    form.wait()
    assert page.rows()[1]["state"] == "refused"


def test_a_row_that_cannot_be_read_costs_no_other_and_its_tag_can_be_set_by_hand(make: Make) -> None:
    table = pd.DataFrame(
        {"text": ["a", "b", "c", "d"], "id": [1, None, 3, 3], "a": [True, False, "maybe", 0.5], "weight": [1, 1, 1, 1]}
    )
    form = make(table, type="Text")
    page = Hear(form)
    assert [row["state"] for row in page.rows()] == ["ready", "refused", "refused", "refused"]
    reasons = [row["reason"] for row in page.rows(show="problems")]
    assert reasons[0] == "row 1: it has no id: give it one"
    assert reasons[1].startswith("row 2 (id '3'), column 'a': 'maybe' is neither true nor false")
    assert reasons[2].startswith("row 3 (id '3'), column 'a': 0.5 is a score, not true or false")
    assert page.rows()[2]["next"] == "Set the tag here, or remove it."
    page("tag", key="e3", code="a", on=True)
    page("rename", key="e2", id="2")
    page("rename", key="e4", id="4")
    assert [row["state"] for row in page.rows()] == ["ready", "ready", "ready", "refused"]
    page("tag", key="e3", code="a", forget=True)
    assert [row["state"] for row in page.rows()] == ["ready", "ready", "refused", "refused"]


def test_a_broken_line_of_a_csv_costs_no_other(make: Make) -> None:
    form = make(type="Text")
    page = Hear(form)
    page.upload(("posts.csv", b'id,text\n1,Hi!\n2,Buy, now\n3,"Not closed\n4,Yes\n'))
    assert [(row["id"], row["state"]) for row in page.rows()] == [
        ("1", "ready"),
        ("2", "refused"),
        ("", "refused"),
        ("4", "ready"),
    ]
    reasons = [row["reason"] for row in page.rows(show="problems")]
    assert reasons[0].startswith("row 2 (line 3): it cannot be read as a table's row: it has 3 cells, the first line 2")
    assert reasons[1].startswith("row 3 (line 4): it cannot be read as a table's row: unexpected end of data")


def test_what_is_left_out_is_said_with_how_many_and_why(
    make: Make, capsys: pytest.CaptureFixture[str], client: Client
) -> None:
    form = make()
    form.add_urls("https://x.org/1.jpg\nnonsense\nworse")
    assert len(form.submit()) == client.counts().pending == 1
    told = "2 left out: line 2: 'nonsense' is no address: it must start with http:// or https:// - and 1 more"
    assert told in capsys.readouterr().out
    assert Hear(form).view()["left_out"] == told
    assert list(form.results["error"].notna()) == [False, True, True]
    with pytest.raises(BadDraft, match="nothing is ready to be created: 2 left out: line 2"):
        form.submit()
    form.set_content("nonsense", "https://x.org/2.jpg")
    assert len(form.submit()) == 2


def test_a_callback_that_is_no_address_is_kept_and_never_sent(make: Make, client: Client) -> None:
    form = make(type="Text")
    form.add_texts("x")
    page = Hear(form)
    page("set", name="callback", value=" x.org/hook ")
    view = page.view()
    assert (view["options"]["callback"], view["notice"]) == ("x.org/hook", "")
    assert view["callback_error"] == "'x.org/hook' is no address: it must start with http:// or https://"
    assert form.callback == ""
    assert "hook" not in form.body() + form.curl() + form.python()
    with pytest.raises(BadRequest, match="Correct it or empty its field"):
        form.submit()
    page("set", name="callback", value="https://x.org/hook")
    assert page.view()["callback_error"] == ""
    (made,) = form.submit()
    assert client.get_review(made).callback_endpoint == "https://x.org/hook"


def test_an_id_that_is_changed_asks_no_tagger_again(make: Make) -> None:
    asked: list[str] = []

    def tagger(texts: list[Any]) -> list[dict[str, bool]]:
        asked.extend(texts)
        return [{"r": True} for _ in texts]

    form = make(type="Text", tagger=tagger)
    form.add_texts("x")
    form.wait()
    form.set_id("text-0001", "")
    form.set_id("", "1")
    form.wait()
    assert (asked, form.drafts[0].metadata) == (["x"], (("r", "True"),))
    form.set_content("1", "y")
    form.wait()
    assert asked == ["x", "y"]


def test_more_than_the_form_holds_is_refused_before_anything_is_added(make: Make) -> None:
    form = make(type="Text")
    with pytest.raises(BadRequest, match="the most is 10,000"):
        form.add_texts([str(number) for number in range(10_001)])
    assert len(form) == 0


# Uploads --------------------------------------------------------------------------------------------------------------


def test_a_file_arrives_in_pieces_and_is_looked_at_when_all_of_it_is_here(make: Make) -> None:
    form = make()
    page = Hear(form)
    page.upload(("trip/cat.jpg", PICTURE), piece=1000)
    (row,) = page.rows()
    assert (row["id"], row["state"], row["size"]) == ("trip/cat.jpg", "ready", len(PICTURE))
    (draft,) = form.drafts
    assert draft.path is not None
    assert draft.path.read_bytes() == PICTURE
    assert draft.content == "cat.jpg"


def test_a_piece_that_comes_twice_or_too_early_changes_nothing(make: Make) -> None:
    form = make()
    page = Hear(form)
    (key,) = page("files", first=0, files=[["cat.jpg", len(PICTURE)]])["keys"]
    half = len(PICTURE) // 2
    first, second = PICTURE[:half], PICTURE[half:]
    assert page("chunk", [second], parts=[{"key": key, "offset": half, "last": True}])["got"] == {key: 0}
    for _ in range(2):
        assert page("chunk", [first], parts=[{"key": key, "offset": 0, "last": False}])["got"] == {key: half}
    assert page("where", keys=[key, "e99"])["got"] == {key: half, "e99": -1}
    page("chunk", [second], parts=[{"key": key, "offset": half, "last": True}])
    assert page.rows()[0]["state"] == "ready"
    assert page("chunk", [second], parts=[{"key": key, "offset": half, "last": True}])["got"] == {key: len(PICTURE)}


def test_what_is_too_large_or_empty_is_refused_before_a_byte_is_sent(make: Make) -> None:
    page = Hear(make())
    assert page("files", first=0, files=[["big.jpg", 60_000_000], ["no.jpg", 0]])["keys"] == [None, None]
    assert [row["reason"] for row in page.rows()] == ["it has 60 MB; the most is 50 MB", "the file is empty"]


def test_a_page_that_says_a_wrong_size_cannot_fill_the_disk(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cmtools.widgets.create_intake.MAX_BYTES", 100)
    page = Hear(make())
    (key,) = page("files", first=0, files=[["cat.jpg", 500]])["keys"]
    assert page("chunk", [b"x" * 101], parts=[{"key": key, "offset": 0, "last": False}])["got"] == {key: -1}
    assert page.rows()[0]["state"] == "refused"


def test_no_name_of_a_browser_becomes_a_path(make: Make) -> None:
    form = make()
    page = Hear(form)
    page.upload(("../../../etc/cat.jpg", PICTURE), ("\x00\ud800.jp/g", PICTURE), ("x." + "j" * 300, PICTURE))
    folder = {draft.path.parent for draft in form.drafts if draft.path}
    assert len(folder) == 1
    assert sorted(path.name for path in folder.pop().iterdir()) == ["e1.jpg", "e2", "e3"]


def test_uploads_of_a_page_that_went_away_are_refused_with_the_reason(make: Make) -> None:
    form = make()
    Hear(form)("files", first=0, files=[["cat.jpg", 10]])
    other = Hear(form, "p2")
    other("ready")
    assert "page was closed" in other.rows()[0]["reason"]


def test_a_table_that_is_uploaded_becomes_its_rows(make: Make) -> None:
    form = make(type="Text")
    page = Hear(form)
    page.upload(("posts.csv", b"id,text,a\n1,Hi!,true\n2,Buy,false\n"))
    assert [(row["id"], row["state"]) for row in page.rows()] == [("1", "ready"), ("2", "ready")]
    assert form.drafts[0].metadata == (("a", "True"),)


def test_an_uploaded_table_reaches_no_file_of_the_kernel(make: Make, tmp_path: Path) -> None:
    (tmp_path / "secret.jpg").write_bytes(PICTURE)
    form = make()
    page = Hear(form)
    page.upload(("list.csv", f"id,image\n1,{tmp_path}/secret.jpg\n2,https://x.org/2.jpg\n".encode()))
    assert [row["state"] for row in page.rows()] == ["refused", "ready"]
    assert page("thumbs", ids=["e2"]).get("ids", []) == []
    assert [draft.content for draft in form.drafts] == ["https://x.org/2.jpg"]


def test_a_broken_table_is_refused_under_its_own_name(make: Make) -> None:
    page = Hear(make())
    page.upload(("list.csv", b"\xff\xfe\x00"))
    assert page.rows()[0]["reason"].startswith("'list.csv' is not UTF-8")


def test_files_are_gone_with_the_form(make: Make) -> None:
    form = make()
    Hear(form).upload(("cat.jpg", PICTURE), ("dog.jpg", PICTURE))
    paths = [draft.path for draft in form.drafts if draft.path]
    form.remove("cat.jpg")
    assert [path.exists() for path in paths] == [False, True]
    form.clear()
    gc.collect()
    assert not paths[1].parent.exists()
    assert len(form) == 0


# Tags and ids ---------------------------------------------------------------------------------------------------------


def test_tags_come_from_the_table_for_all_and_by_hand_in_that_order(make: Make) -> None:
    table = pd.DataFrame({"text": ["x", "y"], "id": ["1", "2"], "a": [False, False], "r": [True, True]})
    form = make(table, type="Text", tags={"a": True})
    form.set_tag("2", "a", False)
    form.set_tag("2", "R", None)
    form.set_tag("2", "sc")
    assert [dict(draft.metadata) for draft in form.drafts] == [{"a": "True", "r": "True"}, {"a": "False", "sc": "True"}]


def test_a_tag_that_the_team_does_not_have_cannot_be_set(make: Make) -> None:
    form = make(type="Text")
    form.add_texts("x")
    with pytest.raises(BadTag, match="spam"):
        form.set_tag("text-0001", "spam")


def test_an_id_that_is_taken_is_said_and_may_be_changed(make: Make) -> None:
    form = make(type="Text")
    form.add_body([{"Type": "Text", "Content": text, "ContentId": "same"} for text in ("x", "y")])
    form.wait()
    assert "is taken by an earlier one" in form.results["error"][1]
    page = Hear(form)
    page("rename", key=page.rows()[1]["key"], id="other")
    assert form.results["error"].isna().all()
    assert len(form.submit()) == 2


def test_an_entry_that_is_not_there_is_named(make: Make) -> None:
    with pytest.raises(NotFound, match="'nobody'"):
        make().set_tag("nobody", "a")


# Taggers --------------------------------------------------------------------------------------------------------------


class Loud(Tagger):
    """Finds texts in capitals; breaks off on one that says so."""

    name, type, default_thresholds = "loud", "Text", {"sc": 0.5}

    def tag(self, items: Any) -> list[Tagging]:
        if any("explode" in item for item in items):
            raise RuntimeError("boom")
        shares = [sum(map(str.isupper, text)) / len(text) for text in items]
        return [Tagging({"sc": share >= self.thresholds["sc"]}, {"sc": share}) for share in shares]


def test_each_entrys_auto_tags_and_scores_are_shown_and_sent(make: Make) -> None:
    form = make(type="Text", tagger=Loud())
    form.add_texts(["quiet", "LOUD"])
    page = Hear(form)
    cells = [{cell["code"]: cell for cell in row["tags"]}["sc"] for row in page.rows()]
    assert [(cell["on"], cell["score"], cell["by"]) for cell in cells] == [(False, 0.0, "auto"), (True, 1.0, "auto")]
    assert dict(form.drafts[1].metadata) == {"sc": "True", "sc.score": "1"}
    assert page.view()["tagger"] == "loud"


@pytest.mark.parametrize(
    ("given", "on"), [({}, [True, True]), ({"threshold": 0.5}, [False, True]), ({"threshold": {}}, [False, True])]
)
def test_teams_thresholds_hold_unless_others_are_given(
    make: Make, client: Client, given: dict[str, Any], on: list[bool]
) -> None:
    client.set_threshold("sc", 0.4)
    form = make(type="Text", tagger=Loud(), **given)
    form.add_texts(["QuieT", "QUIet"])
    form.wait()
    assert [dict(draft.metadata)["sc"] == "True" for draft in form.drafts] == on


def test_a_function_needs_no_threshold_where_the_team_has_one(make: Make, client: Client) -> None:
    client.set_threshold("sc", 0.4)
    form = make(type="Text", tagger=lambda texts: [{"sc": 0.4} for _ in texts])
    form.add_texts("x")
    form.wait()
    assert form.drafts[0].metadata == (("sc", "True"), ("sc.score", "0.4"))


def test_nothing_is_tagged_before_the_team_could_be_asked_for_its_thresholds(
    make: Make, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_client: Client) -> None:
        raise Unreachable("nobody answers")

    client.set_threshold("sc", 0.4)
    with monkeypatch.context() as patch:
        patch.setattr(Client, "team", away)
        form = make(type="Text", tagger=Loud())
        form.add_texts(["QUiet"])
        with pytest.raises(Unreachable, match="1 still wait to be looked at: nobody answers"):
            form.wait()
        assert (Hear(form).view()["notice"], len(form.drafts)) == ("nobody answers", 0)
    with pytest.raises(BadDraft, match="nothing is ready"):
        form.submit()  # which has it looked at again
    form.wait()
    assert dict(form.drafts[0].metadata)["sc"] == "True"


def test_a_tagger_leaves_other_types_alone(make: Make) -> None:
    form = make(tagger=Loud())
    form.add_urls("https://x.org/LOUD.jpg")
    form.wait()
    assert form.drafts[0].metadata == ()


def test_a_tagger_that_fails_costs_those_entries_and_not_the_form(make: Make) -> None:
    form = make(type="Text", tagger=Loud())
    form.add_texts("explode")
    form.wait()
    form.add_texts("LOUD")
    form.wait()
    assert form.results["error"][0] == "the tagger failed: boom"
    assert len(form.submit()) == 1


def test_tags_that_the_team_does_not_have_are_said_before_and_added_on_request(make: Make, client: Client) -> None:
    form = make(type="Text", tagger=lambda texts: [{"spam": True} for _ in texts])
    form.add_texts("x")
    form.wait()
    assert Hear(form).view()["missing"] == ["spam"]
    with pytest.raises(BadTag, match="spam"):
        form.submit()
    form.new_tags = True
    (made,) = form.submit()
    assert client.get_review(made).auto_tags == {"spam": True}


# Creating -------------------------------------------------------------------------------------------------------------


def test_what_holds_for_all_goes_into_the_reviews(make: Make, client: Client) -> None:
    client.add_subteam("night")
    form = make(type="Text", subteam="night", callback="https://x.org/hook", tags={"a": True})
    form.add_texts("x")
    (made,) = form.submit()
    review = client.get_review(made)
    assert (review.subteam, review.callback_endpoint, review.auto_tags) == ("night", "https://x.org/hook", {"a": True})


def test_uploaded_pictures_are_created_and_shown(make: Make, client: Client) -> None:
    form = make()
    page = Hear(form)
    page.upload(("cat.jpg", PICTURE))
    (made,) = form.submit()
    assert client.thumbnails([made])[made]
    assert page.rows()[0]["review"] == made
    assert page("thumbs", ids=["e1", "e1*"])["ids"] == ["e1", "e1*"]
    small, large = next(buffers for content, buffers in reversed(form.sent) if content["type"] == "thumbs")
    assert len(small) < len(large)


def test_submitting_again_creates_only_what_is_new(make: Make, client: Client) -> None:
    form = make(type="Text")
    form.add_texts(["x", "y"])
    first = form.submit()
    form.add_texts("z")
    assert form.submit()[:2] == first
    assert client.counts("Text").pending == 3
    with pytest.raises(BadDraft, match="nothing is ready"):
        form.submit()


def test_the_same_in_another_form_are_the_same_reviews_unless_the_batch_is_another(make: Make, client: Client) -> None:
    ids = []
    for batch in ("", "", "monday"):
        form = make(type="Text", batch=batch)
        form.add_texts("x")
        ids.append(form.submit())
        existed = Hear(form).view()["run"]["existed"]
        assert existed == (len(ids) == 2)
    assert ids[0] == ids[1] != ids[2]


def test_cancel_stops_between_lots_and_the_next_submit_goes_on(
    make: Make, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = make(type="Text")
    form.add_texts([f"text {number}" for number in range(2 * LOT_DRAFTS)])
    form.wait()
    create, reached, go_on = client._create_batch, threading.Event(), threading.Event()

    def slow(*args: Any) -> Any:
        reached.set()
        go_on.wait(10)
        return create(*args)

    monkeypatch.setattr(client, "_create_batch", slow)
    form.submit(wait=False)
    assert reached.wait(10)
    with pytest.raises(Conflict, match="being created"):
        form.clear()
    form.cancel()
    go_on.set()
    assert form._state.run is not None
    assert form._state.run.ended.wait(10)
    assert (len(form.ids), client.counts("Text").pending) == (LOT_DRAFTS, LOT_DRAFTS)
    assert len(form.submit()) == 2 * LOT_DRAFTS
    assert client.counts("Text").pending == 2 * LOT_DRAFTS


def test_a_service_that_goes_away_loses_nothing(make: Make, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    form = make(type="Text")
    form.add_texts([f"text {number}" for number in range(LOT_DRAFTS + 1)])
    create, calls = client._create_batch, []

    def breaking(*args: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            create(*args)  # what was sent took effect; only the answer is lost
            raise Unreachable("nobody answers")
        return create(*args)

    monkeypatch.setattr(client, "_create_batch", breaking)
    with pytest.raises(Unreachable):
        form.submit()
    assert len(form.ids) == LOT_DRAFTS
    assert Hear(form).view()["run"]["error"] == "nobody answers"
    assert len(set(form.submit())) == LOT_DRAFTS + 1
    assert client.counts("Text").pending == LOT_DRAFTS + 1


def test_what_the_service_refuses_of_one_entry_is_said_there_and_can_be_tried_again(
    make: Make, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = make(type="Text")
    form.add_texts(["good", "bad"])
    create = client._create_batch

    def refusing(items: Any, subteam: Any) -> Any:
        for place, item in enumerate(items):
            if item.draft.content == "bad":
                raise BadDraft("not this one", where=f"[{place}].Content")
        return create(items, subteam)

    monkeypatch.setattr(client, "_create_batch", refusing)
    assert len(form.submit()) == 1
    assert form.results["error"][1] == "Content: not this one"
    monkeypatch.setattr(client, "_create_batch", create)
    assert len(form.submit()) == 2
    assert form.results["error"].isna().all()


def test_a_service_that_cannot_be_reached_is_shown_and_not_raised(make: Make) -> None:
    form = CreateReviews(Client("http://127.0.0.1:9", key="k", team="demo", timeout=0.2), type="Text")
    form.add_texts("x")
    assert form._state.wait(20)
    assert "no service answers" in form._state.notice
    form.close()


# What will be sent ----------------------------------------------------------------------------------------------------


def test_what_is_shown_is_what_is_sent(make: Make, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    call = client._vendor
    monkeypatch.setattr(client, "_vendor", lambda *a, **k: sent.extend(k["data"]) or call(*a, **k))
    form = make(tags={"r": True})
    Hear(form).upload(("cat.jpg", PICTURE), ("dog.jpg", PICTURE + b"more"))
    form.add_urls("https://x.org/1.jpg")
    form.wait()
    body = json.loads(form.body())
    form.submit()
    assert body == sent


def test_of_many_the_first_are_shown_and_all_are_copied(make: Make) -> None:
    form = make(type="Text")
    form.add_texts([str(number) for number in range(50)])
    page = Hear(form)
    shown = page("text", n=1, form="body", key=None, whole=False)
    assert (len(json.loads(shown["text"])), shown["items"], shown["of"]) == (create_talk.PREVIEWED, 3, 50)
    assert len(json.loads(page("text", n=2, form="body", key=None, whole=True)["text"])) == 50
    one = page("text", n=3, form="python", key="e7", whole=False)
    assert "cm.Draft('6', 'text-0007', type='Text')" in one["text"]


def test_uploads_keep_their_own_names_in_what_is_copied(make: Make) -> None:
    form = make()
    Hear(form).upload(("trip/cat.jpg", PICTURE))
    assert "Path('trip/cat.jpg')" in form.python()
    assert "--data-binary @trip/cat.jpg" in form.curl()
    assert "cmtools-create-" not in form.python() + form.curl() + form.body()


# The browser's side ---------------------------------------------------------------------------------------------------


def test_rows_are_given_by_window_filter_and_words(make: Make) -> None:
    form = make(type="Text")
    form.add_texts([f"number {number}" for number in range(300)])
    form.add_texts(" \n")
    page = Hear(form)
    some = page("rows", n=1, first=100, count=10, show="all", find="")
    assert (some["total"], [row["name"] for row in some["rows"]][:2]) == (301, ["number 100", "number 101"])
    assert page("rows", n=1, first=0, count=10, show="problems", find="")["total"] == 1
    assert page("rows", n=1, first=0, count=10, show="all", find="NUMBER 29")["total"] == 11


def test_a_view_is_small_whatever_the_form_holds(make: Make) -> None:
    form = make(type="Text")
    form.add_texts(["x" * 1000 + str(number) for number in range(2_000)])
    assert len(json.dumps(Hear(form).view())) < 3_000
    assert len(json.dumps(form.get_state(), default=str)) < 60_000 + len(form._esm) + len(form._css)


def test_a_wrong_message_is_a_notice_and_not_the_end(make: Make) -> None:
    form = make(type="Text")
    page = Hear(form)
    page("set", name="type", value="Sound")
    assert "no content type 'Sound'" in page.view()["notice"]
    page("chunk", [b"x"], parts=[{"key": "nobody", "offset": 0, "last": True}])
    page("dismiss")
    assert page.view()["notice"] == ""
    page("set", name="_state", value="x")
    assert form.type == "Text"


def test_blur_is_on_at_first_and_remembered(make: Make, client: Client) -> None:
    page = Hear(make())
    assert page.view()["blur"] is True
    page("blur", on=False)
    other = make()
    other._pictures.wait(10)
    assert Hear(other).view()["blur"] is False


def test_options_are_attributes_too(make: Make) -> None:
    form = make()
    page = Hear(form)
    page("set", name="type", value="Text")
    page("set", name="batch", value="monday")
    page("all_tag", code="A", on=True)
    assert (form.type, form.batch, form.tags) == ("Text", "monday", {"a": True})
    page("all_tag", code="a", on=None)
    form.callback, form.subteam, form.type = "https://x.org/hook", "night", "image"
    assert page.view()["options"] == {
        "type": "Image",
        "subteam": "night",
        "callback": "https://x.org/hook",
        "batch": "monday",
        "new_tags": False,
        "tags": {},
        "overlap": None,
        "overlap_share": None,
        "final": None,
        "blind": None,
    }


def test_threshold_of_one_table_goes_before_the_forms(make: Make) -> None:
    first, second = (pd.DataFrame({"text": ["Hello"], "id": [id], "sc": [0.6]}) for id in "12")
    form = make(type="Text", threshold={"sc": 0.9})
    form.add_table(first)
    form.add_table(second, threshold={"sc": 0.5})
    form.wait()
    assert [dict(draft.metadata)["sc"] for draft in form.drafts] == ["False", "True"]


def test_closed_form_says_so_and_keeps_what_it_created(make: Make) -> None:
    form = make(type="Text")
    form.add_texts("Hello")
    ids = form.submit()
    form.add_texts("Again")
    form.close()
    for use in (lambda: form.add_texts("More"), form.submit, form.clear, lambda: form.set_tag("text-0002", "a")):
        with pytest.raises(Conflict, match="the form is closed: open another"):
            use()
    assert form.ids == ids
