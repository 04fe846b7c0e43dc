"""Accept and Content-Type: in which form a client wants its answer and what it sent."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from osconsole.documents import parse as parse_yaml
from osconsole.embedded.api.failures import Failure, bad_request
from osconsole.embedded.api.protocol import protobuf
from osconsole.errors import DocumentError

JSON = "application/json"
PATCHES = {
    "application/json-patch+json": "json",
    "application/merge-patch+json": "merge",
    "application/strategic-merge-patch+json": "strategic",
    "application/apply-patch+yaml": "apply",
    "application/apply-patch+cbor": "",
}
_SHAPES = {"Table", "PartialObjectMetadata", "PartialObjectMetadataList", "APIGroupDiscoveryList"}
_FORMS = {
    ("meta.k8s.io", "v1"),
    ("meta.k8s.io", "v1beta1"),
    ("apidiscovery.k8s.io", "v2"),
    ("apidiscovery.k8s.io", "v2beta1"),
}


class Form(msgspec.Struct, frozen=True):
    """How to answer: `shape` is Table, PartialObjectMetadata, APIGroupDiscoveryList, or "" for the object itself."""

    shape: str = ""
    version: str = ""
    content_type: str = JSON


def form(accept: str) -> Form:
    """The first form of an Accept header that is served here.

    Raises:
        Failure: 406, none is.
    """
    if not accept:
        return Form()
    for offer in accept.split(","):
        media, _, parameters = offer.strip().partition(";")
        options = dict(part.strip().partition("=")[::2] for part in parameters.split(";") if part)
        shape = options.get("as", "")
        if media.strip() not in (JSON, "*/*", "application/*"):
            continue
        if not shape:
            return Form()
        if shape in _SHAPES and (options.get("g", ""), options.get("v", "")) in _FORMS:
            kind = f"{JSON};g={options['g']};v={options.get('v', 'v1')};as={shape}"
            return Form(
                shape.removesuffix("List") if shape.startswith("Partial") else shape, options.get("v", ""), kind
            )
    text = f"406: Not Acceptable\n\nAvailable representations: {JSON}, {JSON};stream=watch"
    raise Failure(406, "NotAcceptable", text, {})


def media_type(content_type: str) -> str:
    """`application/json` of `application/json; charset=utf-8`."""
    return content_type.partition(";")[0].strip().lower()


def decode(body: bytes, content_type: str) -> Any:
    """The value of a request's body.

    Raises:
        Failure: 415 for unknown forms and for protobuf of custom kinds, 400 for what cannot be read.
    """
    media = media_type(content_type) or JSON
    if media in ("application/yaml", "application/apply-patch+yaml") and body[:1] != b"{":
        try:
            return parse_yaml(body.decode(errors="replace"), "request body")
        except DocumentError as error:
            raise bad_request(f"error decoding YAML: {error}") from None
    if media == protobuf.MEDIA:
        try:
            return protobuf.decode(body)
        except protobuf.Malformed as error:
            raise bad_request(str(error)) from None
        except protobuf.UnknownKind as error:
            raise unsupported(f" ({error}; send JSON)") from None
    if media in ("application/yaml", JSON, *PATCHES):
        try:
            return _json(body)
        except (msgspec.DecodeError, RecursionError) as error:
            raise bad_request(f"error decoding from json: {error}") from None
    raise unsupported()


def unsupported(hint: str = "") -> Failure:
    """415: a body of another media type."""
    text = "the body of the request was in an unknown format - accepted media types include: "
    return Failure(415, "UnsupportedMediaType", f"{text}{JSON}, application/yaml, {protobuf.MEDIA}{hint}", {})


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except UnicodeDecodeError:
        # As Go does: what is no UTF-8 becomes the replacement character.
        return msgspec.json.decode(body.decode(errors="replace"))


def duplicate_keys(body: bytes, decoded: Any) -> list[str]:
    """`duplicate field "x"` for keys that stand twice in one JSON object; strict validation names them."""
    if body[:1] != b"{" or _all_there(body, decoded):
        return []
    found: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> Mapping[str, Any]:
        out = dict(items)
        if len(out) != len(items):
            seen: set[str] = set()
            for key, _ in items:
                if key in seen:
                    found.append(f'duplicate field "{key}"')
                seen.add(key)
        return out

    json.loads(body.decode(errors="replace"), object_pairs_hook=pairs)
    return found


def _all_there(body: bytes, decoded: Any) -> bool:
    """Whether no text is lost by decoding: then no key stands twice, and it need not be read slowly.

    Every key has two quotes. Only one that is written by its number could make up for them.
    """
    return b"\\u0022" not in body and body.count(b'"') == msgspec.json.encode(decoded).count(b'"')
