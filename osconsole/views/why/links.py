"""Links: where a cause says to go, as an object that is known or at least has a name."""

from osconsole.model import kinds
from osconsole.model.ref import Ref
from osconsole.views.why.case import Case, Words
from osconsole.views.why.cause import Go
from osconsole.views.why.patterns import fill


def target(go: Go | None, words: Words, case: Case) -> Ref | None:
    """The object to go to; None when it is not known which."""
    if go is None:
        return None
    if go.root:
        return case.world.snapshot.root(case.resource).ref
    kind = kinds.find(fill(go.kind, words))
    if kind is None:
        return None
    own = fill(go.namespace, words) if go.namespace else case.resource.ref.namespace
    namespace = own if kind.namespaced else ""
    name = _bare(fill(go.name, words))
    known = {found.ref.name: found.ref for found in case.world.all(kind.key, namespace)}
    if name in known:
        return known[name]
    if not name and len(known) == 1:
        return next(iter(known.values()))
    good = name and "?" not in name and not case.world.watched(kind.key, namespace)
    return kind.key.ref(namespace, name) if good else None


def _bare(name: str) -> str:
    """The object's name in the host name of its Service: `openstack.openstack.svc:3306` is openstack's."""
    host = name.partition(":")[0]
    return host.partition(".")[0] if ".svc" in host else host
