"""Into a pod: which one of an object is meant, and the typed name on a protected context. What for is the asker's."""

from collections.abc import Callable

from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.ui.desk import Desk
from osconsole.ui.screens.choice import Choice, ChoiceSheet
from osconsole.views import facts, inside

NO_PODS = frozenset({
    "Namespace", "Node", "Service", "Endpoints", "Event", "Secret", "ConfigMap", "ServiceAccount", "PersistentVolume",
    "PersistentVolumeClaim", "Lease", "Role", "RoleBinding", "CustomResourceDefinition", "OpenStackVersion",
    "OpenStackDataPlaneService", "NetConfig", "IPSet", "Reservation",
})  # fmt: skip


class Into:
    """Asks where to."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def about(self, verb: str) -> Ref | None:
        """The selected object, if it may have pods; else it is told why not."""
        ref = self._desk.place.subject()
        if ref is None:
            self._desk.say("nothing is selected")
        elif senseless := no_pods(ref):
            self._desk.say(f"{verb}: {senseless}", "warn")
        else:
            return ref
        return None

    def pod(self, ref: Ref, title: str, taken: Callable[[Resource], None]) -> None:
        """A pod of an object that runs; asks where there are several."""
        found = inside.pods(self._desk.session.snapshot, ref)
        if not found:
            self._desk.say(f"{ref.short}: no pod of it runs, as far as is known here", "warn")
            return
        named = {pod.ref.name: pod for pod in found}
        words = {name: f"{facts.pod(pod).node}  {facts.pod(pod).phase}" for name, pod in named.items()}
        self.choose(title, words, lambda name: taken(named[name]))

    def choose(self, title: str, words: dict[str, str], taken: Callable[[str], None]) -> None:
        """Ask, unless there is only one."""
        if len(words) == 1:
            taken(next(iter(words)))
            return

        def chosen(name: str) -> None:
            self._desk.close()
            taken(name)

        self._desk.show(ChoiceSheet(title, [Choice(name, said) for name, said in words.items()], chosen))

    def confirmed(self, what: str, go: Callable[[], None]) -> None:
        """Go on; on a protected context only once its name was typed."""
        status = self._desk.session.status
        if not status.protected:
            go()
            return

        def done(text: str) -> None:
            if text.strip() == status.context:
                go()
            else:
                self._desk.say("nothing was done", "warn")

        self._desk.prompt(f"type {status.context} to {what}: ", done)


def no_pods(ref: Ref) -> str:
    """Why an object has nothing to go into; "" when it may have."""
    return f"a {ref.kind} has no pods to go into" if ref.kind in NO_PODS else ""
