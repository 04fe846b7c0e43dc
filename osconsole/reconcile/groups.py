"""The groups of deciders that an operator can take, and which of upstream's operators would own them instead."""

from osconsole.errors import UsageError
from osconsole.reconcile import runs
from osconsole.reconcile.controlplane.deciders import DECIDERS as CONTROLPLANE
from osconsole.reconcile.dataplane.table import DECIDERS as DATAPLANE
from osconsole.reconcile.decide import Decider

_CONTROLPLANE = "openstack keystone mariadb rabbitmq infra memcached ovn placement glance neutron nova"

# openstack.org/operator-name of the controllers that must not run beside us
OWNERS: dict[str, frozenset[str]] = {
    "controlplane": frozenset(_CONTROLPLANE.split()),
    "dataplane": frozenset(("openstack", "dataplane")),
    "network": frozenset(("infra",)),
    "runs": frozenset(),
}


def _all() -> tuple[Decider, ...]:
    return (*CONTROLPLANE, *DATAPLANE, runs.DECIDER)


def groups(wanted: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The names of the groups, or those that are wanted.

    Raises:
        UsageError: there is no such group.
    """
    known = tuple(dict.fromkeys(d.group for d in _all()))
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise UsageError(f"there is no group '{unknown[0]}': known are {', '.join(known)}")
    return tuple(name for name in known if not wanted or name in wanted)


def deciders(wanted: tuple[str, ...]) -> tuple[Decider, ...]:
    """The deciders of some groups."""
    return tuple(d for d in _all() if d.group in wanted)
