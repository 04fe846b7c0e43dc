"""What a server says, beside its answer, of containers that are probably not meant so: ports that stand twice."""

from typing import Any

import msgspec

from osconsole.embedded.api.schema.builtin.defaults import TEMPLATES, spec_of_pod
from osconsole.embedded.api.schema.recall import recalled
from osconsole.embedded.api.types import ResourceType


def advice(kind: ResourceType, obj: dict[str, Any]) -> list[str]:
    """Warnings about an object that is a pod or makes some; [] for all others."""
    if kind.custom or kind.kind not in TEMPLATES:
        return []
    path = ".".join((*TEMPLATES[kind.kind], "spec"))
    if isinstance(raw := obj.get("spec"), msgspec.Raw):
        return list(_of_replicas(bytes(raw), path))
    return _of(spec_of_pod(obj, kind.kind) or {}, path)


@recalled
def _of_replicas(raw: bytes, path: str) -> tuple[str, ...]:
    return tuple(_of(msgspec.json.decode(raw), path))


def _of(spec: dict[str, Any], path: str) -> list[str]:
    found: list[str] = []
    seen: dict[tuple[Any, ...], list[tuple[str, dict[str, Any]]]] = {}
    for group in ("initContainers", "containers", "ephemeralContainers"):
        for at, container in enumerate(spec.get(group) or ()):
            for nth, port in enumerate(container.get("ports") or ()):
                place = f"{path}.{group}[{at}].ports[{nth}]"
                earlier = seen.setdefault((port.get("containerPort"), port.get("protocol")), [])
                found += [f"{place}: {how} port definition with {other}" for how, other in _clashes(port, earlier)]
                earlier.append((place, port))
    return found


def _clashes(port: dict[str, Any], earlier: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, str]]:
    """How a port is like earlier ones of its number: (word, where the other is)."""
    found = []
    for place, other in earlier:
        hosts = [(one.get("hostIP") or "", one.get("hostPort") or 0) for one in (port, other)]
        if hosts[0] == hosts[1]:
            found.append(("duplicate", place))
        elif not all(number for _, number in hosts) or not all(address for address, _ in hosts):
            found.append(("overlapping", place))
    return found
