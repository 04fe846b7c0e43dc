"""OpenStackDataPlaneDeployment: one run of services on NodeSets, as Jobs, once.

A run that has ended stays as it is. When one lane fails for good, no further Job is made in the others; those at work
are followed to their end, so that no NodeSet reads "in progress" for ever.
"""

from typing import Any

from osconsole.model.conditions import BACKOFF, ERROR, REQUESTED, find, read
from osconsole.model.kinds import key
from osconsole.model.resource import Resource
from osconsole.reconcile.actions import Create
from osconsole.reconcile.dataplane import conditions, gates, inputs, job, lanes, variables
from osconsole.reconcile.dataplane.conditions import Said, busy, done, failed, unseen
from osconsole.reconcile.dataplane.deployed import NODESET_READY, variable_sources
from osconsole.reconcile.dataplane.job import Run
from osconsole.reconcile.dataplane.progress import JOB, Step, advance
from osconsole.reconcile.dataplane.summaries import summaries
from osconsole.reconcile.dataplane.writes import outcome
from osconsole.reconcile.decide import Blocked, Done, Outcome, Wait, World

DEPLOYMENT = key("OpenStackDataPlaneDeployment")
VERSION = key("OpenStackVersion")
STOPPED = "another NodeSet of this Deployment has failed"


def decide(deployment: Resource, world: World, now: float) -> Outcome:
    """Look at the gates first, then at every lane."""
    if deployment.deleted or deployment.get("status", "deployed"):
        return Done()
    lost = gates.final(find(deployment.conditions, "DeploymentReady"))
    active = _active(deployment)
    if lost and not active:
        return Blocked("it has failed: delete it, and make a new Deployment")
    started = bool(deployment.get("status", "nodeSetConditions", default=None))
    gate = gates.look(deployment, world, started=started)
    if gate.said:
        return _held(deployment, gate, started=started)
    spec = deployment.get("spec", default={})
    run = Run(
        deployment,
        spec,
        tuple(lanes.lanes(spec, gate.nodesets, world)),
        job.runner_image(world, deployment.ref.namespace),
    )
    return _follow(run, active, world, now) if lost else _run(run, world, now)


def _active(deployment: Resource) -> set[str]:
    """The NodeSets whose lane is under way, by what was said last."""
    listed: dict[str, Any] = deployment.get("status", "nodeSetConditions", default=None) or {}
    found = {name: find(read(entries), NODESET_READY) for name, entries in listed.items()}
    return {name for name, said in found.items() if said and said.reason == REQUESTED}


def _held(deployment: Resource, gate: gates.Gate, *, started: bool) -> Outcome:
    """Nothing new may start."""
    said: dict[str, Said] = {
        "DeploymentReady": unseen("Deployment not started"),
        "InputReady": unseen("Input data not checked"),
    }
    if started:
        said = {"InputReady": done("Input data complete"), "DeploymentReady": busy("Deployment in progress")}
    said |= gate.said
    status: dict[str, Any] = {"conditions": conditions.listed(said, "Setup complete")}
    if not gate.changed:
        status["observedGeneration"] = deployment.generation
    result = outcome(deployment, (), status, gate.why)
    return Blocked(gate.why) if gate.blocked and isinstance(result, Wait) else result


def _run(run: Run, world: World, now: float) -> Outcome:
    steps = _steps(run, world)
    status = _status(run, steps, world, now)
    said = {"InputReady": done("Input data complete"), "DeploymentReady": _sum(steps)}
    if all(step.finished for step in steps.values()):
        status |= _ended(run, world)
    status["conditions"] = conditions.listed(said, "Setup complete")
    creates = [Create(step.create) for step in steps.values() if step.create]
    return outcome(run.deployment, creates, status, said["DeploymentReady"].message)


def _follow(run: Run, active: set[str], world: World, now: float) -> Outcome:
    """After a failure: see the Jobs that still work to their end; make none."""
    steps = {lane.name: advance(run, lane, world, stopped=STOPPED) for lane in run.lanes if lane.name in active}
    return outcome(run.deployment, (), _status(run, steps, world, now), "the Jobs that still run")


def _steps(run: Run, world: World) -> dict[str, Step]:
    """Every lane; again without new Jobs when one of them has failed for good."""
    steps = {lane.name: advance(run, lane, world) for lane in run.lanes}
    if not any(step.final for step in steps.values()):
        return steps
    return {lane.name: advance(run, lane, world, stopped=STOPPED) for lane in run.lanes}


def _sum(steps: dict[str, Step]) -> Said:
    """DeploymentReady from all lanes; it fails as soon as one lane does."""
    errors = [f"nodeSet: {name} error: {step.error}" for name, step in steps.items() if step.error]
    if errors:
        final = any(step.final for step in steps.values())
        exceeded = any(step.said[NODESET_READY].reason == BACKOFF for step in steps.values())
        reason = BACKOFF if exceeded else ERROR
        return failed(f"Deployment error occurred {' & '.join(errors)}", reason, "Error" if final else "Warning")
    if all(step.finished for step in steps.values()):
        return done("Deployment completed")
    return busy("Deployment in progress")


def _status(run: Run, steps: dict[str, Step], world: World, now: float) -> dict[str, Any]:
    """What changes while it runs."""
    before = run.deployment.get("status", default={})
    jobs = world.owned(run.deployment, JOB)
    made = [step.create for step in steps.values() if step.create]
    hashes = {body["metadata"]["name"]: body["metadata"]["annotations"]["hash"] for body in made}
    hashes |= {one.ref.name: one.get("metadata", "annotations", "hash", default="") for one in jobs}
    listed = before.get("nodeSetConditions", {})
    status: dict[str, Any] = {
        "observedGeneration": run.deployment.generation,
        "nodeSetConditions": {
            name: conditions.stamped(conditions.entries(step.said), listed.get(name), now)
            for name, step in steps.items()
        },
        "ansibleEEHashes": hashes,
        "ansibleExecutionSummaries": summaries(jobs, run.deployment.ref.namespace, world),
    }
    if not before.get("nodeSetHashes"):
        # as they are when the first Job sees the inventory: a later edit is not part of this run
        status["nodeSetHashes"] = {lane.name: lane.nodeset.get("status", "configHash") for lane in run.lanes}
        status["bmhRefHashes"] = {lane.name: "" for lane in run.lanes}
    return status


def _ended(run: Run, world: World) -> dict[str, Any]:
    """What a good end leaves behind."""
    namespace = run.deployment.ref.namespace
    hashes: dict[str, dict[str, str]] = {"Secret": {}, "ConfigMap": {}}
    names = [(k, n) for lane in run.lanes for service in lane.services for k, n, _ in service.sources]
    names += [pair for lane in run.lanes for pair in variable_sources(lane.nodeset)]
    for kind, name in names:
        if found := inputs.find(world, kind, namespace, name):
            hashes[kind][name] = inputs.input_hash(found)
    known = variables.images(world, namespace)
    fields = {field for lane in run.lanes for s in lane.services for field in s.spec.get("containerImageFields") or []}
    images = {field: known.get(field[:1].lower() + field[1:]) for field in sorted(fields)}
    version = next((str(v.get("spec", "targetVersion", default="")) for v in world.all(VERSION, namespace)), "")
    return {
        "deployed": True,
        "secretHashes": hashes["Secret"],
        "configMapHashes": hashes["ConfigMap"],
        "containerImages": {field: image for field, image in images.items() if image},
        **({"deployedVersion": version} if version else {}),
    }
