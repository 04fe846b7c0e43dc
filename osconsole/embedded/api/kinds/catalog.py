"""The built-in resources: what exists without any CRD. Shapes and defaults live elsewhere (`builtin/`, `defaults/`)."""

from typing import Any

from osconsole.embedded.api.types import ResourceType, Scale

_CREATE_ONLY = ("create",)
_NO_LIST_DELETE = ("create", "delete", "get", "list", "patch", "update", "watch")
_WORKLOAD = Scale(selector_path=".status.selector")


def _type(group: str, version: str, kind: str, plural: str, **more: Any) -> ResourceType:
    names = more.pop("short", "")
    return ResourceType(
        group=group,
        version=version,
        kind=kind,
        plural=plural,
        singular=kind.lower(),
        namespaced=more.pop("namespaced", True),
        short_names=tuple(names.split()),
        storage_version=version,
        **more,
    )


_ALL = ("all",)

CORE = (
    _type(
        "",
        "v1",
        "Namespace",
        "namespaces",
        namespaced=False,
        short="ns",
        has_status=True,
        actions=("finalize",),
        verbs=_NO_LIST_DELETE,
    ),
    _type(
        "",
        "v1",
        "Pod",
        "pods",
        short="po",
        categories=_ALL,
        has_status=True,
        actions=("binding", "eviction", "exec", "log", "portforward"),
    ),
    _type(
        "",
        "v1",
        "Service",
        "services",
        short="svc",
        categories=_ALL,
        has_status=True,
    ),
    _type("", "v1", "Endpoints", "endpoints", short="ep"),
    _type("", "v1", "Node", "nodes", namespaced=False, short="no", has_status=True),
    _type("", "v1", "ConfigMap", "configmaps", short="cm"),
    _type("", "v1", "Secret", "secrets"),
    _type("", "v1", "Event", "events", short="ev", durable=False),
    _type("", "v1", "ServiceAccount", "serviceaccounts", short="sa", actions=("token",)),
    _type(
        "",
        "v1",
        "ReplicationController",
        "replicationcontrollers",
        short="rc",
        categories=_ALL,
        has_status=True,
        scale=_WORKLOAD,
    ),
    _type("", "v1", "PersistentVolume", "persistentvolumes", namespaced=False, short="pv", has_status=True),
    _type("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", short="pvc", has_status=True),
)

WORKLOADS = (
    _type("apps", "v1", "Deployment", "deployments", short="deploy", categories=_ALL, has_status=True, scale=_WORKLOAD),
    _type(
        "apps",
        "v1",
        "ReplicaSet",
        "replicasets",
        short="rs",
        categories=_ALL,
        has_status=True,
        scale=_WORKLOAD,
    ),
    _type("apps", "v1", "StatefulSet", "statefulsets", short="sts", categories=_ALL, has_status=True, scale=_WORKLOAD),
    _type("apps", "v1", "DaemonSet", "daemonsets", short="ds", categories=_ALL, has_status=True),
    _type("apps", "v1", "ControllerRevision", "controllerrevisions"),
    _type("batch", "v1", "Job", "jobs", categories=_ALL, has_status=True),
    _type("batch", "v1", "CronJob", "cronjobs", short="cj", categories=_ALL, has_status=True),
    _type("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", short="pdb", has_status=True),
)

CLUSTER = (
    _type("coordination.k8s.io", "v1", "Lease", "leases", durable=False),
    _type("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices"),
    _type("storage.k8s.io", "v1", "StorageClass", "storageclasses", namespaced=False, short="sc"),
    _type("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", short="netpol"),
    _type("networking.k8s.io", "v1", "Ingress", "ingresses", short="ing", has_status=True),
    _type("rbac.authorization.k8s.io", "v1", "Role", "roles"),
    _type("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings"),
    _type("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", namespaced=False),
    _type("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", namespaced=False),
    _type(
        "apiextensions.k8s.io",
        "v1",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        namespaced=False,
        short="crd crds",
        categories=("api-extensions",),
        has_status=True,
    ),
)

REVIEWS = (
    _type(
        "authorization.k8s.io",
        "v1",
        "SelfSubjectAccessReview",
        "selfsubjectaccessreviews",
        namespaced=False,
        verbs=_CREATE_ONLY,
    ),
    _type(
        "authorization.k8s.io",
        "v1",
        "SelfSubjectRulesReview",
        "selfsubjectrulesreviews",
        namespaced=False,
        verbs=_CREATE_ONLY,
    ),
    _type(
        "authorization.k8s.io",
        "v1",
        "SubjectAccessReview",
        "subjectaccessreviews",
        namespaced=False,
        verbs=_CREATE_ONLY,
    ),
    _type(
        "authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", namespaced=False, verbs=_CREATE_ONLY
    ),
)

BUILTIN: tuple[ResourceType, ...] = CORE + WORKLOADS + CLUSTER + REVIEWS
