"""Deploy words: what a person types for a Deployment, `nova --limit edpm-compute-0`, as an intent, and back. Pure."""

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from osconsole import documents
from osconsole.errors import OsconsoleError, UsageError
from osconsole.model.intents import Deploy
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import facts, reach
from osconsole.views.coverage import ledger, retry

_TEXTS = {"--limit": "limit", "--tags": "tags", "--skip-tags": "skip_tags", "--name": "name"}
OPTIONS = (*_TEXTS, "--extra-var", "--backoff-limit")


def intent(text: str, namespace: str, nodesets: tuple[str, ...]) -> Deploy:
    """Services (none: all) and options, as `osconsole deploy` has them; commas may stand between services.

    Raises:
        UsageError: an option that is not known, or has no good value.
    """
    services: list[str] = []
    values: dict[str, Any] = {"extra_vars": {}}
    words = iter(_cut(text))
    for word in words:
        if not word.startswith("-"):
            services += word.replace(",", " ").split()
            continue
        name, equals, value = word.partition("=")
        if name not in OPTIONS:
            raise UsageError(f"no option '{name}': there are {', '.join(OPTIONS)}")
        _take(values, name, value if equals else _next(name, words))
    return Deploy(namespace, nodesets, tuple(services), **values)


def _take(values: dict[str, Any], name: str, value: str) -> None:
    if name in _TEXTS:
        values[_TEXTS[name]] = value
    elif name == "--extra-var":
        key, content = variable(value, name)
        values["extra_vars"][key] = content
    elif value.isdecimal():
        values["backoff_limit"] = int(value)
    else:
        raise UsageError(f"{name} '{value}' is no number")


def _next(name: str, words: Iterator[str]) -> str:
    found = next(words, "")
    if not found:
        raise UsageError(f"{name} needs a value behind it")
    return found


def _cut(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UsageError(f"{text}: {error}: mend it") from None


def variable(text: str, option: str) -> tuple[str, Any]:
    """`KEY=VALUE` of an option as a pair; the value is read as YAML where it is some."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise UsageError(f"{option} '{text}': write KEY=VALUE")
    try:
        return key, documents.parse(value, f"{option} {key}")
    except OsconsoleError:
        return key, value


def again(deployment: Resource, nodesets: Sequence[Resource], snapshot: Snapshot) -> str:
    """The words of the smallest Deployment that brings what one should have brought, and has not; "" is all of it."""
    own = {str(name) for name in facts.sequence(deployment, "spec", "servicesOverride")}
    needs = [retry(ledger(nodeset, snapshot), own or None) for nodeset in nodesets]
    services = dict.fromkeys(name for need in needs for name in need.services)
    hosts = dict.fromkeys(name for need in needs for name in need.hosts)
    all_services = {str(name) for nodeset in nodesets for name in facts.sequence(nodeset, "spec", "services")}
    all_hosts = {host for nodeset in nodesets for host in reach.hosts(nodeset)}
    words = [] if set(services) == all_services else list(services)
    if hosts and set(hosts) != all_hosts:
        words += ["--limit", ",".join(hosts)]
    return " ".join(words)


def completions(text: str, nodesets: Sequence[Resource]) -> list[str]:
    """What the text may become: services in the order of the NodeSet, options, hosts behind `--limit`."""
    before, _, word = text.rpartition(" ")
    typed = before.split()
    if typed[-1:] == ["--limit"]:
        done, comma, word = word.rpartition(",")
        hosts = (host for nodeset in nodesets for host in reach.hosts(nodeset) if host.startswith(word))
        found = [f"{done}{comma}{host}" for host in hosts]
    else:
        services = (str(name) for nodeset in nodesets for name in facts.sequence(nodeset, "spec", "services"))
        known = OPTIONS if word.startswith("-") else dict.fromkeys(services)
        found = [name for name in known if name.startswith(word) and name not in typed]
    return [f"{before} {name}".strip() for name in found]
