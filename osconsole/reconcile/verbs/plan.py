"""Run a plan: everything that it would write is shown before the first step."""

from typing import Any

import msgspec

from osconsole.errors import Refused
from osconsole.model import kinds
from osconsole.model.intents import RunPlan
from osconsole.model.plan import Plan, filled
from osconsole.model.preview import Finding, Preview, Touched
from osconsole.model.resource import Resource, dig
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile import plans
from osconsole.reconcile.actions import Create
from osconsole.reconcile.states import ACTIVE, LABEL, TARGET
from osconsole.reconcile.verbs import chain, stakes

CONFIGMAP = kinds.key("ConfigMap")


def judge(intent: RunPlan, snapshot: Snapshot) -> Preview:
    """The Preview of a plan's run.

    Raises:
        Refused: wrong inputs, or not exactly one target.
    """
    values = plans.inputs(intent.plan, intent.inputs)
    resource = plans.target(intent.plan, snapshot, intent.namespace)
    found: Plan = msgspec.convert(filled(msgspec.to_builtins(intent.plan), values), Plan)
    touches = [t for step in found.steps for t in _touches(step.patch, resource.body(), ())]
    findings = chain.standing(resource, snapshot)
    findings += [Finding("refused", why) for check in found.before if (why := plans.fails(check, resource))]
    touched = stakes.quorums(resource, touches)
    if touched:
        findings.append(Finding("warn", f"it changes what must keep a quorum: {', '.join(touched)}"))
    if other := _driven(resource, snapshot):
        findings.append(Finding("refused", f"{other.ref.name} drives {resource.ref.short} already"))
    return Preview(
        intent=intent,
        title=f"Run plan {intent.name} on {resource.ref.short}",
        target=resource.ref,
        because=found.about,
        uid=resource.uid,
        version=resource.version,
        generation=resource.generation,
        touches=tuple(touches),
        rolls=tuple(f"step {n}: {s.name or 'patch'}, within {s.within}" for n, s in enumerate(found.steps, 1)),
        findings=tuple(findings),
        undo="; ".join(step.name or "patch back" for step in found.undo) or "the plan names none",
        confirm=resource.ref.name if touched else "",
    )


def create(preview: Preview, snapshot: Snapshot, now: float) -> Create:
    """The write that starts the run.

    Raises:
        Refused: something has changed since the Preview.
    """
    intent = preview.intent
    assert isinstance(intent, RunPlan)
    resource = snapshot.get(preview.target)
    if resource is None:
        raise Refused(f"{preview.target.short} is gone")
    return Create(plans.body(intent.name, intent.plan, plans.inputs(intent.plan, intent.inputs), resource, now))


def _driven(resource: Resource, snapshot: Snapshot) -> Resource | None:
    mark = f"{resource.ref.kind}.{resource.ref.name}"[:63].rstrip("-.")
    here = snapshot.all(CONFIGMAP, resource.ref.namespace)
    return next((c for c in here if c.labels.get(LABEL) == ACTIVE and c.labels.get(TARGET) == mark), None)


def _touches(patch: Any, value: Any, path: tuple[str, ...]) -> list[Touched]:
    if isinstance(patch, dict):
        return [t for key, part in patch.items() for t in _touches(part, dig(value, key), (*path, key))]
    return [] if patch == value else [Touched(path, value, patch)]
