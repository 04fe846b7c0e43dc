"""Preflight: what an intent would do and whether it may, judged on a Snapshot before anything is written.

`judge` gives the Preview; the session adds the server's dry run to it. `writes` gives the Actions of a Preview that
was confirmed. Nothing here asks the cluster.
"""

from osconsole.errors import Refused
from osconsole.model import kinds
from osconsole.model.intents import Delete, Deploy, Edit, Intent, Restart, RunPlan, Scale
from osconsole.model.preview import Preview
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile.actions import Action
from osconsole.reconcile.verbs import delete, deploy, edit, plan, restart, scale

# The kinds that judging any intent may read: they must be listed before.
READS = frozenset(
    kind.key
    for kind in kinds.KINDS
    if kind.group.endswith("openstack.org")
    or kind.kind in {"Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "ConfigMap"}
)


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
        case RunPlan():
            return plan.judge(intent, snapshot)


def writes(preview: Preview, snapshot: Snapshot, now: float) -> tuple[Action, ...]:
    """The Actions of a confirmed Preview.

    Raises:
        Refused: the Preview says that it may not be submitted.
    """
    if preview.refused:
        raise Refused(preview.refused)
    match preview.intent:
        case Scale() | Edit():
            return (edit.patch(preview),)
        case Restart():
            return (restart.create(preview, snapshot, now),)
        case Deploy():
            return (deploy.create(preview),)
        case Delete():
            return delete.remove(preview)
        case RunPlan():
            return (plan.create(preview, snapshot, now),)
