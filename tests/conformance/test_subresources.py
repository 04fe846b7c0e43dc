"""Behaviour 59: scale, status, eviction, binding, log, reviews."""

import pytest

MERGE = "application/merge-patch+json"
POD = {"containers": [{"name": "a", "image": "x"}, {"name": "b", "image": "x"}]}
TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x:1"}]}}


@pytest.mark.parametrize("plural", ["deployments", "statefulsets", "replicasets"])
def test_59_scale_of_a_workload(place, plural):
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE, "replicas": 2}
    place.create(f"apps/v1/{plural}", "w", spec=spec | ({"serviceName": "s"} if plural == "statefulsets" else {}))
    path = place.path(f"apps/v1/{plural}", "w/scale")
    scale = place("GET", path).body
    assert (scale["kind"], scale["apiVersion"]) == ("Scale", "autoscaling/v1")
    assert (scale["spec"], scale["status"]) == ({"replicas": 2}, {"replicas": 0, "selector": "a=b"})
    scale["spec"]["replicas"] = 3
    assert place("PUT", path, scale).body["spec"] == {"replicas": 3}
    assert place("PATCH", path, {"spec": {"replicas": 4}}, MERGE).body["spec"] == {"replicas": 4}
    found = place("GET", place.path(f"apps/v1/{plural}", "w")).body
    assert (found["spec"]["replicas"], found["metadata"]["generation"]) == (4, 3)
    assert place("PUT", path, scale).error == (409, "Conflict")
    negative = place("PATCH", path, {"spec": {"replicas": -1}}, MERGE)
    assert negative.error == (422, "Invalid")


def test_59_scale_of_a_custom_kind(place, widget):
    widget("w", size=2)
    path = place.path("conform.example.org/v1/widgets", "w/scale")
    scale = place("GET", path).body
    assert (scale["spec"], scale["status"]) == ({"replicas": 2}, {"replicas": 0})
    assert place("PATCH", path, {"spec": {"replicas": 4}}, MERGE).body["spec"] == {"replicas": 4}
    assert place("GET", place.path("conform.example.org/v1/widgets", "w")).body["spec"]["size"] == 4


def test_59_scale_of_nothing(place):
    assert place("GET", place.path("apps/v1/deployments", "w/scale")).error == (404, "NotFound")
    assert place("GET", place.path("configmaps", "w/scale")).code == 404


def test_59_which_log(place):
    place.create("pods", "p", spec=POD)
    path = place.path("pods", "p/log")
    which = place("GET", path)
    assert which.error == (400, "BadRequest")
    assert which.message == "a container name must be specified for pod p, choose one of: [a b]"
    other = place("GET", f"{path}?container=z")
    assert other.error == (400, "BadRequest")
    assert other.message == "container z is not valid for pod p"
    assert place("GET", place.path("pods", "q/log")).error == (404, "NotFound")
    assert place("GET", f"{path}?container=a&tailLines=-1").error == (422, "Invalid")
    assert place("GET", f"{path}?container=a&sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z").error == (422, "Invalid")


def test_59_budgets_hold_evictions(place):
    place.create("pods", "p", spec=POD, metadata={"labels": {"a": "b"}})
    status = {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}
    assert place("PATCH", place.path("pods", "p/status"), status, MERGE).code == 200
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"a": "b"}}}
    budget = place.create("policy/v1/poddisruptionbudgets", "b", spec=spec)
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p", "namespace": place.name}}
    path = place.path("pods", "p/eviction")
    status = {"status": {"disruptionsAllowed": 0, "currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 1}}
    status["status"]["observedGeneration"] = budget["metadata"]["generation"]
    budgets = place.path("policy/v1/poddisruptionbudgets", "b/status")
    assert place("PATCH", budgets, status, MERGE).code == 200
    held = place("POST", path, body)
    assert held.error == (429, "TooManyRequests")
    assert held.message == "Cannot evict pod as it would violate the pod's disruption budget."
    assert held.causes == [("", "DisruptionBudget")]
    place("DELETE", place.path("policy/v1/poddisruptionbudgets", "b"))
    gone = place("POST", path, body)
    assert (gone.code, gone.body["status"]) == (201, "Success")
    assert place("GET", place.path("pods", "p")).code == 404


def test_59_binding(place):
    place.create("pods", "p", spec=POD)
    body = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "p"}, "target": {"kind": "Node", "name": "n1"}}
    made = place("POST", place.path("pods", "p/binding"), body)
    assert (made.code, made.body["status"]) == (201, "Success")
    assert place("GET", place.path("pods", "p")).body["spec"]["nodeName"] == "n1"
    again = place("POST", place.path("pods", "p/binding"), body)
    assert again.error == (409, "Conflict")
    why = 'pod p is already assigned to node "n1"'
    assert again.message == f'Operation cannot be fulfilled on pods/binding "p": {why}'
    assert again.body["details"] == {"name": "p", "kind": "pods/binding"}


