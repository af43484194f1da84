"""Text reviews: the content is the text itself. It does not judge the text or look for words in it."""

from __future__ import annotations

from ..errors import BadDraft
from ..model import Draft
from .base import ContentType, check_string

MAX_TEXT_CHARACTERS = 100_000
"""Far above the retired service's 1,024, and still small enough to put on a screen."""


class Text(ContentType):
    """A text, shown to reviewers as it is.

    Examples
    --------
    >>> Text().check(Draft(content="Hello!", content_id="1", type="Text"))
    >>> Text().check(Draft(content=" ", content_id="2", type="Text"))
    Traceback (most recent call last):
    ...
    cmtools.errors.BadDraft: content: it is empty
    """

    name = "Text"
    letter = "t"

    def check_content(self, draft: Draft) -> None:
        """A text that is not blank, and no file beside it."""
        if draft.path is not None:
            raise BadDraft("a text draft carries its text in content, not in a file", where="path")
        check_string(draft.content, "content", most=MAX_TEXT_CHARACTERS)
