"""Options that every command takes that talks to a cluster, and what a person means by REF."""

import difflib
import functools
import re
from collections.abc import Callable
from typing import Any

import click

from osconsole.cli.log import open_log
from osconsole.errors import UsageError
from osconsole.model import kinds
from osconsole.model.connection import Options
from osconsole.model.ref import Ref

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_OPTIONS = (
    click.option("--kubeconfig", default="", metavar="FILE", help="The kubeconfig; else $KUBECONFIG, ~/.kube/config."),
    click.option("--context", default="", help="The context of the kubeconfig."),
    click.option("-n", "--namespace", default=None, help="One namespace; else the context's."),
    click.option("-A", "--all-namespaces", is_flag=True, help="All namespaces."),
    click.option("--as", "as_user", default="", metavar="USER", help="Act as another user."),
    click.option("--as-group", "as_groups", multiple=True, metavar="GROUP", help="Act as a member; may be repeated."),
    click.option("--read-only", is_flag=True, help="Refuse every write."),
)


def connection(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of the connection; it gets them as `options`, one value."""

    @functools.wraps(command)
    def inner(
        *, kubeconfig: str, context: str, namespace: str | None, all_namespaces: bool, as_user: str,
        as_groups: tuple[str, ...], read_only: bool, **rest: Any,
    ) -> Any:  # fmt: skip
        if all_namespaces and namespace:
            raise UsageError("-A and -n exclude each other: leave one out")
        if namespace and not _NAMESPACE.fullmatch(namespace):
            raise UsageError(f"-n '{namespace}' is no name of a namespace: small letters, digits and '-', at most 63")
        if as_groups and not as_user:
            raise UsageError("--as-group needs --as: a group alone cannot be impersonated")
        open_log()
        scope = "" if all_namespaces else namespace
        options = Options(kubeconfig, context, scope, as_user, as_groups, read_only)
        return command(options=options, **rest)

    for option in reversed(_OPTIONS):
        inner = option(inner)
    return inner


def reference(text: str, namespace: str) -> Ref:
    """The Ref that `kind/name` means; the kind may be a plural, a Kind or a short name.

    Raises:
        UsageError: it has no slash, or the kind is not known (names the nearest).
    """
    word, slash, name = text.partition("/")
    if not slash or not name:
        raise UsageError(f"'{text}' is no object: write kind/name, as in keystoneapi/keystone")
    kind = kinds.find(word)
    if kind is None:
        words = [w for k in kinds.KINDS for w in (k.plural, k.kind.lower(), *k.short)]
        near = difflib.get_close_matches(word.lower(), words, n=3)
        hint = f": did you mean {', '.join(near)}?" if near else ""
        raise UsageError(f"unknown kind '{word}'{hint}")
    return kind.key.ref(namespace if kind.namespaced else "", name)
