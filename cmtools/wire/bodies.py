"""What requests to our own operations bring, one model an operation. It knows no vendor shape and no rule."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from ..errors import BadRequest
from .own import BOM, MAX_LOOKUP, first_problem

NOT_BLANK = r"[^\s\x1c-\x1f]"
"""There is more than white space; to Python, unlike others, these control characters are white too."""


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds the character U+0000, which cannot be stored")
    return text


Text = Annotated[str, AfterValidator(_storable)]
Word = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=NOT_BLANK),
    AfterValidator(_storable),
]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000), AfterValidator(_storable)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_storable)]
Switches = dict[Id, dict[Word, bool]]
Moment = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,16}$")]
Threshold = Annotated[float, Field(ge=0, le=1)] | None
FrameSwitches = dict[Id, dict[Moment, dict[Word, bool]]]
"""Review id -> a frame's milliseconds -> short code -> on or off."""


class Body(BaseModel):
    """What a request brings: strict about kinds ("5" is no number), easy about keys that it does not know."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class CheckoutBody(Body):
    """``POST /leases``."""

    count: int = Field(20, ge=1, le=10_000)
    type: Word = "Image"
    subteam: Word | None = None
    order: Literal["oldest", "highest", "uncertain", "random"] = "oldest"
    seed: int | None = Field(None, ge=-(2**63), lt=2**63)
    blind: bool = False
    adjudicate: bool = False


class HoldBody(Body):
    """``POST /leases/{id}/hold``."""

    review_ids: list[Id] = Field(min_length=1, max_length=10_000)
    seconds: float = Field(3600.0, gt=0, le=30 * 24 * 3600)
    note: Text = Field("", max_length=10_000)


class TakeHeldBody(Body):
    """``POST /held/take``; without ids, all on hold of one type."""

    review_ids: list[Id] | None = Field(None, max_length=10_000)
    type: Word | None = None


class UnholdBody(Body):
    """``POST /held/release``."""

    review_ids: list[Id] = Field(max_length=10_000)


class AnswersBody(Body):
    """``POST /leases/{id}/submissions``."""

    answers: Switches = Field(min_length=1)
    frames: FrameSwitches = {}


class TogglesBody(Body):
    """``PATCH /leases/{id}/toggles``."""

    toggles: Switches
    frames: FrameSwitches = {}


class ReleaseBody(Body):
    """``POST /leases/{id}/release``; None gives back all that the lease still holds."""

    review_ids: list[Id] | None = None


class MoveBody(Body):
    """``POST /reviews/{id}/move``."""

    subteam: Word


class TagBody(Body):
    """``POST /tags``; of a tag that is there already, what is left out stays as it is."""

    short_code: Word
    name: Line = ""
    description: Line = ""
    visible: bool = True
    threshold: Threshold = None

    @property
    def said(self) -> dict[str, Any]:
        """What is said of the tag, without what was left out."""
        return self.model_dump(exclude_unset=True, exclude={"short_code"})


class ThresholdBody(Body):
    """``PUT /tags/{short_code}/threshold``; null is the tagger's own."""

    threshold: Threshold


class GoldenFeedbackBody(Body):
    """``PUT /golden-feedback``."""

    told: bool


class SettleBody(Body):
    """``POST /reviews/settle``."""

    review_ids: list[Id] = Field(min_length=1, max_length=10_000)


class NotedBody(Body):
    """``PUT /trail/noted/{seal}``."""

    about: Line = ""


class SubteamBody(Body):
    """``POST /subteams``."""

    name: Word


class KeyBody(Body):
    """``POST /keys``."""

    label: Word
    role: Word
    reviewer: Word | None = None


class RotationBody(Body):
    """``POST /keys/{id}/rotate``."""

    grace_seconds: float = Field(0, ge=0, le=2_592_000)


class RedeliverBody(Body):
    """``POST /callbacks/redeliver``; None sends all that were given up."""

    callback_id: Id | None = None


class SecretBody(Body):
    """``POST /callback-secret/rotate``."""

    keep_previous_seconds: float = Field(86_400, ge=0, le=2_592_000, allow_inf_nan=False)


class LookupBody(Body):
    """``POST /reviews/lookup``; without ``frames``, videos come without theirs."""

    ids: list[Id] = Field(max_length=MAX_LOOKUP)
    frames: bool = True


class ThumbnailsBody(Body):
    """``POST /pictures/thumbnails``."""

    ids: list[Id] = Field(min_length=1, max_length=100)
    size: int = Field(320, ge=16, le=2048)


B = TypeVar("B", bound=BaseModel)


def read_body(model: type[B], raw: bytes) -> B:
    """The request body, or `BadRequest` whose ``where`` is the JSON path of the first thing wrong with it.

    No bytes at all count as ``{}``.

    Examples
    --------
    >>> read_body(CheckoutBody, b'{"count": 5}').count
    5
    >>> read_body(CheckoutBody, b'{"count": 0}')
    Traceback (most recent call last):
    cmtools.errors.BadRequest: count: Input should be greater than or equal to 1 (it is 0)
    """
    try:
        return model.model_validate_json(raw.removeprefix(BOM).strip() or b"{}")
    except ValidationError as error:
        where, message = first_problem(error)
    raise BadRequest(message, where=where)
