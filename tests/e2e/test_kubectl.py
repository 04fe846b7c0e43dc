"""kubectl on the embedded cluster: what a person does with it all day."""

import json
import re
import shutil
import subprocess

import pytest

LEAST = (1, 32)


def version() -> tuple[int, ...]:
    """kubectl's, (0,) when it is not installed."""
    if not shutil.which("kubectl"):
        return (0,)
    asked = subprocess.run(["kubectl", "version", "--client"], capture_output=True, text=True, check=False)
    found = re.search(r"v(\d+)\.(\d+)", asked.stdout)
    return tuple(int(part) for part in found.groups()) if found else (0,)


pytestmark = pytest.mark.skipif(version() < LEAST, reason="kubectl 1.32 or newer is not installed")


def good(demo, *argv: str, stdin: str | None = None) -> str:
    done = demo.kubectl(*argv, stdin=stdin)
    assert done.returncode == 0, (argv, done.stderr)
    return done.stdout


CONFIG = """
apiVersion: v1
kind: ConfigMap
metadata: {name: mine}
data: {a: "%s"}
"""

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: quay.io/example/web:1}]}
"""


def test_get_in_every_form(demo):
    assert "keystone" in good(demo, "get", "pods", "-o", "wide")
    assert good(demo, "get", "pods", "-A").startswith("NAMESPACE")
    assert "keystone" in good(demo, "get", "pods", "-l", "service=keystone")
    assert "galera" not in good(demo, "get", "pods", "-l", "service=keystone")
    assert "kind: KeystoneAPI" in good(demo, "get", "keystoneapi", "keystone", "-o", "yaml")
    found = json.loads(good(demo, "get", "openstackcontrolplane", "-o", "json"))
    assert found["items"][0]["metadata"]["name"] == "controlplane"
    watched = demo.kubectl("get", "pods", "-w", "--request-timeout=2s")
    assert "keystone" in watched.stdout
    missing = demo.kubectl("get", "pod", "nosuch")
    assert missing.returncode == 1
    assert '"nosuch" not found' in missing.stderr


def test_describe_explain_and_api_resources(demo):
    assert "Setup complete" in good(demo, "describe", "openstackcontrolplane", "controlplane")
    pod = good(demo, "get", "pods", "-l", "service=keystone", "-o", "name").split()[0]
    assert "Node:" in good(demo, "describe", pod)
    assert "KIND:       OpenStackControlPlane" in good(demo, "explain", "openstackcontrolplane")
    assert "replicas" in good(demo, "explain", "keystoneapi.spec")
    assert "openstackdataplanenodesets" in good(demo, "api-resources")


def test_apply_diff_patch_and_delete(demo):
    assert "created" in good(demo, "apply", "-f", "-", stdin=CONFIG % 1)
    assert "unchanged" in good(demo, "apply", "-f", "-", stdin=CONFIG % 1)
    differs = demo.kubectl("diff", "-f", "-", stdin=CONFIG % 2)
    assert differs.returncode == 1
    assert '+  a: "2"' in differs.stdout
    assert "configured" in good(demo, "apply", "-f", "-", stdin=CONFIG % 2)
    assert "serverside-applied" in good(
        demo, "apply", "--server-side", "--force-conflicts", "-f", "-", stdin=CONFIG % 3
    )
    for kind, patch in (("merge", '{"data":{"b":"1"}}'), ("json", '[{"op":"remove","path":"/data/b"}]')):
        good(demo, "patch", "configmap", "mine", "--type", kind, "-p", patch)
    assert json.loads(good(demo, "get", "configmap", "mine", "-o", "json"))["data"] == {"a": "3"}
    assert "deleted" in good(demo, "delete", "configmap", "mine")


def test_a_deployment_is_rolled_scaled_and_followed(demo):
    good(demo, "apply", "-f", "-", stdin=WEB)
    try:
        assert "successfully rolled out" in good(demo, "rollout", "status", "deployment/web", "--timeout=30s")
        good(demo, "scale", "deployment/web", "--replicas=3")
        good(demo, "wait", "deployment/web", "--for=jsonpath={.status.readyReplicas}=3", "--timeout=30s")
        before = set(good(demo, "get", "pods", "-l", "app=web", "-o", "name").split())
        good(demo, "patch", "deployment", "web", "-p", '{"spec":{"template":{"metadata":{"labels":{"tier":"x"}}}}}')
        good(demo, "rollout", "restart", "deployment/web")
        good(demo, "rollout", "status", "deployment/web", "--timeout=60s")
        # rolled out is when the new ones are available; the old may still be terminating
        good(demo, "wait", *sorted(before), "--for=delete", "--timeout=30s")
        assert len(good(demo, "get", "pods", "-l", "app=web", "-o", "name").split()) == 3
        assert good(demo, "logs", "deployment/web", "--tail=2")
    finally:
        good(demo, "delete", "deployment", "web", "--timeout=30s")
    good(demo, "wait", "pod", "-l", "app=web", "--for=delete", "--timeout=30s")


def test_logs_are_followed(demo):
    pod = good(demo, "get", "pods", "-l", "service=keystone", "--field-selector=status.phase=Running", "-o", "name")
    followed = demo.kubectl("logs", "-f", "--tail=1", pod.split()[0], "--request-timeout=3s")
    assert followed.stdout


def test_what_the_schema_does_not_know_is_refused(demo):
    body = {"apiVersion": "core.openstack.org/v1beta1", "kind": "OpenStackControlPlane", "metadata": {"name": "bad"}}
    refused = demo.kubectl("create", "--validate=strict", "-f", "-", stdin=json.dumps(body | {"spec": {"nosuch": 1}}))
    assert refused.returncode == 1
    assert "unknown field" in refused.stderr
