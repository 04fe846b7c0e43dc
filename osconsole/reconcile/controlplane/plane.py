"""OpenStackControlPlane: makes the CRs of its parts in upstream's order, and says how far they are."""

from osconsole.model.conditions import find
from osconsole.model.kinds import key
from osconsole.model.resource import Resource, dig
from osconsole.reconcile.controlplane import update
from osconsole.reconcile.controlplane.authorities import Authorities, DatabaseCertificate
from osconsole.reconcile.controlplane.images import RELEASE, images
from osconsole.reconcile.controlplane.objects import backup, made
from osconsole.reconcile.controlplane.parts import (
    INFRASTRUCTURE,
    PARTS,
    SERVICES,
    Child,
    Images,
    Part,
    template,
    unreconciled,
)
from osconsole.reconcile.controlplane.releases import newest
from osconsole.reconcile.controlplane.steps.step import Step
from osconsole.reconcile.controlplane.walk import Walk
from osconsole.reconcile.decide import Outcome, World

PREFIX = "OpenStackControlPlane"
VERSION = f"{PREFIX}OpenStackVersionInitializationReadyCondition"
INFRA = f"{PREFIX}InfrastructureReady"
STAGE = "core.openstack.org/deployment-stage"
PAUSED = "infrastructure-only"


def decide(me: Resource, world: World, now: float) -> Outcome:
    """The next step of a control plane."""
    walk = Walk(me, world, now)
    walk.report["observedGeneration"] = me.generation
    _expect(walk)
    _inputs(walk)
    _walk(walk)
    left = unreconciled(walk)
    return walk.outcome(f"Setup complete; not reconciled here: {', '.join(left)}" if left else "")


def _expect(walk: Walk) -> None:
    """The conditions of everything that is enabled, before it starts."""
    walk.start(VERSION, f"{PREFIX} OpenStackVersion initialization not started")
    walk.start(f"{PREFIX}CAReadyCondition", f"{PREFIX} CAs not started")
    walk.start(INFRA, f"{PREFIX} Infrastructure not started")
    for part in PARTS:
        if part.enabled(walk):
            walk.start(part.type, f"{PREFIX} {part.title} not started")


def _walk(walk: Walk) -> None:
    version = _version(walk)
    if version is None:
        return
    run, may = images(version), update.rollout(version)
    runs = may.running(run, walk.status.get("containerImages") or {})
    walk.report["containerImages"] = {name: runs[name] for name in sorted(runs) if not name.startswith("edpm")}
    steps: tuple[Step, ...] = (Authorities(), DatabaseCertificate())
    for part in PARTS:
        if not part.enabled(walk):
            _take_away(walk, part, set(), may)
    if not all(step.run(walk) for step in steps):
        return
    _infrastructure(walk, run, may)
    if dig(walk.meta, "annotations", STAGE) == PAUSED:
        walk.busy(INFRA, f"{PREFIX} deployment paused after the infrastructure: annotation {STAGE}")
        return
    done = [_part(walk, part, run, may) for part in SERVICES if part.enabled(walk)]
    if all(done) and walk.all_ok() and update.through(version):
        walk.report["deployedVersion"] = version.get("spec", "targetVersion", default=RELEASE)


def _inputs(walk: Walk) -> None:
    """What a person has to bring; only said while it is missing, because upstream has no such condition."""
    name = walk.get("secret", default="osp-secret")
    lost = [] if walk.see("Secret", name) else [f"secret/{name}"]
    storage = walk.get("storageClass", default="")
    known = walk.world.find(key("StorageClass"), "", storage)
    claims = walk.world.all(key("PersistentVolumeClaim"), walk.namespace)
    if storage and known is None and any(_pending(claim, storage) for claim in claims):
        lost.append(f"storageclass/{storage}")
    if lost:
        walk.missing("InputReady", ", ".join(lost))


def _pending(claim: Resource, storage: str) -> bool:
    body = claim.body()
    return bool(dig(body, "spec", "storageClassName") == storage and dig(body, "status", "phase") != "Bound")


def _version(walk: Walk) -> Resource | None:
    """The OpenStackVersion of the same name, once it knows its images."""
    labels = backup("20", "controlplane")
    existing = walk.see("OpenStackVersion", walk.name)
    target = existing.get("spec", "targetVersion") if existing else None
    spec = {"targetVersion": target or newest(walk)}
    found = walk.ensure(made(walk.me, "OpenStackVersion", walk.name, labels, spec=spec))
    known = find(found.conditions, "Initialized") if found else None
    if found is None or known is None or not known.ok:
        walk.busy(VERSION, f"{PREFIX} OpenStackVersion initialization in progress")
        return None
    walk.ok(VERSION, f"{PREFIX} OpenStackVersion initialized")
    return found


def _infrastructure(walk: Walk, run: Images, may: update.Rollout) -> None:
    waiting = [p.title for p in INFRASTRUCTURE if p.enabled(walk) and not _part(walk, p, run, may)]
    if waiting:
        walk.busy(INFRA, f"{PREFIX} Infrastructure in progress - waiting for: {', '.join(waiting)}")
    else:
        walk.ok(INFRA, f"{PREFIX} Infrastructure ready")


def _part(walk: Walk, part: Part, run: Images, may: update.Rollout) -> bool:
    """Make the CRs of a part; whether all of them are ready."""
    wanted = list(part.children(walk, template(walk, part), run))
    _take_away(walk, part, {(child.kind, child.name) for child in wanted}, may)
    found = [(child, _child(walk, child, may)) for child in wanted]
    for child, resource in found:
        held = resource is None and not may.frees(child.kind)
        if not held and not _ready(resource, part.judge):
            return _say(walk, part, child, resource)
    return walk.ok(part.type, f"{PREFIX} {part.title} completed")


def _child(walk: Walk, child: Child, may: update.Rollout) -> Resource | None:
    """A child as it should be; one whose turn it is not, as it is."""
    if may.frees(child.kind):
        return walk.ensure(made(walk.me, child.kind, child.name, spec=child.spec))
    return walk.see(child.kind, child.name)


def _say(walk: Walk, part: Part, child: Child, resource: Resource | None) -> bool:
    """What the first child that is not ready says."""
    if resource is None or not resource.conditions or not resource.caught_up or resource.ready:
        return walk.busy(part.type, f"{PREFIX} {part.title} in progress")
    return walk.mirror(part.type, resource, f"{child.kind}: ")


def _ready(resource: Resource | None, judge: str) -> bool:
    """Whether a child counts as ready: its condition, at its generation."""
    condition = find(resource.conditions, judge) if resource else None
    return bool(resource and condition and condition.ok and resource.observed >= resource.generation)


def _take_away(walk: Walk, part: Part, wanted: set[tuple[str, str]], may: update.Rollout) -> None:
    """Remove the children that the spec no longer asks for; what they own goes with them."""
    for kind in filter(may.frees, part.kinds):
        for child in walk.world.owned(walk.me, key(kind)):
            if (kind, child.ref.name) not in wanted:
                walk.remove(child)
