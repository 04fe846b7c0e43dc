"""OpenStackVersion: a minor update is done when deployedVersion is targetVersion, whatever its conditions say."""

from osconsole.model.conditions import find
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import facts
from osconsole.views.state import OK, PROGRESSING, Verdict
from osconsole.views.text import clean

# In the order in which upstream takes them; their conditions vanish 0.1 s after the last one is done.
STAGES = (
    "MinorUpdateOVNControlplane", "MinorUpdateOVNDataplane", "MinorUpdateRabbitMQ", "MinorUpdateMariaDB",
    "MinorUpdateMemcached", "MinorUpdateKeystone", "MinorUpdateControlplane", "MinorUpdateDataplane",
)  # fmt: skip
SPOKEN = {
    "MinorUpdateOVNControlplane": "OVN of the control plane",
    "MinorUpdateOVNDataplane": "OVN of the compute nodes",
    "MinorUpdateControlplane": "the rest of the control plane",
    "MinorUpdateDataplane": "the compute nodes",
}


def version(resource: Resource, _: Snapshot) -> Verdict:
    """An OpenStackVersion."""
    old, new = versions(resource)
    if new and old == new:
        return Verdict(OK, "", resource.created)
    if new and old:
        at = stage(resource)
        return Verdict(PROGRESSING, f"update {clean(old)} → {clean(new)}" + (f": {spoken(at)}" if at else ""))
    ready = find(resource.conditions, "Initialized")
    if ready and ready.ok:
        return Verdict(OK, "", ready.since)
    return Verdict(PROGRESSING, clean(ready.message) if ready and ready.message else "not initialised yet")


def versions(resource: Resource) -> tuple[str, str]:
    """Deployed and target version, "" where there is none yet."""
    deployed, target = (
        facts.value(resource, "status", "deployedVersion"),
        facts.value(resource, "spec", "targetVersion"),
    )
    return str(deployed or ""), str(target or "")


def updating(resource: Resource) -> bool:
    """A minor update is under way: both versions are there and differ."""
    old, new = versions(resource)
    return bool(old and new and old != new)


def stage(resource: Resource) -> str:
    """The first stage that is not reached, "" when the conditions name none."""
    done = {c.type: c.ok for c in resource.conditions}
    return next((name for name in STAGES if name in done and not done[name]), "")


def spoken(stage: str) -> str:
    """A stage in words."""
    return SPOKEN.get(stage, stage.removeprefix("MinorUpdate"))
