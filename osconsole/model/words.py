"""The ten words of state, by name. What they look like and how bad they are is `views.state`."""

OK = "ok"
PROGRESSING = "progressing"
WAITING = "waiting-for-dependency"
PERSON = "waiting-for-person"
DEGRADED = "degraded"
FAILED = "failed"
PAUSED = "paused"
OFF = "off"
STALE = "stale"
UNKNOWN = "unknown"

ALARMS = frozenset({DEGRADED, FAILED})
CALM = frozenset({OK, OFF})
