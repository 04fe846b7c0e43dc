"""Checks of the installation chain: catalogue, subscription, install plan, CSV, the OpenStack object, webhooks.

Source: `domain.md` §1.3.
"""

from typing import Any

from osconsole.model.conditions import READY, find
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource, dig
from osconsole.views import facts, health
from osconsole.views.checks.check import Check, Finding, World
from osconsole.views.state import DEGRADED, FAILED, OFF, OK, PERSON, PROGRESSING, UNKNOWN
from osconsole.views.text import clean, count

OURS = ("openstack", "cert-manager", "metallb", "nmstate", "metal3", "cluster-observability", "rabbitmq")
NO_OLM = Finding(OFF, "OLM is not installed: the operators came in another way")


def _phase(resource: Resource) -> str:
    return clean(facts.text(resource, "status", "phase"))


def _mine(name: str) -> bool:
    return any(word in name for word in OURS)


def _csvs(world: World) -> Finding:
    """CSVs are copied into every namespace: the copies say no more than the original."""
    found = [
        csv
        for csv in world.anywhere("ClusterServiceVersion")
        if _mine(csv.ref.name) and "olm.copiedFrom" not in csv.labels
    ]
    if not any("openstack-operator" in csv.ref.name for csv in found):
        return Finding(OFF, "OLM has not installed openstack-operator: it came in another way, or is not here")
    for csv in found:
        if _phase(csv) in {"Failed", "Unknown"}:
            why = clean(facts.text(csv, "status", "message"))
            return Finding(FAILED, f"{csv.ref.name} has failed: {why}", "look at its InstallPlan and events", csv.ref)
    busy = [csv for csv in found if _phase(csv) != "Succeeded"]
    if busy:
        return Finding(PROGRESSING, f"{busy[0].ref.name} is {_phase(busy[0]) or 'not begun'}", "", busy[0].ref)
    return Finding(OK, f"{count(len(found), 'operator')} installed: {', '.join(sorted(c.ref.name for c in found))}")


def _plans(world: World) -> Finding:
    waiting = [p for p in world.anywhere("InstallPlan") if facts.value(p, "spec", "approved") is False]
    failed = [p for p in world.anywhere("InstallPlan") if _phase(p) == "Failed"]
    if failed:
        return Finding(FAILED, f"{failed[0].ref} has failed", "read its conditions", failed[0].ref)
    if waiting:
        plan = waiting[0]
        names = ", ".join(map(str, facts.sequence(plan, "spec", "clusterServiceVersionNames")))
        patch = '{"spec":{"approved":true}}'
        how = f"kubectl -n {plan.ref.namespace} patch installplan {plan.ref.name} --type merge -p '{patch}'"
        return Finding(PERSON, clean(f"{plan.ref} waits for approval of {names}"), how, plan.ref, plan.created)
    return Finding(OK, "nothing waits for approval")


def _catalogs(world: World) -> Finding:
    used = {str(facts.value(s, "spec", "source")) for s in world.anywhere("Subscription") if _mine(s.ref.name)}
    for source in sorted(world.anywhere("CatalogSource"), key=lambda s: s.ref):
        state = facts.value(source, "status", "connectionState", "lastObservedState")
        if source.ref.name in used and state != "READY":
            said = f"{source.ref} is {clean(str(state or 'not connected'))}: no new version can be found"
            return Finding(DEGRADED, said, "look at its pod in the same namespace", source.ref)
    if not used:
        return Finding(OFF, "no operator of OpenStack is subscribed to")
    return Finding(OK, f"connected: {', '.join(clean(name) for name in sorted(used))}")


