"""Masks: what is never kept nor shown of an object, by the look of its names and texts.

A Secret's data is emptied at the mirror already. This is for what people put elsewhere: a password in an environment
variable, in a service's configuration or in a URL. Names of Secrets are no secrets.
"""

import re
from functools import lru_cache
from typing import Any

MASK = "(hidden)"
_TELLING = re.compile(r"passw|token|private.?key|credential|authorization|(?<!\w)secret$", re.IGNORECASE)
# Keys that end like this hold the name of something, or where in it to look.
_NAMING = re.compile(
    r"(secret|secretname|selectors?|ref|refs|name|hash|hashes|mount\w*|path|ttl|expiry)$", re.IGNORECASE
)
_ASSIGNED = re.compile(
    r"(?im)(\b[\w.-]*(?:passw(?:or)?d|passphrase|secret_?key|secret|token|private_?key|credential)[\w.-]*[\"']?\s*[=:]\s*)"
    r"(\"[^\"\n]*\"|'[^'\n]*'|[^\s,;&}]+)"
)
_LOGIN = re.compile(r"(\w[\w+.-]*://[^\s:/@]*:)[^\s@/]+@")
# In an object's JSON: a telling key with a text, a telling name with a value, something assigned in a text.
_GIVEN = re.compile(rb"""[\w. -]*(?:"\s*:\s*"|",\s*"value"|(?:\\?["'])?\s*=|:\s)""")
_ASSIGNED_SECRET = re.compile(rb"[\w.-]*(?:\s*=|:\s)|_?key")
_PASSWORD_IN_URL = re.compile(rb"""://[^\s"/@]*:[^\s"/@]*@""")
_SUSPECT = (
    *((word, _GIVEN) for word in (b"passw", b"token", b"private", b"credential", b"authorization", b"passphrase")),
    (b"secret", _ASSIGNED_SECRET),
    (b"://", _PASSWORD_IN_URL),
)


@lru_cache(4096)
def telling(name: str) -> bool:
    """Whether a value under this name may be a secret."""
    return bool(_TELLING.search(name)) and not _NAMING.search(name)


def suspect(raw: bytes) -> bool:
    """Whether an object's JSON may hold anything that `hidden` would hide: cheap, so that most need not be decoded."""
    low = raw.lower()
    for word, follows in _SUSPECT:
        place = low.find(word)
        while place >= 0:
            if follows.match(low, place):
                return True
            place = low.find(word, place + 1)
    return False


def text(value: str) -> str:
    """A text without what is assigned to telling names in it, and without passwords in its URLs."""
    if "=" not in value and ":" not in value:
        return value
    return _LOGIN.sub(rf"\1{MASK}@", _ASSIGNED.sub(rf"\1{MASK}", value))


def hidden(value: Any) -> Any:
    """A decoded value without secrets: under telling keys, in environment variables, in texts."""
    if isinstance(value, dict):
        if "value" in value and isinstance(value.get("name"), str) and telling(value["name"]):
            value = {**value, "value": MASK}
        return {key: _under(str(key), found) for key, found in value.items()}
    if isinstance(value, list):
        return [hidden(found) for found in value]
    return text(value) if isinstance(value, str) else value


def _under(key: str, value: Any) -> Any:
    if key.endswith(("Selectors", "Selector", "secretReference")):
        return value  # they say under which key of a Secret to look
    if isinstance(value, str) and value and telling(key):
        return MASK
    return hidden(value)
