"""Access: may we? Asked of the server, which alone knows (SelfSubjectAccessReview)."""

from osconsole.kube.api import Api
from osconsole.model.kinds import Kind

_PATH = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


async def missing(api: Api, verb: str, kind: Kind, namespace: str = "", name: str = "", subresource: str = "") -> str:
    """Empty when allowed, else the missing right in words: `patch pods/eviction in namespace openstack`."""
    attributes = {
        "verb": verb,
        "group": kind.group,
        "version": kind.version,
        "resource": kind.plural,
        "subresource": subresource,
        "namespace": namespace if kind.namespaced else "",
        "name": name,
    }
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
    }
    answer = (await api.send("POST", _PATH, body=review)).object()
    if answer.get("status", {}).get("allowed"):
        return ""
    what = f"{kind.plural}/{subresource}" if subresource else kind.plural
    where = f" in namespace {namespace}" if namespace and kind.namespaced else ""
    return f"{verb} {what}{f'.{kind.group}' if kind.group else ''}{where}"


async def whoami(api: Api) -> str:
    """The user name that the server sees (after impersonation); empty when the server has no such review."""
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    answer = (await api.send("POST", _WHO, body=body)).object()
    name = answer.get("status", {}).get("userInfo", {}).get("username", "")
    return name if isinstance(name, str) else ""
