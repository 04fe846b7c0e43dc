"""The environment of a container: `env` and `envFrom`, with references resolved and `$(NAME)` expanded."""

import re

from osconsole.embedded.client import Client, Object
from osconsole.embedded.kinds import CONFIG_MAP, SECRET, Kind
from osconsole.embedded.kubelet.podstatus import HOST_IP
from osconsole.embedded.kubelet.setup import SetupProblem, contents
from osconsole.errors import NotFound

_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_.-][A-Za-z0-9_.-]*)\)")


async def environment(client: Client, pod: Object, spec: Object, pod_ip: str) -> dict[str, str]:
    """The variables of one container.

    Raises:
        SetupProblem: a Secret, ConfigMap or key that is not optional is missing.
    """
    found: dict[str, str] = {}
    for source in spec.get("envFrom") or []:
        for field, kind in (("secretRef", SECRET), ("configMapRef", CONFIG_MAP)):
            if field in source:
                data = await _data(client, kind, pod, source[field])
                found |= {source.get("prefix", "") + key: value for key, value in data.items()}
    for variable in spec.get("env") or []:
        if "valueFrom" in variable:
            value = await _referenced(client, pod, variable["valueFrom"], pod_ip)
            if value is not None:
                found[variable["name"]] = value
        else:
            found[variable["name"]] = _expand(variable.get("value") or "", found)
    return found


async def _referenced(client: Client, pod: Object, source: Object, pod_ip: str) -> str | None:
    for field, kind in (("secretKeyRef", SECRET), ("configMapKeyRef", CONFIG_MAP)):
        if field in source:
            reference = source[field]
            data = await _data(client, kind, pod, reference)
            if reference["key"] not in data and not reference.get("optional"):
                where = f"{kind.kind} {pod['metadata']['namespace']}/{reference.get('name', '')}"
                raise _config_error(f"couldn't find key {reference['key']} in {where}")
            return data.get(reference["key"])
    if "fieldRef" in source:
        return _field(pod, source["fieldRef"]["fieldPath"], pod_ip)
    return None


async def _data(client: Client, kind: Kind, pod: Object, reference: Object) -> dict[str, str]:
    name = reference.get("name") or ""
    try:
        data = await contents(client, kind, pod["metadata"]["namespace"], name)
    except NotFound:
        if reference.get("optional"):
            return {}
        raise _config_error(f'{kind.kind.lower()} "{name}" not found') from None
    return {key: value.decode(errors="replace") for key, value in data.items()}


def _config_error(message: str) -> SetupProblem:
    return SetupProblem("Failed", f"Error: {message}", "CreateContainerConfigError")


def _field(pod: Object, path: str, pod_ip: str) -> str:
    """The downward API."""
    special = {"status.podIP": pod_ip, "status.podIPs": pod_ip, "status.hostIP": HOST_IP}
    if path in special:
        return special[path]
    indexed = re.fullmatch(r"metadata\.(labels|annotations)\['([^']+)'\]", path)
    if indexed:
        return str((pod["metadata"].get(indexed.group(1)) or {}).get(indexed.group(2), ""))
    value: object = pod
    for part in path.split("."):
        value = value.get(part, "") if isinstance(value, dict) else ""
    return str(value)


def _expand(text: str, known: dict[str, str]) -> str:
    def one(match: re.Match[str]) -> str:
        if match.group(0) == "$$":
            return "$"
        return known.get(match.group(1), match.group(0))

    return _REFERENCE.sub(one, text)
