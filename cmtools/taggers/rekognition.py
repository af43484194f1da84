"""Tags pictures with the moderation labels of Amazon Rekognition; boto3 (``cmtools[aws]``) knows the account.

What it says and what we make of it
-----------------------------------
The cloud gives labels in a hierarchy of up to three levels, each with a confidence in percent. Every label is followed
up to the top of its hierarchy (``ParentName``), and a tag takes the highest confidence below its categories, divided by
100. Labels below 10 percent are not asked for: where there is none, the score is 0.

============================================================== ======= ===========================================
category at the top, of version 7 (and 6)                      tag     true from
============================================================== ======= ===========================================
``Explicit`` (``Explicit Nudity``)                             ``a``   0.5: what the cloud itself gives unless
                                                                       told otherwise begins at 50 percent
``Non-Explicit Nudity of Intimate parts and Kissing``,         ``r``   the same
``Swimwear or Underwear`` (``Suggestive``)
``Violence``                                                   ``vi``  the same
``Visually Disturbing``                                        ``gr``  the same
``Hate Symbols``                                               ``ha``  the same
``Drugs & Tobacco`` (``Drugs``, ``Tobacco``)                   ``dr``  the same
``Alcohol``                                                    ``al``  the same
``Gambling``                                                   ``ga``  the same
``Rude Gestures``                                              ``of``  the same
============================================================== ======= ===========================================

Two labels further down count for a tag of their own as well: ``Self-Harm`` (``Self Injury``) for ``sh``, and ``Blood &
Gore`` (``Graphic Violence Or Gore``) for ``gr``.

Keys and limits
---------------
boto3 finds credentials, region and endpoint, and signs each call: ``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``,
``AWS_DEFAULT_REGION``, ``AWS_ENDPOINT_URL_REKOGNITION``, profiles and roles. What it signs is sent as all else is,
through the one guarded place. The cloud takes JPEG and PNG; pictures of another kind, of more than 5 MB or 10,000
pixels a side are sent as a smaller JPEG, and those of less than 50 pixels are not sent.

This follows the documented API of 2016-06-27, and is tested against a stand-in that answers in its shape. It could not
be tried against the real service.
"""

from __future__ import annotations

import base64
import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from ..errors import BadTagger, install_hint
from ..outgoing.outbound import Answer, Outbound
from .cloud import Cloud, highest, share
from .patience import Patience
from .rest import Key, reachable
from .shrink import Room
from .tagging import Tagging

AT_THE_TOP: Mapping[str, str] = MappingProxyType(
    {
        "Explicit": "a",
        "Explicit Nudity": "a",
        "Non-Explicit Nudity of Intimate parts and Kissing": "r",
        "Swimwear or Underwear": "r",
        "Suggestive": "r",
        "Violence": "vi",
        "Visually Disturbing": "gr",
        "Hate Symbols": "ha",
        "Drugs & Tobacco": "dr",
        "Drugs": "dr",
        "Tobacco": "dr",
        "Alcohol": "al",
        "Gambling": "ga",
        "Rude Gestures": "of",
    }
)
"""The cloud's categories of versions 6 and 7, and the tags that they become."""
FURTHER_DOWN: Mapping[str, str] = MappingProxyType(
    {"Self-Harm": "sh", "Self Injury": "sh", "Blood & Gore": "gr", "Graphic Violence Or Gore": "gr"}
)
"""Labels that count for a tag besides that of their category."""
LEAST_PERCENT = 10.0
HEADERS: Mapping[str, str] = MappingProxyType(
    {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "RekognitionService.DetectModerationLabels"}
)
TOO_FAST = frozenset({"ThrottlingException", "ProvisionedThroughputExceededException", "LimitExceededException"})
NO_ACCESS = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "OptInRequired",
        "SubscriptionRequiredException",
        "UnrecognizedClientException",
    }
)

KEPT_CREDENTIALS = 8
"""How many of those that signed last are kept from being shown; roles get new ones from time to time."""

Sign = Callable[[str, bytes], dict[str, str] | None]
"""Gives the headers of a call to an address with a body; None when the credentials cannot be had any more."""


