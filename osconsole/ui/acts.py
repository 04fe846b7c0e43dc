"""Actions: from a key to an intent, from its preview to what was submitted. Nothing is judged here.

What an intent means, may and does is the session's business; here it is asked for, shown, and confirmed by a person.
"""

from collections.abc import Callable
from typing import NamedTuple

from osconsole.errors import Conflict, Invalid, OsconsoleError, Refused
from osconsole.model import kinds
from osconsole.model.intents import Delete, Edit, Intent, Restart, RunNow, Scale
from osconsole.model.preview import Preview
from osconsole.model.ref import Ref
from osconsole.model.remote import Exec, Forward
from osconsole.ui.deploying import Deploying, not_deployed
from osconsole.ui.desk import Desk
from osconsole.ui.editing import Editing, edit_of, no_edit
from osconsole.ui.forwards import Forwards
from osconsole.ui.into import no_pods
from osconsole.ui.screens.choice import Choice, ChoiceSheet
from osconsole.ui.screens.preview import PreviewSheet
from osconsole.ui.visits import Visits
from osconsole.views import progress
from osconsole.views.board import RUN_LABEL

NODESET = "OpenStackDataPlaneNodeSet"
DEPLOYMENT = "OpenStackDataPlaneDeployment"
# What stands for no workload and so has neither replicas nor pods to restart.
NO_WORKLOAD = frozenset({
    "Namespace", "Node", "Service", "Endpoints", "Event", "Secret", "ConfigMap", "ServiceAccount", "Job", "CronJob",
    "PersistentVolume", "PersistentVolumeClaim", "Lease", "Role", "RoleBinding", "CustomResourceDefinition",
    "OpenStackVersion", NODESET, DEPLOYMENT, "OpenStackDataPlaneService", "NetConfig", "IPSet", "Reservation",
})  # fmt: skip


class _Act(NamedTuple):
    """One entry of the menu: what is asked for, and why it makes no sense for an object ("" when it does)."""

    words: str
    start: Callable[[Ref], None]
    senseless: Callable[[Ref], str]
    sample: Callable[[Ref], Intent | Exec | Forward]