def test_59_an_evicted_pod_says_so(place):
    place.create("pods", "p", spec=POD, metadata={"finalizers": ["example.org/stay"]})
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p", "namespace": place.name}}
    assert place("POST", f"{place.path('pods', 'p/eviction')}?dryRun=All", body).code == 201
    assert "conditions" not in place("GET", place.path("pods", "p")).body["status"]
    assert place("POST", place.path("pods", "p/eviction"), body).code == 201
    found = place("GET", place.path("pods", "p")).body
    (said,) = found["status"]["conditions"]
    assert found["metadata"]["deletionTimestamp"]
    assert (said["type"], said["status"], said["reason"]) == ("DisruptionTarget", "True", "EvictionByEvictionAPI")
    assert said["message"] == "Eviction API: evicting"


def test_59_may_i(place):
    ask = {"namespace": place.name, "verb": "create", "group": "apps", "resource": "deployments"}
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    mine = place("POST", path, {"spec": {"resourceAttributes": ask}})
    assert (mine.code, mine.body["kind"]) == (201, "SelfSubjectAccessReview")
    assert mine.body["status"]["allowed"] is True
    theirs = place("POST", path, {"spec": {"resourceAttributes": ask}}, Impersonate_User="nobody")
    assert theirs.code == 201
    assert theirs.body["status"]["allowed"] is False
    assert place("POST", path, {"spec": {}}).error == (422, "Invalid")


def test_59_what_may_i(place):
    path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
    found = place("POST", path, {"spec": {"namespace": place.name}})
    assert found.code == 201
    rules = found.body["status"]["resourceRules"]
    assert {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]} in rules
    assert found.body["status"]["incomplete"] is False


def test_59_who_am_i(api):
    found = api("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {})
    assert found.code == 201
    assert "system:authenticated" in found.body["status"]["userInfo"]["groups"]


def test_59_rules_are_obeyed(place):
    place.create("rbac.authorization.k8s.io/v1/roles", "reader", rules=[
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}
    ])  # fmt: skip
    subject = {"kind": "User", "name": "jane", "apiGroup": "rbac.authorization.k8s.io"}
    role = {"kind": "Role", "name": "reader", "apiGroup": "rbac.authorization.k8s.io"}
    place.create("rbac.authorization.k8s.io/v1/rolebindings", "reader", subjects=[subject], roleRef=role)
    maps = place.path("configmaps")
    for _ in range(50):
        if place("GET", maps, Impersonate_User="jane").code == 200:
            break
    assert place("GET", maps, Impersonate_User="jane").code == 200
    refused = place("POST", maps, {"metadata": {"name": "c"}}, Impersonate_User="jane")
    assert refused.error == (403, "Forbidden")
    assert refused.message == (
        f'configmaps is forbidden: User "jane" cannot create resource "configmaps" in API group "" in the namespace '
        f'"{place.name}"'
    )
    secret = place("GET", place.path("secrets", "s"), Impersonate_User="jane")
    assert secret.message.startswith('secrets "s" is forbidden: User "jane" cannot get resource "secrets"')
    watch = place("GET", f"{maps}?watch=1&timeoutSeconds=1", Impersonate_User="jane")
    assert watch.error == (403, "Forbidden")


