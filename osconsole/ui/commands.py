"""What can be typed after `:`: screens, kinds, contexts, namespaces, a few words of our own."""

import difflib
from collections.abc import Callable, Sequence
from pathlib import Path

from osconsole.errors import OsconsoleError
from osconsole.model import kinds
from osconsole.model.ref import KindKey, Ref
from osconsole.model.snapshot import Snapshot
from osconsole.ui.desk import Desk
from osconsole.ui.layouts import Layouts
from osconsole.ui.picture import svg
from osconsole.ui.screens.choice import Choice, ChoiceSheet
from osconsole.ui.screens.journal import JournalScreen
from osconsole.ui.screens.layout import LayoutScreen
from osconsole.ui.times import Times
from osconsole.views import layout

QUIT = ("q", "quit", "q!", "exit")
ALL = "all"
# Words that do what a key does on the selected object.
ACTING = ("scale", "restart", "deploy", "edit", "exec", "run", "delete", "why", "logs", "yaml")
# Words that have no key: what there is to read of the selected object.
READING = ("inventory", "operator")


class Commands:
    """Interprets a line; completes a beginning."""

    def __init__(self, desk: Desk, layouts: Layouts) -> None:
        self._desk = desk
        self._layouts = layouts
        self.times = Times(desk)
        self._words: dict[str, Callable[[str], None]] = {
            **dict.fromkeys(QUIT, lambda _: desk.host.leave()),
            "ctx": self.context,
            "context": self.context,
            "contexts": self.context,
            "ns": self.namespace,
            "namespace": self.namespace,
            "help": lambda _: desk.do("help"),
            "journal": lambda _: desk.open(JournalScreen(desk)),
            "picture": self.picture,
            "plans": lambda _: desk.do("plans"),
            **self.times.words,
            **{word: self._acting(word) for word in ACTING},
            "forward": self._acting("port_forward"),
            **{word: self._acting(word) for word in READING},
        }

    def run(self, text: str) -> None:
        """Do what was typed; what is not understood is told with the nearest good words."""
        word, _, rest = text.strip().lstrip(":").partition(" ")
        if not word:
            return
        try:
            self._run(word, rest.strip())
        except OsconsoleError as error:
            self._desk.say(str(error), "bad")

    def _run(self, word: str, rest: str) -> None:
        own = self._words.get(word.lower())
        if own:
            own(rest)
        elif word in self._layouts.names():
            self.screen(word)
        elif kind := kinds.find(word, self._desk.session.kinds()):
            self.kind(kind, rest)
        else:
            near = self.nearest(word)
            hint = f": did you mean {', '.join(near)}?" if near else ": ? shows what there is"
            self._desk.say(f"no screen, kind or command '{word}'{hint}", "warn")

    def nearest(self, word: str) -> list[str]:
        """Good words that look like this one."""
        return difflib.get_close_matches(word.lower(), self.vocabulary(), 4, 0.6)

    def vocabulary(self) -> list[str]:
        """Every word that `run` understands."""
        found = dict.fromkeys((*self._layouts.names(), *self._words))
        for kind in self._desk.session.kinds():
            found.update(dict.fromkeys((kind.plural, kind.kind.lower(), *kind.short)))
        return list(found)

    def complete(self, text: str) -> Sequence[str]:
        """What a beginning may become."""
        word, blank, rest = text.partition(" ")
        if not blank:
            return [found for found in self.vocabulary() if found.startswith(text.lower())][:12]
        if word in {"ctx", "context"}:
            return [f"{word} {c.name}" for c in self._desk.session.contexts() if c.name.startswith(rest)]
        if word in {"ns", "namespace"}:
            return [f"{word} {name}" for name in self.namespaces() if name.startswith(rest)]
        return ()

    def screen(self, name: str, about: Ref | None = None) -> None:
        """Open a layout; `about` is the object that its panes are about, where they are about one."""
        place = LayoutScreen(self._desk, self._layouts.get(name), name)
        place.about = about
        self._desk.open(place)
        if fault := self._layouts.fault(name):
            self._desk.say(fault, "warn")

    def kind(self, kind: kinds.Kind, rest: str) -> None:
        """Open the table of a kind; what follows is a filter (after `/`) or a namespace."""
        place = LayoutScreen(self._desk, layout.generic(kind))
        if rest.startswith("/"):
            place.filter(rest[1:])
        elif rest:
            self._desk.session.scope("" if rest == ALL else rest)
        self._desk.open(place)

    def context(self, name: str) -> None:
        """Go over to a context, or choose one."""
        found = self._desk.session.contexts()
        if name:
            if name not in {context.name for context in found}:
                near = difflib.get_close_matches(name, [context.name for context in found], 3)
                raise OsconsoleError(
                    f"no context '{name}' in the kubeconfig" + (f": did you mean {', '.join(near)}?" if near else "")
                )
            self._desk.start(self._use(name), f"going over to {name}")
            return
        choices = [
            Choice(context.name, f"{'current  ' if context.current else ''}{context.server}  {context.user}")
            for context in found
        ]
        self._desk.show(ChoiceSheet("contexts", choices, self.context))

    async def _use(self, name: str) -> None:
        for end in self._desk.leaving:
            end()
        await self._desk.session.use(name)
        self._desk.watch()
        self._desk.say(f"context {name}")
        self._desk.renew()

    def namespace(self, name: str) -> None:
        """Go over to a namespace, or choose one from the list of them."""
        if not name:
            found = kinds.find("namespaces", self._desk.session.kinds())
            if found:
                self.kind(found, "")
            return
        self._desk.session.scope("" if name == ALL else name)
        self._desk.put(self._desk.session.snapshot)
        self._desk.say(f"namespace {name}" if name != ALL else "all namespaces")

    def namespaces(self) -> list[str]:
        """Namespaces that we know of: those with a control plane first."""
        return known_namespaces(self._desk.session.snapshot)

    def picture(self, name: str) -> None:
        """Write the screen as an SVG; without a name into the folder that the console was started in."""
        desk = self._desk
        file = Path(name or f"osconsole-{desk.place.name}.svg".replace(" ", "-").replace("/", "-")).expanduser()
        if file.suffix != ".svg":
            raise OsconsoleError(f"a picture is an SVG: {file} does not end in .svg")
        now = desk.session.now()
        desk.footer.resize(desk.frame.width, 1)
        lines = [*desk.frame.lines(now)[:-1], *desk.footer.lines(now)]  # the hints, not the prompt that asked for it
        try:
            file.write_text(svg(lines), "utf-8")
        except OSError as error:
            raise OsconsoleError(f"{file}: cannot be written: {error.strerror}") from None
        desk.say(f"the screen is in {file}")

    def _acting(self, word: str) -> Callable[[str], None]:
        """A word that does what a key does, on the selected object."""

        def act(rest: str) -> None:
            for handler in self._desk.handlers:
                method = getattr(handler, f"say_{word}", None) if rest else None
                if method:
                    method(rest)
                    return
            self._desk.do(word)

        return act


def known_namespaces(snapshot: Snapshot) -> list[str]:
    """Namespaces by the objects that are known: those with a control plane first, then by name."""
    planes = {ref.namespace for ref in snapshot.objects.get(kinds.key("OpenStackControlPlane"), {})}
    pods = {ref.namespace for ref in snapshot.objects.get(kinds.key("Pod"), {})}
    named = {ref.name for ref in snapshot.objects.get(KindKey("", "Namespace"), {})}
    rest: list[str] = sorted((pods | named) - planes)
    return [*sorted(planes), *rest]


def pods_of(refs: Sequence[Ref]) -> tuple[Ref, ...]:
    """The same, for logs: all that can have any."""
    return tuple(ref for ref in refs if ref.kind not in {"Secret", "ConfigMap", "Namespace", "Event"})
