"""Deploying: which services on which hosts, typed with help; of a Deployment that failed, what is left stands there."""

from collections.abc import Callable

from osconsole.errors import OsconsoleError
from osconsole.model.intents import Deploy, Intent
from osconsole.model.kinds import key
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.ui.desk import Desk
from osconsole.ui.screens.layout import LayoutScreen
from osconsole.views import deploywords, facts

NODESET, DEPLOYMENT = key("OpenStackDataPlaneNodeSet"), key("OpenStackDataPlaneDeployment")


class Deploying:
    """`ask` previews an intent."""

    def __init__(self, desk: Desk, ask: Callable[[Intent], None]) -> None:
        self._desk = desk
        self._ask = ask

    def start(self, ref: Ref) -> None:
        """Ask for services and options of the marked NodeSets, or of those of a Deployment."""
        names = self._names(ref)
        found = self._known(ref, names)
        snapshot = self._desk.session.snapshot
        before = snapshot.get(ref) if ref.kind == DEPLOYMENT.kind else None
        self._desk.prompt(
            f"deploy {', '.join(names)}: services --limit (none: all) ",
            lambda text: self._typed(text, ref.namespace, names),
            text=deploywords.again(before, found, snapshot) if before else "",
            complete=lambda text: deploywords.completions(text, found),
        )

    def sample(self, ref: Ref) -> Intent:
        """A Deployment like it, to ask for the right with."""
        return Deploy(ref.namespace, self._names(ref))

    def _typed(self, text: str, namespace: str, names: tuple[str, ...]) -> None:
        try:
            self._ask(deploywords.intent(text, namespace, names))
        except OsconsoleError as error:
            self._desk.say(str(error), "warn")

    def _names(self, ref: Ref) -> tuple[str, ...]:
        """The NodeSets that are meant."""
        if ref.kind == DEPLOYMENT.kind:
            found = self._desk.session.snapshot.get(ref)
            return tuple(map(str, facts.sequence(found, "spec", "nodeSets"))) if found else ()
        place = self._desk.place
        marked = place.marked() if isinstance(place, LayoutScreen) else ()
        here = tuple(r.name for r in marked if r.kind == ref.kind and r.namespace == ref.namespace)
        return here or (ref.name,)

    def _known(self, ref: Ref, names: tuple[str, ...]) -> list[Resource]:
        found = (self._desk.session.snapshot.get(NODESET.ref(ref.namespace, name)) for name in names)
        return [nodeset for nodeset in found if nodeset]


def not_deployed(ref: Ref) -> str:
    """Why Ansible is not run for an object; "" when it may be."""
    return "" if ref.kind in {NODESET.kind, DEPLOYMENT.kind} else "only NodeSets are deployed, and Deployments again"
