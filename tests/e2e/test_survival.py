"""kill -9 of the API server: it comes back with every object, and everything goes on."""


def test_nothing_is_lost_when_the_api_server_is_killed(demo):
    kinds = ("Secret", "Job", "KeystoneAPI", "OpenStackDataPlaneNodeSet", "Pod")

    def uids() -> set[str]:
        return {found["metadata"]["uid"] for kind in kinds for found in demo.all(kind)}

    before = uids()
    demo.kill("api")
    lost = demo.osc("status", timeout=60)
    assert lost.returncode == 3, lost.stdout + lost.stderr
    assert "Traceback" not in lost.stderr
    demo.start()
    assert before == uids()
    demo.until("Ready after the restart", demo.ready, 60)
    plane = demo.get("OpenStackControlPlane", "controlplane")
    replicas = plane["spec"]["keystone"]["template"]["replicas"] + 1
    flags = ("-n", "openstack", "--yes", "--wait", "--timeout", "90")
    done = demo.osc("scale", "keystoneapi/keystone", str(replicas), *flags, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr  # operator and agent have found the server again
