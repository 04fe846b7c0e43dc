"""Operators: the pods that reconcile the kinds of OpenStack, wherever they live; their logs are read as any others."""

from osconsole.errors import Forbidden, NotFound
from osconsole.kube.api import Api
from osconsole.kube.loggers import POD
from osconsole.model.kinds import BY_KEY
from osconsole.model.ref import Ref
from osconsole.model.resource import dig

NAMESPACE = "openstack-operators"
LABEL = "openstack.org/operator-name"
CONTAINER = "manager"


async def pods(api: Api) -> tuple[tuple[Ref, ...], str]:
    """All pods where only operators live, else those with the label anywhere; and the container that reconciles.

    Raises:
        NotFound: there is none. Another of our errors when it cannot be asked.
    """
    kind = BY_KEY[POD]
    for namespace, query in ((NAMESPACE, {}), ("", {"labelSelector": LABEL})):
        try:
            items = (await api.send("GET", kind.path(namespace), query=query)).object().get("items") or []
        except Forbidden:
            if not namespace:
                raise
            continue
        if items:
            refs = tuple(POD.ref(dig(i, "metadata", "namespace"), dig(i, "metadata", "name")) for i in items)
            names = {c.get("name") for i in items for c in dig(i, "spec", "containers", default=[])}
            return refs, CONTAINER if CONTAINER in names else ""
    raise NotFound(f"no pod of an operator is found, neither in {NAMESPACE} nor by the label {LABEL}", 404)
