"""What a reviewer is told while the review service is away, and when it is back. It asks no service."""

from __future__ import annotations

from ..errors import CmtoolsError


def away_text(error: CmtoolsError) -> str:
    """What happened: the error without its own advice.

    Examples
    --------
    >>> from cmtools.errors import Unreachable
    >>> away_text(Unreachable("no service answers at http://127.0.0.1:1 - start one"))
    'no service answers at http://127.0.0.1:1'
    """
    return str(error).partition(" - ")[0].rstrip(".")


def advice_text(unsaved: int | None) -> str:
    """What is kept (``unsaved`` is None when there is nothing to keep), and what to do next."""
    kept = "" if unsaved is None else "All tags you switched are kept. "
    if unsaved:
        kept = f"All tags you switched are kept here ({unsaved:,} not saved yet). "
    return (
        f"{kept}The board goes on by itself once it answers again. "
        "Was it started by cm.serve()? Run that cell again and those below it: it may have another address now. "
        "By make lab? Start that again."
    )


def back_text(taken: bool) -> str:
    """What is said when it answers again; ``taken`` when no step of a person's is left to take again."""
    text = "The service answers again, and every tag you switched is saved."
    return text if taken else f"{text} Your last step was not confirmed: Retry takes it, and nothing is done twice."
