"""Making reviews of drafts: these operations of `Client`. How a run goes on after a break is left to `Creation`."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from pathlib import Path

from ..errors import CmtoolsError, ServiceError
from ..model import Draft, Picture
from ..tags import TagSet
from ..wire import own
from ..wire.creation import Incoming, write_drafts
from . import creation
from .arguments import picture_bytes
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

        Returns
        -------
        list of str
            The review ids, in the order of the drafts. No drafts give an empty list.

        Raises
        ------
        BadDraft
            Naming the first draft that cannot become a review; nothing was created.
        BadTag
            Naming a tag that the team does not have; nothing was created.
        BadPicture
            Naming a file that the service refuses; the message says how many reviews exist already.
        """
        codes: Iterable[str] = getattr(drafts, "tag_codes", ())
        checked = creation.check_drafts(drafts)
        if not checked:
            return []
        self._settle_tags(codes, new_tags)
        with progress_bar(creation.count_steps(checked), shown=progress and len(checked) > 1) as bar:
            run = creation.Creation(
                self.upload,
                lambda items: self._create_batch(items, subteam),
                subteam=subteam,
                batch=batch,
                bar=bar,
            )
            return run.run(checked)

    def create_each(
        self, drafts: Iterable[Draft], *, subteam: str | None = None, new_tags: bool = False, batch: str = ""
    ) -> Generator[creation.Lot, None, None]:
        """Create reviews a few at a time, telling what became of each draft; one that is refused stops no other.

        Stop asking for more and nothing more is created. The drafts have the same keys as in `create_reviews`, so that
        one may go on where the other stopped, and none is doubled.

        Parameters
        ----------
        drafts, subteam, new_tags, batch
            As of `create_reviews`.

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
        listed = list(drafts)
        if listed:
            self._settle_tags(codes, new_tags)
        with progress_bar(0, shown=False) as bar:
            run = creation.Creation(
                self.upload, lambda items: self._create_batch(items, subteam), subteam=subteam, batch=batch, bar=bar
            )
            yield from run.each(listed)

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
