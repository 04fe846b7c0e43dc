"""Intents: what a person asks for, as values. The session judges, previews and carries them out."""

from typing import Any

import msgspec

from osconsole.model.plan import Plan
from osconsole.model.ref import Ref


class Scale(msgspec.Struct, frozen=True, tag=True):
    """So many replicas of whatever `ref` stands for: a service CR, a component, its workload or one of its pods."""

    ref: Ref
    replicas: int


class Restart(msgspec.Struct, frozen=True, tag=True):
    """Every pod of `ref` once, one after the other."""

    ref: Ref


class Deploy(msgspec.Struct, frozen=True, tag=True):
    """A new OpenStackDataPlaneDeployment over NodeSets of one namespace; empty fields keep upstream's defaults."""

    namespace: str
    nodesets: tuple[str, ...]
    services: tuple[str, ...] = ()
    limit: str = ""
    tags: str = ""
    skip_tags: str = ""
    extra_vars: dict[str, Any] = {}
    backoff_limit: int | None = None
    name: str = ""


class Edit(msgspec.Struct, frozen=True, tag=True):
    """The object as a person left it in the editor; they started from `base`, whose resourceVersion is `version`.

    Without a base the object as it is known by then is taken for it.
    """

    ref: Ref
    version: str
    body: dict[str, Any]
    base: dict[str, Any] = {}


class Delete(msgspec.Struct, frozen=True, tag=True):
    """Remove one object; which kinds that is allowed for is preflight's business."""

    ref: Ref


class RunNow(msgspec.Struct, frozen=True, tag=True):
    """One Job of a CronJob, or of that which saves a database, outside of the schedule."""

    ref: Ref


class RunPlan(msgspec.Struct, frozen=True, tag=True):
    """Run a plan: its name (of the file), what it says, and the inputs that a person gave."""

    name: str
    plan: Plan
    namespace: str
    inputs: dict[str, Any] = {}


Intent = Scale | Restart | Deploy | Edit | Delete | RunNow | RunPlan
