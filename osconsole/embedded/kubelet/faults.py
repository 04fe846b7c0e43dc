"""Faults that a pod's annotations ask for, so that tests and the demo can show what goes wrong.

| annotation | effect on the simulated containers |
|---|---|
| `sandbox.osconsole.io/fail: "N"` | they exit with code N after a second, again after each restart |
| `sandbox.osconsole.io/fail-times: "N"` | only the first N starts fail |
| `sandbox.osconsole.io/not-ready: "true"` | they run and never become Ready |
| `sandbox.osconsole.io/image-pull: "fail"` | ErrImagePull, then ImagePullBackOff |
| `sandbox.osconsole.io/pending: "true"` | they stay in ContainerCreating |
| `sandbox.osconsole.io/run-for: "S"` | those of a Job take S seconds |
| `sandbox.osconsole.io/container: "NAME"` | the faults above concern that container only |

Pure.
"""

from dataclasses import dataclass

from osconsole.embedded.client import Object

PREFIX = "sandbox.osconsole.io/"


@dataclass(frozen=True, slots=True)
class Faults:
    """What shall go wrong; the defaults are health."""

    exit_code: int = 0
    fail_times: int | None = None
    not_ready: bool = False
    image_pull: bool = False
    pending: bool = False
    run_for_s: float | None = None

    def fails(self, restarts: int) -> bool:
        """The start after so many restarts fails."""
        return self.exit_code != 0 and (self.fail_times is None or restarts < self.fail_times)


def faults_of(pod: Object, container: str) -> Faults:
    """The faults for one container; values that make no sense are no faults."""
    annotations = pod["metadata"].get("annotations") or {}
    asked = {key[len(PREFIX) :]: value for key, value in annotations.items() if key.startswith(PREFIX)}
    only = asked.get("container")
    if not asked or (only and only != container):
        return Faults()
    fail_times = _number(asked.get("fail-times"))
    return Faults(
        exit_code=int(_number(asked.get("fail")) or 0),
        fail_times=None if fail_times is None else int(fail_times),
        not_ready=asked.get("not-ready") == "true",
        image_pull="image-pull" in asked,
        pending=asked.get("pending") == "true",
        run_for_s=_number(asked.get("run-for")),
    )


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None
