"""Standing: the word that an object has earned by lasting, folded from its readings as they come.

Operators write False/Error for seconds while all is well, and drop conditions for an event (`domain.md` §7). So a
reading counts only when it has lasted its grace, and no word is taken back sooner than its own grace. Pure: time comes
with the changes, and `at` looks forward from the last one.
"""

import msgspec

from osconsole.model import running
from osconsole.model.reading import Reading, read
from osconsole.model.resource import Resource
from osconsole.model.words import ALARMS, OFF, OK, PAUSED, PROGRESSING

ALARM_S = 30.0  # bring-up had false errors of up to 15.6 s
CALM_S = 10.0  # and True to Unknown and back within 5.2 s

# Judged by more than their conditions.
OTHERWISE = frozenset({
    "Pod", "Job", "Node", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "PersistentVolumeClaim", "Event",
    "Namespace", "Service", "PodDisruptionBudget", "CustomResourceDefinition",
})  # fmt: skip

# Kinds of OpenStack whose status has no conditions: being there is all that they do.
SILENT = frozenset({
    "NetConfig", "Reservation", "OpenStackDataPlaneService", "Topology", "BGPConfiguration", "OpenStackBackupConfig",
})  # fmt: skip


class Standing(msgspec.Struct, frozen=True, gc=False):
    """Where an object stands.

    Attributes:
        word, why, since: what is shown; `why` is the last sentence that spoke for the word.
        before: the word shown before this one.
        read, read_since: what the object says now and since when.
        alarm_since: when a stretch of errors began that was not broken for CALM_S; 0 outside of one.
        calm_since: since when such a stretch is interrupted; 0 when it is not.
        generation: the generation of the newest reading.
        asked: a newer generation came with the newest reading's word.
    """

    word: str
    why: str
    since: float
    before: str
    read: Reading
    read_since: float
    alarm_since: float = 0.0
    calm_since: float = 0.0
    generation: int = 0
    asked: bool = False

    def due(self) -> float:
        """When the reading is shown if it stays as it is; 0 when it is shown already."""
        if self.read.word == self.word:
            return 0.0
        if self._steps():
            return self.read_since + CALM_S
        due = self._earned()
        if self.read.word == self.before and not self.read.final:
            due = max(due, self.since + grace(self.word))
        return due

    def _steps(self) -> bool:
        """Before it is an alarm it is no longer ok."""
        return self.read.counted and self.word == OK and self.read.word in ALARMS and not self.read.final

    def _earned(self) -> float:
        if self.read.final or self.read.word == OK:
            return self.read_since
        if self.read.word in ALARMS:
            wait = CALM_S if self.word in ALARMS else 0.0
            patient = ALARM_S + self.read.patience_s if self.read.patience_s else wait
            return max(self.alarm_since + ALARM_S, self.read_since + patient)
        if self.asked or self.read.word in {OFF, PAUSED}:
            return self.read_since
        return self.read_since + (ALARM_S if self.word in ALARMS else CALM_S)

    def hurried(self) -> "Standing":
        """The same, where what is below says that it does not merely start."""
        return msgspec.structs.replace(self, read=msgspec.structs.replace(self.read, patience_s=0.0))

    def at(self, now: float) -> "Standing":
        """The same, as far as time alone moves it."""
        due = self.due()
        if due == 0 or now < due:
            return self
        if self._steps():
            between = msgspec.structs.replace(self, word=PROGRESSING, since=due, before=self.word, asked=False)
            return between.at(now)
        return msgspec.structs.replace(
            self, word=self.read.word, why=self.read.why, since=due, before=self.word, asked=False
        )


def grace(word: str) -> float:
    """How long a word stands, at least, before the one before it comes back."""
    return ALARM_S if word in ALARMS else CALM_S


def judged(resource: Resource) -> bool:
    """Objects of this kind have a standing."""
    ref = resource.ref
    speaks = ref.group.endswith(("openstack.org", "cert-manager.io")) and ref.kind not in SILENT
    return (bool(resource.conditions) or speaks) and ref.kind not in OTHERWISE


def stands(resource: Resource) -> bool:
    """What objects of this kind say is folded over time; of `OTHERWISE` only where `running` reads them."""
    return resource.ref.kind in running.KINDS or judged(resource)


def alike(old: Resource, new: Resource) -> bool:
    """Two versions of an object of which it is known that they say the same, so that nothing need be folded."""
    same = new.gist is not None and new.gist is old.gist and old.conditions == new.conditions
    return same and (old.generation, old.observed) == (new.generation, new.observed)


def stand(old: Standing | None, resource: Resource, at: float, *, new: bool = False) -> Standing | None:
    """Where an object stands with its newest version; None where that cannot be read.

    Without an old one it is seen for the first time; `new` says that it has just been made.
    """
    if resource.ref.kind in running.KINDS:
        reading = running.read(resource, old.read if old else None)
    else:
        reading = read(resource)
    if reading is None:
        return None
    generation = resource.generation if resource.ref.kind != "Pod" else 0
    return first(reading, generation, at, new=new) if old is None else fold(old, reading, generation, at)


def first(reading: Reading, generation: int, at: float, *, new: bool = False) -> Standing:
    """The standing of an object that is seen for the first time.

    Its own times are all that is known, unless it is new: then ours are better, whose clock may be another.
    """
    alarm = reading.word in ALARMS and not reading.final
    began = min(at, reading.since) if reading.since and not new else at
    word = PROGRESSING if alarm else reading.word
    start = began if alarm else at
    return Standing(word, reading.why, start, "", reading, start, start if alarm else 0.0, 0.0, generation)


def fold(old: Standing, reading: Reading, generation: int, at: float) -> Standing:
    """The standing after one more reading."""
    now = old.at(at)
    asked = generation > old.generation
    same = _told(reading) == _told(now.read) and not asked
    alarm_since, calm_since = _stretch(now, reading, at)
    return Standing(
        now.word,
        reading.why if reading.word == now.word else now.why,
        now.since,
        now.before,
        reading,
        now.read_since if same else at,
        alarm_since,
        calm_since,
        generation,
        asked or (now.asked and same),
    )


def _told(reading: Reading) -> tuple[str, bool, float]:
    """What of a reading makes it another one."""
    return reading.word, reading.final, reading.patience_s


def _stretch(now: Standing, reading: Reading, at: float) -> tuple[float, float]:
    """When the stretch of errors began and since when it is interrupted."""
    if reading.word == OK:
        return 0.0, 0.0
    if reading.word in ALARMS:
        broken = not now.alarm_since or (now.calm_since and at - now.calm_since >= CALM_S)
        return (at if broken else now.alarm_since), 0.0
    return now.alarm_since, (now.calm_since or at) if now.alarm_since else 0.0
