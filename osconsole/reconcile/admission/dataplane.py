"""NodeSets, Deployments and Services: what their webhooks fill in and refuse."""

import copy
import ipaddress
import re
from typing import Any

from osconsole.model.conditions import find, read
from osconsole.reconcile.admission.paths import fill, path
from osconsole.reconcile.admission.verdict import Context, Problem, name

_NAME = re.compile(r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")
USER = "cloud-admin"

_DEPLOYMENT = {
    "ansibleEEEnvConfigMapName": "openstack-aee-default-env",
    "backoffLimit": 6,
    "deploymentRequeueTime": 15,
    "preserveJobs": True,
}


def default_nodeset(obj: dict[str, Any]) -> dict[str, Any]:
    """Users, networks and host names that a person may leave out."""
    spec = copy.deepcopy(obj.get("spec") or {})
    bare_metal = spec.get("baremetalSetTemplate") or {}
    fill(spec, path("nodeTemplate ansible ansibleUser"), bare_metal.get("cloudUserName") or USER)
    fill(spec, path("nodeTemplate managementNetwork"), "ctlplane")
    domain = bare_metal.get("domainName")
    for node, settings in (spec.get("nodes") or {}).items():
        spec["nodes"][node] = settings = settings or {}
        settings.setdefault("hostName", f"{node}.{domain}" if domain else node)
    return {**obj, "spec": spec}


def default_deployment(obj: dict[str, Any]) -> dict[str, Any]:
    """The CRD's own defaults, so that what is previewed is what will run."""
    return {**obj, "spec": {**_DEPLOYMENT, **(obj.get("spec") or {})}}


def default_service(obj: dict[str, Any]) -> dict[str, Any]:
    """A service is of its own type unless it says otherwise."""
    return {**obj, "spec": {"edpmServiceType": name(obj), **(obj.get("spec") or {})}}


def nodeset_problems(obj: dict[str, Any], old: dict[str, Any] | None, context: Context) -> list[Problem]:
    """Names, addresses, hosts of other NodeSets, and the lock while a Deployment runs."""
    spec = obj.get("spec") or {}
    out = _bad_name(obj)
    if spec.get("preProvisioned"):
        out += _addresses(spec) + _taken(obj, context)
    if running := _running(obj, old, context):
        out.append(Problem("spec", f"Deployment {running} runs on this NodeSet: wait for it, or delete it"))
    return out


def deployment_problems(obj: dict[str, Any], old: dict[str, Any] | None) -> list[Problem]:
    """Its spec is fixed from the start."""
    spec = obj.get("spec") or {}
    out = _bad_name(obj)
    if not spec.get("nodeSets"):
        out.append(Problem("spec.nodeSets", "name at least one NodeSet"))
    if old is not None and default_deployment(old)["spec"] != default_deployment(obj)["spec"]:
        out.append(Problem("spec", "the spec of a Deployment cannot be changed: delete it, or make a new one"))
    return out


def service_problems(obj: dict[str, Any]) -> list[Problem]:
    """It must say what to run."""
    spec = obj.get("spec") or {}
    out = _bad_name(obj)
    if not any(spec.get(key) for key in ("playbook", "playbookContents", "role")):
        out.append(Problem("spec", "one of playbook, playbookContents and role is required"))
    return out


def service_warnings(obj: dict[str, Any]) -> list[str]:
    """Two playbooks in one service contradict each other."""
    spec = obj.get("spec") or {}
    if spec.get("playbook") and spec.get("playbookContents"):
        return ["spec.playbookContents: the command line still names spec.playbook: set only one of them"]
    return []


def _bad_name(obj: dict[str, Any]) -> list[Problem]:
    if _NAME.match(name(obj)):
        return []
    return [Problem("metadata.name", f"'{name(obj)}' is no name: small letters, digits and '-', at most 63")]


def _addresses(spec: dict[str, Any]) -> list[Problem]:
    out = []
    for node, settings in (spec.get("nodes") or {}).items():
        host = ((settings or {}).get("ansible") or {}).get("ansibleHost") or ""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            out.append(
                Problem(
                    f"spec.nodes.{node}.ansible.ansibleHost",
                    f"found '{host}', expected an IP address: the node is preProvisioned",
                )
            )
    return out


def _taken(obj: dict[str, Any], context: Context) -> list[Problem]:
    mine = _hosts(obj)
    out = []
    for other in context.others(obj):
        shared = sorted(set(mine) & set(_hosts(other)))
        out += [Problem(f"spec.nodes.{mine[h]}", f"host {h} is in NodeSet {name(other)} already") for h in shared]
    return out


def _hosts(obj: dict[str, Any]) -> dict[str, str]:
    """Host name -> key of the node."""
    nodes = (obj.get("spec") or {}).get("nodes") or {}
    return {str((settings or {}).get("hostName") or node): node for node, settings in nodes.items()}


def _running(obj: dict[str, Any], old: dict[str, Any] | None, context: Context) -> str:
    """The Deployment at work on a NodeSet whose spec or labels are about to change."""
    if old is None or default_nodeset(old)["spec"] == default_nodeset(obj)["spec"]:
        return ""
    for deployment, entries in ((old.get("status") or {}).get("deploymentStatuses") or {}).items():
        said = find(read(entries), "NodeSetDeploymentReady")
        if said and not said.ok and not said.error:
            return str(deployment)
    for deployment in context.all("OpenStackDataPlaneDeployment"):
        status = deployment.get("status") or {}
        said = find(read(status.get("conditions")), "DeploymentReady")
        listed = name(obj) in ((deployment.get("spec") or {}).get("nodeSets") or [])
        if listed and not status.get("deployed") and said and not said.ok and not said.error:
            return name(deployment)
    return ""
