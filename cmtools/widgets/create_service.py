"""Has the tagger that the service runs say what it thinks of the entries of a create form. It runs no tagger itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from ..content.image import thumbnail
from ..drafts.tagging import TaggerFunction, tag_batch
from ..errors import BadRequest, BadTagger, NoTagger, TaggerFailed
from ..model import Draft, Pairs, Verdict
from ..taggers import Tagger, Tagging
from ..wire.moderation import write_found_terms
from .create_items import Entry
from .create_looking import Looker

if TYPE_CHECKING:
    from ..client.client import Client

Whose = Literal["team", "tagger"]
SERVICE = "service"
"""What a form is given in place of a tagger, to ask the service's."""
UNTAGGED = "untagged"
"""The metadata key that says why the service's tagger said nothing: silence is not to be taken for harmlessness."""
MOST_TOLD = 300
ASKED_AT_ONCE = 4
MOST_BYTES = 4 * 1024 * 1024
"""The most that a service takes of a picture that is evaluated; of a larger one a smaller copy is sent."""
COPY_SIDE = 2048


class ServiceLooker:
    """The service's taggers, by `Client.tag`. Without such it says nothing, and has no name.

    What they cannot be asked about (a picture of less than 128 pixels a side, a long text) stays without a word on its
    tags, and its metadata says why; it becomes a review all the same.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._without: set[str] = set()
        self._answered = False

    @property
    def name(self) -> str:
        """How the form calls it; empty until the service has shown that it has one."""
        return "the service's tagger" if self._answered else ""

    def takes(self, type: str) -> bool:
        """Whether content of that type is worth asking about."""
        return type in ("Image", "Text") and type not in self._without

    def tag(
        self, entries: Sequence[Entry], threshold: float | Mapping[str, float] | None, codes: set[str]
    ) -> list[Pairs | str]:
        """What the service's tagger says of each; as `Looker.tag`.

        Where no threshold is given, the service holds what it says to its team's, and its metadata tells which.

        Raises
        ------
        CmtoolsError
            When the service cannot be reached, or has no time: the entries wait then.
        """
        whose: Whose = "team" if threshold is None else "tagger"
        with ThreadPoolExecutor(ASKED_AT_ONCE, thread_name_prefix="cmtools-tag") as pool:
            said = list(pool.map(lambda entry: self._asked(entry.draft, whose), entries))
        bare = [replace(entry.draft, metadata=()) for entry in entries]
        found = tag_batch(bare, lambda _items: said, threshold, codes)  # type: ignore[arg-type, return-value]
        return [told.metadata if isinstance(told, Draft) else told for told in found]

    def _asked(self, draft: Draft, whose: Whose) -> Tagging:
        if not self.takes(draft.type):
            return Tagging()
        try:
            content = draft.content if draft.type == "Text" else _shown(draft)
            said = _tagging(self._client.tag(content, type=draft.type, thresholds=whose))
        except NoTagger:
            self._without.add(draft.type)
            return Tagging()
        except OSError:  # the file is gone, which is told when it is to be created
            return Tagging()
        except (BadRequest, TaggerFailed) as error:
            return Tagging(metadata=((UNTAGGED, error.message[:MOST_TOLD]),))
        self._answered = True
        return said


def looker_of(tagger: Tagger | TaggerFunction | str | None, client: Client, type: str) -> Looker | ServiceLooker | None:
    """Who tags what comes into a form: nobody, a tagger in this process, or the service's (``"service"``).

    Raises
    ------
    BadTagger
        When it is anything else.
    """
    if tagger is None:
        return None
    if isinstance(tagger, str) and tagger == SERVICE:
        return ServiceLooker(client)
    if callable(tagger):
        return Looker(tagger, type)
    raise BadTagger(f"the tagger is {tagger!r}; give a Tagger, such as cmtools.taggers.Opennsfw(), or {SERVICE!r}")


def _shown(draft: Draft) -> str | bytes:
    """What the service is sent of a picture: its address, its bytes, or a copy where those are too many."""
    if draft.path is None:
        return draft.content
    data = draft.path.read_bytes()
    return data if len(data) <= MOST_BYTES else thumbnail(data, COPY_SIDE)


def _tagging(said: Verdict) -> Tagging:
    """A verdict as the taggers of this package answer, with the listed terms where a job tells them.

    Examples
    --------
    >>> _tagging(Verdict({"p": True}, metadata=(("tagger", "words 1f0e3dad"),))).metadata
    (('tagger', 'words 1f0e3dad'),)
    """
    terms = json.dumps(write_found_terms(said.terms), ensure_ascii=False)
    found = (("matchTerms", terms),) if said.terms else ()
    return Tagging(said.tags, said.scores, (*said.metadata, *found))
