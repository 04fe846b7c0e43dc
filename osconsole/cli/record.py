"""`record`: what happens in a cluster from now on, into a file that `replay` plays."""

import asyncio
import re
import signal
import sys
import time
from pathlib import Path

import click

from osconsole.cli import options as shared
from osconsole.cli.known import run
from osconsole.errors import UsageError
from osconsole.model import kinds
from osconsole.model.connection import Options
from osconsole.model.ref import KindKey
from osconsole.recorder import Recorded
from osconsole.recorder import record as recording
from osconsole.views.text import clean

_ENDINGS = (".ndjson", ".json", ".xz", ".gz")
_PART = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


@click.command()
@shared.connection
@click.option("--duration", default="", metavar="D", help="So long: 90s, 5m, 2h; else until Ctrl-C.")
@click.argument("words", nargs=-1, metavar="[FILE] [KIND]...")
def record(*, options: Options, duration: str, words: tuple[str, ...]) -> int:
    """Write what happens from now on into FILE (.ndjson; packed where it ends in .xz or .gz).

    All kinds that osconsole knows, or those named. Of Secrets and ConfigMaps only keys and sizes are written, and
    nothing that looks like a password. Ctrl-C or TERM ends it well.
    """
    file, wanted = _meant(words)
    length_s = _length(duration)
    found = run(_record(options, file, wanted, length_s))
    print(f"{file}: {found.lines} events of {found.kinds} kinds: 'osconsole replay {file}' plays it")
    for kind, why in sorted(found.missing.items()) if wanted else ():
        print(f"without {clean(kind)}: {clean(why)}", file=sys.stderr)
    return 0


async def _record(options: Options, file: Path, wanted: tuple[kinds.Kind, ...], length_s: float) -> Recorded:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    if length_s:
        loop.call_later(length_s, stop.set)
    print(f"recording into {file}: Ctrl-C ends it", file=sys.stderr)
    return await recording(options, file, wanted, stop)


def _meant(words: tuple[str, ...]) -> tuple[Path, tuple[kinds.Kind, ...]]:
    """The file, by default one of the moment in this folder, and the kinds.

    Raises:
        UsageError: a word is neither.
    """
    file, names = Path(time.strftime("osconsole-%Y%m%d-%H%M%S.ndjson.xz")), words
    if words and ("/" in words[0] or words[0].endswith(_ENDINGS) or kinds.find(words[0]) is None):
        file, names = Path(words[0]), words[1:]
        if not file.name.endswith(_ENDINGS):
            raise UsageError(f"'{file}' is no kind and no file for a recording: a file's name ends in .ndjson or .xz")
    wanted = tuple(shared.reference(f"{name}/x", "") for name in names)
    return file, tuple(kinds.BY_KEY[KindKey(ref.group, ref.kind)] for ref in wanted)


def _length(text: str) -> float:
    """Seconds of `90`, `90s`, `1h30m`; 0 for no text.

    Raises:
        UsageError: it is no length.
    """
    parts = _PART.findall(text)
    if text and "".join(number + unit for number, unit in parts) != text:
        raise UsageError(f"'{text}' is no length of time: write 90s, 5m or 2h")
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)
