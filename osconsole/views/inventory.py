"""What Ansible is told about the hosts of a NodeSet, for people: what one host gets of it, and how current it is. Pure.

The content comes with its secrets hidden; nothing here could show them.
"""

from collections.abc import Mapping
from typing import Any

from osconsole.errors import NotFound
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import facts
from osconsole.views.coverage import ledger


def of(content: dict[str, Any], host: str, nodeset: str) -> dict[str, Any]:
    """All of it, or what one host gets.

    Raises:
        NotFound: there is no such host.
    """
    if not host:
        return content
    found = effective(content, host)
    if not found:
        there = ", ".join(hosts(content)) or "none"
        raise NotFound(f"the inventory of {nodeset} has no host {host}: there are {there}", 404)
    return found


def hosts(content: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of its hosts."""
    return tuple(name for group in content.values() if isinstance(group, Mapping) for name in group.get("hosts") or ())


def effective(content: Mapping[str, Any], host: str) -> dict[str, Any]:
    """The variables of a host: those of its groups, and its own over them; {} when no group has it."""
    out: dict[str, Any] = {}
    for group in content.values():
        if isinstance(group, Mapping) and host in (group.get("hosts") or ()):
            out |= group.get("vars") or {}
    for group in content.values():
        if isinstance(group, Mapping):
            out |= (group.get("hosts") or {}).get(host) or {}
    return out


def ssh(variables: Mapping[str, Any], host: str) -> str:
    """How to reach a host by hand, as Ansible would."""
    user, port = variables.get("ansible_user"), str(variables.get("ansible_port") or "22")
    at = str(variables.get("ansible_host") or host)
    words = ["ssh", *([] if port == "22" else ["-p", port]), f"{user}@{at}" if user else at]
    return " ".join(words)


def head(shown: Mapping[str, Any], host: str, nodeset: Resource, snapshot: Snapshot) -> list[str]:
    """What to know before one reads it: how current it is, and how to reach the host."""
    return [*since_last(nodeset, snapshot), *([ssh(shown, host)] if host else [])]


def since_last(nodeset: Resource, snapshot: Snapshot) -> list[str]:
    """Whether this is what the last Deployment was given, as far as hashes tell."""
    carried = facts.value(nodeset, "status", "deployedConfigHash")
    now = facts.value(nodeset, "status", "configHash")
    running = ledger(nodeset, snapshot).running
    out = [f"Deployment {running} is under way: the inventory is as it was when that began"] if running else []
    if not carried:
        return [*out, "no Deployment has used an inventory of this NodeSet to the end yet"]
    if carried == now:
        return [*out, "the NodeSet is as the last Deployment that ended well has used it"]
    return [*out, "the NodeSet has changed since the last Deployment that ended well; what it was given is not kept"]
