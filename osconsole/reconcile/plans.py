"""Plans: reading one, judging it before it starts, and its run as one more decider.

A run of a plan is a ConfigMap like every run; it holds the plan with its inputs filled in, so that a plan file that
changes later does not change what was confirmed.
"""

import difflib
import json
from collections.abc import Iterator
from typing import Any

import msgspec

from osconsole.documents import decode, place
from osconsole.errors import DocumentError, Refused
from osconsole.model import kinds
from osconsole.model.plan import Check, Plan, filled, seconds
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource, dig
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile.actions import Patch
from osconsole.reconcile.decide import Act, Outcome, Wait, World
from osconsole.reconcile.states import ACTIVE, DONE, FAILED, LABEL, TARGET, moved


def plan(text: str, source: str) -> Plan:
    """A plan from YAML.

    Raises:
        DocumentError: with file and line; also unknown kinds, inputs that are used but not declared, bad durations.
    """
    found = decode(text, Plan, source)
    for path, words in _faults(found):
        raise DocumentError(f"{place(text, source, path)}: {'.'.join(path)}: {words}")
    return found


def _faults(found: Plan) -> Iterator[tuple[list[str], str]]:
    """What its shape does not say: where, and in words."""
    kind = found.target.kind
    if kinds.find(kind) is None:
        near = difflib.get_close_matches(kind, [known.kind for known in kinds.KINDS], n=1)
        yield ["target", "kind"], f"unknown kind '{kind}'" + (f": did you mean '{near[0]}'?" if near else "")
    if not found.steps:
        yield ["steps"], "there is none, so the plan does nothing"
    for number, step in enumerate((*found.steps, *found.undo)):
        if seconds(step.within) is None:
            path = ["steps", str(number)] if number < len(found.steps) else ["undo", str(number - len(found.steps))]
            yield [*path, "within"], f"'{step.within}' is no duration: write 30s, 20m or 2h"
    for path, name in _used(msgspec.to_builtins(found), []):
        if name not in found.inputs:
            yield path, f"input '{name}' is used but not declared under 'inputs'"


def _used(value: Any, path: list[str]) -> Iterator[tuple[list[str], str]]:
    """Where inputs are used, and which."""
    if isinstance(value, dict) and set(value) == {"input"}:
        yield path, str(value["input"])
    elif isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _used(part, [*path, str(key)])


def inputs(found: Plan, given: dict[str, Any]) -> dict[str, Any]:
    """The inputs with defaults, checked.

    Raises:
        Refused: unknown, missing, of the wrong type or out of bounds.
    """
    if unknown := sorted(set(given) - set(found.inputs)):
        raise Refused(f"unknown input '{unknown[0]}': the plan takes {', '.join(found.inputs) or 'none'}")
    out = {}
    for name, shape in found.inputs.items():
        value = given.get(name, shape.default)
        if value is None:
            raise Refused(f"input '{name}' is needed: {shape.about or shape.type}")
        if shape.type == "int":
            _bounded(name, value, shape.min, shape.max)
            if shape.odd and value % 2 == 0:
                raise Refused(f"input '{name}' is {value}: it must be odd")
        elif not isinstance(value, list if shape.type == "list" else str):
            raise Refused(f"input '{name}' is {value!r}: it must be a {shape.type}")
        out[name] = value
    return out


def _bounded(name: str, value: Any, least: int | None, most: int | None) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(f"input '{name}' is {value!r}: it must be a whole number")
    if (least is not None and value < least) or (most is not None and value > most):
        raise Refused(f"input '{name}' is {value}: it must be from {least} to {most}")


def target(found: Plan, snapshot: Snapshot, namespace: str) -> Resource:
    """The object that the plan changes.

    Raises:
        Refused: there is none, or several and none is named.
    """
    kind = kinds.find(found.target.kind)
    assert kind is not None
    here = [r for r in snapshot.all(kind.key, namespace) if not found.target.name or r.ref.name == found.target.name]
    if len(here) != 1:
        names = ", ".join(r.ref.name for r in here) or "none"
        raise Refused(f"the plan wants one {kind.kind} in namespace {namespace or 'any'}: there is {names}")
    return here[0]


def fails(check: Check, resource: Resource) -> str:
    """Why a check does not hold; "" when it does."""
    if check.ready and not resource.ready:
        return f"{resource.ref.short} is not Ready at its generation"
    if check.equals:
        value = dig(resource.body(), *check.equals.path)
        if value != check.equals.value:
            return f"{'.'.join(check.equals.path)} is {value!r}, not {check.equals.value!r}"
    return ""


def body(name: str, found: Plan, values: dict[str, Any], resource: Resource, now: float) -> dict[str, Any]:
    """The ConfigMap of a run.

    Raises:
        Refused: something under `before` does not hold.
    """
    ready: Plan = msgspec.convert(filled(msgspec.to_builtins(found), values), Plan)
    for check in ready.before:
        if why := fails(check, resource):
            raise Refused(f"plan '{name}' does not start: {why}")
    ref = resource.ref
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": f"osconsole-run-{name}-{int(now) % 10_000_000}"[:63].rstrip("-"),
            "namespace": ref.namespace,
            "labels": {LABEL: ACTIVE, TARGET: f"{ref.kind}.{ref.name}"[:63].rstrip("-.")},
        },
        "data": {
            "verb": "plan",
            "title": f"{name} on {ref.short}",
            "plan": msgspec.json.encode(ready).decode(),
            "target": json.dumps(list(ref)),
            "at": "0",
            "step": f"1 of {len(ready.steps)}: {ready.steps[0].name or 'patch'}",
            "moved": f"{now:.0f}",
        },
    }


def decide(run: Resource, world: World, now: float) -> Outcome:
    """The next step of a plan's run: patch, then wait until it is true, then go on."""
    data = run.get("data", default={})
    found = msgspec.json.decode(data["plan"], type=Plan)
    resource = world.get(Ref(*json.loads(data["target"])))
    at = int(data.get("at", "0"))
    if resource is None:
        return Act((moved(run, FAILED, f"{Ref(*json.loads(data['target'])).short} is gone", now),), "gone")
    if at >= len(found.steps):
        waiting = next((why for check in found.after if (why := fails(check, resource))), "")
        due = float(data["moved"]) + 1800.0
        return _or_fail(run, waiting, due, now) if waiting else Act((moved(run, DONE, "done", now),), "done")
    step = found.steps[at]
    if _differs(step.patch, resource.body()):
        return Act((Patch(resource.ref, step.patch, resource.uid),), step.name or "patch")
    waiting = fails(step.until, resource) if step.until else ""
    if waiting:
        return _or_fail(run, waiting, float(data["moved"]) + (seconds(step.within) or 0.0), now)
    words = "the last checks" if at + 1 == len(found.steps) else found.steps[at + 1].name or "patch"
    return Act(
        (moved(run, ACTIVE, f"{min(at + 2, len(found.steps))} of {len(found.steps)}: {words}", now, at=str(at + 1)),),
        words,
    )


def _or_fail(run: Resource, waiting: str, due: float, now: float) -> Outcome:
    if now < due:
        return Wait(waiting, due)
    return Act((moved(run, FAILED, f"gave up: {waiting}", now),), "gave up")


def _differs(patch: Any, value: Any) -> bool:
    """A merge patch would change the value."""
    if not isinstance(patch, dict):
        return bool(patch != value)
    if not isinstance(value, dict):
        return True
    return any(key in value if want is None else _differs(want, value.get(key)) for key, want in patch.items())
