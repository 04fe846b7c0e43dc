"""The demo world: what it holds, and that it means the same to the OpenStack operators' own CRDs."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from osconsole import documents
from osconsole.embedded.world import crds, objects, schema
from osconsole.errors import DocumentError, UsageError
from osconsole.model import kinds

UPSTREAM = Path(__file__).parents[4] / "shared" / "crds"
NODES = [
    {"name": name, "address": f"127.0.9.{at}", "port": 2200 + at, "user": "cloud-admin", "level": 2}
    for at, name in enumerate(["edpm-compute-0", "edpm-compute-1", "edpm-compute-2", "edpm-networker-0"])
]


@pytest.fixture(scope="module")
def definitions() -> dict[str, dict[str, Any]]:
    return {crd["spec"]["names"]["kind"]: crd for crd in crds.load()}


@pytest.fixture(scope="module")
def upstream(definitions: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    if not UPSTREAM.is_dir():
        pytest.skip("the OpenStack operators' CRDs are not at hand")
    found = {}
    for kind, crd in definitions.items():
        path = UPSTREAM / f"{crd['spec']['group']}_{crd['spec']['names']['plural']}.yaml"
        if path.exists():
            found[kind] = next(d for d in documents.parse_all(path.read_text(), path.name) if d)
    return found


def stored(crd: dict[str, Any]) -> dict[str, Any]:
    version = next(v for v in crd["spec"]["versions"] if v["storage"])
    return version["schema"]["openAPIV3Schema"]


def unknown(value: Any, shape: dict[str, Any], where: str = "") -> Iterator[str]:
    """The fields of a value that a structural schema would prune."""
    if isinstance(value, dict) and not shape.get("x-kubernetes-preserve-unknown-fields"):
        for key, member in value.items():
            inner = shape.get("properties", {}).get(key) or shape.get("additionalProperties")
            if inner is None:
                yield f"{where}.{key}"
            elif isinstance(inner, dict):
                yield from unknown(member, inner, f"{where}.{key}")
    if isinstance(value, list):
        for member in value:
            yield from unknown(member, shape.get("items", {}), f"{where}[]")


def defaulted(value: Any, shape: dict[str, Any]) -> Any:
    """A value with the defaults of its schema, as an API server fills them in."""
    if isinstance(value, list):
        return [defaulted(member, shape.get("items", {})) for member in value]
    if not isinstance(value, dict):
        return value
    properties = shape.get("properties", {})
    filled = {key: inner["default"] for key, inner in properties.items() if "default" in inner} | value
    more = shape.get("additionalProperties")
    more = more if isinstance(more, dict) else {}
    return {key: defaulted(member, properties.get(key, more)) for key, member in filled.items()}


def problems(obj: dict[str, Any], crd: dict[str, Any]) -> list[str]:
    shape = stored(crd)
    without = {key: value for key, value in obj.items() if key not in {"apiVersion", "kind", "metadata"}}
    found = list(unknown(without, shape))
    validator = jsonschema_rs.Draft202012Validator(shape)
    return found + [f"{list(e.instance_path)}: {e.message}" for e in validator.iter_errors(defaulted(without, shape))]


def test_demo_world_is_accepted_by_our_crds(definitions: dict[str, dict[str, Any]]) -> None:
    world = objects.load("demo", NODES)
    custom = [obj for obj in world if obj["kind"] in definitions]
    assert {obj["kind"] for obj in custom} >= {"OpenStackControlPlane", "NetConfig", "OpenStackDataPlaneNodeSet"}
    assert {obj["metadata"]["name"]: problems(obj, definitions[obj["kind"]]) for obj in custom} == {
        obj["metadata"]["name"]: [] for obj in custom
    }


def test_demo_world_is_accepted_by_upstream(upstream: dict[str, dict[str, Any]]) -> None:
    for obj in objects.load("demo", NODES):
        if obj["kind"] in upstream:
            assert problems(obj, upstream[obj["kind"]]) == [], obj["metadata"]["name"]


def test_every_field_of_ours_is_a_field_of_upstream(
    definitions: dict[str, dict[str, Any]], upstream: dict[str, dict[str, Any]]
) -> None:
    def differences(ours: dict[str, Any], theirs: dict[str, Any], where: str) -> Iterator[str]:
        if ours.get("type") not in {theirs.get("type"), None}:
            yield f"{where}: {ours.get('type')} here, {theirs.get('type')} there"
        for limit in ("minimum", "maximum", "enum", "default"):
            if limit in ours and limit in theirs and not isinstance(ours[limit], dict) and ours[limit] != theirs[limit]:
                yield f"{where}: {limit} {ours[limit]} here, {theirs[limit]} there"
        for name, inner in ours.get("properties", {}).items():
            if name in theirs.get("properties", {}):
                yield from differences(inner, theirs["properties"][name], f"{where}.{name}")
            else:
                yield f"{where}.{name} is not there"
        for nested in ("items", "additionalProperties"):
            if isinstance(theirs.get(nested), dict) and nested in ours:
                yield from differences(ours[nested], theirs[nested], f"{where}.*")

    found = []
    for kind, crd in upstream.items():
        for part in ("spec", "status"):
            ours = stored(definitions[kind])["properties"].get(part, {})
            theirs = stored(crd)["properties"].get(part, {})
            found += differences(ours, theirs, f"{kind}.{part}")
    assert [line for line in found if "default {}" not in line] == []


def test_names_are_those_of_the_table_of_kinds(definitions: dict[str, dict[str, Any]]) -> None:
    for kind, crd in definitions.items():
        known = kinds.BY_KEY[kinds.key(kind)]
        assert (crd["spec"]["group"], crd["spec"]["names"]["plural"]) == (known.group, known.plural)
        assert crd["spec"]["versions"][0]["name"] == known.version


def test_unknown_fields_and_bounds(definitions: dict[str, dict[str, Any]]) -> None:
    """A top-level field that nobody knows is refused; one below a template that nobody reconciles is kept."""
    spec = {"secret": "x", "storageClass": "y"}
    crd = definitions["OpenStackControlPlane"]
    assert list(unknown({"spec": {**spec, "nosuch": 1}}, stored(crd))) == [".spec.nosuch"]
    assert list(unknown({"spec": {**spec, "swift": {"template": {"any": {"thing": 1}}}}}, stored(crd))) == []
    assert problems({"spec": {"storageClass": "y"}}, crd) != []
    assert problems({"spec": {**spec, "galera": {"templates": {"a": {"replicas": 4}}}}}, crd) != []


def test_nodes_get_addresses_keys_and_services() -> None:
    world = objects.load("demo", NODES)
    nodesets = {o["metadata"]["name"]: o for o in world if o["kind"] == "OpenStackDataPlaneNodeSet"}
    compute = nodesets["edpm-compute"]["spec"]["nodes"]
    assert list(compute) == ["edpm-compute-0", "edpm-compute-1", "edpm-compute-2"]
    assert compute["edpm-compute-1"]["ansible"]["ansiblePort"] == 2201
    assert compute["edpm-compute-1"]["networks"][0]["fixedIP"] == "192.168.122.101"
    assert list(nodesets["edpm-networker"]["spec"]["nodes"]) == ["edpm-networker-0"]
    assert "nova" not in nodesets["edpm-networker"]["spec"]["services"]
    first, second = (
        next(o["data"]["AdminPassword"] for o in objects.load("demo", NODES) if o["metadata"]["name"] == "osp-secret")
        for _ in range(2)
    )
    assert first != second


def test_empty_world_is_crds_alone() -> None:
    assert {obj["kind"] for obj in objects.load("empty", [])} == {"CustomResourceDefinition"}
    with pytest.raises(UsageError, match="no world 'demu'"):
        objects.load("demu", [])


def test_notation() -> None:
    said = {"a!": "int 0..3 = 1", "b": 'one of x | y = "y"', "c": {"{}": "list of text"}, "=": {}}
    found = schema.expand(said, {"a": "An a."}, "T")
    assert found["properties"]["a"] == {
        "description": "An a.",
        "type": "integer",
        "minimum": 0,
        "maximum": 3,
        "default": 1,
    }
    assert (found["required"], found["default"]) == (["a"], {})
    assert found["properties"]["c"]["additionalProperties"]["items"] == {"type": "string"}
    with pytest.raises(DocumentError, match=re.escape("T.z: 'tekst' is not a word")):
        schema.expand({"z": "tekst"}, {}, "T")
