"""Making reviews of drafts: these operations of `Client`. How a run goes on after a break is left to `Creation`."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import replace
from pathlib import Path

from ..errors import CmtoolsError, ServiceError
from ..model import Draft, Picture
from ..tags import TagSet
from ..wire import own
from ..wire.creation import Incoming, write_drafts
from . import creation
from .arguments import picture_bytes
from .asking import Asking, mixed
from .teams import Teams
from .waiting import progress_bar


class Creating(Teams):
    """The operations of `Client` that make reviews."""

    def create_reviews(
        self,
        drafts: Iterable[Draft],
        *,
        subteam: str | None = None,
        new_tags: bool = False,
        batch: str = "",
        progress: bool = True,
        overlap: int | None = None,
        overlap_share: float | None = None,
        final: str | None = None,
        blind: bool | None = None,
        golden_overlap: int | None = None,
        seed: int = 0,
    ) -> list[str]:
        """Create a review of each draft. Interrupted or broken off, the same call again goes on and doubles none.

        Parameters
        ----------
        drafts : iterable of Draft
            As `cmtools.make_drafts` gives them. Local files are uploaded.
        subteam : str, optional
            Whose queue they go to; left out, ``public``, which is everybody's.
        new_tags : bool
            Whether tags that the drafts use and the team does not have are added to the team.
        batch : str
            A name for this lot. The same drafts under the same name are the same reviews, under another name new ones.
        progress : bool
            Whether to show a progress bar (never for a single draft).
        overlap : int, optional
            How many different people review each draft, none of them knowing of the others; left out, as the drafts
            say: one.
        overlap_share : float, optional
            The chance of each draft to be given to so many; the others go to one person. The same drafts with the same
            ``seed`` are the same choice.
        final : str, optional
            How the final tags come of what several say: ``majority`` (a tie is adjudicated), ``unanimity`` (on is what
            all of them set) or ``adjudication`` (where they differ, an adjudicator decides: ``checkout`` with
            ``adjudicate=True``). Left out, as the drafts say: by majority.
        blind : bool, optional
            Whether no reviewer is shown the auto tags, which decisions then say.
        golden_overlap : int, optional
            How many people each golden item (a draft with ``truth``) is given to: at most as many as will review these
            drafts, for with fewer people the golden items come up early. Left out, as many as the others, by
            ``overlap``. Golden items stand anywhere among the others of the same call.
        seed : int
            Of the share.

        Returns
        -------
        list of str
            The review ids, in the order of the drafts. No drafts give an empty list.

        Raises
        ------
        BadDraft
            Naming the first draft that cannot become a review, or a golden one that would be told from the others by
            its metadata keys; nothing was created.
        BadTag
            Naming a tag that the team does not have; nothing was created.
        BadPicture
            Naming a file that the service refuses; the message says how many reviews exist already.
        """
        codes: Iterable[str] = getattr(drafts, "tag_codes", ())
        asking = Asking(overlap, overlap_share, final, blind, golden_overlap, seed)
        checked = creation.check_drafts([asking.of(draft) for draft in creation.check_drafts(drafts)])
        if not checked:
            return []
        order = mixed(checked)
        self._settle_tags({*codes, *(code for draft in checked for code in draft.truth or ())}, new_tags)
        with progress_bar(creation.count_steps(checked), shown=progress and len(checked) > 1) as bar:
            run = creation.Creation(
                self.upload,
                lambda items: self._create_batch(items, subteam),
                subteam=subteam,
                batch=batch,
                bar=bar,
            )
            ids = dict(zip(order, run.run([checked[place] for place in order]), strict=True))
        return [ids[place] for place in range(len(checked))]

    def create_each(
        self,
        drafts: Iterable[Draft],
        *,
        subteam: str | None = None,
        new_tags: bool = False,
        batch: str = "",
        overlap: int | None = None,
        overlap_share: float | None = None,
        final: str | None = None,
        blind: bool | None = None,
        golden_overlap: int | None = None,
        seed: int = 0,
    ) -> Generator[creation.Lot, None, None]:
        """Create reviews a few at a time, telling what became of each draft; one that is refused stops no other.

        Stop asking for more and nothing more is created. The drafts have the same keys as in `create_reviews`, so that
        one may go on where the other stopped, and none is doubled.

        Parameters
        ----------
        drafts, subteam, new_tags, batch, overlap, overlap_share, final, blind, golden_overlap, seed
            As of `create_reviews`. Golden items are mixed in, so that they come up at any place of the lots.

        Yields
        ------
        Lot
            ``ids`` and ``errors``, both by the place in ``drafts``, and how many of the reviews ``existed`` before.

        Raises
        ------
        BadTag
            Naming a tag that the team does not have; nothing was created.

        Examples
        --------
        >>> from cmtools.testing import running_service
        >>> drafts = [Draft("Hello!", "1", "Text"), Draft(" ", "2", "Text")]
        >>> with running_service() as service:
        ...     (lot,) = service.client().create_each(drafts)
        >>> len(lot.ids), lot.errors
        (1, {1: BadDraft('content: it is empty')})
        """
        codes: Iterable[str] = getattr(drafts, "tag_codes", ())
        asking = Asking(overlap, overlap_share, final, blind, golden_overlap, seed)
        listed = [asking.of(creation.demand_draft(draft, place)) for place, draft in enumerate(drafts)]
        order = mixed(listed)
        if listed:
            self._settle_tags({*codes, *(code for draft in listed for code in draft.truth or ())}, new_tags)
        with progress_bar(0, shown=False) as bar:
            run = creation.Creation(
                self.upload, lambda items: self._create_batch(items, subteam), subteam=subteam, batch=batch, bar=bar
            )
            for lot in run.each([listed[place] for place in order]):
                ids = {order[place]: id for place, id in lot.ids.items()}
                yield replace(lot, ids=ids, errors={order[place]: error for place, error in lot.errors.items()})

    def create_review(self, draft: Draft, subteam: str | None = None) -> str:
        """Create one review; gives its id. The same draft again is the same review."""
        try:
            return self.create_reviews([draft], subteam=subteam, progress=False)[0]
        except CmtoolsError as error:
            problem = creation.of_one(error)
        raise problem

    def upload(self, picture: str | Path | bytes) -> Picture:
        """Give the service a picture, from a file or as bytes; the same bytes have the same id.

        Raises
        ------
        BadPicture
            When there is no such file, or it is no picture that reviewers could be shown.
        """
        body = picture_bytes(Path(picture) if isinstance(picture, str) else picture)
        return own.read(Picture, self._call("POST", "/pictures", body=body, repeat=True).json())

    def _create_batch(self, items: list[Incoming], subteam: str | None) -> tuple[list[str], int]:
        answer = self._vendor(
            "POST",
            "/reviews",
            params={"subTeam": subteam},
            data=write_drafts(items),
            repeat=True,  # each item has its idempotency key
        )
        ids = own.read(list[str], answer.json())
        if len(ids) != len(items):
            raise ServiceError(f"the service answered {len(ids)} ids for {len(items)} drafts")
        new = answer.headers.get(own.CREATED_HEADER, "")
        return ids, int(new) if new.isdecimal() else len(ids)

    def _settle_tags(self, codes: Iterable[str], new_tags: bool) -> None:
        """See to it that the team has the tags that drafts use; the two that every team has need no call."""
        wanted = creation.unknown_codes(codes, TagSet())
        if not wanted:
            return
        tags = self.team().tags
        for code in creation.unknown_codes(wanted, tags):
            if not new_tags:
                tags.require(code)
            self.add_tag(code)
