"""One object in full: conditions, YAML and its Events as lines of text."""

from typing import Any

import yaml

from osconsole.model import kinds, links
from osconsole.model.conditions import Condition, rank
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import columns, facts, writers
from osconsole.views.rows import Line
from osconsole.views.text import age, clean
from osconsole.views.why.explain import explain
from osconsole.views.why.lines import lines as why_lines

PARTS = ("summary", "yaml", "events", "writers")
_ROLE = {0: "bad", 1: "warn", 2: "busy", 3: "quiet", 4: "good"}


def lines(resource: Resource, snapshot: Snapshot, now: float, part: str) -> tuple[Line, ...]:
    """The lines of a part of PARTS."""
    match part:
        case "yaml":
            return yaml_lines(resource)
        case "events":
            return event_lines(resource, snapshot, now)
        case "writers":
            return writers.lines(resource, now)
    return summary_lines(resource, snapshot, now)


def summary_lines(resource: Resource, snapshot: Snapshot, now: float) -> tuple[Line, ...]:
    """Who and whose it is, why it is as it is, its conditions, what it owns."""
    ref = resource.ref
    head = f"{ref.kind}.{ref.group}" if ref.group else ref.kind
    out = [Line(((f"{head} ", "quiet"), (clean(ref.name), "accent"), (f"  {clean(ref.namespace)}", "quiet")))]
    out.append(Line(((f"created {age(now - resource.created)} ago, generation {resource.generation}", "quiet"),)))
    if owner := snapshot.owner(resource):
        out.append(Line((("owned by ", "quiet"), (clean(owner.ref.short), "")), owner.ref))
    if writer := max(resource.writers, key=lambda w: w.at, default=None):
        out.append(Line(((f"last written by {clean(writer.manager)} {age(now - writer.at)} ago", "quiet"),)))
    out.append(Line((("", ""),)))
    out.extend(why_lines(explain(ref, snapshot, now), now))
    if resource.conditions:
        out += [Line((("", ""),)), Line((("Conditions", "accent"),))]
        out += [_condition(c, now) for c in resource.conditions]
    if owned := snapshot.owned(resource):
        out += [Line((("", ""),)), Line((("Owns", "accent"),))]
        out += [Line(((f"  {o.ref.kind} ", "quiet"), (clean(o.ref.name), "")), o.ref) for o in owned]
    if tied := list(links.linked(resource, snapshot)):
        out += [Line((("", ""),)), Line((("Belongs together", "accent"),))]
        out += [Line(((f"  {k.says} ", "quiet"), (clean(o.ref.short), "")), o.ref) for k, o in tied]
    return tuple(out)


def _condition(condition: Condition, now: float) -> Line:
    what = condition.status + (f"/{condition.severity}" if condition.severity else "")
    reason = f" {clean(condition.reason)}" if condition.reason and condition.reason != "Ready" else ""
    return Line((
        (f"  {what:<14}", _ROLE[rank(condition)]), (f"{clean(condition.type):<44} ", ""),
        (f"{age(now - condition.since):>4} ", "quiet"), (clean(condition.message.strip()) + reason, ""),
    ))  # fmt: skip


def yaml_lines(resource: Resource) -> tuple[Line, ...]:
    """The object as YAML; Secret values never reach it (the mirror has emptied them)."""
    return body_lines(resource.body())


def body_lines(body: dict[str, Any]) -> tuple[Line, ...]:
    """Plain values as lines of YAML."""
    return tuple(Line(_yaml_spans(line)) for line in to_yaml(body).splitlines())


def to_yaml(body: dict[str, Any]) -> str:
    """YAML with keys in the usual order, long texts in blocks."""
    text: str = yaml.dump(body, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return text


class _Dumper(yaml.SafeDumper):
    """Text of several lines is written as a block."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def _yaml_spans(line: str) -> tuple[tuple[str, str], ...]:
    key, colon, rest = line.partition(":")
    if not colon or (rest and not rest.startswith(" ")):
        return ((clean(line), ""),)
    return ((clean(key) + ":", "accent"), (clean(rest), ""))


def event_lines(resource: Resource, snapshot: Snapshot, now: float) -> tuple[Line, ...]:
    """Events that speak of the object, newest first."""
    found = [e for e in snapshot.all(kinds.key("Event"), resource.ref.namespace) if _about(e) == resource.uid]
    out = []
    for event in sorted(found, key=columns.event_at, reverse=True):
        role = "warn" if facts.value(event, "type") == "Warning" else ""
        out.append(Line((
            (f"{age(now - columns.event_at(event)):>5}  ", "quiet"),
            (f"{clean(str(facts.value(event, 'reason') or '')):<22} ", role),
            (clean(str(facts.value(event, "message") or "")), role),
        )))  # fmt: skip
    return tuple(out) or (Line((("none", "quiet"),)),)


def _about(event: Resource) -> Any:
    return (facts.value(event, "involvedObject") or {}).get("uid")
