"""S04: the tree of the data plane, down to what each host got."""

from osconsole.model.changes import Progressed, Put
from osconsole.model.run import HostResult, Recap, Run
from osconsole.views import nodes, pane
from osconsole.views.layout import Pane
from osconsole.views.table import Memo

T = 1_767_225_600.0
DATAPLANE = "dataplane.openstack.org/v1beta1"


def lines(world, **folds):
    opened = dict.fromkeys(folds.values(), True)
    found = pane.content(world, Pane(show="nodes"), "openstack", T + 100, folds=opened, memo=Memo())
    return ["  " * row.depth + " ".join(cell.text for cell in row.cells[:4] if cell.text) for row in found.rows]


def run(make, name, service, *, summary=None, done=True, **spec):
    status = {"deployed": done, "ansibleExecutionSummaries": {f"{service}-{name}-edpm-compute": summary or {}}}
    spec = {"nodeSets": ["edpm-compute"], "servicesOverride": [service], **spec}
    deployment = make(DATAPLANE, "OpenStackDataPlaneDeployment", name, spec=spec, status=status)
    words = {"service": service, "deployment": name, "nodeset": "edpm-compute"}
    meta = {"labels": {f"openstackdataplane{key}": value for key, value in words.items()}}
    ended = {"conditions": [{"type": "Complete", "status": "True"}]} if done else {"active": 1}
    job = make("batch/v1", "Job", f"{service}-{name}-edpm-compute", owner=deployment, metadata=meta, status=ended)
    return deployment, job


def test_each_host_tells_its_last_result_of_each_service(cloud, snapshot_of, make):
    whole = run(make, "d1", "bootstrap", summary={"failedHostList": ["edpm-compute-1"]})
    limited = run(make, "d2", "bootstrap", ansibleLimit="edpm-compute-0")
    world = snapshot_of(*cloud.values(), *whole, *limited)
    key = nodes.host_key(cloud["nodeset"], "edpm-compute-0")
    assert lines(world, first=key) == [
        "edpm-compute ● 3 hosts",
        "  edpm-compute-0 ● 1 service ran",
        "    bootstrap ● d2",
        "  edpm-compute-1 ✗ bootstrap: failed",
        "    bootstrap ✗ d1: failed",
        "  edpm-compute-2 ● 1 service ran",
    ]


def test_a_host_tells_its_addresses_its_metal_and_the_running_task(cloud, snapshot_of, make, condition):
    address = {"network": "ctlplane", "address": "192.168.122.100"}
    ipset = make(
        "network.openstack.org/v1beta1", "IPSet", "edpm-compute-0", owner=cloud["nodeset"],
        status={"conditions": [condition("Ready", "True")], "reservations": [address]},
    )  # fmt: skip
    machine = make(
        "metal3.io/v1alpha1", "BareMetalHost", "rack1-7", namespace="metal",
        metadata={"labels": {"edpm-compute-osbms-hostname": "edpm-compute-0"}},
        status={"provisioning": {"state": "provisioned"}, "errorType": "power management", "errorMessage": "no BMC"},
    )  # fmt: skip
    deployment, job = run(make, "d1", "ovn", done=False)
    pod = make("v1", "Pod", "ovn-x", owner=job, status={"phase": "Running"})
    hosts = {"edpm-compute-0": HostResult("edpm_ovn : start", "ok"), "edpm-compute-1": HostResult("ssh", "unreachable")}
    world = snapshot_of(*cloud.values(), ipset, machine, deployment, job, pod)
    world = world.apply(
        [Progressed(pod.ref, Run(task="edpm_ovn : start", hosts=hosts, waiting=("edpm-compute-0",)), T)]
    )
    found = lines(world)
    assert "  edpm-compute-0 ✗ 192.168.122.100 no BMC" in found
    assert "    IPSet edpm-compute-0 ● ctlplane 192.168.122.100" in found
    assert "    BareMetalHost rack1-7 ✗ no BMC" in found
    assert "    ovn ◐ d1: waited for in edpm_ovn : start" in found
    assert "    ovn ✗ d1: unreachable in ssh" in found


def test_a_recap_is_told_host_by_host(cloud, snapshot_of, make):
    deployment, job = run(make, "d1", "ovn")
    pod = make("v1", "Pod", "ovn-x", owner=job, status={"phase": "Succeeded"})
    recap = (Recap("edpm-compute-0", ok=3, changed=2), Recap("edpm-compute-1", ok=1, failed=1))
    world = snapshot_of(*cloud.values(), deployment, job, pod).apply([Progressed(pod.ref, Run(recap=recap), T)])
    key = nodes.host_key(cloud["nodeset"], "edpm-compute-0")
    assert "    ovn ● d1: 2 changed" in lines(world, first=key)
    assert "    ovn ✗ d1: failed" in lines(world, first=key)


def test_images_unfold(cloud, snapshot_of, make):
    body = cloud["nodeset"].body()
    body["status"]["containerImages"] = {"NovaComputeImage": "quay.io/x/nova-compute:1.2"}
    body["metadata"]["resourceVersion"] = "999"
    changed = make(DATAPLANE, "OpenStackDataPlaneNodeSet", "edpm-compute", **{k: body[k] for k in ("spec", "status")})
    world = snapshot_of(*cloud.values()).apply([Put(changed, T)])
    assert any("1 container image" in line for line in lines(world))
