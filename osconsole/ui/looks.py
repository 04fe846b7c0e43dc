"""What keys do with the selected object, short of changing it: detail, YAML, why, logs, owner."""

from collections.abc import Callable

from osconsole.model.kinds import key
from osconsole.model.ref import Ref
from osconsole.ui.desk import Desk
from osconsole.ui.screens.detail import DetailScreen
from osconsole.ui.screens.inventory import InventoryScreen
from osconsole.ui.screens.layout import LayoutScreen
from osconsole.ui.screens.logs import LogsScreen
from osconsole.ui.screens.operator import OperatorScreen
from osconsole.ui.screens.why import WhyScreen
from osconsole.views.why.hosts import HOST

NODESET = key("OpenStackDataPlaneNodeSet")


class Looks:
    """Handlers of keys that look at an object; `screen` opens a layout about one."""

    def __init__(self, desk: Desk, screen: Callable[[str, Ref], None]) -> None:
        self._desk = desk
        self._screen = screen

    def _about(self) -> Ref | None:
        ref = self._desk.place.subject()
        if ref is None:
            self._desk.say("nothing is selected")
        return ref

    def _detail(self, part: str) -> None:
        if ref := self._about():
            self._desk.open(DetailScreen(self._desk, ref, part))

    def do_detail(self) -> None:
        """In full."""
        self._detail("summary")

    def do_deployment(self) -> None:
        """The screen of the selected Deployment."""
        if ref := self._about():
            self._screen("deployment", ref)

    def do_yaml(self) -> None:
        """As YAML."""
        self._detail("yaml")

    def _host(self) -> Ref | None:
        """The key of the selected row, where it is a host's."""
        place = self._desk.place
        row = place.table.row if isinstance(place, LayoutScreen) else None
        return row.key if row and isinstance(row.key, Ref) and row.key.kind == HOST else None

    def do_why(self) -> None:
        """Why it is as it is."""
        if ref := self._host() or self._about():
            self._desk.open(WhyScreen(self._desk, ref))

    def do_inventory(self) -> None:
        """What Ansible is told about a NodeSet, or about the selected host of one."""
        if host := self._host():
            nodeset, _, name = host.name.rpartition("/")
            self._desk.open(InventoryScreen(self._desk, NODESET.ref(host.namespace, nodeset), name))
        else:
            self.say_inventory("")

    def say_inventory(self, host: str) -> None:
        """`:inventory edpm-compute-0`."""
        ref = self._about()
        if ref and ref.kind != NODESET.kind:
            self._desk.say(f"inventory: only NodeSets have one, and this is {ref.short}", "warn")
        elif ref:
            self._desk.open(InventoryScreen(self._desk, ref, host))

    def do_operator(self) -> None:
        """What operators write about it."""
        if ref := self._about():
            self._desk.open(OperatorScreen(self._desk, ref))

    def _logs(self, *, previous: bool) -> None:
        place = self._desk.place
        marked = place.marked() if isinstance(place, LayoutScreen) else ()
        ref = self._about()
        if ref:
            self._desk.open(LogsScreen(self._desk, marked or (ref,), previous=previous))

    def do_logs(self) -> None:
        """Its logs, or those of all pods under it."""
        self._logs(previous=False)

    def do_previous_logs(self) -> None:
        """Of the containers before."""
        self._logs(previous=True)

    def do_owner(self) -> None:
        """The object that owns it."""
        ref = self._about()
        snapshot = self._desk.session.snapshot
        found = snapshot.get(ref) if ref else None
        owner = snapshot.owner(found) if found else None
        if owner:
            self._desk.open(DetailScreen(self._desk, owner.ref))
        elif ref:
            self._desk.say(f"{ref.short} has no owner that is known")