def test_59_tokens_of_a_service_account(place, until):
    place.create("serviceaccounts", "robot")
    made = place("POST", place.path("serviceaccounts", "robot/token"), {"spec": {"expirationSeconds": 600}})
    assert (made.code, made.body["kind"]) == (201, "TokenRequest")
    token = made.body["status"]["token"]
    who = place.api("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, Authorization=f"Bearer {token}")
    found = who.body["status"]["userInfo"]
    assert found["username"] == f"system:serviceaccount:{place.name}:robot"
    assert found["groups"][:2] == ["system:serviceaccounts", f"system:serviceaccounts:{place.name}"]
    denied = place.api("GET", place.path("pods"), Authorization=f"Bearer {token}")
    assert denied.error == (403, "Forbidden")
    forged = token[:-4] + ("AAAA" if not token.endswith("AAAA") else "BBBB")
    assert place.api("GET", "/api", Authorization=f"Bearer {forged}").code == 401
    # It ends with its account.
    place("DELETE", place.path("serviceaccounts", "robot"))
    until(lambda: place.api("GET", "/api", Authorization=f"Bearer {token}").code == 401)


@pytest.mark.parametrize(
    ("asked", "code"),
    [({"expirationSeconds": 5}, 422), ({"expirationSeconds": 2**33}, 422), ({"audiences": ["elsewhere"]}, 201)],
)
def test_59_tokens_that_are_asked_for(place, asked, code):
    place.create("serviceaccounts", "robot")
    made = place("POST", place.path("serviceaccounts", "robot/token"), {"spec": asked})
    assert made.code == code
    if code == 201:
        token = made.body["status"]["token"]
        assert place.api("GET", "/api", Authorization=f"Bearer {token}").code == 401


@pytest.mark.differs("token-keys")
def test_keys_of_tokens(api):
    assert api("GET", "/openid/v1/jwks").code == 200


def test_who_is_nobody(api):
    found = api("GET", "/api/v1/namespaces", Authorization="Bearer wrong")
    assert found.error == (401, "Unauthorized")
    assert found.message == "Unauthorized"


@pytest.mark.parametrize("sub", ["status", "scale", "nope"])
def test_subresources_that_are_not_there(place, sub):
    place.create("configmaps", "c")
    assert place("GET", place.path("configmaps", f"c/{sub}")).error == (404, "NotFound")


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [("PUT", "/api/v1/namespaces/default/configmaps", 405), ("PATCH", "/api/v1/namespaces/default/configmaps", 405),
     ("POST", "/api/v1/namespaces/default/configmaps/x", 405), ("DELETE", "/api/v1/namespaces", 405),
     ("POST", "/api", 405), ("DELETE", "/api/v1", 405), ("OPTIONS", "/api/v1/namespaces", 405),
     ("POST", "/version", 405), ("GET", "/nope", 404), ("GET", "/api/v1/namespaces/default/pods/x/log/y", 404)],
)  # fmt: skip
def test_methods_that_are_not_there(api, method, path, code):
    assert api(method, path, {} if method in ("PUT", "POST", "PATCH") else None).code == code


def test_who_owns_what_was_scaled(place):
    """Nobody gains what nobody owned, and zero is no field."""
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x"}]}}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
    place.create("apps/v1/deployments", "owned", spec={**spec, "replicas": 2})
    left = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "left"}, "spec": spec}
    path = place.path("apps/v1/deployments", "left", query="fieldManager=maker")
    assert place("PATCH", path, left, "application/apply-patch+yaml").code == 201

    def scale(name, replicas):
        body = {"spec": {"replicas": replicas}}
        path = place.path("apps/v1/deployments", f"{name}/scale", query="fieldManager=scaler")
        assert place("PATCH", path, body, "application/merge-patch+json").code == 200
        found = place("GET", place.path("apps/v1/deployments", name)).body["metadata"]["managedFields"]
        return {one["manager"]: one for one in found}.get("scaler")

    assert scale("left", 3) is None
    found = {"operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1", "subresource": "scale"}
    assert scale("owned", 3) == {"manager": "scaler", **found, "fieldsV1": {"f:spec": {"f:replicas": {}}}}
    body = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "owned"}, "spec": {"replicas": 4}}
    path = place.path("apps/v1/deployments", "owned/scale", query="fieldManager=other")
    made = place("PATCH", path, body, "application/apply-patch+yaml")
    assert made.error == (409, "Conflict")
    assert 'conflict with "scaler" with subresource "scale" using autoscaling/v1: .spec.replicas' in made.message
    assert scale("owned", 0) is None
