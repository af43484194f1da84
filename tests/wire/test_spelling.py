"""Which spelling an answer has."""

from __future__ import annotations

import pytest

from cmtools.wire import spelling


@pytest.mark.parametrize(
    ("user_agent", "command", "setting", "wanted"),
    [
        (
            "python/3.11.2 (Linux) msrest/0.7.1 azure-cognitiveservices-vision-contentmoderator/1.0.1",
            None,
            "auto",
            "pascal",
        ),
        ("@azure/cognitiveservices-contentmoderator/5.0.1 ms-rest-js/2.7.0", None, "auto", "pascal"),
        ("Mozilla/5.0", "@azure/CognitiveServices-ContentModerator/5.0.1", "auto", "pascal"),
        ("curl/8.5.0", None, "auto", "camel"),
        ("cmtools/0.1.0", None, "auto", "camel"),
        (None, None, "auto", "camel"),
        ("curl/8.5.0", None, "pascal", "pascal"),
        ("msrest/0.7.1", None, "camel", "camel"),
    ],
)
def test_spelling_follows_the_client_unless_the_setting_says_otherwise(
    user_agent: str | None, command: str | None, setting: str, wanted: str
) -> None:
    assert spelling.spelling_for(user_agent, command, setting) == wanted
