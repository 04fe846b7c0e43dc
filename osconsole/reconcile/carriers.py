"""Carriers: who would carry a run to its end, an operator or this session. Asked before the run is written.

A run that nobody may step would wait silently for ever; so it is said who is missing. Nothing is driven here.
"""

import time
from typing import NamedTuple

import msgspec

from osconsole.errors import ApiError, Forbidden, NotFound
from osconsole.kube import access
from osconsole.kube.api import Api
from osconsole.model.conditions import instant
from osconsole.model.intents import Restart, RunPlan
from osconsole.model.kinds import BY_KEY, key
from osconsole.model.preview import Finding, Preview
from osconsole.model.ref import KindKey, Ref
from osconsole.reconcile.lease import LIFE_S
from osconsole.reconcile.states import EVERYWHERE, OPERATOR

LEASE = key("Lease")


class Carrier(NamedTuple):
    """Who could.

    Attributes:
        operator: one of ours lives that drives runs of the namespace.
        hidden: why that cannot be seen; "" when it can.
        lacks: the rights that this session lacks to do it itself; empty when it can.
    """

    operator: bool
    hidden: str = ""
    lacks: tuple[str, ...] = ()

    @property
    def here(self) -> bool:
        """This session carries it."""
        return not self.operator and not self.lacks

    @property
    def finding(self) -> Finding | None:
        """What a person must know before: nobody will, or perhaps nobody."""
        if self.operator or not self.lacks:
            return None
        rights = " and ".join(self.lacks)
        if self.hidden:
            return Finding(
                "warn",
                f"perhaps nobody carries it out: whether `osconsole operator` runs is not seen ({self.hidden}), "
                f"and you may not {rights}",
            )
        return Finding(
            "refused",
            f"nobody would carry it out: no `osconsole operator` runs here, and you may not {rights}. "
            "Whoever has these rights can run it, or start `osconsole operator`",
        )

    @property
    def refusal(self) -> str:
        """Why the run must not be written; "" when it may."""
        found = self.finding
        return found.text if found and found.level == "refused" else ""


async def of(api: Api, preview: Preview) -> Carrier | None:
    """Who could carry out the run that a preview starts; None where it starts none.

    Raises:
        ApiError, Unreachable: it cannot be asked.
    """
    if not isinstance(preview.intent, Restart | RunPlan):
        return None
    namespace = preview.target.namespace
    lives, hidden = await operator(api, namespace)
    return Carrier(lives, hidden, () if lives else await _lacking(api, preview.intent, preview.target))


async def checked(api: Api, preview: Preview) -> Preview:
    """The preview, with what must be known of who would carry its run."""
    carrier = await of(api, preview)
    found = carrier.finding if carrier else None
    return msgspec.structs.replace(preview, findings=(*preview.findings, found)) if found else preview


async def operator(api: Api, namespace: str) -> tuple[bool, str]:
    """Whether an operator of ours lives that drives runs of a namespace, and why that cannot be seen."""
    hidden = ""
    for place in (EVERYWHERE, namespace):
        try:
            found = await api.get(BY_KEY[LEASE], place, OPERATOR)
        except NotFound:
            continue
        except Forbidden:
            hidden = hidden or f"no permission: get leases in namespace {place}"
            continue
        except ApiError as error:
            hidden = hidden or str(error)
            continue
        spec = found.get("spec") or {}
        if spec.get("holderIdentity") and time.time() - instant(spec.get("renewTime")) < 2 * LIFE_S:
            return True, ""
    return False, hidden


async def _lacking(api: Api, intent: Restart | RunPlan, target: Ref) -> tuple[str, ...]:
    """The rights that stepping a run takes and that we lack: its Lease, its ConfigMap, and what it does."""
    asked = [(verb, LEASE, "", "") for verb in ("get", "create", "patch")]
    asked.append(("patch", key("ConfigMap"), "", ""))
    if isinstance(intent, Restart):
        asked.append(("create", key("Pod"), "", "eviction"))
    else:
        asked.append(("patch", KindKey(target.group, target.kind), target.name, ""))
    answers = [
        await access.missing(api, verb, BY_KEY[kind], target.namespace, name, subresource)
        for verb, kind, name, subresource in asked
    ]
    return tuple(filter(None, answers))
