"""The Ansible Job of one service on one NodeSet, as upstream makes it: names, labels, arguments, environment."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
import yaml

from osconsole.model.hashes import object_hash
from osconsole.model.resource import Resource
from osconsole.reconcile.controlplane.objects import made
from osconsole.reconcile.dataplane import mounts, variables
from osconsole.reconcile.dataplane.lanes import Lane
from osconsole.reconcile.dataplane.services import Service
from osconsole.reconcile.decide import World

IMAGE = "quay.io/openstack-k8s-operators/openstack-ansibleee-runner:current-podified"
ENVIRONMENT = "openstack-aee-default-env"
KEPT_S = 600  # how long a finished Job stays when preserveJobs is false
LONGEST = 63


class Run(msgspec.Struct, frozen=True):
    """What all Jobs of one Deployment share; `image` is the namespace's runner image."""

    deployment: Resource
    spec: dict[str, Any]
    lanes: tuple[Lane, ...]
    image: str


def job_name(service: Service, deployment: str, nodeset: str) -> str:
    """The Job's name; long ones are cut and get eight digits of a hash of the whole."""
    full = f"{service.name}-{deployment}" if service.everywhere else f"{service.name}-{deployment}-{nodeset}"
    if len(full) <= LONGEST:
        return full
    return f"{full[:54].rstrip('-.')}-{hashlib.sha256(full.encode()).hexdigest()[:8]}"


def labels(service: Service, deployment: str, nodeset: str) -> dict[str, str]:
    """By these, and not by its name, a Job is found."""
    return {
        "app": "openstackansibleee",
        "openstackdataplanedeployment": deployment,
        "openstackdataplanenodeset": nodeset,
        "openstackdataplaneservice": service.name,
    }


def job(run: Run, lane: Lane, service: Service, world: World) -> dict[str, Any]:
    """The Job.

    Raises:
        mounts.Missing: a Secret or ConfigMap that the service needs is not there.
    """
    name = job_name(service, run.deployment.ref.name, lane.name)
    marks = labels(service, run.deployment.ref.name, lane.name)
    networks = _networks(lane.nodeset)
    spec: dict[str, Any] = {
        "parallelism": 1,
        "completions": 1,
        "backoffLimit": run.spec.get("backoffLimit", 6),
        "template": {
            "metadata": {"labels": marks, "annotations": networks},
            "spec": _pod(run, lane, service, name, world),
        },
    }
    if not run.spec.get("preserveJobs", True):
        spec["ttlSecondsAfterFinished"] = KEPT_S
    return made(run.deployment, "Job", name, marks, {**networks, "hash": object_hash(spec)}, spec=spec)


def _pod(run: Run, lane: Lane, service: Service, name: str, world: World) -> dict[str, Any]:
    over = [one.nodeset for one in run.lanes] if service.everywhere else [lane.nodeset]
    volumes, mounted = mounts.of(service, lane.services, over, world)
    container = {
        "name": name,
        "image": service.spec.get("openStackAnsibleEERunnerImage") or run.image,
        "imagePullPolicy": "IfNotPresent",
        "args": ["ansible-runner", "run", "/runner", *_what(service), "-i", name],
        "env": [*(lane.nodeset.get("spec", "env", default=[])), *_environment(run, lane, service)],
        "envFrom": [
            {"configMapRef": {"name": run.spec.get("ansibleEEEnvConfigMapName") or ENVIRONMENT, "optional": True}}
        ],
        "volumeMounts": mounted,
    }
    pod: dict[str, Any] = {
        "serviceAccountName": lane.name,
        "restartPolicy": "Never",
        "volumes": volumes,
        "containers": [container],
        **_resolvers(lane.nodeset),
    }
    if selector := run.spec.get("ansibleJobNodeSelector"):
        pod["nodeSelector"] = selector
    return pod


def _what(service: Service) -> list[str]:
    if service.spec.get("playbook"):
        return ["-p", service.spec["playbook"]]
    if service.spec.get("playbookContents"):
        return ["-p", "playbook.yaml"]
    return ["-r", str(service.spec.get("role") or "")]


def _environment(run: Run, lane: Lane, service: Service) -> list[dict[str, str]]:
    """What the runner's entry point turns into its files; the newlines are upstream's."""
    spec = service.spec
    found = {}
    if spec.get("playbookContents") or spec.get("playbook"):
        found["RUNNER_PLAYBOOK"] = spec.get("playbookContents") or spec["playbook"]
    elif spec.get("role"):
        found["RUNNER_ROLE"] = spec["role"]
    if command_line := _command_line(run.spec):
        found["RUNNER_CMDLINE"] = command_line
    hosts = "all" if service.everywhere else lane.name
    found["RUNNER_EXTRA_VARS"] = _extra_vars(run.spec, hosts, service) + "\n"
    return [{"name": key, "value": f"\n{value}\n\n"} for key, value in found.items()]


def _command_line(spec: Mapping[str, Any]) -> str:
    options = {"--tags": "ansibleTags", "--limit": "ansibleLimit", "--skip-tags": "ansibleSkipTags"}
    return " ".join(f"{option} {spec[field]}" for option, field in options.items() if spec.get(field))


def _extra_vars(spec: Mapping[str, Any], hosts: str, service: Service) -> str:
    variables = {
        **(spec.get("ansibleExtraVars") or {}),
        "edpm_override_hosts": hosts,
        "edpm_service_type": service.type,
    }
    if spec.get("servicesOverride"):
        variables["edpm_services_override"] = list(spec["servicesOverride"])
    return yaml.dump(variables, Dumper=_Indented, indent=4, default_flow_style=False, width=4096).rstrip("\n")


class _Indented(yaml.SafeDumper):
    """Lists are indented below their key, as Go writes YAML."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002
        super().increase_indent(flow, indentless=False)


def _networks(nodeset: Resource) -> dict[str, str]:
    wanted = nodeset.get("spec", "networkAttachments", default=None) or []
    entries = [{"name": name, "namespace": nodeset.ref.namespace, "interface": name} for name in wanted]
    return {"k8s.v1.cni.cncf.io/networks": msgspec.json.encode(entries).decode()} if entries else {}


def _resolvers(nodeset: Resource) -> dict[str, Any]:
    """Ansible asks the data plane's own resolvers, where there are some."""
    servers = nodeset.get("status", "dnsClusterAddresses", default=None) or []
    if not servers:
        return {}
    domain = nodeset.get("status", "ctlplaneSearchDomain", default="")
    return {"dnsPolicy": "None", "dnsConfig": {"nameservers": servers, "searches": [domain] if domain else []}}


def runner_image(world: World, namespace: str) -> str:
    """The runner image of the namespace's OpenStackVersion."""
    return variables.images(world, namespace).get("ansibleeeImage") or IMAGE
