"""Reviews: may I, what may I, who am I. They store nothing."""

from typing import Any

from osconsole.embedded.api.access.identity import AUTHENTICATED, User
from osconsole.embedded.api.access.rbac import Ask
from osconsole.embedded.api.clock import now
from osconsole.embedded.api.failures import invalid, wrong_value
from osconsole.embedded.api.kinds import shape
from osconsole.embedded.api.server import Call

Object = dict[str, Any]


def review(call: Call, asked: Any) -> Object:
    """The review with its status filled in.

    Raises:
        Failure: 400.
    """
    spec = shape.fitting(asked, call.kind.group, call.kind.version, call.kind.kind).get("spec") or {}
    found: Object = {
        "kind": call.kind.kind,
        "apiVersion": call.kind.api_version,
        "metadata": {"creationTimestamp": None},
        "spec": spec,
    }
    found["status"] = _REVIEWS[call.kind.kind](call, spec)
    if call.kind.kind == "SelfSubjectReview":
        found["metadata"] = {"creationTimestamp": now()}
        del found["spec"]
    return found


def _access(call: Call, spec: Object, user: User) -> Object:
    resource, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if (resource is None) == (path is None):
        why = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        raise invalid(call.kind, "", [wrong_value("spec.resourceAttributes", resource, why)])
    if resource:
        ask = Ask(
            verb=resource.get("verb", ""),
            group=resource.get("group", ""),
            version=resource.get("version", ""),
            resource=resource.get("resource", ""),
            subresource=resource.get("subresource", ""),
            namespace=resource.get("namespace", ""),
            name=resource.get("name", ""),
        )
    else:
        ask = Ask(verb=(path or {}).get("verb", ""), path=(path or {}).get("path", "/"))
    return {"allowed": call.server.rbac.allows(user, ask)}


def _own_access(call: Call, spec: Object) -> Object:
    return _access(call, spec, call.user)


def _subject_access(call: Call, spec: Object) -> Object:
    groups = tuple(spec.get("groups") or ())
    return _access(call, spec, User(spec.get("user", ""), groups=(*groups, AUTHENTICATED)))


def _own_rules(call: Call, spec: Object) -> Object:
    resources, paths = [], []
    for rule in call.server.rbac.rules(call.user, spec.get("namespace", "")):
        if rule.get("nonResourceURLs"):
            paths.append({"verbs": rule["verbs"], "nonResourceURLs": rule["nonResourceURLs"]})
        else:
            keys = ("verbs", "apiGroups", "resources", "resourceNames")
            resources.append({key: rule[key] for key in keys if rule.get(key)})
    return {"resourceRules": resources, "nonResourceRules": paths, "incomplete": False}


def _self(call: Call, spec: Object) -> Object:
    return {"userInfo": call.user.as_dict()}


_REVIEWS = {
    "SelfSubjectAccessReview": _own_access,
    "SubjectAccessReview": _subject_access,
    "SelfSubjectRulesReview": _own_rules,
    "SelfSubjectReview": _self,
}