class AwsRekognition(Cloud):
    """Tags pictures by the cloud's moderation labels.

    Parameters
    ----------
    region, endpoint : str, optional
        Left out, boto3 finds them.
    type, thresholds, patience
        As of `Cloud`.

    Raises
    ------
    BadTagger
        ``cmtools[aws]`` is not installed, or there are no credentials or no region.
    """

    name = "aws-rekognition"
    version = "2016-06-27"
    room = Room(5_000_000, 50, 10_000, frozenset({"JPEG", "PNG"}))
    of_type: ClassVar[Mapping[str, Mapping[str, float]]] = MappingProxyType(
        {"Image": MappingProxyType(dict.fromkeys([*AT_THE_TOP.values(), *FURTHER_DOWN.values()], 0.5))}
    )

    def __init__(
        self,
        *,
        type: str = "",
        region: str | None = None,
        endpoint: str | None = None,
        thresholds: Mapping[str, float] | None = None,
        patience: Patience | None = None,
    ) -> None:
        super().__init__(type=type, thresholds=thresholds, patience=patience)
        self._given = {"region": region, "endpoint": endpoint}
        self._secrets: deque[Key] = deque(maxlen=3 * KEPT_CREDENTIALS)
        self._sign, address = _signer(region, endpoint, self._secrets)
        self._address, policy = reachable(address, "AWS_ENDPOINT_URL_REKOGNITION")
        self._outbound = Outbound(policy)

    def __reduce__(self) -> tuple[Callable[..., AwsRekognition], tuple[Any, ...]]:
        return _again, (self._given, dict(self.thresholds))

    def send(self, items: Sequence[bytes | str]) -> Answer:
        """Ask about one picture; see `Cloud.send`."""
        pictures = [base64.b64encode(item).decode() for item in items if isinstance(item, bytes)]
        body = json.dumps({"Image": {"Bytes": pictures[0]}, "MinConfidence": LEAST_PERCENT}).encode()
        headers = self._sign(self._address + "/", body)
        if headers is None:
            raise self.shut("boto3 finds no credentials any more; renew them")
        return _told_alike(self._outbound.call("POST", self._address + "/", headers, body))

    def refuses_key(self, answer: Answer) -> bool:
        """Of most that is wrong this cloud says 400, and then by a code what it is."""
        return super().refuses_key(answer) or _code(answer) in NO_ACCESS

    def worth_another_try(self, answer: Answer) -> bool:
        """Likewise."""
        return super().worth_another_try(answer) or _code(answer) in TOO_FAST

    def without_secrets(self, text: str) -> str:
        """What the cloud says, without the credentials that signed."""
        for secret in sorted({each.reveal() for each in [*self._secrets]}, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text

    def read_answer(self, data: Any) -> Iterable[Tagging]:
        """What one answer says of its one picture; see `Cloud.read_answer`."""
        labels = {each["Name"]: each for each in data["ModerationLabels"]}
        said = [(code, 0.0) for code in self.thresholds]
        for each in data["ModerationLabels"]:
            way = _way_up(each, labels)
            codes = (AT_THE_TOP.get(way[-1]), *map(FURTHER_DOWN.get, way))
            said += [(code, share(each["Confidence"] / 100)) for code in codes if code is not None]
        raw = [(each["Name"], f"{each['Confidence']:.4g}") for each in data["ModerationLabels"]]
        yield self.tagging(highest(said), raw, str(data.get("ModerationModelVersion") or ""))


def _way_up(label: Mapping[str, Any], labels: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The names from a label up to the top of its hierarchy.

    Examples
    --------
    >>> explicit = {"Name": "Explicit", "ParentName": ""}
    >>> _way_up({"Name": "Sex Toys", "ParentName": "Explicit"}, {"Explicit": explicit})
    ['Sex Toys', 'Explicit']
    """
    way = [str(label["Name"])]
    parent = label.get("ParentName")
    while parent and parent not in way:  # of version 6, the label Gambling has the parent Gambling
        way.append(str(parent))
        parent = labels.get(parent, {}).get("ParentName")
    return way


def _again(given: dict[str, str | None], thresholds: dict[str, float]) -> AwsRekognition:
    return AwsRekognition(region=given["region"], endpoint=given["endpoint"], thresholds=thresholds)


def _signer(region: str | None, endpoint: str | None, secrets: deque[Key]) -> tuple[Sign, str]:
    """What signs calls, and the address that they go to. What it signs with is added to the secrets."""
    try:
        import boto3
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.exceptions import BotoCoreError
    except ImportError as error:
        raise BadTagger(install_hint("boto3", "aws")) from error
    try:
        session = boto3.session.Session(region_name=region)
        credentials = session.get_credentials()
        about = session.client("rekognition", endpoint_url=endpoint).meta
    except (BotoCoreError, ValueError) as error:
        raise BadTagger(f"aws-rekognition cannot be set up: {error}") from None
    if credentials is None:
        raise BadTagger("aws-rekognition needs credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role")

    def sign(address: str, body: bytes) -> dict[str, str] | None:
        request = AWSRequest("POST", address, dict(HEADERS), body)
        try:
            signer = credentials.get_frozen_credentials()
            _keep(secrets, signer)
            SigV4Auth(signer, "rekognition", about.region_name).add_auth(request)
        except BotoCoreError:
            return None
        return {str(name): str(value) for name, value in request.headers.items()}

    return sign, str(about.endpoint_url)


def _keep(secrets: deque[Key], credentials: Any) -> None:
    """Add what credentials are made of, unless it is there."""
    known = {each.reveal() for each in [*secrets]}
    for part in (credentials.access_key, credentials.secret_key, credentials.token):
        if part and part not in known:
            secrets.append(Key(part))


def _told_alike(answer: Answer) -> Answer:
    """An answer that tells of an error in the shape that the other clouds have for it."""
    if answer.status < 400:
        return answer
    try:
        data = json.loads(answer.body)
        code = str(data.get("__type", "")).rpartition("#")[2]
        told = {"error": {"code": code, "message": data.get("message", data.get("Message"))}}
    except (ValueError, AttributeError, RecursionError):
        return answer
    return Answer(answer.status, answer.headers, json.dumps(told).encode())


def _code(answer: Answer) -> str:
    """The code of an error, as `_told_alike` tells it."""
    if answer.status < 400:
        return ""
    try:
        return str(json.loads(answer.body)["error"]["code"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""
