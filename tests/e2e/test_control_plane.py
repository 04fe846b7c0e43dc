"""The command line on a living control plane: how it stands, why, scale, restart, logs, journal."""

import json
import tarfile

NS = ("-n", "openstack")


def test_it_is_ready_and_its_pods_run(demo):
    running = [pod for pod in demo.all("Pod") if pod["status"]["phase"] == "Running"]
    assert len(running) >= 25
    text = demo.osc("status")
    assert text.returncode == 0, text.stderr
    assert "openstack/controlplane" in text.stdout
    said = json.loads(demo.osc("status", "-o", "json").stdout)
    assert [(p["namespace"], p["name"], p["ready"], p["why"]) for p in said["controlPlanes"]] == [
        ("openstack", "controlplane", True, "")
    ]
    assert {n["name"] for n in said["nodeSets"]} == {"edpm-compute", "edpm-networker"}
    assert said["stale"] == []


def test_every_service_is_owned_up_to_the_control_plane(demo):
    for kind, name, owner in (
        ("Galera", "openstack", "OpenStackControlPlane"),
        ("RabbitMq", "rabbitmq", "OpenStackControlPlane"),
        ("KeystoneAPI", "keystone", "OpenStackControlPlane"),
        ("NovaCell", "nova-cell1", "Nova"),
        ("NovaConductor", "nova-cell1-conductor", "NovaCell"),
        ("StatefulSet", "openstack-galera", "Galera"),
        ("Deployment", "keystone", "KeystoneAPI"),
    ):
        owners = demo.get(kind, name)["metadata"]["ownerReferences"]
        assert [o["kind"] for o in owners if o.get("controller")] == [owner], (kind, name)


def test_why_and_wait_answer_in_words_and_exit_codes(demo):
    well = demo.osc("why", "keystoneapi/keystone", *NS)
    assert well.returncode == 0, well.stdout + well.stderr
    ready = demo.osc("wait", "openstackcontrolplane/controlplane", *NS, "--for", "ready", "--timeout", "20")
    assert (ready.returncode, ready.stdout) == (0, "ControlPlane controlplane is ready\n")
    late = demo.osc("wait", "keystoneapi/keystone", *NS, "--for", "gone", "--timeout", "1")
    assert late.returncode == 1
    assert "not gone after 1 s" in late.stderr
    missing = demo.osc("why", "keystoneapi/nosuch", *NS)
    assert missing.returncode == 1
    assert "there is no KeystoneAPI nosuch" in missing.stderr
    assert demo.osc("why", "nosuchkind/x").returncode == 2
    assert "did you mean" in demo.osc("why", "keystoneapo/x").stderr


