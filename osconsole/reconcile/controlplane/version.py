"""OpenStackVersion: which images run, which release is deployed, and how far an update is."""

from typing import Any

import msgspec

from osconsole.reconcile.controlplane.images import DEFAULTS
from osconsole.reconcile.controlplane.releases import newest, releases
from osconsole.reconcile.controlplane.steps.step import Steps
from osconsole.reconcile.controlplane.update import Update
from osconsole.reconcile.controlplane.walk import Walk


class Initialized(msgspec.Struct, frozen=True):
    """The images of the target version are known, those that a person has chosen before ours."""

    conditions: tuple[str, ...] = ("Initialized",)

    def run(self, walk: Walk) -> bool:
        """Report them, and whether there is something newer."""
        known = {**(walk.status.get("containerImageVersionDefaults") or {}), **releases(walk)}
        target = walk.get("targetVersion", default=newest(walk))
        custom = {k: v for k, v in walk.get("customContainerImages", default={}).items() if isinstance(v, str)}
        if target not in known:
            return walk.failed("Initialized", f"version {target} is not known here: known are {', '.join(known)}")
        walk.report |= {
            "availableVersion": newest(walk),
            "availableServiceDefaults": dict.fromkeys(releases(walk), DEFAULTS),
            "containerImageVersionDefaults": known,
            "containerImages": {**known[target], **custom},
            "serviceDefaults": DEFAULTS,
            "trackedCustomImages": {target: custom},
        }
        plane, deployed = walk.see("OpenStackControlPlane", walk.name), walk.status.get("deployedVersion")
        if not deployed and plane and plane.ready:
            deployed = walk.report["deployedVersion"] = plane.get("status", "deployedVersion", default=target)
        if deployed and deployed != newest(walk):
            walk.ok("MinorUpdateAvailable", "update available")
        return walk.ok("Initialized")


VERSION: Any = Steps(Initialized(), Update())
