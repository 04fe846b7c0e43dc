"""JSON merge patch (RFC 7386) and JSON patch (RFC 6902) as the API server applies them.

Not here: strategic merge patch (`strategic`), server-side apply (`apply`). Nothing is written in place: the result may
share unchanged subtrees with the target, so treat both as values.
"""

import copy
from typing import Any

import jsonpatch
import jsonpointer

from osconsole.embedded.api.schema.decoding import go_type
from osconsole.errors import OsconsoleError

_REFUSED = "the server rejected our request due to an error in our request"


class PatchError(OsconsoleError):
    """A patch that cannot be applied.

    Attributes:
        code: the HTTP status, 400 (malformed), 422 (does not fit the object), 500 (a directive nobody knows).
        reason: Kubernetes' reason for it, "" for 500.
    """

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code
        self.reason = {400: "BadRequest", 422: "Invalid"}.get(code, "")


def merge(target: dict[str, Any], patch: Any) -> dict[str, Any]:
    """`target` with a JSON merge patch applied: null removes, maps merge, everything else replaces.

    Raises:
        PatchError: 400, the patch is not a map.
    """
    if not isinstance(patch, dict):
        message = f"error decoding patch: json: cannot unmarshal {go_type(patch)} into Go value of type "
        raise PatchError(message + "map[string]interface {}", 400)
    return _merged(target, patch)


def _merged(target: Any, patch: dict[str, Any]) -> dict[str, Any]:
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            result[key] = _merged(result.get(key), value)
        else:
            result[key] = value
    return result


def json_patch(target: dict[str, Any], operations: Any) -> dict[str, Any]:
    """`target` with a list of JSON patch operations applied, all or none.

    Raises:
        PatchError: 400, not a list of maps; 422, an unknown operation, a path that does not exist, a failed test.
    """
    if operations is None:
        return target
    _check_operations(operations)
    result = copy.deepcopy(target)
    try:
        for operation in operations:
            result = jsonpatch.JsonPatch([_tolerant(result, operation)]).apply(result, in_place=True)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, KeyError) as error:
        raise PatchError(_REFUSED, 422) from error
    if not isinstance(result, dict):
        raise PatchError(_REFUSED, 422)
    return result


def _check_operations(operations: Any) -> None:
    decoding = "error decoding patch: json: cannot unmarshal {} into Go value of type {}"
    if not isinstance(operations, list):
        raise PatchError(decoding.format(go_type(operations), "[]handlers.jsonPatchOp"), 400)
    for operation in operations:
        if not isinstance(operation, dict):
            raise PatchError(decoding.format(go_type(operation), "handlers.jsonPatchOp"), 400)


def _tolerant(document: Any, operation: dict[str, Any]) -> dict[str, Any]:
    """The operation as the API server reads it.

    A missing value is null, a missing member of a map passes the test for null, `replace` may create one.
    """
    kind = operation.get("op")
    if kind in {"add", "replace", "test"} and "value" not in operation:
        operation = operation | {"value": None}
    path = operation.get("path")
    if kind in {"replace", "test"} and isinstance(path, str) and path:
        parent, key = jsonpointer.JsonPointer(path).to_last(document)
        if isinstance(parent, dict) and key not in parent:
            if kind == "replace":
                return operation | {"op": "add"}
            if operation["value"] is None:
                return {"op": "test", "path": "", "value": document}
    return operation
