"""Upstream's own sample, once `osconsole admit` has filled it in, becomes Ready for the services that are here."""

import json
import shutil
from pathlib import Path

import pytest

SAMPLE = "core_v1beta1_openstackcontrolplane_galera_network_isolation.yaml"
FILE = Path(__file__).resolve().parents[3] / "shared/samples" / SAMPLE
NS = "sample"


@pytest.fixture
def namespace(demo):
    """A namespace with what the control plane needs there: passwords and networks, as in the demo's own."""
    if not FILE.exists():
        pytest.skip(f"upstream's samples are not beside the checkout: {SAMPLE}")
    if not shutil.which("kubectl"):
        pytest.skip("kubectl is not installed")
    items = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NS}}]
    secret = demo.get("Secret", "osp-secret")
    for found in (secret, *demo.all("NetworkAttachmentDefinition")):
        meta = {"name": found["metadata"]["name"], "namespace": NS}
        items.append({key: found[key] for key in ("data", "spec") if key in found} | {"metadata": meta})
        kind = "Secret" if found is secret else "NetworkAttachmentDefinition"
        items[-1] |= {"kind": kind, "apiVersion": "v1" if kind == "Secret" else "k8s.cni.cncf.io/v1"}
    text = "\n---\n".join(json.dumps(item) for item in items)
    done = demo.kubectl("apply", "-f", "-", "-n", NS, stdin=text)
    assert done.returncode == 0, done.stderr
    yield NS
    assert demo.kubectl("delete", "namespace", NS, timeout=90).returncode == 0


def test_the_galera_network_isolation_sample(demo, namespace):
    admitted = demo.osc("admit", "-f", str(FILE))
    assert admitted.returncode == 0, admitted.stderr
    assert "nobody reconciles barbican here yet" in admitted.stderr
    applied = demo.kubectl("apply", "-n", namespace, "-f", "-", stdin=admitted.stdout)
    assert applied.returncode == 0, applied.stderr
    plane = "openstackcontrolplane/openstack-galera-network-isolation"
    ready = demo.osc("wait", plane, "-n", namespace, "--for", "ready", "--timeout", "90", timeout=120)
    assert ready.returncode == 0, ready.stderr
    said = demo.kubectl("get", plane, "-n", namespace, "-o", "jsonpath={.status.conditions[0].message}").stdout
    assert "not reconciled here" in said
    assert {"barbican", "cinder", "swift"} <= set(said.replace(",", " ").split())
