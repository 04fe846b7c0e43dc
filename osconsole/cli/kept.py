"""What commands take from the history on this machine, without asking a cluster."""

import time

from osconsole.errors import KubeconfigError, NotFound
from osconsole.history.history import History
from osconsole.kube.kubeconfig import choose
from osconsole.model.connection import Options
from osconsole.model.snapshot import Snapshot
from osconsole.views.moments import written


def place(options: Options) -> tuple[str, str]:
    """(context, namespace) that the options mean; the history outlives the kubeconfig.

    Raises:
        KubeconfigError: there is none, and no context was named.
    """
    try:
        target = choose(options)
    except KubeconfigError:
        if not options.context:
            raise
        return options.context, options.namespace or ""
    return target.context, target.namespace if options.namespace is None else options.namespace


def world(options: Options, at: float) -> Snapshot:
    """The world of a moment.

    Raises:
        NotFound: nothing is kept of it.
    """
    context, _ = place(options)
    history = History(context)
    try:
        found = history.snapshot(at)
        if not any(found.objects.values()):
            why = history.trouble or f"no console on this machine has watched context '{context}' until then"
            raise NotFound(f"nothing is kept of {written(at, time.time())}: {why}")
        return found
    finally:
        history.close()
