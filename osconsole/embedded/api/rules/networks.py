"""Services and what stands beside them: ports, names, addresses, rules."""

import ipaddress
from typing import Any

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.failures import required, wrong_value
from osconsole.embedded.api.rules.words import duplicate, label, port_name, port_number

Object = dict[str, Any]

_NODE_PORTS = range(30_000, 32_768)
_ADDRESS_WORDS = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"


def service(obj: Object) -> list[Cause]:
    """A Service."""
    spec = obj.get("spec") or {}
    ports, kind, address = spec.get("ports") or (), spec.get("type"), spec.get("clusterIP")
    found = []
    if address and address != "None" and kind != "ExternalName":
        found += _address("spec.clusterIPs[0]", address)
    if found:
        # Nothing else is looked at while it cannot be said where.
        return found
    if not ports and kind != "ExternalName" and address != "None":
        found.append(required("spec.ports"))
    if kind == "ExternalName" and not spec.get("externalName"):
        found.append(required("spec.externalName"))
    names: set[str] = set()
    for i, port in enumerate(ports):
        found += _port(port, f"spec.ports[{i}]", names, alone=len(ports) == 1)
    return found


def _port(port: Object, path: str, names: set[str], *, alone: bool) -> list[Cause]:
    name, target, node = port.get("name"), port.get("targetPort"), port.get("nodePort")
    found = []
    if name:
        found += label(f"{path}.name", name)
        if name in names:
            found.append(duplicate(f"{path}.name", name))
        names.add(name)
    elif not alone:
        found.append(required(f"{path}.name"))
    found += port_number(f"{path}.port", port.get("port"))
    found += (
        port_name(f"{path}.targetPort", target)
        if isinstance(target, str)
        else port_number(f"{path}.targetPort", target if target is not None else port.get("port"))
    )
    if node and node not in _NODE_PORTS:
        why = "provided port is not in the valid range. The range of valid ports is 30000-32767"
        found.append(wrong_value(f"{path}.nodePort", node, why))
    return found


def _address(field: str, text: str) -> list[Cause]:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return [wrong_value(field, text, _ADDRESS_WORDS)]
    return []


def ingress(obj: Object) -> list[Cause]:
    """An Ingress."""
    spec = obj.get("spec") or {}
    if not spec.get("rules") and not spec.get("defaultBackend"):
        return [wrong_value("spec", None, "either `defaultBackend` or `rules` must be specified")]
    found = []
    for i, rule in enumerate(spec.get("rules") or ()):
        for j, path in enumerate((rule.get("http") or {}).get("paths") or ()):
            where = f"spec.rules[{i}].http.paths[{j}]"
            if not path.get("pathType"):
                found.append(required(f"{where}.pathType", "pathType must be specified"))
            elif path["pathType"] != "ImplementationSpecific" and not str(path.get("path", "")).startswith("/"):
                found.append(wrong_value(f"{where}.path", path.get("path", ""), "must be an absolute path"))
    return found


def endpoints(obj: Object) -> list[Cause]:
    """Endpoints."""
    found = []
    for i, subset in enumerate(obj.get("subsets") or ()):
        for group in ("addresses", "notReadyAddresses"):
            for j, one in enumerate(subset.get(group) or ()):
                found += _address(f"subsets[{i}].{group}[{j}].ip", one.get("ip", ""))
        for j, port in enumerate(subset.get("ports") or ()):
            found += port_number(f"subsets[{i}].ports[{j}].port", port.get("port"))
    return found


def endpoint_slice(obj: Object) -> list[Cause]:
    """An EndpointSlice."""
    found = [] if obj.get("addressType") else [required("addressType")]
    return found + [
        required(f"endpoints[{i}].addresses", "must contain at least 1 address")
        for i, one in enumerate(obj.get("endpoints") or ())
        if not one.get("addresses")
    ]
