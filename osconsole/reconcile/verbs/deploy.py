"""Deploy: a new OpenStackDataPlaneDeployment. One runs once; there is no second run of the same object."""

import difflib
import re
from datetime import UTC, datetime
from typing import Any

from osconsole.ansible.inventory import hosts_of
from osconsole.model import kinds
from osconsole.model.conditions import find
from osconsole.model.intents import Deploy
from osconsole.model.preview import Finding, Preview, Touched
from osconsole.model.ref import KindKey
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile.actions import Create
from osconsole.reconcile.verbs import chain

NODESET = kinds.key("OpenStackDataPlaneNodeSet")
SERVICE = kinds.key("OpenStackDataPlaneService")
DEPLOYMENT = kinds.key("OpenStackDataPlaneDeployment")
NAME = re.compile(r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")


def judge(intent: Deploy, snapshot: Snapshot, now: float) -> Preview:
    """The Preview of a Deployment; everything that upstream would find out only later is said now."""
    name = intent.name or f"deploy-{datetime.fromtimestamp(now, UTC):%m%d-%H%M%S}"
    found = {n: snapshot.get(NODESET.ref(intent.namespace, n)) for n in intent.nodesets}
    sets = [s for s in found.values() if s is not None]
    hosts = {s.ref.name: _hosts(s) for s in sets}
    services = list(intent.services) or list(
        dict.fromkeys(n for s in sets for n in s.get("spec", "services", default=[]))
    )
    body = _body(intent, name)
    return Preview(
        intent=intent,
        title=f"Deploy {', '.join(intent.nodesets)}: {len(services)} service{'s' * (len(services) != 1)}",
        target=DEPLOYMENT.ref(intent.namespace, name),
        because="a Deployment runs once; to run again, another is made",
        touches=tuple(Touched(("spec", key), None, value) for key, value in body["spec"].items()),
        rolls=tuple(_rolls(sets, hosts, services, intent)),
        findings=tuple(_findings(intent, found, hosts, snapshot) + _names(intent, name, services, snapshot)),
        undo="S stops it: its Jobs are deleted; what Ansible has done stays done",
    )


def create(preview: Preview) -> Create:
    """The write."""
    assert isinstance(preview.intent, Deploy)
    return Create(_body(preview.intent, preview.target.name))


def _body(intent: Deploy, name: str) -> dict[str, Any]:
    optional: dict[str, Any] = {
        "servicesOverride": list(intent.services),
        "ansibleLimit": intent.limit,
        "ansibleTags": intent.tags,
        "ansibleSkipTags": intent.skip_tags,
        "ansibleExtraVars": intent.extra_vars,
    }
    spec: dict[str, Any] = {"nodeSets": list(intent.nodesets)} | {
        key: value for key, value in optional.items() if value
    }
    if intent.backoff_limit is not None:
        spec["backoffLimit"] = intent.backoff_limit
    kind = kinds.BY_KEY[DEPLOYMENT]
    meta = {"name": name, "namespace": intent.namespace}
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta, "spec": spec}


def _hosts(nodeset: Resource) -> list[str]:
    nodes = nodeset.get("spec", "nodes", default={})
    return [str((node or {}).get("hostName") or key).partition(".")[0] for key, node in nodes.items()]


def _chosen(limit: str, nodeset: str, hosts: list[str]) -> list[str]:
    """The hosts of a NodeSet that a limit selects; all of them without one."""
    content: dict[str, Any] = {nodeset: {"hosts": {host: {} for host in hosts}}}
    return list(hosts_of(content, limit)) if limit else hosts


def _rolls(sets: list[Resource], hosts: dict[str, list[str]], services: list[str], intent: Deploy) -> list[str]:
    out = []
    for nodeset in sets:
        here = hosts[nodeset.ref.name]
        chosen = _chosen(intent.limit, nodeset.ref.name, here)
        out.append(f"{nodeset.ref.name}: Ansible runs on {len(chosen)} of {len(here)} hosts: {', '.join(chosen[:8])}")
    return [*out, f"services in order: {', '.join(services)}"]


def _findings(
    intent: Deploy, found: dict[str, Resource | None], hosts: dict[str, list[str]], snapshot: Snapshot
) -> list[Finding]:
    out = []
    if intent.limit not in {"", "*"} or intent.services or intent.tags or intent.skip_tags:
        words = "only a part runs, yet the whole NodeSet counts as deployed afterwards: :coverage keeps the difference"
        out.append(Finding("warn", words))
    for name, nodeset in found.items():
        if nodeset is None:
            out.append(Finding("refused", _missing("NodeSet", name, NODESET, intent.namespace, snapshot)))
            continue
        busy = chain.deploying(name, intent.namespace, snapshot)
        setup = find(nodeset.conditions, "SetupReady")
        if busy is not None:
            out.append(
                Finding("refused", f"Deployment {busy.ref.name} runs on NodeSet {name}: wait for it, or delete it")
            )
        elif setup is None or not setup.ok or not nodeset.caught_up:
            said = setup.message if setup else "its setup has not begun"
            out.append(Finding("warn", f"NodeSet {name} is not set up yet ({said}): the Deployment waits for it"))
        else:
            out.append(Finding("ok", f"NodeSet {name} is set up; nothing runs on it"))
        if not _chosen(intent.limit, name, hosts[name]):
            here = ", ".join(hosts[name][:8])
            what = (
                f"limit '{intent.limit}' selects no host of NodeSet {name}"
                if intent.limit
                else f"NodeSet {name} has no nodes"
            )
            out.append(Finding("refused", f"{what}: it has {here or 'none'}"))
    return out


def _names(intent: Deploy, name: str, services: list[str], snapshot: Snapshot) -> list[Finding]:
    out = [
        Finding("refused", _missing("service", service, SERVICE, intent.namespace, snapshot))
        for service in services
        if snapshot.get(SERVICE.ref(intent.namespace, service)) is None
    ]
    if not services:
        out.append(Finding("refused", "there is no service to run: name one with --service"))
    for what, named in (("NodeSet", intent.nodesets), ("service", intent.services)):
        twice = dict.fromkeys(one for one in named if named.count(one) > 1)
        out += [Finding("refused", f"{what} {one} is named twice") for one in twice]
    if not NAME.match(name):
        out.append(Finding("refused", f"'{name}' is no valid name: small letters, digits and '-' only, at most 63"))
    elif snapshot.get(DEPLOYMENT.ref(intent.namespace, name)) is not None:
        out.append(
            Finding("refused", f"Deployment {name} exists already: a finished one is not run again, take another name")
        )
    if intent.backoff_limit is not None and intent.backoff_limit < 0:
        out.append(Finding("refused", f"backoff limit {intent.backoff_limit} is below 0"))
    return out


def _missing(what: str, name: str, kind: KindKey, namespace: str, snapshot: Snapshot) -> str:
    names = sorted(r.ref.name for r in snapshot.all(kind, namespace))
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    known = f"did you mean {near[0]}?" if near else f"there are: {', '.join(names[:12]) or 'none'}"
    return f"there is no {what} '{name}' in namespace {namespace}: {known}"
