"""`cmtools create`: files, addresses and texts become reviews. What they become is decided in `drafts` and `client`."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from ..client.asking import Asking
from ..content import content_type
from ..content.base import FINAL_RULES, MAX_OVERLAP
from ..errors import BadDraft, BadTag, BadTagger, CmtoolsError
from .asked import STDIN, Wanted, check, refuse, tag_columns, thresholds
from .created import Created, check_subteam, preview, things, told_of_several
from .hints import of_the_shell

if TYPE_CHECKING:
    from ..client.client import Client
    from ..drafts import Drafts
    from ..taggers import Tagger
    from ..tags import TagSet

ALL, NOTHING, SOME, STOPPED = 0, 1, 3, 130
"""Exit codes; 2 is click's, of a command line that it cannot read."""
EXAMPLES = """
\b
Examples:
  cmtools create photos --tagger opennsfw
  cmtools create photos --tagger opennsfw --threshold r=0.5 --dry-run
  cmtools create comments.csv --type Text --tagger words:words.txt --new-tags --subteam night
  zcat addresses.gz | cmtools create - --output made.csv > ids.txt
  cmtools create audit.csv --overlap 2 --overlap-share 0.1 --final adjudication --blind

\b
What comes out:
  The ids of the reviews on standard output, one a line. Progress, a line for each item that was left out, and a
  summary on standard error. --output says of every item what became of it. A run that breaks off or makes nothing
  leaves an earlier FILE.csv as it was, and writes FILE.unfinished.csv beside it.
  Exit code 0: every item is a review.  1: nothing was created, or it broke off.  2: a wrong option.
  3: reviews were created, and some items were left out.  130: interrupted, by Ctrl-C or SIGTERM.

\b
Running it again:
  The same command goes on where it broke off and doubles none: the same item with the same id, tags, scores,
  other columns, callback, subteam and --batch is the same review. Tagging comes before, and begins anew: tags are not
  kept between runs.
  With another tagger, threshold or model it is another item and becomes another review. So does, with
  --skip-near-duplicates, the one that stands for a group that has grown. With another --overlap or --blind it is
  refused, unless --batch says another name.

\b
Tags:
  --tagger takes what `cmtools serve --tagger` takes, and scores:FILE also by file name. Columns of a table are tags
  when they are named a or r, hold nothing but true and false, or are named by --tags or --threshold. A tag's
  threshold is that of --threshold, else the team's, else the tagger's own. A tagger of your own that fails costs one
  line; `python -X dev -m cmtools create ...` shows the stack.


Several people, and golden items:
  With --overlap 2 two people review each item, neither knowing of the other; with --overlap-share 0.1 a tenth of the
  items, the others by one. --final: majority (a tie is a dispute), unanimity (on is what all of them set) or
  adjudication (whatever they differ on is one). cm.ReviewBoard(client, adjudicate=True) shows disputes to an
  adjudicator, who settles them: a lead or administrator that gave no answer on the item.
  A row of a table with known answers, in columns truth_a, truth_r and so on, is a golden item: it stands anywhere among
  the others, is told apart by no reviewer, and counted in no result.
"""


