"""The minor update: its stages in order, what each of them rolls, and when each is through.

OpenStackVersion judges the stages and says so in its conditions; the control plane reads there how far it may go, and
leaves the rest as it is. Two stages belong to the compute nodes: nothing rolls in them until a person makes a
Deployment. Source of the rules: `domain.md` §3.12.
"""

import msgspec

from osconsole.model.conditions import find
from osconsole.model.kinds import key
from osconsole.model.resource import Resource, dig
from osconsole.reconcile.controlplane.walk import Walk
from osconsole.reconcile.dataplane import services

NODESET, DEPLOYMENT = key("OpenStackDataPlaneNodeSet"), key("OpenStackDataPlaneDeployment")
READS = (NODESET, DEPLOYMENT, key("OpenStackDataPlaneService"))
_PLANE = "OpenStackControlPlane"
Images = dict[str, str]


class Stage(msgspec.Struct, frozen=True):
    """A stage of the control plane: the kinds that get their new images, those images, and the part that says so."""

    type: str
    kinds: frozenset[str] = frozenset()
    images: tuple[str, ...] = ()
    part: str = ""


def _stage(name: str, kind: str, part: str, *images: str) -> Stage:
    return Stage(f"MinorUpdate{name}", frozenset((kind,)), images, f"{_PLANE}{part}Ready")


OVN, CONTROLPLANE, DATAPLANE = "MinorUpdateOVNDataplane", "MinorUpdateControlplane", "MinorUpdateDataplane"
STAGES = (
    _stage("OVNControlplane", "OVNController", "OVN", "ovnControllerImage", "ovnControllerOvsImage"),
    Stage(OVN),
    _stage("RabbitMQ", "RabbitMq", "RabbitMQ", "rabbitmqImage"),
    _stage("MariaDB", "Galera", "MariaDB", "mariadbImage"),
    _stage("Memcached", "Memcached", "Memcached", "infraMemcachedImage"),
    _stage("Keystone", "KeystoneAPI", "KeystoneAPI", "keystoneAPIImage"),
    Stage(CONTROLPLANE),
    Stage(DATAPLANE),
)


class Rollout(msgspec.Struct, frozen=True):
    """What of a control plane may change now: everything, or only what the stages so far have come to."""

    everything: bool = True
    kinds: frozenset[str] = frozenset()
    images: frozenset[str] = frozenset()

    def frees(self, kind: str) -> bool:
        """Whether CRs of a kind may change."""
        return self.everything or kind in self.kinds

    def running(self, target: Images, before: Images) -> Images:
        """The images that a control plane brings about: the target's as far as it may change, else what it had."""
        if self.everything:
            return target
        return {name: image if name in self.images else before.get(name, image) for name, image in target.items()}


def rollout(version: Resource) -> Rollout:
    """How far the stages of an OpenStackVersion let its control plane go."""
    deployed, target = version.get("status", "deployedVersion"), version.get("spec", "targetVersion")
    if not deployed or deployed == target:
        return Rollout()
    if version.observed < version.generation:
        # Its conditions are still those of what was asked for before.
        return Rollout(everything=False)
    begun: list[Stage] = []
    for stage in STAGES:
        begun.append(stage)
        if stage.type == CONTROLPLANE:
            return Rollout()
        if not _reached(version, stage.type):
            break
    kinds = frozenset(kind for stage in begun for kind in stage.kinds)
    return Rollout(everything=False, kinds=kinds, images=frozenset(name for stage in begun for name in stage.images))


def through(version: Resource) -> bool:
    """Whether the whole control plane runs the target: at once at first, in an update when its stage is reached."""
    deployed, target = version.get("status", "deployedVersion"), version.get("spec", "targetVersion")
    return not deployed or deployed == target or _reached(version, CONTROLPLANE)


def _reached(version: Resource, stage: str) -> bool:
    found = find(version.conditions, stage)
    return bool(found and found.ok)


