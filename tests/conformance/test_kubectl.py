"""kubectl says the same about both servers: words, tables and exit codes, with times, uids and addresses masked."""

import os
import re
import shlex
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

pytestmark = pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not here: install it to compare")

CONFIG = """
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: {a: '1'}
"""
LIST = """
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
"""
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:1", ports: [{containerPort: 80}]}]}
"""
SESSIONS = {
    "create": [
        "create configmap m --from-literal=a=b",
        "create secret generic s --from-literal=a=b",
        "create serviceaccount sa",
        "create deployment d --image=web",
        "create job j --image=web -- date",
        "create cronjob cj --image=web --schedule='* * * * *' -- date",
        "create role r --verb=get,list --resource=pods",
        "create rolebinding rb --role=r --user=jane",
        "create pdb p --selector=a=b --min-available=50%",
        "create ingress i --rule=example.org/path=svc:80",
        "create configmap m --from-literal=a=b",
        "get configmap,secret,sa,deployment,job,cronjob,role,rolebinding,pdb,ingress",
        "get deployment d -o yaml",
        "get cronjob cj -o yaml",
        "get pdb p -o yaml",
        "get ingress i -o yaml",
    ],
    "apply": [
        ("apply -f -", CONFIG),
        ("apply -f -", CONFIG),
        ("apply -f -", DEPLOYMENT),
        ("diff -f -", DEPLOYMENT),
        ("apply -f -", DEPLOYMENT.replace("replicas: 2", "replicas: 3")),
        ("apply --server-side --field-manager=other -f -", DEPLOYMENT),
        ("apply --server-side --field-manager=other --force-conflicts -f -", DEPLOYMENT),
        ("apply --dry-run=server -f -", CONFIG.replace("'1'", "'2'")),
        ("create -f -", CONFIG),
        ("replace -f -", CONFIG.replace("'1'", "'3'")),
        ("apply -f -", CONFIG.replace("data", "date")),
        # kubectl checks what is in a list by OpenAPI v2
        ("apply -f -", LIST),
        ("apply -f -", LIST.replace("a}}", "a}, date: {}}")),
        "get deployment web -o jsonpath={.spec.replicas}",
        "get configmap c -o yaml",
    ],
    "change": [
        ("create -f -", DEPLOYMENT),
        "scale deploy/web --replicas=4",
        "set image deploy/web web=web:2",
        "set env deploy/web A=b",
        "rollout pause deploy/web",
        "rollout resume deploy/web",
        "rollout history deploy/web",
        "get deploy web --subresource=scale",
        "label deploy web x=y",
        "label deploy web x=z",
        "annotate deploy web x=y",
        """patch deploy web -p '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"x:1"}]}}}}'""",
        """patch deploy web --type=json -p '[{"op":"remove","path":"/spec/template/spec/containers/0"}]'""",
        """patch deploy web --type=merge -p '{"spec":{"replicas":null}}'""",
        """patch deploy web --subresource=status --type=merge -p '{"status":{"replicas":3}}'""",
        "expose deploy/web --port=80",
        "get deploy web -o wide",
        "get deploy web -o yaml",
        "describe deploy web",
    ],
    "read": [
        ("apply -f -", CONFIG),
        "run p --image=web",
        "get all",
        "get pods -o wide",
        "get pods -o name",
        "get cm c nope",
        "get cm -l x=y",
        "get cm --field-selector metadata.name=c",
        "get cm c -o custom-columns=N:.metadata.name,D:.data",
        "get cm --sort-by=.metadata.name --no-headers",
        "get things",
        "describe cm c",
        "wait --for=jsonpath={.data.a}=1 cm/c --timeout=5s",
        "wait --for=delete cm/nope --timeout=5s",
        "explain widgets.spec.items",
        "api-resources --api-group=apps",
        "get --raw /version/nope",
        "auth can-i get pods",
        "auth can-i delete nodes --as jane",
        "auth whoami",
        "exec nope -- ls",
        "logs nope",
        "top pods",
    ],
    "delete": [
        ("apply -f -", CONFIG),
        ("apply -f -", DEPLOYMENT),
        "run p --image=web",
        "delete pod p --now",
        "delete deploy web --cascade=orphan --wait=false",
        "get deploy web -o jsonpath={.metadata.finalizers}",
        "delete cm c --dry-run=server",
        "delete cm --all",
        "delete cm c",
        "delete cm c --ignore-not-found",
    ],
}
MASKS = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "UID"),
    (re.compile(r"20\d\d-\d\d-\d\dT[\d:]+Z"), "TIME"),
    (re.compile(r"(CreationTimestamp|Created): .*"), r"\1: TIME"),
    (re.compile(r'resourceVersion: "\d+"'), "resourceVersion: RV"),
    (re.compile(r"127\.0\.0\.1:\d+"), "HOST"),
    (re.compile(r"\b(\d+[ms])+\b|<unknown>"), "AGE"),
    (re.compile(r"\b10(\.\d+){3}\b *"), "ADDRESS "),
    (re.compile(r"/tmp/\S+"), "FILE"),
)


def kubectl(place, home, command):
    """What a command prints, and how it ends."""
    command, text = command if isinstance(command, tuple) else (command, "")
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "KUBECONFIG": str(place.api.kubeconfig)}
    argv = ["kubectl", "-n", place.name, *shlex.split(command)]
    found = subprocess.run(argv, input=text, capture_output=True, text=True, env=environment, timeout=60)
    said = f"{found.stdout}{found.stderr}[{found.returncode}]"
    for pattern, word in MASKS:
        said = pattern.sub(word, said)
    # columns are as wide as what was masked
    return [re.sub(r" {2,}", "  ", line).rstrip() for line in said.splitlines()]


@pytest.mark.parametrize("name", list(SESSIONS))
def test_a_session(both, name, tmp_path):
    homes = {kind: tmp_path / kind for kind in both}
    with ThreadPoolExecutor(2) as pool:
        for command in SESSIONS[name]:
            told = {kind: pool.submit(kubectl, both[kind], homes[kind], command) for kind in both}
            assert told["embedded"].result() == told["real"].result(), command


@pytest.mark.differs("descriptions")
def test_fields_are_explained(place, tmp_path):
    said = kubectl(place, tmp_path, "explain deployment.spec.strategy")
    assert "  The deployment strategy to use to replace existing pods with new ones." in said
