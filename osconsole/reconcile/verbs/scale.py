"""Scale: the replica field of the control plane that a component's workload follows."""

from osconsole.errors import Refused
from osconsole.model.intents import Scale
from osconsole.model.paths import Scaling, scaling
from osconsole.model.preview import Finding, Preview, Touched
from osconsole.model.resource import Resource, dig
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile.verbs import chain

SCALABLE = frozenset({"Deployment", "StatefulSet", "ReplicaSet"})


def judge(intent: Scale, snapshot: Snapshot) -> Preview:
    """The Preview of a scale.

    Raises:
        Refused: the object is not there, or nothing about it can be scaled.
    """
    resource = chain.known(intent.ref, snapshot)
    component = chain.component(resource, snapshot)
    if component is not None:
        line = chain.upward(component, snapshot)
        top = line[-1]
        if top.kind == chain.CONTROL_PLANE and (field := scaling(component)):
            return _preview(intent, (resource, component, top), field, snapshot)
    line = chain.upward(resource, snapshot)
    top = line[-1]
    if top.ref.kind in SCALABLE or (component is not None and top is component):
        return _preview(intent, (resource, component or top, top), Scaling(("spec", "replicas")), snapshot)
    if top.ref.kind == "DaemonSet" or resource.ref.kind == "DaemonSet":
        raise Refused(f"{resource.ref.short} runs one pod a node: change its nodeSelector instead of a number")
    raise Refused(f"{resource.ref.short} has no number of replicas: scale one of its components")


def _preview(
    intent: Scale, objects: tuple[Resource, Resource, Resource], field: Scaling, snapshot: Snapshot
) -> Preview:
    resource, component, top = objects
    old = dig(top.body(), *field.path)
    before = 1 if old is None else old
    line = chain.upward(resource, snapshot)
    name = component.ref.short
    return Preview(
        intent=intent,
        title=f"Scale {name} from {before} to {intent.replicas}",
        target=top.ref,
        because=chain.because(line if line[-1] is top else [component, top]),
        uid=top.uid,
        version=top.version,
        generation=top.generation,
        touches=(Touched(field.path, old, intent.replicas),),
        rolls=_rolls(before, intent.replicas),
        findings=tuple(_findings(intent, component, (before, field), chain.standing(top, snapshot))),
        undo=f"scale {name} back to {before}",
        confirm=component.ref.name if field.quorum or intent.replicas == 0 else "",
    )


def _rolls(before: int, after: int) -> tuple[str, ...]:
    count = abs(after - before)
    pods = "1 pod" if count == 1 else f"{count} pods"
    verb = "start" if after > before else "stop"
    return (f"{pods} {verb}{'s' if count == 1 else ''}; nothing restarts",) if count else ()


def _findings(
    intent: Scale, component: Resource, numbers: tuple[int, Scaling], standing: list[Finding]
) -> list[Finding]:
    before, field = numbers
    kind, after = component.ref.kind, intent.replicas
    out = list(standing)
    if after == before:
        out.append(Finding("refused", f"{component.ref.short} has {before} already"))
    if after < field.least or (field.most is not None and after > field.most):
        most = "" if field.most is None else f" and at most {field.most}"
        out.append(Finding("refused", f"{after} is outside of what the field takes: at least {field.least}{most}"))
    if kind == "RabbitMq" and after < before:
        out.append(Finding("refused", "RabbitMQ is not scaled down: its nodes must be forgotten by hand first"))
    elif field.quorum and after % 2 == 0:
        out.append(
            Finding("warn", f"{after} members give no better quorum than {max(0, after - 1)}: use an odd number")
        )
    if after == 0:
        out.append(Finding("warn", "0 stops the service, and Ready will still be True"))
    return out
