"""Containers: names, images, ports, variables, mounts, probes, resources."""

import re
from typing import Any

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.failures import forbidden_field, required, wrong_value
from osconsole.embedded.api.rules.words import at_least, duplicate, label, port_name, port_number, unknown
from osconsole.embedded.api.schema.quantities import amount

Object = dict[str, Any]

_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_COUNTS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
_RELAXED = re.compile(r"[ -<>-~]+")
_RELAXED_WORDS = "a valid environment variable name must consist only of printable ASCII characters other than '='"


def containers(spec: Object, path: str) -> list[Cause]:
    """All containers of a pod's spec, those that come first included."""
    volumes = {one.get("name") for one in spec.get("volumes") or ()}
    where = f"{path}.containers"
    found = [] if spec.get("containers") else [required(where)]
    taken: set[str] = set()
    held: set[str] = set()
    for i, one in enumerate(spec.get("containers") or ()):
        found += _held(one.get("ports") or (), f"{where}[{i}].ports", held)
    for group in ("containers", "initContainers"):
        for i, one in enumerate(spec.get(group) or ()):
            place = f"{path}.{group}[{i}]"
            found += _container(one, place, volumes)
            name = one.get("name") or ""
            if name in taken:
                found.append(duplicate(f"{place}.name", name))
            taken.add(name)
            if group == "containers":
                for probe in _PROBES:
                    found += _probe(one.get(probe), f"{place}.{probe}", once=probe != "readinessProbe")
    return found


def _container(one: Object, path: str, volumes: set[Any]) -> list[Cause]:
    name = one.get("name")
    found = label(f"{path}.name", name) if name else [required(f"{path}.name")]
    if not one.get("image"):
        found.append(required(f"{path}.image"))
    return [
        *found,
        *_ports(one.get("ports") or (), f"{path}.ports"),
        *_variables(one.get("env") or (), f"{path}.env"),
        *_mounts(one.get("volumeMounts") or (), f"{path}.volumeMounts", volumes),
        *_resources(one.get("resources") or {}, f"{path}.resources"),
    ]


def _ports(ports: Any, path: str) -> list[Cause]:
    found: list[Cause] = []
    names: set[str] = set()
    for i, port in enumerate(ports):
        place, name = f"{path}[{i}]", port.get("name")
        if name:
            wrong = port_name(f"{place}.name", name)
            found += wrong or ([duplicate(f"{place}.name", name)] if name in names else [])
            names.add(name)
        number = port.get("containerPort")
        found += port_number(f"{place}.containerPort", number) if number else [required(f"{place}.containerPort")]
        if port.get("hostPort"):
            found += port_number(f"{place}.hostPort", port["hostPort"])
    return found


def _held(ports: Any, path: str, held: set[str]) -> list[Cause]:
    """Ports of the node that two containers want."""
    found = []
    for i, port in enumerate(ports):
        if not port.get("hostPort"):
            continue
        wanted = f"{port.get('protocol', 'TCP')}/{port.get('hostIP', '')}/{port['hostPort']}"
        if wanted in held:
            found.append(duplicate(f"{path}[{i}].hostPort", wanted))
        held.add(wanted)
    return found


def _variables(variables: Any, path: str) -> list[Cause]:
    found = []
    for i, one in enumerate(variables):
        name, source = one.get("name"), one.get("valueFrom")
        if not name:
            found.append(required(f"{path}[{i}].name"))
        elif not _RELAXED.fullmatch(name):
            found.append(wrong_value(f"{path}[{i}].name", name, _RELAXED_WORDS))
        if source is not None and one.get("value"):
            why = "may not be specified when `value` is not empty"
            found.append(wrong_value(f"{path}[{i}].valueFrom", "", why))
    return found


def _mounts(mounts: Any, path: str, volumes: set[Any]) -> list[Cause]:
    found = []
    points: set[str] = set()
    for i, mount in enumerate(mounts):
        name, point = mount.get("name") or "", mount.get("mountPath") or ""
        if not name:
            found.append(required(f"{path}[{i}].name"))
        if name not in volumes:
            found.append(unknown(f"{path}[{i}].name", name))
        if not point:
            found.append(required(f"{path}[{i}].mountPath"))
        if point in points:
            found.append(wrong_value(f"{path}[{i}].mountPath", point, "must be unique"))
        points.add(point)
    return found


def _resources(resources: Object, path: str) -> list[Cause]:
    requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
    found = []
    for name, given in requests.items():
        limit = limits.get(name)
        if limit is not None and amount(given) > amount(limit):
            why = f"must be less than or equal to {name} limit of {limit}"
            found.append(wrong_value(f"{path}.requests", str(given), why))
    for group, held in (("limits", limits), ("requests", requests)):
        for name, given in held.items():
            if amount(given) < 0:
                where = f"{path}.{group}[{name}]"
                found.append(wrong_value(where, str(given), "must be greater than or equal to 0"))
    return found


def _probe(probe: Any, path: str, *, once: bool) -> list[Cause]:
    if probe is None:
        return []
    given = [handler for handler in _HANDLERS if probe.get(handler) is not None]
    found = [] if given else [required(path, "must specify a handler type")]
    found += [forbidden_field(f"{path}.{one}", "may not specify more than 1 handler type") for one in given[1:]]
    for key in _COUNTS:
        found += at_least(f"{path}.{key}", probe.get(key), 0)
    if once and probe.get("successThreshold", 1) not in (0, 1):
        found.append(wrong_value(f"{path}.successThreshold", probe["successThreshold"], "must be 1"))
    return found + (_handler(probe[given[0]], f"{path}.{given[0]}") if given else [])


def _handler(handler: Object, path: str) -> list[Cause]:
    """Where a probe knocks, or what it runs."""
    if path.endswith(".exec"):
        return [] if handler.get("command") else [required(f"{path}.command")]
    return _port(handler.get("port"), f"{path}.port")


def _port(port: Any, path: str) -> list[Cause]:
    return port_name(path, port) if isinstance(port, str) else port_number(path, port or 0)
