"""What two servers said, compared: without what differs by nature, and without what docs/embedded-api.md names."""

import json
import re

TYPED = "failed to create typed patch object"
TIME = re.compile(r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Mask:
    """What differs by nature, numbered in the order in which it was met."""

    def __init__(self):
        self.uids = {}
        self.versions = {}

    def __call__(self, value):
        if isinstance(value, dict):
            found = {
                key: self(one)
                for key, one in value.items()
                if key not in ("resourceVersion", "managedFields", "continue")
            }
            if value.get("resourceVersion"):
                found["resourceVersion"] = self.versions.setdefault(value["resourceVersion"], len(self.versions))
            if "causes" in value:
                # Go walks through maps in no order, and the real server says a few things twice.
                causes = {json.dumps(self(one), sort_keys=True) for one in value["causes"] if one["field"] != "patch"}
                found["causes"] = [json.loads(one) for one in sorted(causes)]
            if " is invalid: patch: Invalid value: " in value.get("message", ""):
                # the whole object in Go's words
                found["message"] = "patch"
            elif "causes" in (value.get("details") or {}):
                parts = re.split(r", |: |\[", self(value["message"]).rstrip("]"))
                found["message"] = sorted(set(filter(None, parts)))
            elif TYPED in value.get("message", ""):
                # How many errors are found before it gives up is a matter of luck.
                found["message"] = TYPED
            if value.get("managedFields"):
                found["managedFields"] = sorted(
                    (self(one) for one in value["managedFields"]), key=lambda one: json.dumps(one, sort_keys=True)
                )
            return found
        if isinstance(value, list):
            return [self(one) for one in value]
        if isinstance(value, str):
            if TIME.match(value):
                return "TIME"
            value = re.sub(r"(precondition|record) \(\d+\)", r"\1 (N)", value)
            return UID.sub(lambda match: f"uid-{self.uids.setdefault(match[0], len(self.uids))}", value)
        return value


def unlike(real, embedded, path):
    """Where two values differ: path, what the real one says, what the embedded one says."""
    if isinstance(real, dict) and isinstance(embedded, dict):
        for key in sorted(real.keys() | embedded.keys()):
            yield from unlike(real.get(key, "<absent>"), embedded.get(key, "<absent>"), f"{path}.{key}")
    elif isinstance(real, list | tuple) and isinstance(embedded, list | tuple) and len(real) == len(embedded):
        for at, pair in enumerate(zip(real, embedded, strict=True)):
            yield from unlike(*pair, f"{path}[{at}]")
    elif real != embedded:
        yield path, real, embedded
