"""Bare metal: hosts say their errors only themselves, nothing above repeats them (`domain.md` §7.8)."""

from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import facts
from osconsole.views.state import DEGRADED, FAILED, OFF, OK, PROGRESSING, UNKNOWN, WAITING, Verdict
from osconsole.views.text import clean

# provisioning.state of Metal3 -> word, what it means.
STATES = {
    "": (WAITING, "no controller has looked at it yet"),
    "unmanaged": (OFF, "has no BMC address: it is not managed"),
    "registering": (PROGRESSING, "its BMC is asked for access"),
    "match profile": (PROGRESSING, "is matched with a profile"),
    "inspecting": (PROGRESSING, "its hardware is inspected"),
    "preparing": (PROGRESSING, "is prepared: RAID, BIOS, firmware"),
    "ready": (OK, "available"),
    "available": (OK, "available"),
    "provisioning": (PROGRESSING, "its image is written"),
    "provisioned": (OK, ""),
    "externally provisioned": (OK, ""),
    "deprovisioning": (PROGRESSING, "its disks are cleaned"),
    "powering off before delete": (PROGRESSING, "is powered off before it goes"),
    "deleting": (PROGRESSING, "is being deleted"),
}


def host(resource: Resource, _: Snapshot) -> Verdict:
    """A BareMetalHost."""
    status = facts.mapping(resource, "status")
    said = clean(str(status.get("errorMessage") or ""))
    if status.get("errorType") or said:
        return Verdict(FAILED, said or clean(str(status["errorType"])), 0.0)
    provisioning = status.get("provisioning")
    state = str(provisioning.get("state") or "") if isinstance(provisioning, dict) else ""
    word, why = STATES.get(state, (UNKNOWN, f"provisioning state {clean(state)} is not known"))
    if word == OK and facts.value(resource, "spec", "online") and status.get("poweredOn") is False:
        return Verdict(DEGRADED, "should be on, and is powered off", 0.0)
    return Verdict(word, why, resource.created)