class Acts:
    """Handlers of keys that write."""

    def __init__(self, desk: Desk, forwards: Forwards) -> None:
        self._desk = desk
        self._editing = Editing(desk, self.ask)
        deploying = Deploying(desk, self.ask)
        self._menu: dict[str, _Act] = {
            "scale": _Act("another number of replicas", self._scale, _no_workload, lambda ref: Scale(ref, 1)),
            "restart": _Act("every pod once, one after the other", self._restart, _no_workload, Restart),
            "deploy": _Act("run Ansible on its nodes", deploying.start, not_deployed, deploying.sample),
            "edit": _Act("in $EDITOR, with a dry run", self._editing.start, no_edit, edit_of),
            "exec": _Act("a shell in one of its containers", Visits(desk).start, no_pods, Exec),
            "forward": _Act("a port of this machine to one of its pods", forwards.start, no_pods, _forward_sample),
            "run": _Act("what runs on its schedule, once now", self._run, _no_schedule, RunNow),
            "delete": _Act("only Deployments that have ended", self._delete, _not_deletable, Delete),
        }

    # From a key to an intent

    def _about(self) -> Ref | None:
        ref = self._desk.place.subject()
        if ref is None:
            self._desk.say("nothing is selected")
        return ref

    def _begin(self, name: str) -> None:
        if ref := self._about():
            self._start(name, ref)

    def _start(self, name: str, ref: Ref) -> None:
        act = self._menu[name]
        if senseless := act.senseless(ref):
            self._desk.say(f"{name}: {senseless}", "warn")
        else:
            act.start(ref)

    def do_scale(self) -> None:
        """Ask for the number of replicas."""
        self._begin("scale")

    def do_restart(self) -> None:
        """Preview a restart."""
        self._begin("restart")

    def do_deploy(self) -> None:
        """Ask for services and hosts, then preview a Deployment of the marked NodeSets, or of one that failed again."""
        self._begin("deploy")

    def do_edit(self) -> None:
        """Edit the object."""
        self._begin("edit")

    def do_run(self) -> None:
        """Preview one Job of a CronJob, or of a database's backup (from the menu or by command; it has no key)."""
        self._begin("run")

    def do_delete(self) -> None:
        """Preview a deletion (from the menu or by command; it has no key)."""
        self._begin("delete")

    def say_scale(self, text: str) -> None:
        """`:scale 3`."""
        if ref := self._about():
            self._scaled(ref, text)

    def _scale(self, ref: Ref) -> None:
        self._desk.prompt(f"{ref.short}: replicas ", lambda text: self._scaled(ref, text))

    def _scaled(self, ref: Ref, text: str) -> None:
        if not text.strip():
            return
        if not text.strip().isdecimal():
            self._desk.say(f"'{text}' is no number of replicas: write one, as in 3", "warn")
            return
        self.ask(Scale(ref, int(text)))

    def _restart(self, ref: Ref) -> None:
        self.ask(Restart(ref))

    def _run(self, ref: Ref) -> None:
        self.ask(RunNow(ref))

    def _delete(self, ref: Ref) -> None:
        self.ask(Delete(ref))

    # From an intent to its outcome

    def ask(self, intent: Intent, note: str = "") -> None:
        """Preview an intent and show it, unless the person has gone on: their next Enter means something else."""
        self._desk.say("asking the server what that would do")
        self._desk.start(self._preview(intent, note), "the preview")

    async def _preview(self, intent: Intent, note: str) -> None:
        place = self._desk.place
        try:
            preview = await self._desk.session.preview(intent)
        except OsconsoleError as error:
            raise OsconsoleError(f"{error}; {note}" if note else str(error)) from None
        self._desk.footer.hush()
        if self._desk.place is not place or self._desk.ask or self._desk.sheet:
            self._desk.say("; ".join(filter(None, (f"{preview.title}: you went on, so ask again", note))), "warn")
        else:
            self._desk.show(PreviewSheet(preview, self._apply, note))

    def _apply(self, preview: Preview) -> None:
        self._desk.start(self._submit(preview), "submitting")

    async def _submit(self, preview: Preview) -> None:
        try:
            done = await self._desk.session.submit(preview)
        except (Conflict, Invalid) as error:
            self.ask(preview.intent, f"not applied: {error}")
        except Refused as error:
            self._desk.say(str(error), "bad")
        else:
            if isinstance(preview.intent, Edit):
                self._editing.applied(preview.intent.ref)
            self._desk.say(done.message, "good")

    # The menu

    def do_actions(self) -> None:
        """All that can be done with the object; what cannot says why."""
        ref = self._about()
        if ref is None:
            return
        sheet = ChoiceSheet(str(ref), self._choices(ref, {}), lambda name: self._chosen(name, ref))
        self._desk.show(sheet)
        self._desk.start(self._judge(sheet, ref), "asking for rights")

    def _choices(self, ref: Ref, missing: dict[str, str]) -> list[Choice]:
        return [
            Choice(name, act.words, act.senseless(ref) or missing.get(name, "")) for name, act in self._menu.items()
        ]

    async def _judge(self, sheet: ChoiceSheet, ref: Ref) -> None:
        """Ask for the rights of everything that makes sense, and dim what they do not reach."""
        missing = {
            name: await self._lacking(act.sample(ref)) for name, act in self._menu.items() if not act.senseless(ref)
        }
        if self._desk.sheet is sheet:
            sheet.put(self._choices(ref, missing))

    async def _lacking(self, sample: Intent | Exec | Forward) -> str:
        session = self._desk.session
        try:
            return await (session.may(sample) if isinstance(sample, Exec | Forward) else session.can(sample))
        except Refused as error:
            return str(error)

    def _chosen(self, name: str, ref: Ref) -> None:
        self._desk.close()
        self._start(name, ref)

    def do_stop(self) -> None:
        """Choose what runs, and stop it: a run after its present step, a Deployment by deleting it (previewed)."""
        snapshot = self._desk.session.snapshot
        words = {
            config.ref: "stops after its present step, for good"
            for config in snapshot.all(kinds.key("ConfigMap"))
            if config.labels.get(RUN_LABEL, "done") not in {"done", "failed", "stopped"}
        }
        words |= {found.ref: "its Jobs are stopped and deleted with it" for found in progress.running(snapshot, "")}
        if not words:
            self._desk.say("nothing runs that could be stopped")
            return
        named = {str(ref): ref for ref in words}
        choices = [Choice(name, words[ref]) for name, ref in named.items()]
        self._desk.show(ChoiceSheet("stop what?", choices, lambda name: self._stop(named[name])))

    def _stop(self, run: Ref) -> None:
        self._desk.close()
        if run.kind != "ConfigMap":
            self.ask(Delete(run))
            return
        self._desk.start(self._abort(run), "stopping the run")

    async def _abort(self, run: Ref) -> None:
        await self._desk.session.abort(run)
        self._desk.say(f"{run.name} stops after its present step", "warn")


def _no_workload(ref: Ref) -> str:
    return f"a {ref.kind} has no replicas or pods of its own" if ref.kind in NO_WORKLOAD else ""


def _no_schedule(ref: Ref) -> str:
    scheduled = ref.kind in {"CronJob", "GaleraBackup", "Galera"}
    return "" if scheduled else "only CronJobs and backups of databases run on a schedule"


def _not_deletable(ref: Ref) -> str:
    return "" if ref.kind == DEPLOYMENT else "only Deployments of NodeSets are deleted from here"


def _forward_sample(ref: Ref) -> Forward:
    return Forward(ref, 0, 1)
