"""`logs`: what the containers under an object write, for pipes and for eyes."""

import re
import sys
from typing import Any

import click

from osconsole.cli import about as operators
from osconsole.cli import kept
from osconsole.cli import options as shared
from osconsole.cli.known import known, located, run
from osconsole.errors import NotFound, UsageError
from osconsole.kube.loggers import containers, pods_under
from osconsole.model import kinds
from osconsole.model.connection import Options
from osconsole.model.logs import LogLine
from osconsole.model.ref import KindKey, Ref
from osconsole.model.snapshot import Snapshot
from osconsole.views.text import clean

# From any object of ours down to its pods.
_BETWEEN = frozenset(
    kind.key
    for kind in kinds.KINDS
    if kind.group.endswith("openstack.org")
    or kind.kind in {"Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"}
)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@click.command()
@shared.connection
@click.argument("ref", required=False)
@click.option("--about", default="", metavar="REF", help="What operators write about an object; `all`: by object.")
@click.option("-f", "--follow", is_flag=True, help="Go on as lines come; new pods join.")
@click.option("-p", "--previous", is_flag=True, help="The container's last life.")
@click.option("-c", "--container", default="", help="The container; else the pod's default one.")
@click.option("--all-containers", "every", is_flag=True, help="All of each pod, those that start it too.")
@click.option("--since", default="", metavar="5m", help="Lines younger than this: 30s, 5m, 2h, 1d.")
@click.option("--tail", type=click.IntRange(0), default=None, help="Only the last so many lines of each pod.")
@click.option("--timestamps", is_flag=True, help="Begin each line with its time.")
def logs(*, options: Options, ref: str | None, about: str, since: str, timestamps: bool, **choice: Any) -> int:
    """Print the logs of REF (kind/name): a pod, or every pod under an object; or operators' lines --about one.

    Lines of several containers come in the order of time.
    """
    if choice["container"] and choice["every"]:
        raise UsageError("--container and --all-containers exclude each other: leave one out")
    if bool(ref) == bool(about):
        raise UsageError("say whose logs: `logs kind/name`, or those of the operators: `logs --about kind/name`")
    choice["tail"] = -1 if choice["tail"] is None else choice["tail"]
    if not ref:
        return run(operators.about(options, _about(options, about), choice | {"since_s": seconds(since)}))
    wanted = shared.reference(ref, options.namespace or "")
    return run(_logs(options, wanted, choice | {"since_s": seconds(since)}, timestamps))


def _about(options: Options, text: str) -> Ref | None:
    """The object with its namespace; None for all."""
    if text == operators.ALL:
        return None
    return shared.reference(text, kept.place(options)[1] or options.namespace or "")


def seconds(text: str) -> int:
    """Seconds of `90`, `30s`, `5m`, `2h30m`, `1d`; 0 for "".

    Raises:
        UsageError: it is none of these.
    """
    if text.isdigit():
        return int(text)
    if not re.fullmatch(r"(\d+[smhd])*", text):
        raise UsageError(f"'{text}' is no length of time: write 30s, 5m, 2h or 1d")
    return sum(int(count) * _UNITS[unit] for count, unit in re.findall(r"(\d+)([smhd])", text))


async def _logs(options: Options, wanted: Ref, choice: dict[str, Any], timestamps: bool) -> int:
    kind = KindKey(wanted.group, wanted.kind)
    prefix = "{pod} {container} " if choice["every"] else "" if wanted.kind == "Pod" else "{pod} "
    needed = {kind} if wanted.kind == "Pod" else _BETWEEN | {kind}
    async with known(options, needed) as session:
        target = located(session, wanted)
        if session.snapshot.get(target) is None:
            raise NotFound(f"there is no {target}: see `osconsole status`, or name the namespace with -n", 404)
        pods: set[Ref] = set()
        async for line in session.logs(target, **choice):
            pods.add(line.pod)
            lead = prefix.format(pod=line.pod.name, container=line.container)
            print(lead + _text(line, timestamps), flush=choice["follow"])
        if not pods and (wrong := _no_container(session.snapshot, target, choice["container"])):
            raise NotFound(wrong, 404)
    if not pods:
        print(f"{target.short}: no line in the logs of its pods", file=sys.stderr)
    return 0


def _no_container(snapshot: Snapshot, target: Ref, name: str) -> str:
    """In words that no pod has a container of that name; "" where one has, or none was named."""
    there = {
        found
        for pod, _ in pods_under(snapshot, (target,))
        if (found_pod := snapshot.get(pod))
        for found in containers(found_pod.body(), "", every=True)
    }
    if not name or name in there:
        return ""
    return f"no pod of {target.short} has a container '{name}': there are {', '.join(sorted(there)) or 'none'}"


def _text(line: LogLine, timestamps: bool) -> str:
    """Made safe for a terminal; piped lines are as the container wrote them."""
    text = clean(line.text) if sys.stdout.isatty() or line.mark else line.text
    text = f"--- {text}" if line.mark else text
    when = f"{_instant(line.at)} " if timestamps and line.at else ""
    return f"{when}{text}"


def _instant(at: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
