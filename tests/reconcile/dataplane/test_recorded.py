"""Our Jobs beside those that upstream's operators made in a recorded run of sixteen services on two NodeSets."""

import json
import lzma
from pathlib import Path
from typing import Any

import pytest

from osconsole.model.changes import Put
from osconsole.model.resource import resource
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile import drift
from osconsole.reconcile.dataplane.deployment import DEPLOYMENT
from osconsole.reconcile.dataplane.job import Run, job, runner_image
from osconsole.reconcile.dataplane.lanes import lanes
from osconsole.reconcile.dataplane.nodeset import NODESET
from osconsole.reconcile.decide import World

RECORDING = Path(__file__).parents[4] / "shared" / "recordings" / "actions.ndjson.xz"
NEEDED = {"Secret", "ConfigMap", "OpenStackVersion", "Job"}


@pytest.fixture(scope="module")
def recorded() -> list[dict[str, Any]]:
    """What was there when the recording began."""
    if not RECORDING.exists():
        pytest.skip("the recordings of the OpenStack operators are not at hand")
    found = []
    with lzma.open(RECORDING, "rt") as lines:
        for line in lines:
            event = json.loads(line)
            if event["type"] != "LIST":
                break
            kind = event["object"].get("kind", "")
            if kind in NEEDED or kind.startswith("OpenStackDataPlane"):
                found.append(event["object"])
    return found


def test_every_job_is_the_recorded_one(recorded: list[dict[str, Any]]) -> None:
    snapshot = Snapshot().apply([Put(resource(body), 0.0) for body in recorded])
    world = World(snapshot)
    deployment = next(snapshot.all(DEPLOYMENT))
    spec = deployment.get("spec")
    nodesets = [found for name in spec["nodeSets"] if (found := snapshot.get(NODESET.ref("openstack", name)))]
    run = Run(deployment, spec, tuple(lanes(spec, nodesets, world)), runner_image(world, "openstack"))
    ours = {
        body["metadata"]["name"]: body
        for lane in run.lanes
        for s in lane.services
        for body in [job(run, lane, s, world)]
    }
    theirs = {
        body["metadata"]["name"]: body
        for body in recorded
        if body["kind"] == "Job" and body["metadata"].get("labels", {}).get("app") == "openstackansibleee"
    }
    assert sorted(ours) == sorted(theirs)
    for name, body in ours.items():
        body["metadata"]["annotations"]["hash"] = theirs[name]["metadata"]["annotations"]["hash"]
        assert drift.patch(theirs[name], body) == {}, name
