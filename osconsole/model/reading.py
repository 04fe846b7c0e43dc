"""Reading: what an object's own conditions say at this moment, as one word of state and one sentence.

RULES is the whole judgement of a condition, tried from the top. It knows nothing of time and of other objects: grace is
`standing`, neighbours are `views.rules`. Sources: the conditions of lib-common (`domain.md` §2), and what operators
were seen to write (§7), where reasons and severities do not always agree.
"""

from collections.abc import Iterator

import msgspec

from osconsole.model.conditions import BACKOFF, ERROR, INIT, READY, REQUESTED, Condition, find
from osconsole.model.resource import Resource
from osconsole.model.words import DEGRADED, FAILED, OK, PAUSED, PERSON, PROGRESSING, UNKNOWN, WAITING


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What a condition that is not True means.

    Attributes:
        because: why this rule is here; for the reader and for tests.
        kinds, type, status, severity, reasons: what must match; empty matches all.
        said: the message has one of these, in lower case.
        says: the sentence; "" is the condition's own message.
        final: nothing will make it better by itself, so that no grace is needed.
        patience_s: how much longer than the usual grace it may last before it is an alarm.
    """

    word: str
    because: str
    kinds: frozenset[str] = frozenset()
    type: str = ""
    status: str = ""
    severity: str = ""
    reasons: frozenset[str] = frozenset()
    said: tuple[str, ...] = ()
    says: str = ""
    final: bool = False
    patience_s: float = 0.0

    def matches(self, kind: str, condition: Condition) -> bool:
        """The rule speaks of this condition of an object of this kind."""
        return (
            (not self.kinds or kind in self.kinds)
            and self.type in {"", condition.type}
            and self.status in {"", condition.status}
            and self.severity in {"", condition.severity}
            and (not self.reasons or condition.reason in self.reasons)
            and (not self.said or any(words in condition.message.lower() for words in self.said))
        )


def _one(*names: str) -> frozenset[str]:
    return frozenset(names)


NODESET, DEPLOYMENT = _one("OpenStackDataPlaneNodeSet"), _one("OpenStackDataPlaneDeployment")
BAREMETAL = _one("OpenStackBaremetalSet", "OpenStackProvisionServer")

RULES: tuple[Rule, ...] = (
    Rule(
        word=PAUSED,
        because="the annotation deployment-stage=infrastructure-only holds the control plane on purpose",
        said=("deployment paused", "infrastructure-only"),
    ),
    Rule(
        word=PERSON,
        because="a NodeSet that is set up runs nothing until somebody makes a Deployment",
        kinds=NODESET,
        said=("waiting for openstackdataplanedeployment",),
        says="its nodes are set up: nothing runs on them until a Deployment is made",
    ),
    Rule(
        word=FAILED,
        because="a Deployment whose Job reached its limit is never looked at again",
        kinds=DEPLOYMENT,
        status="False",
        reasons=_one(BACKOFF),
        final=True,
    ),
    Rule(
        word=PROGRESSING,
        because="operators write Error while their Job simply runs (Nova's databases)",
        said=("job still running", "job in progress"),
    ),
    Rule(word=WAITING, because="Init with any severity is work not begun", status="False", reasons=_one(INIT)),
    Rule(
        word=WAITING,
        because="a database server that starts for the first time",
        reasons=_one("DatabaseWaitingInitialized"),
    ),
    Rule(word=WAITING, because="optional work that nobody asked for", status="False", reasons=_one("NotRequested")),
    Rule(
        word=PROGRESSING,
        because="something is being taken away",
        status="False",
        reasons=_one("Deleting", "Deleted"),
    ),
    Rule(
        word=DEGRADED,
        because="too few hosts, or hosts that cannot be provisioned: the NodeSet above says nothing of it",
        kinds=BAREMETAL,
        status="False",
        severity="Warning",
    ),
    Rule(word=FAILED, because="a hard error", status="False", severity="Error"),
    Rule(
        word=FAILED,
        because="lib-common's IsError, when a limit was reached",
        status="False",
        reasons=_one(BACKOFF),
    ),
    Rule(
        word=DEGRADED,
        because="an input is missing, or an error that the controller tries again",
        status="False",
        severity="Warning",
    ),
    Rule(word=FAILED, because="Error without a severity that says less", status="False", reasons=_one(ERROR)),
    Rule(
        word=DEGRADED,
        because="only its message tells of an error: severity and reason are missing, or say something else",
        status="False",
        said=("error occurred", "error occured"),
    ),
    Rule(
        word=DEGRADED,
        because="an input that others make, usually within minutes; one that nobody makes is no progress",
        status="False",
        severity="Info",
        said=("missing",),
        patience_s=300.0,
    ),
    Rule(
        word=PROGRESSING,
        because="cert-manager is at work on a Certificate or an Issuer",
        kinds=_one("Certificate", "Issuer"),
        status="False",
        reasons=_one("Issuing", "DoesNotExist", "InProgress"),
    ),
    Rule(
        word=DEGRADED,
        because="a Certificate that is not issued, and nobody issues it",
        kinds=_one("Certificate", "Issuer"),
        type=READY,
        status="False",
    ),
    Rule(word=PROGRESSING, because="work was asked for and goes on", status="False"),
    Rule(word=PROGRESSING, because="Unknown, yet asked for", status="Unknown", reasons=_one(REQUESTED)),
    Rule(word=UNKNOWN, because="our own mark on what cannot be decoded", reasons=_one("Unreadable")),
    Rule(word=WAITING, because="not looked at in this pass, or it waits for an earlier step", status="Unknown"),
    Rule(word=UNKNOWN, because="a status that conditions do not have"),
)

# Conditions of which only one direction is news, or that speak of something else than the object's own state.
ASIDE = frozenset({"Issuing", "CertificateRequestReady"})
# Worst first: which of an object's conditions is the one to tell.
_RANK = (FAILED, DEGRADED, PAUSED, PERSON, UNKNOWN, PROGRESSING, WAITING)


class Reading(msgspec.Struct, frozen=True, gc=False):
    """What an object says: a word, the sentence ("" when ok), the condition's type and its own time.

    `final` needs no grace to be an alarm; `patience_s` is what it gets beyond the usual one. What is `counted` is so:
    until it is an alarm it is progress, where an opinion may be wrong for a moment.
    """

    word: str
    why: str = ""
    type: str = ""
    since: float = 0.0
    final: bool = False
    patience_s: float = 0.0
    counted: bool = False


def rule(kind: str, condition: Condition) -> Rule:
    """The rule that speaks of a condition which is not True."""
    return next(found for found in RULES if found.matches(kind, condition))


def read(resource: Resource) -> Reading:
    """The reading of an object of a kind that has conditions."""
    if not resource.conditions:
        return Reading(WAITING, "no controller has looked at it yet", "", resource.created)
    ready = find(resource.conditions, READY)
    rest = [c for c in resource.conditions if c.type != READY and not c.ok and c.type not in ASIDE]
    since = ready.since if ready else max((c.since for c in resource.conditions), default=0.0)
    if not resource.caught_up:
        return Reading(PROGRESSING, f"its controller has not seen generation {resource.generation} yet", "", since)
    if (ready and ready.ok) or (ready is None and not rest):
        return Reading(OK, "", READY, since)
    found = sorted(_readings(resource.ref.kind, rest or ([ready] if ready else [])), key=_place)
    return found[0] if found else Reading(UNKNOWN, "says nothing of its state", "", since)


def _readings(kind: str, conditions: list[Condition]) -> Iterator[Reading]:
    for condition in conditions:
        found = rule(kind, condition)
        text = condition.message.strip() or condition.reason or condition.type
        named = f"{condition.type}: {text}" if found.word in {FAILED, DEGRADED} and condition.type != READY else text
        said = found.says or named
        yield Reading(found.word, said, condition.type, condition.since, found.final, found.patience_s)


def _place(reading: Reading) -> tuple[int, float]:
    """Worst first, then newest: what a parent would copy of it."""
    return _RANK.index(reading.word), -reading.since
