"""OpenStackClient: a bare pod with the openstack command, for people."""

from typing import Any

import msgspec

from osconsole.model.conditions import READY, find
from osconsole.model.hashes import object_hash
from osconsole.reconcile.controlplane.describe import Container, Pods, config_map, secret
from osconsole.reconcile.controlplane.objects import made
from osconsole.reconcile.controlplane.pods import pod_spec
from osconsole.reconcile.controlplane.steps.access import Account
from osconsole.reconcile.controlplane.steps.inputs import Bundle
from osconsole.reconcile.controlplane.steps.step import Steps
from osconsole.reconcile.controlplane.walk import Walk

_HASH = "CONFIG_HASH"


class Shell(msgspec.Struct, frozen=True):
    """Pod `name`, once Keystone can be reached; a new configuration or image makes a new pod."""

    conditions: tuple[str, ...] = ("OpenStackClientReady",)

    def run(self, walk: Walk) -> bool:
        """Make it, and wait until it runs."""
        keystone = walk.see("KeystoneAPI", "keystone")
        names = (walk.get("openStackConfigMap", default=""), walk.get("openStackConfigSecret", default=""))
        config = (walk.see("ConfigMap", names[0]), walk.see("Secret", names[1]))
        if keystone is None or not keystone.ready:
            return walk.busy("OpenStackClientReady", "OpenStack Client keystone API not yet ready")
        if not all(config):
            return walk.busy("OpenStackClientReady", "OpenStack Client config not found")
        body = self._pod(walk, names, object_hash([c.get("data", default={}) for c in config if c]))
        found = walk.see("Pod", walk.name)
        if found is None:
            walk.create(body)
        elif _made_from(found.body()) != _made_from(body) or _over(found.get("status", "phase", default="")):
            walk.remove(found)
        else:
            ready = find(found.conditions, READY)
            walk.report["podName"] = walk.name
            if ready and ready.ok:
                return walk.ok("OpenStackClientReady")
        return walk.busy("OpenStackClientReady")

    def _pod(self, walk: Walk, names: tuple[str, str], digest: str) -> dict[str, Any]:
        home = "/home/cloud-admin/.config/openstack"
        container = Container("openstackclient", ("/bin/sleep", "infinity"), env={"OS_CLOUD": "default"})
        volumes = (
            config_map("openstack-config", names[0], home),
            secret("openstack-config-secret", names[1], "/etc/openstack"),
        )
        pods = Pods({}, (container,), volumes, "openstackclient-{name}")
        spec = pod_spec(pods, walk, {_HASH: digest})
        spec["tolerations"] = [
            {
                "key": f"node.kubernetes.io/{taint}",
                "operator": "Exists",
                "effect": "NoExecute",
                "tolerationSeconds": 120,
            }
            for taint in ("not-ready", "unreachable")
        ]
        return made(walk.me, "Pod", walk.name, {"service": "openstackclient"}, spec=spec)


def _made_from(pod: dict[str, Any]) -> tuple[str, str]:
    """What a pod cannot change while it lives: its configuration and its image."""
    container = pod["spec"]["containers"][0]
    digest = next((str(e.get("value")) for e in container.get("env") or [] if e.get("name") == _HASH), "")
    return digest, str(container.get("image", ""))


def _over(phase: str) -> bool:
    return phase in {"Failed", "Succeeded"}


CLIENT: Any = Steps(Account("openstackclient-{name}"), Bundle(), Shell())
