"""How far each lane of a Deployment is: its Jobs, looked at in order, and the next one to make."""

from typing import Any

import msgspec

from osconsole.model.conditions import BACKOFF, ERROR, find, read
from osconsole.model.kinds import key
from osconsole.model.resource import Resource
from osconsole.reconcile.dataplane import job as jobs
from osconsole.reconcile.dataplane.conditions import Said, busy, done, failed, unseen
from osconsole.reconcile.dataplane.deployed import NODESET_READY
from osconsole.reconcile.dataplane.job import Run
from osconsole.reconcile.dataplane.lanes import Lane
from osconsole.reconcile.dataplane.mounts import Missing
from osconsole.reconcile.dataplane.services import Service
from osconsole.reconcile.decide import World

JOB = key("Job")
POD = key("Pod")


class Step(msgspec.Struct, frozen=True):
    """One lane: its conditions, the Job to make now, and what went wrong.

    Attributes:
        error: the sentence that the Deployment repeats, "" while nothing is wrong.
        final: the error cannot heal: the Job has used up its tries.
        active: a Job is still at work.
    """

    said: dict[str, Said]
    create: dict[str, Any] | None = None
    error: str = ""
    final: bool = False
    active: bool = False

    @property
    def finished(self) -> bool:
        """All services of the lane have succeeded."""
        return self.said[NODESET_READY].ok


def advance(run: Run, lane: Lane, world: World, *, stopped: str = "") -> Step:
    """Look at a lane. `stopped` says why no further Job may be made."""
    if lane.unknown:
        why = f'OpenStackDataPlaneService "{lane.unknown[0]}" not found'
        return Step({NODESET_READY: _broken(lane.unknown[0], why)}, error=why)
    said: dict[str, Said] = {NODESET_READY: unseen("Deployment not started")}
    owned = {
        one.labels.get("openstackdataplaneservice", ""): one
        for one in world.owned(run.deployment, JOB)
        if one.labels.get("openstackdataplanenodeset") == lane.name
    }
    for service in lane.services:
        found = owned.get(service.name)
        known = _was_done(run, lane, service)
        if (succeeded(found) and (known or silent(found, world))) or (found is None and known):
            said[service.condition] = done(f"Deployment ready for {service.name} service")
            continue
        return _at(service, found, said, _Place(run, lane, world, stopped))
    said[NODESET_READY] = done("Deployment completed")
    return Step(said)


class _Place(msgspec.Struct, frozen=True):
    run: Run
    lane: Lane
    world: World
    stopped: str


def _at(service: Service, found: Resource | None, said: dict[str, Said], place: _Place) -> Step:
    """The first service that has not succeeded."""
    waiting = busy(f"Deployment not yet ready for {service.name} service")
    if found is None and place.stopped:
        return Step(
            {**said, NODESET_READY: failed(f"Deployment stopped before {service.name} service: {place.stopped}")}
        )
    if found is None:
        try:
            body = jobs.job(place.run, place.lane, service, place.world)
        except Missing as missing:
            broken = _broken(service.name, str(missing))
            return Step({**said, service.condition: broken, NODESET_READY: broken}, error=str(missing))
        return Step({**said, service.condition: waiting, NODESET_READY: waiting}, create=body, active=True)
    why = failure(found)
    if why and silent(found, place.world):
        message, reason = why
        broken = _broken(service.name, message, reason)
        return Step({**said, service.condition: broken, NODESET_READY: broken}, error=message, final=True)
    return Step({**said, service.condition: waiting, NODESET_READY: waiting}, active=True)


def succeeded(job: Resource | None) -> bool:
    """The Job has done its work."""
    condition = find(job.conditions, "Complete") if job else None
    return bool(condition and condition.ok)


def silent(job: Resource | None, world: World) -> bool:
    """No pod of the Job is still at work, as far as we see: its last words are among what we know."""
    return job is None or not any(
        pod.controller and pod.controller.uid == job.uid and pod.get("status", "phase") in {"Pending", "Running"}
        for pod in world.all(POD, job.ref.namespace)
        if not pod.deleted
    )


def failure(job: Resource) -> tuple[str, str] | None:
    """(message, reason) of a Job that has given up."""
    condition = find(job.conditions, "Failed")
    if not condition or not condition.ok:
        return None
    place = f"execution.name {job.ref.name} execution.namespace {job.ref.namespace}"
    if condition.reason == BACKOFF:
        return f"backoff limit reached for {place} execution.condition.message: {condition.message}", BACKOFF
    return f"{place} {condition.reason}: {condition.message}", ERROR


def _was_done(run: Run, lane: Lane, service: Service) -> bool:
    """A Job that has been cleaned away since it succeeded is not run again."""
    before = read(run.deployment.get("status", "nodeSetConditions", lane.name))
    condition = find(before, service.condition)
    return bool(condition and condition.ok)


def _broken(service: str, why: str, reason: str = ERROR) -> Said:
    return failed(f"Deployment error occurred in {service} service error {why}", reason)
