"""The value checks of a schema: enum, bounds, patterns, formats, and combinations of schemas."""

from collections.abc import Callable
from typing import Any

from osconsole.embedded.api.causes import Found
from osconsole.embedded.api.schema.formats import fits
from osconsole.embedded.api.schema.regexps import matches
from osconsole.embedded.api.schema.schemas import Compiler, Schema

_Walk = Callable[[Any, Schema, str, Found], None]
_COMBINING = ("anyOf", "oneOf", "allOf", "not")


def check(value: Any, schema: Schema, path: str, found: Found, walk: _Walk) -> None:
    """Check one value (not what is below it); `walk` validates against a schema of a combination."""
    raw = schema.raw
    kind = type(value)
    if kind is str:
        _text(value, raw, path, found)
    elif kind is int or kind is float:
        _number(value, raw, path, found)
    if any(key in raw for key in _COMBINING):
        _combinations(value, schema, path, found, walk)
    if "enum" in raw and value not in raw["enum"]:
        supported = ", ".join(found.shown(choice) for choice in raw["enum"])
        message = f"Unsupported value: {found.shown(value)}: supported values: {supported}"
        found.add(path, "FieldValueNotSupported", message)
    if kind is list:
        _size(value, "items", (raw.get("minItems"), raw.get("maxItems")), path, found)
        if raw.get("uniqueItems") and any(item in value[:at] for at, item in enumerate(value)):
            found.refuse(path, value, "shouldn't contain duplicates")
    elif kind is dict:
        _size(value, "properties", (raw.get("minProperties"), raw.get("maxProperties")), path, found)


def _text(value: str, raw: Any, path: str, found: Found) -> None:
    longest, shortest = raw.get("maxLength"), raw.get("minLength")
    if longest is not None and len(value) > longest:
        found.add(path, "FieldValueTooLong", f"Too long: may not be more than {longest} bytes")
    elif shortest is not None and len(value) < shortest:
        found.refuse(path, value, f"should be at least {shortest} chars long")
    elif (pattern := raw.get("pattern")) and not matches(pattern, value):
        found.refuse(path, value, f"should match '{pattern}'")
    if (name := raw.get("format")) and not fits(value, name):
        found.wrong_type(path, name, value)


def _number(value: float, raw: Any, path: str, found: Found) -> None:
    if (step := raw.get("multipleOf")) and (value / step) % 1:
        found.refuse(path, value, f"should be a multiple of {step:g}")
    if (most := raw.get("maximum")) is not None and (value > most or (raw.get("exclusiveMaximum") and value == most)):
        rule = "should be less than" if raw.get("exclusiveMaximum") else "should be less than or equal to"
        found.refuse(path, value, f"{rule} {most:g}")
    if (least := raw.get("minimum")) is not None and (
        value < least or (raw.get("exclusiveMinimum") and value == least)
    ):
        rule = "should be greater than" if raw.get("exclusiveMinimum") else "should be greater than or equal to"
        found.refuse(path, value, f"{rule} {least:g}")


def _size(value: Any, noun: str, bounds: tuple[int | None, int | None], path: str, found: Found) -> None:
    least, most = bounds
    if least is not None and len(value) < least:
        found.refuse(path, len(value), f"should have at least {least} {noun}")
    if most is not None and len(value) > most:
        found.add(path, "FieldValueTooMany", f"Too many: {len(value)}: must have at most {most} items")


def _combinations(value: Any, schema: Schema, path: str, found: Found, walk: _Walk) -> None:
    results: dict[str, list[Found]] = {}
    for key in ("anyOf", "oneOf", "allOf"):
        results[key] = [_tried(value, part, path, walk) for part in _parts(schema, key)]
    if (tried := results["anyOf"]) and all(result.causes for result in tried):
        _whole(path, "must validate at least one schema (anyOf)", found)
        _repeat(tried[:1], found)
    if tried := results["oneOf"]:
        valid = sum(not result.causes for result in tried)
        if valid != 1:
            seen = "Found none valid" if not valid else f"Found {valid} valid alternatives"
            _whole(path, f"must validate one and only one schema (oneOf). {seen}", found)
            _repeat(tried[:1] if not valid else [], found)
    if any(result.causes for result in results["allOf"]):
        _repeat(results["allOf"], found)
        _whole(path, "must validate all the schemas (allOf)", found)
    if any(not _tried(value, part, path, walk).causes for part in _parts(schema, "not")):
        _whole(path, "must not validate the schema (not)", found)


def _tried(value: Any, part: Schema, path: str, walk: _Walk) -> Found:
    result = Found()
    walk(value, part, path, result)
    return result


def _whole(path: str, rule: str, found: Found) -> None:
    found.add("<nil>", "FieldValueInvalid", f'Invalid value: "": "{path}" {rule}')


def _repeat(results: list[Found], found: Found) -> None:
    for result in results:
        for cause in result.causes:
            found.add(cause.field, cause.reason, cause.message)


def _parts(schema: Schema, key: str) -> tuple[Schema, ...]:
    """The compiled alternatives of a combination, made once for each node."""
    if key not in schema.combined:
        raw = schema.raw.get(key, ())
        schema.combined[key] = tuple(Compiler().part(one) for one in ([raw] if isinstance(raw, dict) else raw))
    return schema.combined[key]
