"""The releases that are known: the one that comes with the product, and those that a person has brought.

Upstream learns of a release by an upgrade of its operators. Here a ConfigMap brings one: its label says the version,
its data name images as OpenStackVersion does; what it does not name stays as in the release that we have.
"""

import re

from osconsole.model.kinds import key
from osconsole.reconcile.controlplane.images import IMAGES, RELEASE
from osconsole.reconcile.controlplane.walk import Walk

LABEL = "osconsole.io/release"
Images = dict[str, str]


def releases(walk: Walk) -> dict[str, Images]:
    """The images of each version that is known in the namespace, the oldest first."""
    found = {RELEASE: IMAGES}
    for brought in walk.world.all(key("ConfigMap"), walk.namespace):
        if version := brought.labels.get(LABEL):
            named = brought.get("data", default={}) or {}
            found[version] = {**IMAGES, **{name: image.strip() for name, image in named.items() if name in IMAGES}}
    return dict(sorted(found.items(), key=lambda known: _order(known[0])))


def newest(walk: Walk) -> str:
    """The version that is available."""
    return next(reversed(releases(walk)))


def _order(version: str) -> tuple[tuple[int, str], ...]:
    """`18.0.10` comes after `18.0.9`."""
    parts = re.split(r"[.\-+_]", version)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)
