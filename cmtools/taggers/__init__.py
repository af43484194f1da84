"""The taggers there are, by name, and how a setting names them. A new one is a file here and a line in the table."""

from __future__ import annotations

from importlib import import_module

from ..errors import BadTagger
from ..model import FoundTerm
from .base import TYPES, Tagger, Tagging
from .content_moderator import ContentModerator
from .content_safety import AzureContentSafety
from .function import FromFunction
from .openai import OpenAIModeration
from .opennsfw import Opennsfw
from .profanity import Profanity
from .rekognition import AwsRekognition
from .scores import Scores
from .vision import GoogleVision
from .words import Words

_LOCAL: tuple[type[Tagger], ...] = (Opennsfw, Profanity, Scores, Words)
_CLOUDS: tuple[type[Tagger], ...] = (
    AwsRekognition,
    AzureContentSafety,
    ContentModerator,
    GoogleVision,
    OpenAIModeration,
)
TAGGERS: dict[str, type[Tagger]] = {kind.name: kind for kind in (*_LOCAL, *_CLOUDS)}
"""Every tagger of ours by its name. None loads a model before it is made."""

__all__ = ["TAGGERS", "FoundTerm", "FromFunction", "Scores", "Tagger", "Tagging", "open_taggers"]


def open_taggers(text: str) -> dict[str, Tagger]:
    """The taggers that a setting asks for, ready for work.

    Parameters
    ----------
    text : str
        Names from `TAGGERS` with a comma between them, some with an argument: ``"opennsfw, words:words.txt"``,
        ``"scores:known.jsonl?a=0.8"``, or ``"azure-content-safety, azure-content-safety:text"`` of a cloud that tags
        both. A tagger of your own is ``package.module:object``, the object being a `Tagger` or a class or function that
        makes one without arguments. Blank asks for none.

    Returns
    -------
    dict of str to Tagger
        By type: ``"Image"``, ``"Text"``.

    Raises
    ------
    BadTagger
        When there is no such tagger, it cannot be made (a package or a file is missing), or two are of one type.

    Examples
    --------
    >>> open_taggers("")
    {}
    """
    opened: dict[str, Tagger] = {}
    for word in filter(None, (part.strip() for part in text.split(","))):
        tagger = _opened(word)
        if tagger.type in opened:
            raise BadTagger(
                f"{opened[tagger.type].name!r} and {tagger.name!r} both tag {tagger.type.lower()}s; name one of them"
            )
        opened[tagger.type] = tagger
    return opened


def _opened(word: str) -> Tagger:
    """The tagger of one word of the setting."""
    name, _, argument = word.partition(":")
    if name.strip().lower() in TAGGERS:
        return TAGGERS[name.strip().lower()].from_setting(argument.strip())
    if not argument.strip():
        raise BadTagger(
            f"there is no tagger {word!r}; there are {', '.join(sorted(TAGGERS))}. "
            "Name one of your own as package.module:object"
        )
    return _own(name.strip(), argument.strip())


def _own(module: str, name: str) -> Tagger:
    """The user's own tagger, made if it is a class or a function."""
    try:
        found = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
        made = found() if not isinstance(found, Tagger) and callable(found) else found
    except ModuleNotFoundError as error:
        raise BadTagger(
            f"the tagger {module}:{name} cannot be loaded: {error}. There is no tagger {module!r} of ours either "
            f"({', '.join(sorted(TAGGERS))}); a module must be installed or on PYTHONPATH"
        ) from error
    except BadTagger:
        raise
    except Exception as error:  # the user's code runs here
        raise BadTagger(f"the tagger {module}:{name} cannot be made: {type(error).__name__}: {error}") from error
    if not isinstance(made, Tagger):
        raise BadTagger(f"{module}:{name} is {made!r}, not a cmtools.taggers.Tagger; derive your class from it")
    if getattr(made, "type", None) not in TYPES or not getattr(made, "name", ""):
        raise BadTagger(f"the tagger {module}:{name} needs a name, and a type that is {' or '.join(TYPES)}")
    return made
