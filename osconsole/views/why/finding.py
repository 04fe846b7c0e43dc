"""Finding: a cause that holds for one object of a chain, with the words for its sentences."""

import msgspec

from osconsole.model.words import ALARMS
from osconsole.views import tree
from osconsole.views.text import clean
from osconsole.views.why.case import Case, Words
from osconsole.views.why.cause import Cause, causes
from osconsole.views.why.chain import WELL
from osconsole.views.why.matchers import match
from osconsole.views.why.patterns import fill
from osconsole.views.why.world import World

SHOWN = 400  # characters of a text in a sentence or step
# Kinds that nothing says of whether they are well: their causes are looked for all the same.
MUTE = frozenset({
    "Service", "PodDisruptionBudget", "InstallPlan", "ClusterServiceVersion", "Subscription", "BareMetalHost",
    "CertificateRequest",
})  # fmt: skip


def shown(text: str) -> str:
    """Text of a cluster for a line: no control characters, not longer than SHOWN."""
    text = clean(text[: SHOWN + 1])
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


class Finding(msgspec.Struct, frozen=True):
    """A cause that holds: for which object, and with which words."""

    cause: Cause
    case: Case
    words: Words

    def say(self, template: str) -> str:
        """A sentence of the cause, filled in and made safe."""
        return shown(fill(template, self.words))

    def beats(self, other: "Finding | None") -> bool:
        """It says more than one that was found before, higher up."""
        return other is None or other.cause.general or not self.cause.general


def troubled(node: tree.Node, world: World) -> bool:
    """Causes are looked for at this object."""
    if node.verdict.word not in WELL or node.resource.ref.kind in MUTE:
        return True
    standing = world.snapshot.standings.get(node.resource.ref)
    if standing is not None and standing.read.word in ALARMS:
        return True  # not old enough for an alarm, and asked about all the same
    return Case(node.resource, node.own, world).restless()


def diagnose(nodes: list[tree.Node], world: World) -> Finding | None:
    """The first cause that holds, the deepest object first; a general one only where no other holds at all."""
    general: Finding | None = None
    for node in reversed(nodes):
        if not troubled(node, world):
            continue
        found = _at(Case(node.resource, node.own, world), tell_general=general is None)
        if found and not found.cause.general:
            return found
        general = general or found
    return general


def _at(case: Case, *, tell_general: bool) -> Finding | None:
    """The first cause that holds for one object; those that are general come last."""
    for cause in causes(case.resource.ref.kind):
        if cause.general and not tell_general:
            return None
        words = match(cause, case)
        if words is not None:
            return Finding(cause, case, words)
    return None


def blocking(node: tree.Node, world: World) -> str:
    """What an object keeps people from doing, "" when nothing."""
    case = Case(node.resource, node.own, world)
    for cause in causes(node.resource.ref.kind):
        if cause.blocks and (words := match(cause, case)) is not None:
            return Finding(cause, case, words).say(cause.blocks)
    return ""