@click.command(epilog=EXAMPLES)
@click.argument("sources", metavar="{FOLDER|GLOB|TABLE|-|FILE...}", nargs=-1, required=True)
@click.option(
    "--type",
    "kind",
    type=click.Choice(["Image", "Text", "Video"], case_sensitive=False),
    default="Image",
    show_default=True,
    help="What the items are.",
)
@click.option(
    "--tagger", default="", metavar="NAME[:ARG]", help="What sets the auto tags, such as opennsfw or words:FILE."
)
@click.option(
    "--threshold", multiple=True, metavar="TAG=SCORE", help="From which score on a tag is true; once for each tag."
)
@click.option("--tags", metavar="TAG[=COLUMN],...", help="The columns of a table that are tags.")
@click.option("--content", metavar="COLUMN", help="The column of a table with the content.  [default: by its name]")
@click.option("--id", metavar="COLUMN", help="The column of a table with the ids.  [default: by its name]")
@click.option(
    "--new-tags",
    is_flag=True,
    help="Give the team the tags in use that it does not have; with an administrator's key.",
)
@click.option("--subteam", help="Whose queue they go to.  [default: public, which is everybody's]")
@click.option("--callback", metavar="ADDRESS", help="Whom to tell of each decision; also a column that says it.")
@click.option("--batch", default="", help="A name for this lot: under another name the same items are new reviews.")
@click.option("--overlap", type=click.IntRange(1, MAX_OVERLAP), help="How many different people review each item.")
@click.option(
    "--overlap-share",
    type=click.FloatRange(0, 1, min_open=True),
    help="The chance of each item to be given to so many; the others go to one.",
)
@click.option(
    "--final",
    type=click.Choice(FINAL_RULES, case_sensitive=False),
    help="How the final tags come of what several people say.  [default: majority]",
)
@click.option("--blind", is_flag=True, help="Hide the auto tags from reviewers; decisions say so.")
@click.option(
    "--golden-overlap",
    type=click.IntRange(1, MAX_OVERLAP),
    help="How many people review each golden item: at most as many as work on the others.  [default: as --overlap]",
)
@click.option(
    "--skip-near-duplicates",
    is_flag=True,
    help="Review one of each group of copies: same picture, same auto tags, other size, format, quality or brightness. "
    "Other words, marks, colours or a crop make another picture; a change in very small print may go unseen.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Show what would be created; create and write nothing. Needs no service; the one that CMTOOLS_URL names is "
    "asked for the team's tags, thresholds and subteams, and what it does not have is an error.",
)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="FILE.csv or .jsonl: what became of each item."
)
def create(**given: Any) -> None:
    """Create reviews of files, addresses or texts.

    The source is one folder, with the folders in it; one quoted glob; one table (CSV, TSV or JSONL); - for addresses,
    paths or texts on standard input, one a line; or any number of files and addresses. In a folder hidden files and
    links to other folders are passed over without a line.

    The service, team and key are those of CMTOOLS_URL, CMTOOLS_TEAM and CMTOOLS_KEY.
    """
    wanted = Wanted(**given)
    check(wanted)
    with _ended_as_interrupted():
        client, created = _gather(wanted)
        for line in created.left_out():
            click.echo(line, err=True)
        if client is not None and created.drafts:
            _create(client, created, wanted)
    if wanted.output is not None:
        _write(created, wanted.output)
    if created.problem is not None:
        click.echo(f"Error: {created.problem} - {created.standing()}", err=True)
        raise click.exceptions.Exit(created.exit_code or NOTHING)
    if wanted.dry_run:
        click.echo(preview(created.drafts, wanted.kind, wanted.subteam))
        if several := told_of_several(created.drafts, _asking(wanted)):
            click.echo(several)
    else:
        click.echo(created.summary(), err=True)
    done = len(created.drafts) if wanted.dry_run else len(created.ids)
    raise click.exceptions.Exit(NOTHING if not done else SOME if created.missed else ALL)


@contextmanager
def _ended_as_interrupted() -> Iterator[None]:
    """SIGTERM is Ctrl-C in here: what was done is told and written. Elsewhere than on the main thread it stays."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _gather(wanted: Wanted) -> tuple[Client | None, Created]:
    """Whom to ask, which is nobody in a dry run, and for what."""
    try:
        tagger = _tagger(wanted)
        client, tags = _service(wanted)
        return client, Created(_drafts(wanted, tagger, tags))
    except KeyboardInterrupt:
        click.echo("Error: interrupted - no new review was created", err=True)
        raise click.exceptions.Exit(STOPPED) from None
    except CmtoolsError as error:
        raise of_the_shell(error) from error


def _write(created: Created, wanted: Path) -> None:
    path = created.place_for(wanted)
    created.write(path)
    if path != wanted:
        click.echo(f"{wanted} stays as an earlier run made it; what became of each item now is in {path}", err=True)


def _tagger(wanted: Wanted) -> Tagger | None:
    """The tagger that is asked for, of the type of the items."""
    if not wanted.tagger.strip():
        return None
    from ..taggers import open_taggers
    from .watched import Watched

    opened = open_taggers(wanted.tagger)
    if wanted.kind not in opened:
        of, tagger = next(iter(opened.items()))
        raise BadTagger(
            f"the tagger {tagger.name!r} tags {things(of)}, but these are {things(wanted.kind)}: --type {of}"
        )
    return Watched(opened[wanted.kind])


def _service(wanted: Wanted) -> tuple[Client | None, TagSet | None]:
    """The service, asked first of all, so that a wrong key costs no hour of tagging; and the team's tags.

    A dry run asks it only if it is named, and does without.
    """
    from ..client.client import Client

    if wanted.dry_run and not os.environ.get("CMTOOLS_URL"):
        return None, None
    try:
        client = Client.from_env()
        team = client.team()
    except CmtoolsError as error:
        if not wanted.dry_run:
            raise
        click.echo(f"The team's own tags and thresholds are not known here: {error}", err=True)
        return None, None
    check_subteam(wanted.subteam, team.subteams)
    return (None if wanted.dry_run else client), team.tags


def _drafts(wanted: Wanted, tagger: Tagger | None, tags: TagSet | None) -> Drafts:
    """What would be created. Whatever a tagger prints goes to standard error: standard output is for ids."""
    from ..client.creation import unknown_codes
    from ..drafts import make_drafts

    source = _source(wanted)
    columns: dict[str, Any] = {"tags": tag_columns(wanted.tags), "content": wanted.content, "id": wanted.id}
    limits = _limits(wanted, source, columns, tagger, tags)
    bars: Literal["bars", False] = "bars" if sys.stderr.isatty() else False
    try:
        with redirect_stdout(sys.stderr):
            drafts = make_drafts(
                source,
                type=wanted.kind,
                **columns,
                threshold=limits or None,
                callback=wanted.callback,
                tagger=tagger,
                progress=bars,
            )
    except BadDraft as error:
        if (error.where or "").endswith("callback_endpoint") and error.message.startswith(repr(wanted.callback)):
            refuse("--callback", f"{wanted.callback!r} is no column of the table, and no address")
        raise
    _check_codes(wanted, drafts, tagger)
    if wanted.golden_overlap is not None and drafts and not any(draft.truth for draft in drafts):
        refuse("--golden-overlap", "there is no golden item: a table has them in rows with a column such as truth_a")
    if tags is not None and not wanted.new_tags and (missing := unknown_codes(drafts.tag_codes, tags)):
        has = ", ".join(tags)
        raise BadTag(f"the team has no tag {missing[0]!r}; it has {has}. Give --new-tags to add what is missing")
    return drafts.without_near_duplicates() if wanted.skip_near_duplicates else drafts


def _limits(
    wanted: Wanted,
    source: str | list[str] | Path,
    columns: Mapping[str, Any],
    tagger: Tagger | None,
    tags: TagSet | None,
) -> dict[str, float]:
    """The thresholds: those that are given, and for other tags the team's; without a tagger only those of columns."""
    from ..drafts.make import read_items

    given = thresholds(wanted.threshold)
    said = {code.lower() for code in given}
    own = {code: limit for code, limit in (tags.thresholds if tags else {}).items() if code.lower() not in said}
    if own and tagger is None:
        kind = content_type(wanted.kind)
        _, codes = read_items(source, kind, **columns, threshold={**own, **given}, faults={})
        there = {code.lower() for code in codes}
        own = {code: limit for code, limit in own.items() if code.lower() in there}
    return {**own, **given}


