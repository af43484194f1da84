"""The vendor's Python SDK has pictures evaluated and texts screened; what is wrong it reads from the refusal."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from azure.cognitiveservices.vision.contentmoderator import ContentModeratorClient
from azure.cognitiveservices.vision.contentmoderator.models import APIErrorException
from PIL import Image

from cmtools.testing import running_service
from tests.sdk.desk import Desk, connect, pairs, refusal
from tests.sdk.pictures import GREY, RED, PictureServer, jpeg
from tests.tools.pictures import noise

JSON = "application/json"
PLAIN = "text/plain"
Sdk = ContentModeratorClient


def tiny() -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (100, 160)).save(buffer, "PNG")
    return buffer.getvalue()


def heavy() -> bytes:
    """A picture of more than the 4 MB that the vendor took."""
    buffer = BytesIO()
    noise((2_200, 2_200)).save(buffer, "BMP")
    return buffer.getvalue()


# Pictures -------------------------------------------------------------------------------------------------------------


def test_picture_at_an_address_is_evaluated_with_every_field_set(sdk: Sdk, pictures: PictureServer) -> None:
    said = sdk.image_moderation.evaluate_url_input(JSON, value=pictures.address(RED))
    assert (said.adult_classification_score, said.is_image_adult_classified) == (pytest.approx(0.996, abs=0.001), True)
    assert (said.racy_classification_score, said.is_image_racy_classified) == (pytest.approx(0.498, abs=0.001), False)
    assert (said.result, said.cache_id) == (True, None)
    assert (said.status.code, said.status.description, said.status.exception) == (3000, "OK", None)
    assert said.tracking_id
    info = dict(pairs(said.advanced_info))
    assert int(info["ImageSizeInBytes"]) == len(jpeg("red"))
    assert int(info["ImageDownloadTimeInMs"]) >= 0


def test_harmless_picture_is_not_flagged(sdk: Sdk, pictures: PictureServer) -> None:
    said = sdk.image_moderation.evaluate_url_input(JSON, value=pictures.address(GREY))
    assert (said.result, said.is_image_adult_classified, said.is_image_racy_classified) == (False, False, False)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF"])
def test_file_is_evaluated_whatever_it_is_called(sdk: Sdk, tmp_path: Path, kind: str) -> None:
    Image.new("RGB", (200, 200), "red").save(tmp_path / "picture", kind)
    with (tmp_path / "picture").open("rb") as file:
        assert sdk.image_moderation.evaluate_file_input(file).is_image_adult_classified is True


def test_file_that_is_streamed_in_many_pieces_is_read_whole(sdk: Sdk) -> None:
    buffer = BytesIO()
    noise((1_000, 1_000)).convert("RGB").save(buffer, "PNG")
    buffer.seek(0)
    said = sdk.image_moderation.evaluate_file_input(buffer)
    assert int(dict(pairs(said.advanced_info))["ImageSizeInBytes"]) == buffer.getbuffer().nbytes > 500_000


def test_cache_id_is_there_when_it_is_asked_for(sdk: Sdk, pictures: PictureServer) -> None:
    said = [
        sdk.image_moderation.evaluate_url_input(JSON, cache_image=asked, value=pictures.address(GREY)).cache_id
        for asked in (True, False)
    ]
    assert said[0]
    assert said[1] is None


def test_call_without_a_picture_is_refused(sdk: Sdk) -> None:
    with pytest.raises(APIErrorException) as caught:
        sdk.image_moderation.evaluate_method()
    assert caught.value.response.status_code == 400
    assert caught.value.error.error.message


@pytest.mark.parametrize(
    ("data", "statuses"),
    [(b"no picture", {400}), (b"", {400}), (jpeg()[:300], {400}), (tiny(), {400}), (heavy(), {400, 413})],
    ids=["no picture", "empty", "cut", "under 128 pixels", "over 4 MB"],
)
def test_file_that_cannot_be_evaluated_is_refused(sdk: Sdk, data: bytes, statuses: set[int]) -> None:
    with pytest.raises(APIErrorException) as caught:
        sdk.image_moderation.evaluate_file_input(BytesIO(data))
    assert caught.value.response.status_code in statuses
    assert caught.value.error.error.message


def test_address_without_a_picture_is_refused(sdk: Sdk, pictures: PictureServer) -> None:
    for address in (pictures.address("gone.jpg"), "no address", "ftp://example.org/1.jpg"):
        with pytest.raises(APIErrorException) as caught:
            sdk.image_moderation.evaluate_url_input(JSON, value=address)
        assert caught.value.response.status_code == 400


# Texts ----------------------------------------------------------------------------------------------------------------


def test_text_is_screened_and_its_words_are_found(sdk: Sdk) -> None:
    text = "This is crap."
    said = sdk.text_moderation.screen_text(PLAIN, BytesIO(text.encode()), language="eng")
    (term,) = said.terms
    assert (term.term, term.index, term.original_index) == ("crap", 8, 8)
    assert (said.original_text, said.language, said.status.code) == (text, "eng", 3000)
    assert said.tracking_id


def test_polite_text_has_no_terms(sdk: Sdk) -> None:
    assert not sdk.text_moderation.screen_text(PLAIN, BytesIO(b"How kind.")).terms


def test_every_option_of_the_sdk_is_taken(sdk: Sdk) -> None:
    said = sdk.text_moderation.screen_text(
        PLAIN, BytesIO("Ça, c'est bon".encode()), language="fra", autocorrect=True, pii=True, list_id="7", classify=True
    )
    assert (said.original_text, said.language) == ("Ça, c'est bon", "fra")


def test_text_of_the_vendors_limit_is_screened_and_a_longer_one_refused(sdk: Sdk) -> None:
    assert sdk.text_moderation.screen_text(PLAIN, BytesIO(b"x" * 1_024)).status.code == 3000
    with pytest.raises(APIErrorException, match=r"1,?024") as caught:
        sdk.text_moderation.screen_text(PLAIN, BytesIO(b"x" * 1_025))
    assert caught.value.response.status_code in (400, 413)


# Refusals -------------------------------------------------------------------------------------------------------------


def test_without_a_tagger_both_calls_say_how_to_set_one_up(pictures: PictureServer) -> None:
    with running_service() as bare, connect(bare.url, bare.key) as sdk:
        calls: list[Callable[[], object]] = [
            lambda: sdk.image_moderation.evaluate_url_input(JSON, value=pictures.address(RED)),
            lambda: sdk.text_moderation.screen_text(PLAIN, BytesIO(b"crap")),
        ]
        for call in calls:
            with pytest.raises(APIErrorException, match="CMTOOLS_TAGGER") as caught:
                call()
            assert refusal(caught.value) == (409, "NoTagger")


def test_wrong_key_is_401(desk: Desk) -> None:
    with connect(desk.service.url, "wrong") as stranger:
        for call in (
            lambda: stranger.image_moderation.evaluate_file_input(BytesIO(jpeg())),
            lambda: stranger.text_moderation.screen_text(PLAIN, BytesIO(b"crap")),
        ):
            with pytest.raises(APIErrorException) as caught:
                call()
            assert refusal(caught.value) == (401, "NotAuthorized")
