"""`journal`: what was decided and done from this machine, newest last."""

import json
import time

import click
import msgspec

from osconsole.cli import options as shared
from osconsole.errors import KubeconfigError
from osconsole.journal import Entry, Journal
from osconsole.kube.kubeconfig import choose
from osconsole.model.connection import Options
from osconsole.views.text import clean


@click.command()
@shared.connection
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many, the newest.")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def journal(*, options: Options, limit: int, output: str) -> int:
    """What was done in the context, by whom and with what result. Asks no cluster."""
    try:
        context = choose(options).context
    except KubeconfigError:
        if not options.context:
            raise
        context = options.context  # the journal outlives the kubeconfig
    entries = Journal(context).read(limit)
    for entry in entries:
        print(json.dumps(msgspec.to_builtins(entry)) if output == "json" else line(entry))
    if not entries and output == "text":
        print(f"nothing was done in context '{context}' from this machine")
    return 0


def line(entry: Entry) -> str:
    """One entry as a line."""
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.at))
    who = f"{entry.user}@{entry.origin}" + (f" as {entry.login}" if entry.login else "")
    result = "begun, and not heard of again" if entry.result == "begun" else entry.result
    what = f" [{entry.ref}]" if entry.ref else ""
    return clean(f"{when}  {who}  {entry.did}{what}: {result}")
