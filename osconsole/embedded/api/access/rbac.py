"""May this user do that: rules from Role, ClusterRole and their bindings. `system:masters` may do everything."""

from collections.abc import Iterator
from typing import Any

import msgspec

from osconsole.embedded.api.access.identity import MASTERS, User
from osconsole.embedded.api.kinds.catalog import CLUSTER
from osconsole.embedded.api.storage.store import Store

_GROUP = "rbac.authorization.k8s.io"
_DECISIONS = 4096
_KINDS = {kind.kind: kind for kind in CLUSTER if kind.group == _GROUP}

Rule = dict[str, Any]


class Ask(msgspec.Struct, frozen=True):
    """One access: a resource (with group, resource, namespace, name, subresource) or a path."""

    verb: str
    group: str = ""
    version: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    def words(self, user: str) -> str:
        """What the refusal says."""
        if self.path:
            return f'User "{user}" cannot {self.verb} path "{self.path}"'
        resource = f"{self.resource}/{self.subresource}" if self.subresource else self.resource
        where = f'in the namespace "{self.namespace}"' if self.namespace else "at the cluster scope"
        return f'User "{user}" cannot {self.verb} resource "{resource}" in API group "{self.group}" {where}'


class Rbac:
    """The authorizer. Rules are compiled again, and decided anew, when a role or binding changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stamp: tuple[int, ...] = ()
        self._roles: dict[tuple[str, str], list[Rule]] = {}
        self._bindings: list[tuple[str, list[dict[str, Any]], tuple[str, str]]] = []
        self._decided: dict[tuple[str, tuple[str, ...], Ask], bool] = {}

    def allows(self, user: User, ask: Ask) -> bool:
        """Whether any rule of the user covers the access."""
        if MASTERS in user.groups:
            return True
        self._compile()
        asked = (user.name, user.groups, ask)
        found = self._decided.get(asked)
        if found is None:
            if len(self._decided) >= _DECISIONS:
                self._decided.clear()
            found = any(_covers(rule, ask) for rule in self.rules(user, ask.namespace))
            self._decided[asked] = found
        return found

    def rules(self, user: User, namespace: str) -> Iterator[Rule]:
        """The rules that hold for a user in a namespace, cluster-wide ones included."""
        self._compile()
        for where, subjects, role in self._bindings:
            if where in ("", namespace) and any(_is(user, subject, where) for subject in subjects):
                yield from self._roles.get(role, ())

    def _compile(self) -> None:
        collections = {name: self._store.collection(kind) for name, kind in _KINDS.items()}
        stamp = tuple(c.changed for c in collections.values())
        if stamp == self._stamp:
            return
        self._stamp = stamp
        self._roles = {}
        self._bindings = []
        self._decided = {}
        for name in ("Role", "ClusterRole"):
            for entry in collections[name].entries():
                self._roles[entry.key] = entry.object().get("rules") or []
        for name in ("RoleBinding", "ClusterRoleBinding"):
            for entry in collections[name].entries():
                obj = entry.object()
                ref = obj.get("roleRef") or {}
                where = entry.namespace if ref.get("kind") == "Role" else ""
                self._bindings.append((entry.namespace, obj.get("subjects") or [], (where, ref.get("name", ""))))


def _is(user: User, subject: dict[str, Any], namespace: str) -> bool:
    kind, name = subject.get("kind"), subject.get("name", "")
    if kind == "User":
        return bool(name == user.name)
    if kind == "Group":
        return name in user.groups
    return user.name == f"system:serviceaccount:{subject.get('namespace') or namespace}:{name}"


def _covers(rule: Rule, ask: Ask) -> bool:
    if not _has(rule.get("verbs"), ask.verb):
        return False
    if ask.path:
        return any(
            p in ("*", ask.path) or (p.endswith("*") and ask.path.startswith(p[:-1]))
            for p in rule.get("nonResourceURLs") or ()
        )
    if not _has(rule.get("apiGroups"), ask.group):
        return False
    resource = f"{ask.resource}/{ask.subresource}" if ask.subresource else ask.resource
    resources = rule.get("resources") or ()
    if not (_has(resources, resource) or (ask.subresource and f"*/{ask.subresource}" in resources)):
        return False
    names = rule.get("resourceNames") or ()
    return not names or ask.name in names


def _has(allowed: Any, wanted: str) -> bool:
    return "*" in (allowed or ()) or wanted in (allowed or ())
