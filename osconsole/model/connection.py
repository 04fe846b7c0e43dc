"""How a console stands to its cluster, and what became of what was submitted: the session's answers as values."""

import msgspec

from osconsole.model.ref import Ref

REPLAY = "replay"  # the state of a line that is no line but a recording


class Options(msgspec.Struct, frozen=True):
    """What a person chose on the command line.

    Attributes:
        kubeconfig: a path; "" follows $KUBECONFIG, ~/.kube/config, then the pod's own service account.
        context: "" is the file's current one.
        namespace: None is the context's (all namespaces where it names none), "" is all namespaces.
        as_user, as_groups: impersonation, as kubectl's --as and --as-group.
        adopts: active runs that nobody carries on are carried on by this session.
        plans: a folder with plans that is looked at first.
    """

    kubeconfig: str = ""
    context: str = ""
    namespace: str | None = None
    as_user: str = ""
    as_groups: tuple[str, ...] = ()
    read_only: bool = False
    adopts: bool = False
    plans: str = ""


class Status(msgspec.Struct, frozen=True):
    """The line to the cluster.

    Attributes:
        namespace: the scope, "" for all.
        protected: the context's settings ask for a typed name before any write.
        state: "connecting", "live", "lost" (no answer), "denied" (who we are is not accepted), or "replay".
        why: the reason when lost or denied, for a person; of a recording, how it plays.
        since: Unix seconds of the last change of state.
        rtt_ms: round trip of the last request, 0 when unknown.
        insecure: nobody checks that the server is the right one (insecure-skip-tls-verify).
    """

    context: str = ""
    server: str = ""
    user: str = ""
    namespace: str = ""
    read_only: bool = False
    protected: bool = False
    state: str = "connecting"
    why: str = ""
    since: float = 0.0
    rtt_ms: float = 0.0
    insecure: bool = False


class Context(msgspec.Struct, frozen=True):
    """One context of the kubeconfig."""

    name: str
    server: str = ""
    user: str = ""
    namespace: str = ""
    current: bool = False
    read_only: bool = False
    protected: bool = False


class Submitted(msgspec.Struct, frozen=True):
    """An intent was accepted: the object to watch for its outcome, and a sentence.

    `driven_here`: it is a run, and this session carries it on: it halts when the session ends before it.
    """

    ref: Ref
    message: str
    driven_here: bool = False