def _source(wanted: Wanted) -> str | list[str] | Path:
    """What `make_drafts` is given: one source, or a list of what the shell or standard input said."""
    if wanted.sources == (STDIN,):
        try:
            lines = sys.stdin.buffer.read().decode("utf-8-sig").split("\n")
        except UnicodeDecodeError as error:
            raise BadDraft(f"standard input is no UTF-8 (byte {error.start})") from None
        if found := [line.strip() for line in lines if line.strip()]:
            return found
        raise BadDraft("nothing came on standard input; give addresses, paths or texts, one a line")
    if wanted.kind == "Text" and not wanted.is_table:
        raise BadDraft("texts come as one table (.csv, .tsv or .jsonl), or one a line on standard input (-)")
    return wanted.sources[0] if len(wanted.sources) == 1 else list(wanted.sources)


def _check_codes(wanted: Wanted, drafts: Drafts, tagger: Tagger | None) -> None:
    """Every threshold has a tag; without a tagger `make_drafts` has seen to that."""
    known = {code.lower() for code in (*drafts.tag_codes, *(tagger.thresholds if tagger is not None else ()))}
    for code in thresholds(wanted.threshold):
        if drafts and code.lower() not in known:
            raise BadTag(f"--threshold names {code!r}, which is no tag here; the tags are {', '.join(sorted(known))}")


def _several(wanted: Wanted) -> dict[str, Any]:
    """Who is asked, as `Client.create_each` takes it: what is not said is left to the drafts."""
    return {
        "overlap": wanted.overlap,
        "overlap_share": wanted.overlap_share,
        "final": wanted.final,
        "blind": wanted.blind or None,
        "golden_overlap": wanted.golden_overlap,
    }


def _asking(wanted: Wanted) -> Asking:
    return Asking(**_several(wanted))


def _create(client: Client, created: Created, wanted: Wanted) -> None:
    """Create them, each id said as soon as there is one."""
    from ..client.waiting import progress_bar

    shown = sys.stderr.isatty() and not sys.stdout.isatty()  # where ids are seen coming, a bar would be in their way
    lots = client.create_each(
        created.drafts,
        subteam=wanted.subteam,
        new_tags=wanted.new_tags,
        batch=wanted.batch.strip(),
        **_several(wanted),
    )
    try:
        with progress_bar(len(created.drafts), shown, unit=" reviews") as bar:
            for lot in lots:
                for line in created.take(lot):
                    click.echo(line, err=True)
                for place in sorted(lot.ids):
                    click.echo(lot.ids[place])
                bar.update(len(lot.ids) + len(lot.errors))
    except KeyboardInterrupt:
        created.problem, created.exit_code = "interrupted", STOPPED
    except CmtoolsError as error:
        created.problem = str(error)
    finally:
        lots.close()
