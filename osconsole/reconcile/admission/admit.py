"""Admission of one object: defaults, warnings, reasons to refuse. The way in for commands and for previews."""

from collections.abc import Callable
from typing import Any

import msgspec

from osconsole.reconcile.admission import children, controlplane, dataplane, fields, rules
from osconsole.reconcile.admission.paths import dotted
from osconsole.reconcile.admission.verdict import NOTHING, Context, Problem

Object = dict[str, Any]


class Admitted(msgspec.Struct, frozen=True):
    """The object as it would be stored; refused when `problems` is not empty."""

    obj: Object
    warnings: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


_DEFAULTS: dict[str, Callable[[Object], Object]] = {
    "OpenStackControlPlane": controlplane.default,
    "OpenStackDataPlaneNodeSet": dataplane.default_nodeset,
    "OpenStackDataPlaneDeployment": dataplane.default_deployment,
    "OpenStackDataPlaneService": dataplane.default_service,
}
_WARNINGS: dict[str, Callable[[Object], list[str]]] = {
    "OpenStackControlPlane": rules.warnings,
    "OpenStackDataPlaneService": dataplane.service_warnings,
    "Galera": children.galera_warnings,
}
_PROBLEMS: dict[str, Callable[[Object, Object | None, Context], list[Problem]]] = {
    "OpenStackControlPlane": rules.problems,
    "OpenStackVersion": lambda obj, old, context: children.version_problems(obj, context),
    "OpenStackDataPlaneNodeSet": dataplane.nodeset_problems,
    "OpenStackDataPlaneDeployment": lambda obj, old, context: dataplane.deployment_problems(obj, old),
    "OpenStackDataPlaneService": lambda obj, old, context: dataplane.service_problems(obj),
    "RabbitMq": lambda obj, old, context: children.rabbitmq_problems(obj, old),
}


def default(obj: Object, context: Context = NOTHING) -> Object:
    """The object as a mutating webhook would leave it; kinds that none looks at stay as they are."""
    fill = _DEFAULTS.get(str(obj.get("kind")))
    return fill(obj) if fill else obj


def validate(obj: Object, old: Object | None = None, context: Context = NOTHING) -> list[Problem]:
    """Reasons to refuse a defaulted object; `old` is what is stored, None for a new one."""
    check = _PROBLEMS.get(str(obj.get("kind")))
    return [*fields.faults(obj), *(check(obj, old, context) if check else [])]


def admit(obj: Object, old: Object | None = None, context: Context = NOTHING) -> Admitted:
    """Fill in, drop fields that the kind does not have (with a warning each), and judge."""
    unknown = [f'unknown field "{dotted(where)}"' for where in fields.unknown(obj)]
    filled = default(fields.pruned(obj), context)
    warn = _WARNINGS.get(str(obj.get("kind")))
    hints = warn(filled) if warn else []
    return Admitted(filled, tuple(unknown + hints), tuple(validate(filled, old, context)))