def _openstack(world: World) -> Finding:
    found = [o for o in world.anywhere("OpenStack") if not o.deleted]
    if not found:
        return Finding(OFF, "there is no OpenStack object: upstream's operators do not run here")
    one = min(found, key=lambda o: o.created)
    status = facts.mapping(one, "status")
    ready = find(one.conditions, READY)
    counts = f"{status.get('deployedOperatorCount', '?')} of {status.get('enabledOperatorCount', '?')} operators"
    if ready is None or not ready.ok:
        worst = next((c for c in one.conditions if not c.ok and c.type != READY and c.message), ready)
        word = FAILED if health.judge(one, world.snapshot, world.now).word == FAILED else PROGRESSING
        return Finding(word, clean(f"{counts} deployed: {worst.message if worst else 'nothing said'}"), "", one.ref)
    disabled = status.get("disabledOperatorCount") or 0
    said = f"{counts}, release {status.get('releaseVersion', '?')}" + (f", {disabled} switched off" if disabled else "")
    return Finding(OK, clean(said), "", one.ref)


WEBHOOKS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")


def _webhooks(world: World) -> Finding:
    """A webhook without a pod behind it refuses every write of its kinds (failure policy Fail)."""
    services: dict[tuple[str, str], Ref] = {}
    for kind in WEBHOOKS:
        for config in world.anywhere(kind):
            for hook in facts.sequence(config, "webhooks"):
                if (place := _service(hook)) and _ours(hook):
                    services.setdefault(place, config.ref)
    blind = ""
    for (namespace, name), ref in sorted(services.items()):
        if not world.sees("Endpoints", namespace):
            blind = blind or f"Endpoints of namespace {clean(namespace)} are not seen: whether {clean(name)} answers"
        elif not _answers(world, namespace, name):
            said = f"webhook {clean(namespace)}/{clean(name)} has no pod behind it: every write that it judges fails"
            return Finding(FAILED, said, f"look at the pods of namespace {clean(namespace)}", ref)
    if blind:
        return Finding(UNKNOWN, f"{blind} is not known", "ask for the right to list endpoints there", blind=True)
    if not services:
        return Finding(OFF, "no webhook of OpenStack or cert-manager is registered: nothing checks what is written")
    return Finding(OK, f"{count(len(services), 'webhook service')} with pods behind them")


def _service(hook: Any) -> tuple[str, str] | None:
    found = dig(hook, "clientConfig", "service")
    return (str(found.get("namespace", "")), str(found.get("name", ""))) if isinstance(found, dict) else None


def _ours(hook: Any) -> bool:
    rules = dig(hook, "rules")
    found = [dig(rule, "apiGroups") for rule in rules] if isinstance(rules, list) else []
    groups = {str(group) for one in found if isinstance(one, list) for group in one}
    return any(g.endswith(("openstack.org", "cert-manager.io")) for g in groups)


def _answers(world: World, namespace: str, name: str) -> bool:
    return any(
        dig(subset, "addresses")
        for endpoints in world.anywhere("Endpoints")
        if (endpoints.ref.namespace, endpoints.ref.name) == (namespace, name)
        for subset in facts.sequence(endpoints, "subsets")
    )


CHECKS = (
    Check(
        name="operators-installed",
        about="OLM has installed the operators that OpenStack needs",
        judge=_csvs,
        needs=("ClusterServiceVersion",),
        absent=NO_OLM,
    ),
    Check(
        name="install-plans",
        about="no upgrade of an operator waits or has failed",
        judge=_plans,
        needs=("InstallPlan",),
        absent=NO_OLM,
    ),
    Check(
        name="catalogues",
        about="the catalogues of operators answer",
        judge=_catalogs,
        needs=("Subscription", "CatalogSource"),
        absent=NO_OLM,
        loud=False,
    ),
    Check(
        name="openstack-operator",
        about="the OpenStack object has deployed its operators",
        judge=_openstack,
        needs=("OpenStack",),
    ),
    Check(
        name="webhooks",
        about="the webhooks that judge every write have pods behind them",
        judge=_webhooks,
        needs=WEBHOOKS,
        also=("Endpoints",),
        loud=False,
    ),
)
