"""Objects in which one thing is not what it should be: each is taken or refused, and none is stumbled over."""

import copy

import pytest

from tests.conformance.builtins import OBJECTS

ODD = (None, [None], {}, "", -1, True, {"": [None]})
META = {
    "labels": {"a": "b"},
    "annotations": {"x": "y"},
    "finalizers": ["x.org/a"],
    "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u"}],
}


def places(value, path=()):
    """Every path in an object."""
    if path:
        yield path
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value[key], (*path, key))


def bent(obj):
    """The object with something odd at each of its places, one after the other."""
    for path in places(obj):
        for odd in ODD:
            found = copy.deepcopy(obj)
            inner = found
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = odd
            yield found


@pytest.mark.parametrize("plural", list(OBJECTS))
def test_creating(api, namespace, plural):
    *group, name = plural.split("/")
    path = f"{'/apis/' + '/'.join(group) if group else '/api/v1'}/namespaces/{namespace}/{name}?dryRun=All"
    for obj in bent({"metadata": {"name": "x", **META}, **OBJECTS[plural][0]}):
        answer = api("POST", path, obj)
        assert answer.code in (201, 400, 403, 422), (obj, answer)


@pytest.mark.parametrize(
    "review",
    ["selfsubjectaccessreviews", "subjectaccessreviews", "selfsubjectrulesreviews", "localsubjectaccessreviews"],
)
def test_reviews(api, review):
    asked = {"resourceAttributes": {"verb": "get"}, "user": "jane", "groups": ["a"], "namespace": "default"}
    for obj in bent({"spec": asked}):
        assert api("POST", f"/apis/authorization.k8s.io/v1/{review}", obj).code in (201, 400, 404, 422), obj


def test_schemas(api):
    inner = {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string", "enum": ["x"]}}}}
    schema = {"type": "object", "properties": {"spec": inner, "status": {"anyOf": [{"required": ["a"]}]}}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    spec = {"group": "bent.org", "scope": "Namespaced", "names": {"plural": "bends", "kind": "Bend"}}
    whole = {"metadata": {"name": "bends.bent.org"}, "spec": {**spec, "versions": [version]}}
    crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All"
    for obj in bent(whole):
        answer = api("POST", crds, obj)
        assert answer.code in (201, 400, 422), (obj, answer)
