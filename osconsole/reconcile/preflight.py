"""Preflight: what an intent would do and whether it may, judged on a Snapshot before anything is written.

`judge` gives the Preview; the session adds the server's dry run to it. `writes` gives the Actions of a Preview that
was confirmed. Nothing here asks the cluster.
"""

from osconsole.errors import Conflict, Refused
from osconsole.model import kinds
from osconsole.model.intents import Delete, Deploy, Edit, Intent, Restart, RunNow, RunPlan, Scale
from osconsole.model.preview import Preview
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile import quorate
from osconsole.reconcile.actions import Action, Patch
from osconsole.reconcile.verbs import delete, deploy, edit, plan, restart, runnow, scale

# The kinds that judging any intent may read: they must be listed before.
READS = frozenset(
    kind.key
    for kind in kinds.KINDS
    if kind.group.endswith("openstack.org")
    or kind.kind in {"Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "ConfigMap"}
).union(quorate.READS)


def judge(intent: Intent, snapshot: Snapshot, now: float) -> Preview:
    """What the intent would do; a Preview with a "refused" finding when it may not.

    Raises:
        Refused: there is nothing to judge, e.g. the object is not there.
    """
    match intent:
        case Scale():
            return scale.judge(intent, snapshot)
        case Restart():
            return restart.judge(intent, snapshot, now)
        case Deploy():
            return deploy.judge(intent, snapshot, now)
        case Edit():
            return edit.judge(intent, snapshot)
        case Delete():
            return delete.judge(intent, snapshot)
        case RunNow():
            return runnow.judge(intent, snapshot, now)
        case RunPlan():
            return plan.judge(intent, snapshot)


def writes(preview: Preview, snapshot: Snapshot, now: float) -> tuple[Action, ...]:
    """The Actions of a confirmed Preview, which must mean now what it meant when it was looked at.

    Raises:
        Refused: the Preview says that it may not be submitted, or it may not any more.
        Conflict: it would do something else by now.
    """
    if preview.refused:
        raise Refused(preview.refused)
    if isinstance(preview.intent, Restart | Deploy | RunNow | RunPlan):
        _still(preview, judge(preview.intent, snapshot, now))
    match preview.intent:
        case Scale() | Edit():
            return (edit.patch(preview),)
        case Restart():
            return (restart.create(preview, snapshot, now),)
        case Deploy():
            return (deploy.create(preview),)
        case Delete():
            return delete.remove(preview)
        case RunNow():
            return (runnow.create(preview, snapshot),)
        case RunPlan():
            return (plan.create(preview, snapshot, now),)


def needed(preview: Preview, snapshot: Snapshot, now: float) -> tuple[Action, ...]:
    """The Actions whose rights a verb takes on an object, whichever number or text is asked for in the end.

    Raises:
        Refused: it makes no sense there.
    """
    match preview.intent:
        case Scale():
            return (Patch(preview.target, {}, preview.uid),)
        case Edit():
            return (edit.needed(preview, snapshot),)
    return writes(preview, snapshot, now)


def _still(preview: Preview, again: Preview) -> None:
    """What makes a new object has no old one to be compared with when it is written, so what it would do is."""
    if again.refused:
        raise Refused(again.refused)
    if (again.uid, again.touches, again.rolls) != (preview.uid, preview.touches, preview.rolls):
        raise Conflict(f"{preview.title}: what it would do has changed since you looked: look again", 409)
