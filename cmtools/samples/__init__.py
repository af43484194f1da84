"""Real photographs out of an installed package, crops of them, simulated machines and reviewers. It downloads nothing.

Nothing here knows reviews or widgets: the simulated reviewer plays whatever behaves like a board.
"""

from __future__ import annotations

from .cropping import crops
from .photos import TAGS, Photograph, photographs, truth
from .sets import drafts, videos
from .simulation import Board, SimulatedClassifier, SimulatedReviewer

__all__ = [
    "TAGS",
    "Board",
    "Photograph",
    "SimulatedClassifier",
    "SimulatedReviewer",
    "crops",
    "drafts",
    "photographs",
    "truth",
    "videos",
]
