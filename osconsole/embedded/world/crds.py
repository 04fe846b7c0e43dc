"""The CustomResourceDefinitions of this world, made from `model/fields/*.yaml`.

Names, groups and fields are those of the OpenStack operators, so that an object made for one cluster is good on the
other. Services that nobody reconciles yet are open below their switch.
"""

from importlib import resources
from typing import Any

from osconsole import documents
from osconsole.embedded.world.schema import expand

_COLUMNS = {
    "Status": '.status.conditions[?(@.type=="Ready")].status',
    "Message": '.status.conditions[?(@.type=="Ready")].message',
    "@status": '.status.conditions[?(@.type=="Ready")].status',
    "@message": '.status.conditions[?(@.type=="Ready")].message',
}


def load() -> list[dict[str, Any]]:
    """Every CRD, by group and kind."""
    folder = resources.files("osconsole.model") / "fields"
    about = documents.parse((folder / "glossary.yaml").read_text(encoding="utf-8"), "glossary.yaml")
    found = []
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name == "glossary.yaml":
            continue
        group = documents.parse(file.read_text(encoding="utf-8"), file.name)
        found += [_crd(group["group"], kind, said, about) for kind, said in group["kinds"].items()]
    return found


def _crd(group: str, kind: str, said: dict[str, Any], about: dict[str, str]) -> dict[str, Any]:
    names = {"kind": kind, "listKind": f"{kind}List", "plural": said["plural"], "singular": kind.lower()}
    if "short" in said:
        names["shortNames"] = said["short"]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{said['plural']}.{group}"},
        "spec": {
            "group": group,
            "names": names,
            "scope": said.get("scope", "Namespaced"),
            "versions": [_version(kind, said, about)],
        },
    }


def _version(kind: str, said: dict[str, Any], about: dict[str, str]) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object"},
    }
    for part in ("spec", "status"):
        if part in said:
            properties[part] = expand(said[part], about, f"{kind}.{part}")
    version: dict[str, Any] = {
        "name": said.get("version", "v1beta1"),
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"description": said["about"], "type": "object", "properties": properties}},
    }
    if "status" in said:
        version["subresources"] = {"status": {}}
    if "columns" in said:
        version["additionalPrinterColumns"] = [_column(column) for column in said["columns"]]
    return version


def _column(said: str | dict[str, str]) -> dict[str, str]:
    name, path = (said, said) if isinstance(said, str) else next(iter(said.items()))
    kind = "date" if name == "Age" else "string"
    return {"name": name, "type": kind, "jsonPath": _COLUMNS.get(path, path)}
