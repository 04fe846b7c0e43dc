"""Who may do what, and what the server says of itself."""

import ssl
import subprocess

import pytest

RBAC = "/apis/rbac.authorization.k8s.io/v1"


def rule(verbs, resources, groups=("",), **more):
    return {"verbs": list(verbs), "resources": list(resources), "apiGroups": list(groups), **more}


@pytest.fixture
def reader(api, namespace):
    """Allows user bob to read pods in the test's namespace."""
    roles = f"{RBAC}/namespaces/{namespace}"
    role = {"metadata": {"name": "read"}, "rules": [rule(["get", "list"], ["pods"])]}
    assert api("POST", f"{roles}/roles", role).code == 201
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "read"}
    subject = {"kind": "User", "name": "bob", "apiGroup": "rbac.authorization.k8s.io"}
    binding = {"metadata": {"name": "read"}, "roleRef": ref, "subjects": [subject]}
    assert api("POST", f"{roles}/rolebindings", binding).code == 201


def test_rules_decide(api, namespace, reader):
    pods = f"/api/v1/namespaces/{namespace}/pods"
    assert api("GET", pods, user="bob").code == 200
    denied = api("GET", f"{pods}/x/log", user="bob")
    assert denied.code == 403
    assert denied.body["message"] == (
        'pods "x" is forbidden: User "bob" cannot get resource "pods/log" in API group "" '
        f'in the namespace "{namespace}"'
    )
    everywhere = api("GET", "/api/v1/pods", user="bob")
    assert everywhere.body["message"].endswith('cannot list resource "pods" in API group "" at the cluster scope')


def test_reviews(api, namespace, reader):
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    for verb, allowed in (("list", True), ("delete", False)):
        spec = {"resourceAttributes": {"verb": verb, "resource": "pods", "namespace": namespace}}
        assert api("POST", path, {"spec": spec}, user="bob").body["status"]["allowed"] is allowed
    rules = api(
        "POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", {"spec": {"namespace": namespace}}, user="bob"
    )
    assert rule(["get", "list"], ["pods"]) in rules.body["status"]["resourceRules"]
    who = api("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, user="bob")
    assert who.body["status"]["userInfo"]["username"] == "bob"


def test_strangers(api):
    wrong = api("GET", "/api/v1/pods", Authorization="Bearer wrong")
    assert (wrong.code, wrong.body["message"]) == (401, "Unauthorized")
    line = api.connect()
    for path, code in (("/readyz", 200), ("/version", 200), ("/api", 403)):
        line.request("GET", path)
        answer = line.getresponse()
        answer.read()
        assert answer.status == code
    assert api("GET", "/api", Host="evil.example:80").code == 403
    line.close()


def test_service_identities_come_from_a_file(api):
    with (api.directory / "tokens.csv").open("a") as tokens:
        tokens.write('abc,system:node:w0,1,"system:nodes"\n')
    who = api("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, Authorization="Bearer abc")
    assert who.body["status"]["userInfo"] == {
        "username": "system:node:w0",
        "uid": "1",
        "groups": ["system:nodes", "system:authenticated"],
    }


def test_client_certificates(api, tmp_path):
    key, request, cert = (str(tmp_path / name) for name in ("key", "csr", "crt"))
    ca = ["-CA", str(api.directory / "ca.crt"), "-CAkey", str(api.directory / "ca.key")]
    new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", request]
    try:
        subprocess.run(["openssl", *new, "-subj", "/O=system:masters/CN=eve"], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    sign = ["x509", "-req", "-in", request, "-out", cert, "-days", "1", "-CAcreateserial", "-CAserial", key + ".srl"]
    subprocess.run(["openssl", *sign, *ca], check=True, capture_output=True)
    context = ssl.create_default_context(cafile=str(api.directory / "ca.crt"))
    context.load_cert_chain(cert, key)
    line = api.connect()
    line._context = context
    line.request("GET", "/api/v1/namespaces")
    answer = line.getresponse()
    answer.read()
    line.close()
    assert answer.status == 200


def test_discovery(api):
    groups = {group["name"] for group in api("GET", "/apis").body["groups"]}
    assert {"apps", "batch", "policy", "rbac.authorization.k8s.io", "apiextensions.k8s.io"} <= groups
    listed = {item["name"]: item for item in api("GET", "/apis/apps/v1").body["resources"]}
    assert listed["deployments"]["shortNames"] == ["deploy"]
    assert (listed["deployments/scale"]["group"], listed["deployments/scale"]["kind"]) == ("autoscaling", "Scale")
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
    whole = api("GET", "/apis", Accept=accept)
    assert whole.headers["Content-Type"] == "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    assert whole.body["kind"] == "APIGroupDiscoveryList"
    assert api("GET", "/apis/apps/v1/foos").body["message"] == "the server could not find the requested resource"
    assert api("GET", "/apis/nope/v1").code == 404
    assert api("PUT", "/api/v1/namespaces", {}).code == 405
