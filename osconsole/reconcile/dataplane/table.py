"""The deciders of this package."""

from osconsole.model.kinds import key
from osconsole.reconcile.dataplane import deployment, dnsdata, ipset, nodeset
from osconsole.reconcile.decide import Decider

_INPUTS = tuple(key(kind) for kind in ("Secret", "ConfigMap"))
_SETUP = tuple(key(kind) for kind in ("IPSet", "NetConfig", "DNSData", "DNSMasq", "ServiceAccount", "OpenStackVersion"))
_DATAPLANE = tuple(key(f"OpenStackDataPlane{kind}") for kind in ("NodeSet", "Deployment", "Service"))
_RUNS = tuple(key(kind) for kind in ("Job", "Pod", "OpenStackControlPlane", "OpenStackVersion"))

DECIDERS: tuple[Decider, ...] = (
    Decider(ipset.IPSET, "network", ipset.decide, (key("NetConfig"), key("Reservation"))),
    Decider(dnsdata.DNSDATA, "network", dnsdata.decide, (key("ConfigMap"),)),
    Decider(nodeset.NODESET, "dataplane", nodeset.decide, (*_DATAPLANE, *_INPUTS, *_SETUP)),
    Decider(deployment.DEPLOYMENT, "dataplane", deployment.decide, (*_DATAPLANE, *_INPUTS, *_RUNS)),
)
