"""What a step is."""

from typing import Protocol

from osconsole.model.resource import Resource
from osconsole.reconcile.controlplane.walk import Walk
from osconsole.reconcile.decide import Outcome, World


class Step(Protocol):
    """One part of bringing an object up."""

    @property
    def conditions(self) -> tuple[str, ...]:
        """The condition types that it answers for."""

    def run(self, walk: Walk) -> bool:
        """Do it; False when what follows has to wait."""


def go(steps: tuple[Step, ...], walk: Walk) -> Outcome:
    """Walk through the steps until one has to wait."""
    for step in steps:
        walk.expect(*step.conditions)
    for step in steps:
        if not step.run(walk):
            break
    return walk.outcome()


class Together:
    """Steps that do not wait for each other: all are begun, and what follows waits for all of them."""

    def __init__(self, *steps: Step) -> None:
        self.steps = steps

    @property
    def conditions(self) -> tuple[str, ...]:
        """Those of all the steps."""
        return tuple(kind for step in self.steps for kind in step.conditions)

    def run(self, walk: Walk) -> bool:
        """Begin all of them."""
        done = [step.run(walk) for step in self.steps]
        return all(done)


class Steps:
    """A decider made of steps; `observes` where the kind's status has an observedGeneration."""

    def __init__(self, *steps: Step, observes: bool = True) -> None:
        self.steps = steps
        self.observes = observes

    def __call__(self, me: Resource, world: World, now: float) -> Outcome:
        """Decide on one object."""
        walk = Walk(me, world, now)
        walk.facts["cell"] = walk.get("cellName", default="")
        if self.observes:
            walk.report["observedGeneration"] = me.generation
        return go(self.steps, walk)
