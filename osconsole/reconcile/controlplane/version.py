"""OpenStackVersion: which images run, and which release is deployed."""

from typing import Any

import msgspec

from osconsole.reconcile.controlplane.images import DEFAULTS, IMAGES, RELEASE
from osconsole.reconcile.controlplane.steps.step import Steps
from osconsole.reconcile.controlplane.walk import Walk


class Initialized(msgspec.Struct, frozen=True):
    """The images of the target version are known, those that a person has chosen before ours."""

    conditions: tuple[str, ...] = ("Initialized",)

    def run(self, walk: Walk) -> bool:
        """Report them."""
        target = walk.get("targetVersion", default=RELEASE)
        custom = {k: v for k, v in walk.get("customContainerImages", default={}).items() if isinstance(v, str)}
        known = walk.status.get("containerImageVersionDefaults") or {}
        if target not in known and target != RELEASE:
            return walk.failed("Initialized", f"version {target} is not known here: known is {RELEASE}")
        walk.report |= {
            "availableVersion": RELEASE,
            "availableServiceDefaults": {RELEASE: DEFAULTS},
            "containerImageVersionDefaults": {RELEASE: IMAGES},
            "containerImages": {**known.get(target, IMAGES), **custom},
            "serviceDefaults": DEFAULTS,
            "trackedCustomImages": {target: custom},
        }
        plane = walk.see("OpenStackControlPlane", walk.name)
        if plane and plane.ready:
            walk.report["deployedVersion"] = plane.get("status", "deployedVersion", default=target)
        return walk.ok("Initialized")


VERSION: Any = Steps(Initialized())
