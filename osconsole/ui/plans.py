"""Running a plan: choose one, fill in what it asks for, and see the preview of its run."""

from collections.abc import Callable
from functools import partial
from typing import Any

from osconsole.model.intents import Intent, RunPlan
from osconsole.model.plan import Input, Plan, typed
from osconsole.ui.desk import Desk
from osconsole.ui.screens.choice import Choice, ChoiceSheet


class Plans:
    """The handler of the key for plans; `ask` previews an intent."""

    def __init__(self, desk: Desk, ask: Callable[[Intent], None]) -> None:
        self._desk = desk
        self._ask = ask

    def do_plans(self) -> None:
        """Choose a plan; one that is wrong says so."""
        found = self._desk.session.plans()
        choices = [
            Choice(name, *(("", what) if isinstance(what, str) else (what.about,))) for name, what in found.items()
        ]
        good = {name: what for name, what in found.items() if isinstance(what, Plan)}
        self._desk.show(ChoiceSheet("run a plan", choices, lambda name: self._chosen(name, good[name])))

    def _chosen(self, name: str, plan: Plan) -> None:
        self._desk.close()
        self._fill(name, plan, {})

    def _fill(self, name: str, plan: Plan, given: dict[str, Any]) -> None:
        """Ask for the first input that is not given yet; with the last one, preview."""
        missing = next((key for key in plan.inputs if key not in given), None)
        if missing is None:
            self._ask(RunPlan(name, plan, self._desk.session.status.namespace, given))
            return
        shape = plan.inputs[missing]
        done = partial(self._filled, name, plan, given, missing)
        self._desk.prompt(f"{name}: {missing}{_words(shape)} ", done, text=_default(shape))

    def _filled(self, name: str, plan: Plan, given: dict[str, Any], key: str, text: str) -> None:
        self._fill(name, plan, {**given, key: typed(plan.inputs[key], text)})


def _words(shape: Input) -> str:
    """What an input is, in brackets behind its name."""
    least, most = shape.min, shape.max
    bounds = f"{least} to {most}" if least is not None and most is not None else ""
    if not bounds:
        bounds = f"{least} or more" if least is not None else f"up to {most}" if most is not None else ""
    found = ", ".join(filter(None, (shape.about, bounds, "odd" if shape.odd else "")))
    return f" ({found})" if found else ""


def _default(shape: Input) -> str:
    if isinstance(shape.default, list):
        return " ".join(map(str, shape.default))
    return "" if shape.default is None else str(shape.default)
