"""No operation of the vendor's Python SDK is forgotten: one is driven by a test here, or refused with a clean 404."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from azure.cognitiveservices.vision.contentmoderator import ContentModeratorClient, operations
from azure.cognitiveservices.vision.contentmoderator.models import APIErrorException

from tests.sdk.desk import refusal

GROUPS = {
    "reviews": operations.ReviewsOperations,
    "image_moderation": operations.ImageModerationOperations,
    "text_moderation": operations.TextModerationOperations,
    "list_management_image_lists": operations.ListManagementImageListsOperations,
    "list_management_image": operations.ListManagementImageOperations,
    "list_management_term_lists": operations.ListManagementTermListsOperations,
    "list_management_term": operations.ListManagementTermOperations,
}
ELSEWHERE = ("list_management_", "image_moderation.find_", "image_moderation.ocr_", "image_moderation.match_")
"""What is not the Review API: lists, faces, letters in pictures, known pictures. With one more, `detect_language`."""


def all_operations() -> Iterator[str]:
    for group, operations_of in GROUPS.items():
        for name, _ in inspect.getmembers(operations_of, inspect.isfunction):
            if not name.startswith("_"):
                yield f"{group}.{name}"


def is_elsewhere(operation: str) -> bool:
    return operation.startswith(ELSEWHERE) or operation == "text_moderation.detect_language"


OFFERED = [operation for operation in all_operations() if not is_elsewhere(operation)]
REFUSED = [operation for operation in all_operations() if is_elsewhere(operation)]


def call(sdk: ContentModeratorClient, operation: str) -> object:
    """Call it with something for each argument that it needs."""
    group, _, name = operation.partition(".")
    method = getattr(getattr(sdk, group), name)
    some = {
        "body": {"Name": "a list"},
        "content_type": "application/json",
        "image_stream": BytesIO(b"GIF89a"),
        "text_content": BytesIO(b"some words"),
        "text_content_type": "text/plain",
    }
    parameters = inspect.signature(method).parameters.values()
    needed = [each.name for each in parameters if each.default is each.empty and each.kind is not each.VAR_KEYWORD]
    return method(*(some.get(parameter, "7") for parameter in needed))


def test_sdk_has_the_operations_that_we_think_it_has() -> None:
    assert len(OFFERED) == 12 + 3 + 1
    assert len(REFUSED) == 9 + 1 + 22


@pytest.mark.parametrize("operation", OFFERED)
def test_operation_that_we_offer_is_driven_by_a_test(operation: str) -> None:
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_python_sdk*.py"))
    assert f"sdk.{operation}(" in tests


@pytest.mark.parametrize("operation", REFUSED)
def test_operation_that_we_do_not_offer_is_a_404_that_says_so(sdk: ContentModeratorClient, operation: str) -> None:
    with pytest.raises(APIErrorException, match="there is nothing at /contentmoderator/") as caught:
        call(sdk, operation)
    assert refusal(caught.value) == (404, "NotFound")
