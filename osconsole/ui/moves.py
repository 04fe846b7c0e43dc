"""What keys do wherever a person is: go somewhere, come back, ask for help, move."""

import time

from osconsole.errors import OsconsoleError
from osconsole.ui import keys
from osconsole.ui.commands import Commands, known_namespaces
from osconsole.ui.desk import Desk
from osconsole.ui.layouts import Layouts
from osconsole.ui.screens import help as helping
from osconsole.ui.screens.choice import Choice, ChoiceSheet
from osconsole.ui.screens.journal import JournalScreen
from osconsole.ui.screens.layout import LayoutScreen

TWICE_S = 2.0  # between two Ctrl-C that quit


class Moves:
    """Handlers that are the same in all places."""

    def __init__(self, desk: Desk, layouts: Layouts) -> None:
        self._desk = desk
        self._layouts = layouts
        self.commands = Commands(desk, layouts)
        self._interrupted = -TWICE_S
        self._told = ""  # what is wrong with the file of the screen, as it was told

    # Going

    def do_command(self) -> None:
        """Ask where to go."""
        self._desk.prompt(":", self.commands.run, complete=self.commands.complete)

    def do_help(self) -> None:
        """All keys."""
        self._desk.show(helping.sheet(self._desk.context, self._layouts.names(), self._desk.frame.width))

    def do_back(self) -> None:
        """Clear first; then back; at the first place nothing."""
        if self._desk.footer.hush() or self._desk.place.clear():
            return
        if not self._desk.backward():
            self._desk.say("this is the first screen: :q quits")

    def do_backward(self) -> None:
        """Back in what was visited."""
        self._desk.backward()

    def do_forward(self) -> None:
        """Forward again."""
        self._desk.forward()

    def do_last(self) -> None:
        """To and fro between two views."""
        if not self._desk.forward():
            self._desk.backward()

    def do_interrupt(self) -> None:
        """Ctrl-C: the second one quits."""
        now = time.monotonic()
        if now - self._interrupted < TWICE_S:
            self._desk.host.leave()
            return
        self._interrupted = now
        self._desk.say("Ctrl-C once more quits")

    def do_palette(self) -> None:
        """Everything by name."""
        choices = [Choice(f":{name}", "screen") for name in self._layouts.names()]
        choices += [
            Choice(key.id.replace("_", " "), f"{key.words}   {keys.names(key)}")
            for key in keys.here(self._desk.context)
        ]
        choices += [Choice(f":{kind.plural}", kind.kind) for kind in self._desk.session.kinds()]
        self._desk.show(ChoiceSheet("go to, do", list({c.name: c for c in choices}.values()), self._chosen))

    def _chosen(self, name: str) -> None:
        self._desk.close()
        if name.startswith(":"):
            self.commands.run(name)
        else:
            self._desk.do(name.replace(" ", "_"))

    def do_namespace(self) -> None:
        """Choose a namespace."""
        names = known_namespaces(self._desk.session.snapshot)
        choices = [Choice("all", "every namespace"), *map(Choice, names)]
        self._desk.show(ChoiceSheet("namespaces", choices, self.commands.namespace))

    def do_journal(self) -> None:
        """What was done."""
        self._desk.open(JournalScreen(self._desk))

    def do_timeline(self) -> None:
        """What happened to the selected object and all under it."""
        self.commands.times.timeline(self._desk.place.subject())

    # Moving

    def do_down(self) -> None:
        """One line."""
        self._desk.place.move(1)

    def do_up(self) -> None:
        """One line."""
        self._desk.place.move(-1)

    def do_page_down(self) -> None:
        """A page."""
        self._desk.place.move(self._desk.place.page())

    def do_page_up(self) -> None:
        """A page."""
        self._desk.place.move(-self._desk.place.page())

    def do_half_down(self) -> None:
        """Half a page."""
        self._desk.place.move(self._desk.place.page() // 2)

    def do_half_up(self) -> None:
        """Half a page."""
        self._desk.place.move(-(self._desk.place.page() // 2))

    def do_top(self) -> None:
        """The first line."""
        self._desk.place.end(top=True)

    def do_bottom(self) -> None:
        """The last line."""
        self._desk.place.end(top=False)

    # The screen itself

    def do_reread(self) -> None:
        """Show as of now, with the layout as its file is now."""
        self._told = ""
        self.relay()
        self._desk.watch()
        self._desk.put(self._desk.session.snapshot)
        self._desk.host.repaint()

    def relay(self) -> None:
        """The screen as its file is now. While that is broken the last good one stays, and why is told once."""
        place = self._desk.place
        if not isinstance(place, LayoutScreen) or not place.file:
            return
        try:
            found, fault = self._layouts.get(place.file), self._layouts.fault(place.file)
        except OsconsoleError as error:
            found, fault = place.layout, str(error)
        if fault and fault != self._told:
            self._desk.say(fault, "warn")
        self._told = fault
        if found != place.layout:
            place.lay(found)
            self._desk.watch()
            self._desk.renew()

    def do_redraw(self) -> None:
        """Every cell again."""
        self._desk.host.repaint()
