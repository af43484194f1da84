"""What holds for all entries of a create form, as properties: set in code and on the screen alike."""

from __future__ import annotations

from typing import Any

from ..content import content_type
from ..content.base import check_address
from .create_items import Said
from .create_talk import Talk


class Chosen(Talk):
    """The part of a create form that holds its options."""

    @property
    def type(self) -> str:
        """The type of what is added from now on."""
        return self._state.options.type

    @type.setter
    def type(self, type: str) -> None:
        self._set(type=content_type(type).name)

    @property
    def subteam(self) -> str | None:
        """Whose queue the reviews go to; None for everybody's."""
        return self._state.options.subteam

    @subteam.setter
    def subteam(self, subteam: str | None) -> None:
        self._set(subteam=subteam or None)

    @property
    def callback(self) -> str:
        """The address to tell of each decision; empty for none, and while what is typed is no address."""
        return self._state.callback

    @callback.setter
    def callback(self, callback: str) -> None:
        if callback.strip():
            check_address(callback.strip(), "callback")
        self._set(callback=callback.strip())

    @property
    def batch(self) -> str:
        """The name of this lot."""
        return self._state.options.batch

    @batch.setter
    def batch(self, batch: str) -> None:
        self._set(batch=batch.strip())

    @property
    def tags(self) -> dict[str, bool | None]:
        """The tags that all entries get."""
        return dict(self._state.options.tags)

    @tags.setter
    def tags(self, tags: Said) -> None:
        self._set(tags=dict(tags))

    @property
    def new_tags(self) -> bool:
        """Whether tags in use that the team does not have are added to the team."""
        return self._state.options.new_tags

    @new_tags.setter
    def new_tags(self, new_tags: bool) -> None:
        self._set(new_tags=bool(new_tags))

    @property
    def overlap(self) -> int | None:
        """How many different people review each entry; None for as the drafts say, which is one."""
        return self._state.options.overlap

    @overlap.setter
    def overlap(self, overlap: int | None) -> None:
        self._ask(overlap=overlap)

    @property
    def overlap_share(self) -> float | None:
        """The chance of each entry to be given to so many, above 0 and at most 1; None for all of them."""
        return self._state.options.overlap_share

    @overlap_share.setter
    def overlap_share(self, overlap_share: float | None) -> None:
        self._ask(overlap_share=overlap_share)

    @property
    def final(self) -> str | None:
        """How the final tags come of what several say; None for as the drafts say: ``majority``."""
        return self._state.options.final

    @final.setter
    def final(self, final: str | None) -> None:
        self._ask(final=final)

    @property
    def blind(self) -> bool | None:
        """Whether the auto tags are hidden from reviewers; None for as the drafts say: not."""
        return self._state.options.blind

    @blind.setter
    def blind(self, blind: bool | None) -> None:
        self._ask(blind=blind)

    def _ask(self, **values: Any) -> None:
        self._set(**self._state.options.asked(**values))

    def _set(self, **values: Any) -> None:
        self._state.choose(**values)
