"""The reader of messages follows what a message is made of, and leaves an ellipsis where it cannot."""

from __future__ import annotations

import pytest

from tests.tools.messages import Package

HEAD = "from .errors import BadDraft, BadTag\nfrom .words import KINDS, MOST, why\n"
WORDS = """
MOST = 10_000
KINDS = ("Image", "Text")


def why(value):
    return "it is empty" if not value else f"it is {value!r}"
"""
WORDINGS = {
    'raise BadDraft("the list is empty")': ["the list is empty"],
    'raise BadDraft(f"{name!r} is no name; give {other}")': ["… is no name; give …"],
    'raise BadDraft(f"{n} items; the most is {MOST:,}")': ["… items; the most is 10,000"],
    "raise BadDraft(f\"there are {', '.join(KINDS)} alone\")": ["there are Image, Text alone"],
    'raise BadDraft("one way out" if n else "another way")': ["another way", "one way out"],
    "raise BadDraft(f\"{n} item{'s' if n != 1 else ''} repeat\")": ["… items repeat"],
    "raise BadDraft(why(n))": ["it is empty"],
    'problem = BadDraft("kept for later")\n    return problem': ["kept for later"],
    'said = "this cell of it"\n    said = f"{said} is empty"\n    raise BadDraft(said)': [
        *("this cell of it", "this cell of it is empty"),
    ],
    "raise BadDraft(str(error))": [],
}


@pytest.mark.parametrize("code", WORDINGS)
def test_wording_is_read(code: str) -> None:
    package = Package(
        {"a.py": f"{HEAD}def f(n, name, other, error):\n    {code}\n", "words.py": WORDS, "errors.py": ""}
    )
    found = [message for message in package.messages() if message.kind == "BadDraft"]
    expected = [words for words in WORDINGS[code] if len(words) > 8 or "…" not in words]
    assert sorted(message.words for message in found) == sorted(expected)


def test_parameter_is_read_where_the_function_is_called() -> None:
    code = "def fail(said):\n    raise BadTag(said)\ndef f():\n    fail('no such tag here')\n"
    (found,) = Package({"a.py": HEAD + code, "words.py": WORDS}).messages()
    assert (found.kind, found.words, found.file) == ("BadTag", "no such tag here", "a.py")


def test_class_of_a_room_counts_as_the_public_one_above_it() -> None:
    code = "class Refused(BadTag):\n    pass\ndef f():\n    raise Refused('it is refused here')\n"
    assert [message.kind for message in Package({"a.py": HEAD + code}).messages()] == ["BadTag"]
