"""Content Moderator's human reviews for notebooks: create reviews, review them on a board, measure how far tags agree.

``import cmtools as cm`` is quick: a name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from . import errors, samples, testing
    from .analysis import dsa
    from .analysis.agreement import Agreement
    from .analysis.audits.audit import Audit
    from .analysis.decisions import tidy
    from .analysis.plans.plan import SamplingPlan
    from .analysis.quality.reviewers import ReviewerQuality
    from .analysis.raters.agreement import RaterAgreement
    from .analysis.reports.writing import write_report
    from .analysis.thresholds.choosing import Thresholds
    from .client.client import Client
    from .drafts import make_drafts
    from .errors import CmtoolsError
    from .model import Draft, Lease, Review, Submission
    from .service.embedded import serve
    from .tags import Tag
    from .widgets.board import ReviewBoard
    from .widgets.create import CreateReviews
    from .widgets.dashboard import AgreementDashboard
    from .widgets.portal import Portal
    from .wire.signatures import verify_callback

_HOME = {
    "Agreement": "analysis.agreement",
    "AgreementDashboard": "widgets.dashboard",
    "Audit": "analysis.audits.audit",
    "Client": "client.client",
    "CmtoolsError": "errors",
    "CreateReviews": "widgets.create",
    "Draft": "model",
    "Lease": "model",
    "Portal": "widgets.portal",
    "RaterAgreement": "analysis.raters.agreement",
    "Review": "model",
    "ReviewBoard": "widgets.board",
    "ReviewerQuality": "analysis.quality.reviewers",
    "SamplingPlan": "analysis.plans.plan",
    "Submission": "model",
    "Tag": "tags",
    "Thresholds": "analysis.thresholds.choosing",
    "make_drafts": "drafts",
    "serve": "service.embedded",
    "tidy": "analysis.decisions",
    "verify_callback": "wire.signatures",
    "write_report": "analysis.reports.writing",
}
_MODULES = ("errors", "samples", "testing")
_ROOMS = {"dsa": "analysis.dsa"}
"""Modules that live deeper than the face shows them."""

__all__ = [
    "Agreement",
    "AgreementDashboard",
    "Audit",
    "Client",
    "CmtoolsError",
    "CreateReviews",
    "Draft",
    "Lease",
    "Portal",
    "RaterAgreement",
    "Review",
    "ReviewBoard",
    "ReviewerQuality",
    "SamplingPlan",
    "Submission",
    "Tag",
    "Thresholds",
    "dsa",
    "errors",
    "make_drafts",
    "samples",
    "serve",
    "testing",
    "tidy",
    "verify_callback",
    "write_report",
]


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return import_module(f".{name}", __name__)
    if name in _ROOMS:
        return import_module(f".{_ROOMS[name]}", __name__)
    if name in _HOME:
        return getattr(import_module(f".{_HOME[name]}", __name__), name)
    raise AttributeError(f"module 'cmtools' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
