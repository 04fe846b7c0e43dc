"""An object against the schema of its type: decoding problems, unknown fields, pruning, defaults, validation.

An adapter: the walks themselves are in `pruning`, `defaulting`, `decoding` and `validation`.
"""

import functools
from typing import Any

from osconsole.embedded.api.builtin import schemas as builtin
from osconsole.embedded.api.builtin.defaults import complete
from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.decoding import decode_problem
from osconsole.embedded.api.defaulting import default
from osconsole.embedded.api.failures import bad_request
from osconsole.embedded.api.pruning import prune
from osconsole.embedded.api.schemas import Schema
from osconsole.embedded.api.types import ResourceType
from osconsole.embedded.api.validation import validate


@functools.lru_cache(maxsize=512)
def schema_of(kind: ResourceType) -> Schema:
    """The compiled schema of a type; types are values, so it is compiled once for each."""
    if kind.custom:
        return builtin.custom(kind.schema)
    return builtin.builtin(kind.group, kind.version, kind.kind)


def receive(kind: ResourceType, obj: dict[str, Any], validation: str, duplicates: list[str]) -> list[str]:
    """Prune, in place, what a client sent; the answer's warnings.

    Raises:
        Failure: 400, the value of a field has the wrong type, or under Strict a field is unknown or stands twice.
    """
    schema = schema_of(kind)
    problem = decode_problem(obj, schema if not kind.custom else _metadata_only())
    if problem:
        raise bad_request(f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: {problem}')
    unknown = duplicates + [f'unknown field "{path}"' for path in prune(obj, schema)]
    if unknown and validation == "Strict":
        raise bad_request(
            f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: strict decoding error: '
            + ", ".join(unknown)
        )
    return unknown if validation == "Warn" else []


def fill(kind: ResourceType, obj: dict[str, Any]) -> None:
    """Add the defaults of the type, in place."""
    default(obj, schema_of(kind))
    if not kind.custom:
        complete(obj, kind.kind)


def problems(kind: ResourceType, obj: dict[str, Any]) -> list[Cause]:
    """What the schema finds wrong."""
    return validate(obj, schema_of(kind))


@functools.cache
def _metadata_only() -> Schema:
    """A custom resource as far as the real server decodes it itself."""
    return Schema(raw={}, type="object", preserve=True, properties={"metadata": builtin.object_meta()})
