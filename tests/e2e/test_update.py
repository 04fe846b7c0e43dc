"""A minor update of the demo, from the patch to the last compute node."""

from osconsole.reconcile.controlplane.update import STAGES

NEXT = "0.6.1"
SETS = ("edpm-compute", "edpm-networker")


def test_a_minor_update_goes_through_its_stages_and_ends_with_the_compute_nodes(demo, condition):
    def version() -> dict:
        return demo.get("OpenStackVersion", "controlplane")

    demo.until("the first version is deployed", lambda: version()["status"].get("deployedVersion") == "0.6.0")
    assert version()["status"]["availableVersion"] == NEXT

    def plane() -> dict:
        return demo.get("OpenStackControlPlane", "controlplane")["status"]

    patch = {**version(), "spec": {"targetVersion": NEXT}}
    demo.call("PUT", "OpenStackVersion", "controlplane", patch)
    reached: list[str] = []

    def rolled() -> bool:
        found = version()
        for stage in STAGES:
            if condition(found, stage.type).get("status") == "True" and stage.type not in reached:
                reached.append(stage.type)
        return condition(found, STAGES[-2].type).get("status") == "True"

    demo.until("the control plane is through", rolled, 150)
    assert reached == [stage.type for stage in STAGES[:-1]]
    demo.until("the control plane says so", lambda: plane()["deployedVersion"] == NEXT)
    assert version()["status"]["deployedVersion"] == "0.6.0"
    for pod in demo.all("Pod", service="keystone"):
        if not pod["metadata"].get("deletionTimestamp"):
            assert {c["image"].rpartition(":")[2] for c in pod["spec"]["containers"]} == {NEXT}

    flags = ("--service", "update", "-n", "openstack", "--yes", "--wait", "--timeout", "150")
    done = demo.osc("deploy", *SETS, *flags, timeout=160)
    assert done.returncode == 0, done.stdout + done.stderr
    demo.until("it is over", lambda: version()["status"]["deployedVersion"] == NEXT)
    assert all(demo.get("OpenStackDataPlaneNodeSet", name)["status"]["deployedVersion"] == NEXT for name in SETS)
    demo.until("its stages are gone", lambda: condition(version(), STAGES[0].type) == {})
