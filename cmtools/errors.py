"""Every error that cmtools raises, each with the status and code it has on the wire. No rules and no texts live here.

::

    CmtoolsError                    500  InternalError
    ├── BadRequest                  400  BadRequest
    │   ├── BadDraft                400  BadDraft
    │   ├── BadTag                  400  BadTag
    │   ├── BadPicture              400  BadPicture
    │   └── BadTagger               400  BadTagger
    ├── NotAuthorized               401  NotAuthorized       no key, or a wrong one
    ├── Forbidden                   403  Forbidden           the key's role may not do this
    ├── NotFound                    404  NotFound
    │   └── UnknownTeam             404  UnknownTeam
    ├── MethodNotAllowed            405  MethodNotAllowed
    ├── Conflict                    409  Conflict
    │   ├── LeaseLost               409  LeaseLost           expired, released or taken over elsewhere
    │   ├── UndoWindowClosed        409  UndoWindowClosed
    │   ├── AlreadyComplete         409  AlreadyComplete
    │   ├── RevealCapReached        409  RevealCapReached    enough pictures were uncovered today
    │   └── NoTagger                409  NoTagger            the service has no tagger for this kind of content
    ├── TooLarge                    413  TooLarge
    ├── UnsupportedType             415  UnsupportedType
    ├── RateLimited                 429  RateLimited
    ├── StoreError                  503  StoreError          the database cannot be reached or refuses
    ├── NotReady                    503  NotReady            the service lives, but cannot serve now
    ├── TaggerFailed                500  TaggerFailed        the service's tagger broke off
    ├── ServiceError                500  ServiceError        the service answered with what nobody foresaw
    └── TransportError              (client only: nothing came back)
        ├── Timeout
        └── Unreachable

Every message that one of them can carry, and what to do, is on the reference page ``notebooks/reference/errors.md``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import ClassVar


class CmtoolsError(Exception):
    """The root of every error that cmtools raises: what happened, to which value, and what to do next.

    Parameters
    ----------
    message : str
        One line for a person.
    where : str, optional
        The JSON path, row or field at fault, such as ``[3].Metadata[0].Key``.

    Notes
    -----
    In a notebook these errors print as their one line, without the stack: the stack is ours, the line is the user's,
    and no local variable (a key, say) can end up in a saved notebook. The whole stack stays on
    ``error.__traceback__``.

    Examples
    --------
    >>> error = BadTag("the team has no tag 'zz'", where="[0].Metadata[1].Key")
    >>> error.status, error.code, str(error)
    (400, 'BadTag', "[0].Metadata[1].Key: the team has no tag 'zz'")
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "InternalError"

    def __init__(self, message: str, *, where: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message

    def _render_traceback_(self) -> list[str]:
        """The one line that IPython shows in place of a stack."""
        return [f"{type(self).__name__}: {self}"]


class BadRequest(CmtoolsError):
    """The request itself is wrong; the same request will be refused again."""

    status = 400
    code = "BadRequest"


class BadDraft(BadRequest):
    """A draft cannot become a review: a field is missing, empty or of the wrong kind."""

    code = "BadDraft"


class BadTag(BadRequest):
    """A tag that the team does not have, or a value that is neither true nor false."""

    code = "BadTag"


class BadPicture(BadRequest):
    """Bytes that are no picture we show: unreadable, truncated, too large or of another kind."""

    code = "BadPicture"


class BadTagger(BadRequest):
    """A tagger that cannot be set up: an unknown name, a package or list that is missing, a wrong threshold."""

    code = "BadTagger"


class NotAuthorized(CmtoolsError):
    """No key, or one that the service does not know."""

    status = 401
    code = "NotAuthorized"


class Forbidden(CmtoolsError):
    """The key is known, but its role may not do this."""

    status = 403
    code = "Forbidden"


class NotFound(CmtoolsError):
    """There is no such thing in this team."""

    status = 404
    code = "NotFound"


class UnknownTeam(NotFound):
    """The service has no team of that name, or the key belongs to another one."""

    code = "UnknownTeam"


class MethodNotAllowed(CmtoolsError):
    """The address exists, but not for this method."""

    status = 405
    code = "MethodNotAllowed"


class Conflict(CmtoolsError):
    """The request was right once; the state has moved on since."""

    status = 409
    code = "Conflict"


class LeaseLost(Conflict):
    """The lease has expired, was released, or was resumed elsewhere; nothing was changed."""

    code = "LeaseLost"


class UndoWindowClosed(Conflict):
    """The submission is final; it can no longer be taken back."""

    code = "UndoWindowClosed"


class AlreadyComplete(Conflict):
    """The review is complete; its decision stands."""

    code = "AlreadyComplete"


class RevealCapReached(Conflict):
    """The reviewer has revealed as many pictures today as the team allows; what was reported is counted."""

    code = "RevealCapReached"


class NoTagger(Conflict):
    """The service was started without a tagger for this kind of content."""

    code = "NoTagger"


class TooLarge(CmtoolsError):
    """More bytes or items than the service takes at once."""

    status = 413
    code = "TooLarge"


class UnsupportedType(CmtoolsError):
    """The body's content type is not one that this address reads."""

    status = 415
    code = "UnsupportedType"


class RateLimited(CmtoolsError):
    """Too many requests; try again later.

    Parameters
    ----------
    message, where
        As of `CmtoolsError`.
    retry_after : int
        In how many seconds it is worth another try.
    """

    status = 429
    code = "RateLimited"

    def __init__(self, message: str, *, where: str | None = None, retry_after: int = 1) -> None:
        super().__init__(message, where=where)
        self.retry_after = retry_after


class StoreError(CmtoolsError):
    """The database cannot be reached, or refuses to work."""

    status = 503
    code = "StoreError"


class NotReady(CmtoolsError):
    """The service lives, but something that it needs does not; the message lists what."""

    status = 503
    code = "NotReady"


class TaggerFailed(CmtoolsError):
    """The service's tagger broke off on this item; its log has more."""

    code = "TaggerFailed"


class ServiceError(CmtoolsError):
    """The service answered with something nobody foresaw; its log has more."""

    code = "ServiceError"


class TransportError(CmtoolsError):
    """No answer came back; whether the request took effect is not known."""

    status = 0
    code = "TransportError"


class Timeout(TransportError):
    """The service did not answer in time."""

    code = "Timeout"


class Unreachable(TransportError):
    """Nothing answers at the service's address."""

    code = "Unreachable"


def error_classes() -> Iterator[type[CmtoolsError]]:
    """Every class of the tree, the root first."""
    todo: list[type[CmtoolsError]] = [CmtoolsError]
    while todo:
        cls = todo.pop(0)
        yield cls
        todo.extend(cls.__subclasses__())


def error_from_wire(status: int, code: str, message: str) -> CmtoolsError:
    """The error that a status, code and message stand for: the same class that the service raised.

    A code that is not known falls back on the first class with that status, then on `ServiceError`.

    Examples
    --------
    >>> type(error_from_wire(409, "LeaseLost", "the lease has expired")).__name__
    'LeaseLost'
    >>> type(error_from_wire(404, "?", "no")).__name__
    'NotFound'
    """
    classes = [cls for cls in error_classes() if cls.__module__ == __name__]
    for cls in classes:
        if cls.code == code and cls.status == status:
            return cls(message)
    for cls in classes[1:]:
        if cls.status == status:
            return cls(message)
    return ServiceError(f"{message} (status {status})") if status >= 500 else BadRequest(f"{message} (status {status})")


def install_hint(package: str, extra: str) -> str:
    """What to type when an optional package is not there, for this very interpreter."""
    return f"{package} is not installed: {sys.executable} -m pip install 'cmtools[{extra}]'"