def test_scale_writes_the_owners_field_and_the_journal_has_it(demo):
    before = demo.get("OpenStackControlPlane", "controlplane")
    replicas = before["spec"]["keystone"]["template"]["replicas"]
    dry = demo.osc("scale", "deployment/keystone", str(replicas + 1), *NS, "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "spec.keystone.template.replicas" in dry.stdout
    after = demo.get("OpenStackControlPlane", "controlplane")
    assert after["metadata"]["generation"] == before["metadata"]["generation"]
    asked = demo.osc("scale", "keystoneapi/keystone", str(replicas + 1), *NS)
    assert asked.returncode == 4  # nobody can be asked
    assert "--yes" in asked.stderr
    unwritten = demo.osc("scale", "keystoneapi/keystone", str(replicas + 1), *NS, "--read-only", "--yes")
    assert unwritten.returncode == 4
    assert "read-only" in unwritten.stderr
    done = demo.osc("scale", "keystoneapi/keystone", str(replicas + 1), *NS, "--yes", "--wait", "--timeout", "60")
    assert done.returncode == 0, done.stdout + done.stderr
    assert demo.get("Deployment", "keystone")["status"]["readyReplicas"] == replicas + 1
    assert demo.ready()
    assert "keystone" in demo.osc("journal").stdout
    entries = [json.loads(line) for line in demo.osc("journal", "-o", "json").stdout.splitlines()]
    assert any("keystone" in json.dumps(entry) for entry in entries)


def test_restart_replaces_each_pod_once(demo):
    def pods() -> dict[str, str]:
        return {
            pod["metadata"]["name"]: pod["metadata"]["uid"]
            for pod in demo.all("Pod", service="placement")
            if pod["status"]["phase"] == "Running" and not pod["metadata"].get("deletionTimestamp")
        }

    before = pods()
    assert before
    done = demo.osc("restart", "deployment/placement", *NS, "--yes", "--wait", "--timeout", "90", timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    after = demo.until("as many pods as before", lambda: len(now := pods()) == len(before) and now)
    assert not set(before.values()) & set(after.values())


def test_members_of_a_quorum_restart_one_by_one_where_it_holds(demo):
    def members() -> list[str]:
        return [demo.get("Pod", f"ovsdbserver-nb-{n}").get("metadata", {}).get("uid", "") for n in range(3)]

    # A quorum that has just come up is not disturbed before its members have been there for a minute.
    argv = ("restart", "ovndbcluster/ovndbcluster-nb", *NS)
    seen = demo.until("it is safe", lambda: (d := demo.osc(*argv, "--dry-run")).returncode == 0 and d.stdout, 90)
    assert seen.index("ovsdbserver-nb-2") < seen.index("ovsdbserver-nb-1") < seen.index("ovsdbserver-nb-0")
    assert "safe, 3 of 3 members are ready" in seen
    single = demo.osc("restart", "galera/openstack-cell1", *NS, "--dry-run")
    assert "Galera openstack-cell1 has one member: an outage until it is back" in single.stdout, single.stderr
    before = members()
    assert demo.osc(*argv, "--yes").returncode == 0

    def one_is_through() -> dict:
        runs = (c for c in demo.all("ConfigMap") if c.get("data", {}).get("title", "").endswith("ovndbcluster-nb"))
        return next((r for r in runs if r["data"]["step"] == "1 of 3 pods restarted"), {})

    run = demo.until("the last ordinal is through", one_is_through)
    demo.until("it is ready again", lambda: demo.ready())
    # The others wait for as long as the new one is young.
    assert members()[:2] == before[:2]
    name = run["metadata"]["name"]
    stop = {**run, "metadata": {**run["metadata"], "labels": {"osconsole.io/run": "stopped"}}}
    stop["metadata"].pop("resourceVersion")
    demo.call("PUT", "ConfigMap", name, stop)
    assert members()[:2] == before[:2]
    assert members()[2] not in before


def test_logs_of_a_service_come_from_all_its_pods(demo):
    found = demo.osc("logs", "keystoneapi/keystone", *NS, "--tail", "3")
    assert found.returncode == 0, found.stderr
    pods = {line.split()[0] for line in found.stdout.splitlines()}
    running = {
        pod["metadata"]["name"]
        for pod in demo.all("Pod", service="keystone")
        if pod["status"]["phase"] == "Running" and not pod["metadata"]["name"].startswith("keystone-bootstrap")
    }
    assert running <= pods


def test_a_bundle_holds_what_is_known_and_what_logs_say(demo, tmp_path):
    file = tmp_path / "bundle.tar.gz"
    done = demo.osc("bundle", "keystoneapi/keystone", *NS, "-o", str(file))
    assert done.returncode == 0, done.stderr
    with tarfile.open(file) as archive:
        names = set(archive.getnames())
        manifest = archive.extractfile("bundle/manifest.txt").read().decode()
    assert {f"bundle/{name}" for name in manifest.splitlines()[2:] if name} < names
    for part in ("why.txt", "timeline.txt", "objects/KeystoneAPI-keystone.yaml", "objects/Deployment-keystone.yaml"):
        assert f"bundle/{part}" in names
    assert any(name.startswith("bundle/logs/keystone-") for name in names)
    assert not any("Secret-" in name for name in names)
    assert demo.osc("bundle", "keystoneapi/keystone", *NS, "-o", str(file)).returncode == 2, "nothing is written over"
