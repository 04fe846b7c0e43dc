"""The rules of what runs containers: pods, and the workloads that keep them."""

from typing import Any

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.failures import forbidden_field, required, wrong_value
from osconsole.embedded.api.selectors import from_object

Object = dict[str, Any]


def workload(obj: Object) -> list[Cause]:
    """Selector, template and replicas of what keeps pods."""
    spec = obj.get("spec") or {}
    template = spec.get("template") or {}
    found = []
    if not spec.get("selector"):
        found.append(required("spec.selector"))
    else:
        labels = (template.get("metadata") or {}).get("labels") or {}
        if not from_object(spec["selector"]).matches(labels):
            why = "`selector` does not match template `labels`"
            found.append(wrong_value("spec.template.metadata.labels", labels, why))
    if isinstance(spec.get("replicas"), int) and spec["replicas"] < 0:
        found.append(wrong_value("spec.replicas", spec["replicas"], "must be greater than or equal to 0"))
    return found + _containers(template.get("spec") or {}, "spec.template.spec")


def replication_controller(obj: Object) -> list[Cause]:
    """A workload with a plain selector."""
    spec = obj.get("spec") or {}
    if not spec.get("template"):
        return [required("spec.template")]
    if not spec.get("selector"):
        return [required("spec.selector")]
    return workload({"spec": {**spec, "selector": {"matchLabels": spec["selector"]}}})


def deployment(obj: Object) -> list[Cause]:
    """A workload that is replaced in one of two ways."""
    found = workload(obj)
    strategy = (obj.get("spec") or {}).get("strategy") or {}
    if strategy.get("type") == "Recreate" and strategy.get("rollingUpdate") is not None:
        why = "may not be specified when strategy `type` is 'Recreate'"
        found.append(forbidden_field("spec.strategy.rollingUpdate", why))
    return found


def pod(obj: Object) -> list[Cause]:
    """A pod's containers."""
    return _containers(obj.get("spec") or {}, "spec")


def job(obj: Object) -> list[Cause]:
    """A Job's template."""
    spec = (obj.get("spec") or {}).get("template", {}).get("spec") or {}
    found = _containers(spec, "spec.template.spec")
    if spec.get("restartPolicy", "Always") == "Always":
        text = 'Required value: valid values: "OnFailure", "Never"'
        found.append(Cause("spec.template.spec.restartPolicy", "FieldValueRequired", text))
    return found


def _containers(spec: Object, path: str) -> list[Cause]:
    if not spec.get("containers"):
        return [required(f"{path}.containers")]
    found = []
    names: set[str] = set()
    for i, container in enumerate(spec["containers"]):
        where = f"{path}.containers[{i}]"
        name = container.get("name")
        if not name:
            found.append(required(f"{where}.name"))
        elif name in names:
            found.append(Cause(f"{where}.name", "FieldValueDuplicate", f'Duplicate value: "{name}"'))
        names.add(name or "")
        if not container.get("image"):
            found.append(required(f"{where}.image"))
    return found
