"""What keeps pods: selectors, templates, replicas, and how old pods give way to new ones."""

from typing import Any

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.failures import forbidden_field, required, wrong_value
from osconsole.embedded.api.rules.holdings import claim
from osconsole.embedded.api.rules.pods import spec_of_pod
from osconsole.embedded.api.rules.schedules import broken, time_zone
from osconsole.embedded.api.rules.words import at_least, unsupported
from osconsole.embedded.api.selectors import from_object

Object = dict[str, Any]

_LABELS = "spec.template.metadata.labels"
_UNLIKE = "`selector` does not match template `labels`"
_POLICIES = ("OrderedReady", "Parallel")
_DAEMONS = "daemonset"
_ONCE = 'valid values: "OnFailure", "Never"'


def workload(obj: Object, what: str = "deployment") -> list[Cause]:
    """Selector, template and replicas of what keeps pods; `what` keeps them is in the words about its selector."""
    spec = obj.get("spec") or {}
    template = spec.get("template") or {}
    found = []
    selector = spec.get("selector")
    if selector is None and what != _DAEMONS:
        found.append(required("spec.selector"))
    if selector is not None and not any(selector.values()):
        found.append(wrong_value("spec.selector", {}, f"empty selector is invalid for {what}"))
    else:
        found += _matching(selector, template)
    for key in ("replicas", "minReadySeconds", "revisionHistoryLimit"):
        found += at_least(f"spec.{key}", spec.get(key), 0)
    found += spec_of_pod(template.get("spec") or {}, "spec.template.spec")
    policy = (template.get("spec") or {}).get("restartPolicy", "Always")
    if policy != "Always":
        found.append(unsupported("spec.template.spec.restartPolicy", policy, ("Always",)))
    return found


def daemon_set(obj: Object) -> list[Cause]:
    """A workload with a pod on every node."""
    return workload(obj, _DAEMONS)


def _matching(selector: Object | None, template: Object) -> list[Cause]:
    labels = (template.get("metadata") or {}).get("labels") or {}
    if selector is not None and from_object(selector).matches(labels):
        return []
    return [wrong_value(_LABELS, labels or None, _UNLIKE)]


def stateful_set(obj: Object) -> list[Cause]:
    """A workload whose pods have claims of their own: each is a volume to them."""
    spec = obj.get("spec") or {}
    names = [(one.get("metadata") or {}).get("name") for one in spec.get("volumeClaimTemplates") or ()]
    template = spec.get("template") or {}
    inside = template.get("spec") or {}
    kept = [one for one in inside.get("volumes") or () if one.get("name") not in names]
    volumes = [*kept, *({"name": name, "persistentVolumeClaim": {"claimName": name}} for name in names)]
    whole = {"spec": {**spec, "template": {**template, "spec": {**inside, "volumes": volumes}}}}
    found = workload(whole, "statefulset")
    policy = spec.get("podManagementPolicy", _POLICIES[0])
    if policy not in _POLICIES:
        found.append(wrong_value("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'"))
    for i, one in enumerate(spec.get("volumeClaimTemplates") or ()):
        found += claim(one, f"spec.volumeClaimTemplates[{i}].spec")
    return found


def replication_controller(obj: Object) -> list[Cause]:
    """A workload with a plain selector."""
    spec = obj.get("spec") or {}
    found = [] if spec.get("selector") else [required("spec.selector")]
    if not spec.get("template"):
        return [*found, required("spec.template")]
    if found:
        return found + spec_of_pod(spec["template"].get("spec") or {}, "spec.template.spec")
    return workload({"spec": {**spec, "selector": {"matchLabels": spec["selector"]}}})


def deployment(obj: Object) -> list[Cause]:
    """A workload that is replaced in one of two ways."""
    found = workload(obj)
    strategy = (obj.get("spec") or {}).get("strategy") or {}
    rolling = strategy.get("rollingUpdate")
    kind = strategy.get("type")
    if kind == "Recreate" and rolling is not None:
        why = "may not be specified when strategy `type` is 'Recreate'"
        found.append(forbidden_field("spec.strategy.rollingUpdate", why))
    elif kind not in ("Recreate", "RollingUpdate"):
        found.append(unsupported("spec.strategy", strategy, ("Recreate", "RollingUpdate")))
    elif rolling and _none(rolling.get("maxSurge")) and _none(rolling.get("maxUnavailable")):
        where, shown = "spec.strategy.rollingUpdate.maxUnavailable", rolling.get("maxUnavailable")
        found.append(wrong_value(where, shown, "may not be 0 when `maxSurge` is 0"))
    return found


def _none(share: Any) -> bool:
    """Whether a number or a share of the replicas is nothing."""
    return share in (0, "0%")


def job(obj: Object) -> list[Cause]:
    """A Job."""
    spec = obj.get("spec") or {}
    found = _job(spec, "spec")
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    found += [
        wrong_value("spec.template.labels", value, "must be no more than 63 bytes")
        for value in {value for value in labels.values() if len(value) > 63}
    ]
    if spec.get("selector"):
        found += _matching(spec["selector"], spec.get("template") or {})
    else:
        found += [required("spec.selector"), wrong_value(_LABELS, labels or None, _UNLIKE)]
    return found


def _job(spec: Object, path: str) -> list[Cause]:
    pod = (spec.get("template") or {}).get("spec") or {}
    found = spec_of_pod(pod, f"{path}.template.spec")
    for key in ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"):
        found += at_least(f"{path}.{key}", spec.get(key), 0)
    if spec.get("completionMode") == "Indexed" and spec.get("completions") is None:
        found.append(required(f"{path}.completions", "when completion mode is Indexed"))
    if pod.get("restartPolicy", "Always") == "Always":
        found.append(required(f"{path}.template.spec.restartPolicy", _ONCE))
    return found


def cron_job(obj: Object) -> list[Cause]:
    """A CronJob: when, and what then."""
    spec = obj.get("spec") or {}
    text, zone = spec.get("schedule") or "", spec.get("timeZone")
    found = []
    if not text:
        found.append(required("spec.schedule"))
    elif why := broken(text):
        found.append(wrong_value("spec.schedule", text, why))
    if zone is not None and (why := time_zone(zone)):
        found.append(wrong_value("spec.timeZone", zone, why))
    for key in ("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        found += at_least(f"spec.{key}", spec.get(key), 0)
    return found + _job((spec.get("jobTemplate") or {}).get("spec") or {}, "spec.jobTemplate.spec")
