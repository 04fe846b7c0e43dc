"""`bundle`: an object, all above and below it, in one file to pass on: YAML, Events, history, logs; secrets hidden."""

import io
import os
import tarfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import BinaryIO

import click

from osconsole.cli import options as shared
from osconsole.cli import why
from osconsole.cli.known import known, located, run
from osconsole.cli.status import TREE
from osconsole.errors import NotFound, OsconsoleError, UsageError
from osconsole.model import kinds, masks
from osconsole.model.connection import Options
from osconsole.model.entry import Query
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.session import Session
from osconsole.views import detail, facts
from osconsole.views import timeline as happened
from osconsole.views.rows import Line
from osconsole.views.text import clean, count
from osconsole.views.why.lines import lines as why_lines

MOST = 2000  # objects; a whole control plane has some hundreds
ENTRIES = 5000  # of the timeline
POD, EVENT = kinds.key("Pod"), kinds.key("Event")


@click.command()
@shared.connection
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=None, metavar="FILE",
              help="The file to write; else bundle-KIND-NAME-TIME.tar.gz here.")  # fmt: skip
@click.option("--tail", type=click.IntRange(0), default=2000, show_default=True, help="Log lines of each container.")
@click.argument("ref")
def bundle(*, options: Options, output: Path | None, tail: int, ref: str) -> int:
    """Gather what is known of REF (kind/name) and all above and below it into one .tar.gz; exit 1 when parts lack.

    Data of Secrets is never in it, and what looks like a secret elsewhere is hidden.
    """
    wanted = shared.reference(ref, options.namespace or "")
    stamp = time.strftime("%Y%m%d-%H%M%S")
    file = output or Path(f"bundle-{wanted.kind.lower()}-{wanted.name}-{stamp}.tar.gz")
    with _created(file) as target:
        try:
            missing = run(_written(options, wanted, tail, target))
        except BaseException:
            file.unlink(missing_ok=True)
            raise
    print(f"{file}: {count(file.stat().st_size, 'byte')}" + (f", without {count(missing, 'part')}" if missing else ""))
    return 1 if missing else 0


def _created(file: Path) -> BinaryIO:
    """A new file that only its owner reads.

    Raises:
        UsageError: it is there already, or cannot be made.
    """
    try:
        return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except OSError as error:
        raise UsageError(f"{file}: cannot be made: {error.strerror}: name another with -o") from None


async def _written(options: Options, wanted: Ref, tail: int, target: BinaryIO) -> int:
    """How many parts could not be read; the manifest names them."""
    async with known(options, TREE | {EVENT, KindKey(wanted.group, wanted.kind)}) as session:
        ref = located(session, wanted)
        top = session.snapshot.get(ref)
        if top is None:
            raise NotFound(f"there is no {ref}: see `osconsole status`, or name the namespace with -n", 404)
        status = session.status
        told = [f"{ref} of context {status.context} at {status.server}", time.strftime("%Y-%m-%d %H:%M:%S %z")]
        missing = []
        with tarfile.open(fileobj=target, mode="w:gz") as archive:
            async for name, text in _parts(session, top, tail):
                if text.startswith(_LACKS):
                    missing.append(f"{name}: {text.removeprefix(_LACKS)}")
                else:
                    _add(archive, name, text)
                    told.append(name)
            lacks = ["", "could not be read:", *missing] if missing else []
            _add(archive, "manifest.txt", "\n".join([*told, *lacks, ""]))
        return len(missing)


_LACKS = "\0"  # before the reason why a part is not there


def _add(archive: tarfile.TarFile, name: str, text: str) -> None:
    data = text.encode()
    entry = tarfile.TarInfo(f"bundle/{name}")
    entry.size, entry.mtime, entry.mode = len(data), int(time.time()), 0o600
    archive.addfile(entry, io.BytesIO(data))


async def _parts(session: Session, top: Resource, tail: int) -> AsyncIterator[tuple[str, str]]:
    """(name, text) of all that there is."""
    now = session.now()
    yield "why.txt", _plain(why_lines(await why.explained(session, top.ref), now))
    entries = await session.past.timeline(Query(top.ref), ENTRIES)
    yield "timeline.txt", "".join(f"{happened.as_text(entry, now)}\n" for entry in reversed(entries))
    found = list(around(top, session.snapshot))[:MOST]
    for one in found:
        yield f"objects/{_name(one.ref)}.yaml", detail.to_yaml(masks.hidden(one.body()))
        events = _plain(detail.event_lines(one, session.snapshot, now))
        if events.strip() != "none":
            yield f"events/{_name(one.ref)}.txt", events
    for one in found:
        if one.kind != POD:
            continue
        yield f"logs/{one.ref.name}.log", await _log(session, one.ref, tail, previous=False)
        if facts.pod(one).restarts:
            yield f"logs/{one.ref.name}-before.log", await _log(session, one.ref, tail, previous=True)


async def _log(session: Session, pod: Ref, tail: int, *, previous: bool) -> str:
    """The lines of all containers, each behind its container's name; or why there are none."""
    found = session.logs(pod, every=True, tail=tail, previous=previous, follow=False)
    try:
        return "".join([f"{line.container} {masks.text(line.text)}\n" async for line in found])
    except OsconsoleError as error:
        return f"{_LACKS}{error}"


def around(top: Resource, snapshot: Snapshot) -> Iterator[Resource]:
    """The object, those above it, and all below it; each once."""
    above: list[Resource] = []
    at = top
    while (owner := snapshot.owner(at)) and owner.uid not in {found.uid for found in above}:
        above.append(owner)
        at = owner
    yield from reversed(above)
    seen, waiting = {found.uid for found in above}, [top]
    while waiting:
        one = waiting.pop(0)
        if one.uid not in seen:
            seen.add(one.uid)
            yield one
            waiting.extend(sorted(snapshot.owned(one), key=lambda child: child.ref))


def _name(ref: Ref) -> str:
    return clean(f"{ref.kind}-{ref.name}").replace("/", "_")


def _plain(found: tuple[Line, ...] | list[Line]) -> str:
    return "".join("".join(text for text, _ in line.spans).rstrip() + "\n" for line in found)
