"""What built-in types and their fields are for, in our own words: `kubectl explain` shows it."""

import functools
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from osconsole.documents import parse

_EVERYWHERE = "*"


@functools.cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """Type -> its text (under "") and those of its fields; `*` holds for fields of any type."""
    name = "descriptions.yaml"
    found: Mapping[str, Mapping[str, str]] = parse(
        files("osconsole.embedded.api.schema.builtin").joinpath(name).read_text(encoding="utf-8"), name
    )
    return found


def described(component: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """A type's published schema with what is known of it and of its fields."""
    own = texts().get(component.rpartition(".")[2], {})
    known = {**texts()[_EVERYWHERE], **own}
    fields = schema.get("properties", {})
    out = {**schema, **({"description": own[""]} if "" in own else {})}
    if fields:
        out["properties"] = {
            name: {"description": known[name], **field} if name in known else field for name, field in fields.items()
        }
    return out
