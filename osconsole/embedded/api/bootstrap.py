"""What every cluster has from its first moment: namespaces, default roles, the `kubernetes` service."""

import uuid
from typing import Any

from osconsole.embedded.api.clock import now
from osconsole.embedded.api.kinds import crds, shape, strategy
from osconsole.embedded.api.kinds.catalog import BUILTIN
from osconsole.embedded.api.server import Server

_RBAC = "rbac.authorization.k8s.io"
_READ = ["get", "list", "watch"]
_WRITE = ["create", "delete", "deletecollection", "patch", "update"]
_GROUPS = ["", "apps", "batch", "policy", "networking.k8s.io", "discovery.k8s.io"]

Object = dict[str, Any]


def _role(name: str, *rules: Object) -> tuple[str, str, Object]:
    return (_RBAC, "ClusterRole", {"metadata": {"name": name}, "rules": list(rules)})


def _binding(name: str, role: str, *groups: str) -> tuple[str, str, Object]:
    subjects = [{"kind": "Group", "apiGroup": _RBAC, "name": group} for group in groups]
    ref = {"apiGroup": _RBAC, "kind": "ClusterRole", "name": role}
    return (_RBAC, "ClusterRoleBinding", {"metadata": {"name": name}, "roleRef": ref, "subjects": subjects})


def _objects() -> list[tuple[str, str, Object]]:
    discovery = [
        "/api",
        "/api/*",
        "/apis",
        "/apis/*",
        "/healthz",
        "/livez",
        "/openapi",
        "/openapi/*",
        "/readyz",
        "/version",
        "/version/",
    ]
    public = ["/healthz", "/livez", "/readyz", "/version", "/version/"]
    reviews = {
        "apiGroups": ["authorization.k8s.io"],
        "verbs": ["create"],
        "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
    }
    whoami = {"apiGroups": ["authentication.k8s.io"], "verbs": ["create"], "resources": ["selfsubjectreviews"]}
    view = {
        "apiGroups": _GROUPS,
        "verbs": _READ,
        "resources": [
            "configmaps",
            "endpoints",
            "events",
            "persistentvolumeclaims",
            "pods",
            "pods/log",
            "pods/status",
            "services",
            "serviceaccounts",
            "namespaces",
            "deployments",
            "deployments/scale",
            "replicasets",
            "statefulsets",
            "statefulsets/scale",
            "daemonsets",
            "controllerrevisions",
            "jobs",
            "cronjobs",
            "poddisruptionbudgets",
            "ingresses",
            "networkpolicies",
            "endpointslices",
        ],
    }
    edit = {
        "apiGroups": _GROUPS,
        "verbs": _WRITE,
        "resources": [
            "configmaps",
            "secrets",
            "endpoints",
            "persistentvolumeclaims",
            "pods",
            "pods/eviction",
            "services",
            "serviceaccounts",
            "deployments",
            "deployments/scale",
            "replicasets",
            "statefulsets",
            "statefulsets/scale",
            "daemonsets",
            "jobs",
            "cronjobs",
            "poddisruptionbudgets",
            "ingresses",
            "networkpolicies",
        ],
    }
    inside = {"apiGroups": [""], "verbs": _READ + _WRITE, "resources": ["pods/exec", "pods/portforward"]}
    secrets = {"apiGroups": [""], "verbs": _READ, "resources": ["secrets"]}
    own = {"apiGroups": [_RBAC], "verbs": _READ + _WRITE, "resources": ["roles", "rolebindings"]}
    everything = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, {"nonResourceURLs": ["*"], "verbs": ["*"]}]
    ports = [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}]
    service = {
        "metadata": {"name": "kubernetes", "namespace": "default", "labels": {"component": "apiserver"}},
        "spec": {
            "clusterIP": "10.96.0.1",
            "clusterIPs": ["10.96.0.1"],
            "ports": ports,
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
        },
    }
    return [
        *(
            ("", "Namespace", {"metadata": {"name": name}})
            for name in ("default", "kube-system", "kube-public", "kube-node-lease")
        ),
        ("", "Service", service),
        _role("cluster-admin", *everything),
        _role("view", view),
        _role("edit", view, edit, inside, secrets),
        _role("admin", view, edit, inside, secrets, own),
        _role("system:discovery", {"nonResourceURLs": discovery, "verbs": ["get"]}),
        _role("system:basic-user", reviews, whoami),
        _role("system:public-info-viewer", {"nonResourceURLs": public, "verbs": ["get"]}),
        _binding("cluster-admin", "cluster-admin", "system:masters"),
        _binding("system:discovery", "system:discovery", "system:authenticated"),
        _binding("system:basic-user", "system:basic-user", "system:authenticated"),
        _binding(
            "system:public-info-viewer",
            "system:public-info-viewer",
            "system:authenticated",
            "system:unauthenticated",
        ),
    ]


def bootstrap(server: Server) -> None:
    """Create what is missing, and serve the definitions that are stored."""
    types = {(kind.group, kind.kind): kind for kind in BUILTIN}
    for kind in BUILTIN:
        server.collection(kind)
    for group, name, obj in _objects():
        kind = types[group, name]
        meta = obj["metadata"]
        if server.collection(kind).get(meta.get("namespace", ""), meta["name"]) is None:
            meta |= {"uid": str(uuid.uuid4()), "creationTimestamp": now()}
            found = {"apiVersion": kind.api_version, "kind": kind.kind, **obj}
            shape.fill(kind, found)
            strategy.on_create(kind, found)
            server.store.put(kind, found, None)
    definitions = types["apiextensions.k8s.io", crds.KIND]
    for entry in server.collection(definitions).entries():
        spec = entry.object()["spec"]
        server.registry.replace(spec["group"], spec["names"]["plural"], crds.types(entry.object()))
