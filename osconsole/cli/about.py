"""`logs --about`: what the operators write, by the object that they speak of."""

import sys
from typing import Any

import msgspec

from osconsole.cli.known import known
from osconsole.errors import NotFound
from osconsole.kube.operators import LABEL, NAMESPACE
from osconsole.model import kinds
from osconsole.model.connection import Options
from osconsole.model.ref import Ref
from osconsole.session import Session
from osconsole.views import operatorlog
from osconsole.views.text import clean, count

ALL = "all"
POD = kinds.key("Pod")


async def about(options: Options, ref: Ref | None, choice: dict[str, Any]) -> int:
    """Print the operators' lines about an object; without one, every object with how many errors there were.

    Raises:
        NotFound: no operator's pod is found.
    """
    for place in (NAMESPACE, ""):
        async with known(msgspec.structs.replace(options, namespace=place), {POD}) as session:
            pods = _pods(session, place)
            if pods and ref:
                return await _lines(session, pods, ref, choice)
            if pods:
                return await _groups(session, pods, choice)
    raise NotFound(f"no pod of an operator is found, neither in {NAMESPACE} nor by the label {LABEL}", 404)


def _pods(session: Session, place: str) -> tuple[Ref, ...]:
    """The operators' pods: all where only operators live, elsewhere those with the label."""
    found = session.snapshot.all(POD)
    return tuple(pod.ref for pod in found if place or LABEL in pod.labels)


async def _lines(session: Session, pods: tuple[Ref, ...], ref: Ref, choice: dict[str, Any]) -> int:
    filters: dict[tuple[Ref, str], operatorlog.About] = {}
    told = 0
    async for line in session.logs(pods, **choice):
        if not line.mark and filters.setdefault((line.pod, line.container), operatorlog.About(ref)).take(line.text):
            told += 1
            text = clean(line.text) if sys.stdout.isatty() else line.text
            print(f"{line.pod.name} {text}", flush=choice["follow"])
    if not told:
        print(f"no operator has written about {ref} in what is left of their logs", file=sys.stderr)
    return 0


async def _groups(session: Session, pods: tuple[Ref, ...], choice: dict[str, Any]) -> int:
    lines = [line.text async for line in session.logs(pods, **choice | {"follow": False}) if not line.mark]
    groups = operatorlog.grouped(lines)
    for group in groups:
        print(operatorlog.as_text(group))
    if not groups:
        print(
            f"{count(len(lines), 'line')} of {count(len(pods), 'pod')}, none in a form that is known", file=sys.stderr
        )
    return 0
