"""How to make the tagger of each cloud, for pictures and for texts, so that it asks a stand-in."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import botocore.loaders
import pytest

from cmtools.taggers.cloud import Cloud
from cmtools.taggers.content_moderator import ContentModerator
from cmtools.taggers.content_safety import AzureContentSafety
from cmtools.taggers.openai import OpenAIModeration
from cmtools.taggers.rekognition import AwsRekognition
from cmtools.taggers.vision import GoogleVision

from .stand_in import KEY, StandIn

Make = Callable[..., Cloud]
_loader = cache(botocore.loaders.create_loader)
"""What knows the services of AWS: to read their descriptions anew takes each tagger half a second."""


def aws(site: StandIn, key: str = KEY, **options: object) -> AwsRekognition:
    """Rekognition with credentials of a moment's environment."""
    with pytest.MonkeyPatch.context() as moment:
        moment.setenv("AWS_ACCESS_KEY_ID", key[:16])
        moment.setenv("AWS_SECRET_ACCESS_KEY", key)
        moment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        moment.setattr(botocore.loaders, "create_loader", _loader)
        return AwsRekognition(region="eu-west-1", endpoint=site.url, **options)


def _rest(kind: Callable[..., Cloud], type: str, path: str = "") -> Make:
    def make(site: StandIn, key: str = KEY, **options: object) -> Cloud:
        return kind(type=type, key=key, endpoint=site.url + path, **options)

    return make


MAKE: dict[str, Make] = {
    "aws-rekognition": aws,
    "azure-content-safety": _rest(AzureContentSafety, "Image"),
    "azure-content-safety:text": _rest(AzureContentSafety, "Text"),
    "content-moderator": _rest(ContentModerator, "Image"),
    "content-moderator:text": _rest(ContentModerator, "Text"),
    "google-vision": _rest(GoogleVision, "Image"),
    "openai-moderation": _rest(OpenAIModeration, "Image", "/v1"),
    "openai-moderation:text": _rest(OpenAIModeration, "Text", "/v1"),
}
"""By name, with ``:text`` for texts: called with the stand-in, and with what else the tagger takes."""
