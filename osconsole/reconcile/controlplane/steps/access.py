"""The service account under which the pods of a service run, with the role that OpenShift asks for."""

from typing import Any

import msgspec

from osconsole.reconcile.controlplane.objects import made
from osconsole.reconcile.controlplane.walk import Walk

_POD_VERBS = ["create", "get", "list", "watch", "update", "patch", "delete"]


class Account(msgspec.Struct, frozen=True):
    """ServiceAccount `name` with a Role and its binding; `scc` is what OpenShift lets the pods do."""

    name: str
    scc: str = "anyuid"
    conditions: tuple[str, ...] = ("ServiceAccountReady", "RoleReady", "RoleBindingReady")

    def run(self, walk: Walk) -> bool:
        """Make the three; nothing waits for them."""
        name = walk.fill(self.name)
        rules: list[dict[str, Any]] = [
            {
                "apiGroups": ["security.openshift.io"],
                "resourceNames": [self.scc],
                "resources": ["securitycontextconstraints"],
                "verbs": ["use"],
            },
            {"apiGroups": [""], "resources": ["pods"], "verbs": _POD_VERBS},
        ]
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": f"{name}-role"}
        subject = {"kind": "ServiceAccount", "name": name, "namespace": walk.namespace}
        bodies = (
            made(walk.me, "ServiceAccount", name),
            made(walk.me, "Role", f"{name}-role", rules=rules),
            made(walk.me, "RoleBinding", f"{name}-rolebinding", roleRef=role, subjects=[subject]),
        )
        for kind, body in zip(self.conditions, bodies, strict=True):
            if walk.ensure(body):
                walk.ok(kind)
            else:
                walk.busy(kind)
        return True