class Update(msgspec.Struct, frozen=True):
    """The stages of an OpenStackVersion, from the top at every pass; the first that is not reached ends it."""

    conditions: tuple[str, ...] = ()

    def run(self, walk: Walk) -> bool:
        """Judge them; the target is deployed when all are through."""
        deployed, target = walk.status.get("deployedVersion"), walk.get("targetVersion", default="")
        if not deployed or deployed == target:
            return True
        for stage in STAGES:
            walk.start(stage.type, "not started")
        if not all(_judge(walk, stage) for stage in STAGES):
            return False
        walk.report["deployedVersion"] = target
        return True


def _judge(walk: Walk, stage: Stage) -> bool:
    if stage.type == OVN:
        return _ovn(walk)
    if stage.type == DATAPLANE:
        return _dataplane(walk)
    plane = walk.see(_PLANE, walk.name)
    if plane is None:
        return walk.busy(stage.type, "in progress")
    has, target = plane.get("status", "containerImages", default={}) or {}, walk.report["containerImages"]
    same = all(has.get(name) == target.get(name) for name in stage.images or has)
    said = find(plane.conditions, stage.part or "Ready")
    there = plane.caught_up and (said is None or said.ok)
    # Once the rest rolls, parts that have members in it (OVN) are judged with the rest: no stage goes backwards.
    if same and (there or (stage.type != CONTROLPLANE and _reached(walk.me, STAGES[-3].type))):
        return walk.ok(stage.type, "completed")
    return walk.busy(stage.type, "in progress")


def _nodesets(walk: Walk) -> list[Resource]:
    """Those with nodes."""
    return [n for n in walk.world.all(NODESET, walk.namespace) if n.get("spec", "nodes")]


def _ovn(walk: Walk) -> bool:
    """Every NodeSet that carries OVN has the target's image; where that is the old one, a run of it was seen."""
    sets = _nodesets(walk)
    carriers = [n for n in sets if n.get("status", "containerImages", "OvnControllerImage")]
    wanted = walk.report["containerImages"].get("ovnControllerImage")
    if any(n.observed < n.generation for n in sets):
        return walk.busy(OVN, "in progress")
    if any(n.get("status", "containerImages", "OvnControllerImage") != wanted for n in carriers):
        return walk.busy(OVN, "in progress")
    if not carriers or _changes(walk, "ovnControllerImage"):
        return walk.ok(OVN, "completed")
    if _running(walk, {n.ref.name for n in carriers}):
        return walk.busy(OVN, "in progress")
    # The condition remembers that a run was seen: only then does it say more than "not started".
    before = find(walk.me.conditions, OVN)
    seen = before is not None and (before.ok or before.reason == "Requested")
    return walk.ok(OVN, "completed") if seen else False


def _changes(walk: Walk, image: str) -> bool:
    """Whether an image is another one in the target than in what is deployed."""
    known = walk.report["containerImageVersionDefaults"]
    return bool(dig(known, walk.status["deployedVersion"], image) != walk.report["containerImages"].get(image))


def _running(walk: Walk, nodesets: set[str]) -> bool:
    """Whether a Deployment of a service of type ovn is not through, on one of these NodeSets; also one that failed."""
    for deployment in walk.world.all(DEPLOYMENT, walk.namespace):
        spec = deployment.get("spec", default={})
        mine = nodesets & set(spec.get("nodeSets") or [])
        if not mine or deployment.get("status", "deployed"):
            continue
        for name in sorted(mine):
            nodeset = walk.world.find(NODESET, walk.namespace, name)
            listed = spec.get("servicesOverride") or (nodeset.get("spec", "services", default=[]) if nodeset else [])
            found = (services.find(walk.world, walk.namespace, service) for service in listed)
            if any(service and service.type == "ovn" for service in found):
                return True
    return False


def _dataplane(walk: Walk) -> bool:
    """Every NodeSet with nodes is Ready, and at the target."""
    target = walk.get("targetVersion", default="")
    late = [n for n in _nodesets(walk) if not n.ready or n.get("status", "deployedVersion") != target]
    return walk.busy(DATAPLANE, "in progress") if late else walk.ok(DATAPLANE, "completed")
