"""`osconsole operator`: the reconcile module as a controller, without a screen."""

import asyncio
import logging
import signal
import sys

import click

from osconsole.cli.options import connection
from osconsole.errors import OsconsoleError, UsageError
from osconsole.kube.api import Api
from osconsole.model.connection import Options
from osconsole.reconcile.operator import Settings, run


@click.command()
@click.option("--groups", default="", metavar="A,B", help="Only these groups; else all that nobody else owns.")
@connection
def operator(groups: str, options: Options) -> None:
    """Reconcile what nobody else does here, until TERM or INT; all namespaces, or the one that -n names."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    wanted = tuple(name.strip() for name in groups.split(",") if name.strip())
    if groups and not wanted:
        raise UsageError(f"--groups '{groups}' names no group: leave it out for all that nobody else owns")
    if options.read_only:
        raise UsageError("an operator writes: leave --read-only out")
    asyncio.run(_main(options, Settings(wanted, options.namespace or "")))


async def _main(options: Options, settings: Settings) -> None:
    """Run until a signal comes; the first error of ours is what is reported."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    api = Api(options)
    try:
        async with asyncio.TaskGroup() as tasks:
            work = tasks.create_task(run(api, settings, lambda text: click.echo(text)), name="operator")
            await stop.wait()
            work.cancel()
    except* OsconsoleError as errors:
        raise _first(errors) from None
    finally:
        await api.close()


def _first(group: BaseExceptionGroup[OsconsoleError]) -> OsconsoleError:
    """The error that ended everything."""
    found = group.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found
