"""What the pods of a Job mean for it: counts, retries, verdict, status. Pure but for the clock."""

from dataclasses import dataclass

from osconsole.embedded.client import Object
from osconsole.embedded.clock import age_s, stamp
from osconsole.embedded.controllers.pods import condition, is_active, is_deleted, is_finished, is_ready, phase

_LONGEST_PAUSE_S = 600.0


@dataclass(frozen=True, slots=True)
class Tally:
    """Ends of pods: `noted` uids are in the status already, `fresh` says that some were not."""

    succeeded: int
    failed: int
    noted: frozenset[str]
    fresh: bool
    status: Object


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why the Job ends."""

    failed: bool
    reason: str
    message: str
    event: str


def is_over(job: Object) -> bool:
    """It is Complete or Failed."""
    return any((condition(job, kind) or {}).get("status") == "True" for kind in ("Complete", "Failed"))


def tally(job: Object, pods: list[Object], finalizer: str) -> Tally:
    """The counts, with what has ended and is not yet counted noted in the status."""
    before = job.get("status") or {}
    uncounted = before.get("uncountedTerminatedPods") or {}
    held = {pod["metadata"]["uid"]: pod for pod in pods if finalizer in (pod["metadata"].get("finalizers") or [])}
    counts = {"succeeded": int(before.get("succeeded") or 0), "failed": int(before.get("failed") or 0)}
    noted: dict[str, list[str]] = {}
    totals = dict(counts)
    for name in counts:
        uids = uncounted.get(name) or []
        totals[name] += len(uids)
        # A uid whose pod has lost the finalizer is safe in the counter.
        counts[name] += sum(uid not in held for uid in uids)
        noted[name] = [uid for uid in uids if uid in held]
    known = {*noted["succeeded"], *noted["failed"]}
    fresh = False
    for uid, pod in held.items():
        end = _end_of(pod)
        if end and uid not in known:
            noted[end].append(uid)
            totals[end] += 1
            fresh = True
    status = {**before, "uncountedTerminatedPods": {name: uids for name, uids in noted.items() if uids}}
    for name, number in counts.items():
        status.pop(name, None)
        if number:
            status[name] = number
    return Tally(totals["succeeded"], totals["failed"], frozenset(noted["succeeded"] + noted["failed"]), fresh, status)


def _end_of(pod: Object) -> str:
    if phase(pod) == "Succeeded":
        return "succeeded"
    # A pod that was deleted counts as failed once it has stopped.
    never_ran = is_deleted(pod) and not pod["spec"].get("nodeName")
    return "failed" if phase(pod) == "Failed" or never_ran else ""


def wanted_pods(job: Object, count: Tally, active: int) -> int:
    """How many pods should be active now."""
    spec = job["spec"]
    parallelism, completions = int(spec.get("parallelism", 1)), spec.get("completions")
    if completions is None:
        # A work queue: one success means that no new pod is started.
        return min(active, parallelism) if count.succeeded else parallelism
    return max(0, min(parallelism, int(completions) - count.succeeded))


def retry_in_s(job: Object, count: Tally, pods: list[Object], backoff_s: float) -> float | None:
    """Seconds until the next try after failures; None or 0: now."""
    if not count.failed:
        return None
    ends = [_finished_at(pod) for pod in pods if _end_of(pod) == "failed"]
    last = max((end for end in ends if end), default="")
    if not last:
        return None
    pause_s = min(backoff_s * 2.0 ** min(count.failed - 1, 30), _LONGEST_PAUSE_S)
    return max(0.0, pause_s - age_s(last)) or None


def _finished_at(pod: Object) -> str:
    entries = (pod.get("status") or {}).get("containerStatuses") or []
    ends = [((entry.get("state") or {}).get("terminated") or {}).get("finishedAt") or "" for entry in entries]
    return max([*ends, pod["metadata"].get("deletionTimestamp") or ""])


def verdict(job: Object, count: Tally, active: list[Object]) -> Verdict | None:
    """Whether it is time to end, and why."""
    spec = job["spec"]
    for known in ("SuccessCriteriaMet", "FailureTarget"):
        decided = condition(job, known)
        if decided and decided["status"] == "True":
            event = "Completed" if known == "SuccessCriteriaMet" else decided["reason"]
            return Verdict(known == "FailureTarget", decided["reason"], decided["message"], event)
    restarts = sum(
        entry.get("restartCount", 0)
        for pod in active
        for entry in (pod.get("status") or {}).get("containerStatuses") or []
    )
    on_failure = spec["template"]["spec"].get("restartPolicy") == "OnFailure"
    if count.failed + (restarts if on_failure else 0) > int(spec.get("backoffLimit", 6)):
        message = "Job has reached the specified backoff limit"
        return Verdict(failed=True, reason="BackoffLimitExceeded", message=message, event="BackoffLimitExceeded")
    deadline_s, start = spec.get("activeDeadlineSeconds"), (job.get("status") or {}).get("startTime")
    if deadline_s is not None and start and not spec.get("suspend") and age_s(start) >= deadline_s:
        message = "Job was active longer than specified deadline"
        return Verdict(failed=True, reason="DeadlineExceeded", message=message, event="DeadlineExceeded")
    completions = spec.get("completions")
    enough = count.succeeded >= int(completions) if completions is not None else count.succeeded and not active
    if enough:
        message = "Reached expected number of succeeded pods"
        return Verdict(failed=False, reason="CompletionsReached", message=message, event="Completed")
    return None


def started(job: Object, status: Object, pods: list[Object]) -> Object:
    """The status with startTime, suspension and what is active now."""
    is_suspended = bool(job["spec"].get("suspend"))
    active = [pod for pod in pods if is_active(pod)]
    counts = {
        "active": len(active),
        "ready": sum(is_ready(pod) for pod in active),
        "terminating": sum(is_deleted(pod) and not is_finished(pod) for pod in pods),
    }
    status = {**status, **counts}
    if not counts["active"]:
        del status["active"]
    if is_suspended:
        status.pop("startTime", None)
    else:
        status.setdefault("startTime", stamp())
    known = condition(job, "Suspended")
    if is_suspended or known:
        reason, message = ("JobSuspended", "Job suspended") if is_suspended else ("JobResumed", "Job resumed")
        status = _with_condition(status, "Suspended", reason, message, "True" if is_suspended else "False")
    return status


def finish(job: Object, status: Object, why: Verdict, *, done: bool) -> Object:
    """The status with the interim condition and, when nothing of the Job is left to count, the final one."""
    interim = "FailureTarget" if why.failed else "SuccessCriteriaMet"
    status = _with_condition(status, interim, why.reason, why.message)
    if not done:
        return status
    status["uncountedTerminatedPods"] = {}
    status.pop("active", None)
    status["terminating"], status["ready"] = 0, 0
    if not why.failed:
        status["completionTime"] = stamp()
    return _with_condition(status, "Failed" if why.failed else "Complete", why.reason, why.message)


def _with_condition(status: Object, kind: str, reason: str, message: str, value: str = "True") -> Object:
    old = next((c for c in status.get("conditions") or [] if c["type"] == kind), None)
    if old and (old["status"], old.get("reason")) == (value, reason):
        return status
    at = stamp()
    new = {"type": kind, "status": value, "reason": reason, "message": message}
    new |= {"lastProbeTime": at, "lastTransitionTime": at}
    return {**status, "conditions": [c for c in status.get("conditions") or [] if c is not old] + [new]}
