"""Drafts ready to be created, made of crops: pictures with auto tags of a simulated classifier, and videos."""

from __future__ import annotations

import random
from pathlib import Path

from ..model import Draft, Frame
from .cropping import crops
from .photos import TAGS, truth
from .simulation import SimulatedClassifier


def drafts(
    folder: str | Path = "photos",
    count: int = 64,
    seed: int = 0,
    *,
    sensitivity: float = 0.9,
    specificity: float = 0.9,
    threshold: float = 0.5,
) -> list[Draft]:
    """Drafts of crops, with the auto tags and scores that a simulated classifier gives them for `TAGS`.

    Their metadata calls the classifier simulated and states how good it is. `truth` tells what is true of them, so that
    agreement can be worked out with and without people.

    Parameters
    ----------
    folder, count, seed
        As for `crops`; another seed makes other mistakes too.
    sensitivity, specificity : float
        As for `SimulatedClassifier`.
    threshold : float
        From which score on a tag is true; at 0.5 the two shares above hold, beyond it fewer tags are true.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = drafts(folder, count=3, sensitivity=0.8, specificity=0.95, seed=1)
    >>> made[1].content_id, made[1].metadata[:3]
    ('camera-01.jpg', (('bw', 'True'), ('bw.score', '0.549661'), ('night', 'False')))
    >>> made[1].metadata[-1]
    ('tagger', 'simulated (sensitivity 0.8, specificity 0.95, seed 1)')
    """
    pictures = crops(folder, count, seed)
    facts = {name: {code: tags[code] for code in TAGS} for name, tags in truth(pictures).items()}
    classifier = SimulatedClassifier(facts, sensitivity, specificity, seed)
    made = []
    for path, scores in zip(pictures, classifier(pictures), strict=True):
        pairs = [
            pair
            for code, score in scores.items()
            for pair in ((code, str(score >= threshold)), (f"{code}.score", f"{score:.6g}"))
        ]
        made.append(Draft(path.name, path.name, metadata=(*pairs, ("tagger", classifier.name)), path=path))
    return made


def videos(folder: str | Path = "photos", count: int = 2, frames: int = 12, seed: int = 0) -> list[Draft]:
    """Drafts of videos whose frames are crops of the photographs, two seconds apart. Their addresses play nothing.

    They are for `Client.create_reviews`, which uploads the frames; a frame's auto tags are what is true of it (`TAGS`).
    ``folder`` and ``seed`` are as for `crops`, ``frames`` is how many each video has.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     film = videos(folder, count=1, frames=3)[0]
    >>> film.content_id, [(frame.timestamp, frame.image) for frame in film.frames]
    ('film-1', [(0, 'astronaut-01.jpg'), (2000, 'coffee-01.jpg'), (4000, 'camera-01.jpg')])
    """
    pictures = crops(folder, count * frames, seed)
    random.Random(seed).shuffle(pictures)  # noqa: S311 - no secret depends on it
    facts = truth(pictures)
    made = []
    for number in range(1, count + 1):
        shots = []
        for place, path in enumerate(pictures[(number - 1) * frames : number * frames]):
            tags = tuple((code, str(facts[path.name][code])) for code in TAGS)
            shots.append(Frame(place * 2000, path.name, tags, path=path))
        address = f"https://example.org/film-{number}.webm"
        made.append(Draft(address, f"film-{number}", "Video", frames=tuple(shots)))
    return made
