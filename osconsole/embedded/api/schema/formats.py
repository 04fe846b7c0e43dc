"""The string formats that a structural schema may ask for; names that nobody knows are not checked."""

import base64
import binascii
import datetime
import ipaddress
import re
from collections.abc import Callable
from urllib.parse import urlsplit

_UUID = re.compile(r"[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}")
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_DURATION = re.compile(r"[+-]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h|d|w|sec|min|hr|hour|day|week)s?\s*)+|0")
_HOST = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?)*"
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_MAC = re.compile(r"([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}")


def fits(value: str, name: str) -> bool:
    """Whether the text has the named format."""
    check = _FORMATS.get(name)
    try:
        return check is None or bool(check(value))
    except (ValueError, binascii.Error):
        return False


def _date_time(value: str) -> bool:
    return bool(_DATE_TIME.fullmatch(value)) and bool(datetime.datetime.fromisoformat(value.upper()))


_FORMATS: dict[str, Callable[[str], object]] = {
    "date-time": _date_time,
    "date": datetime.date.fromisoformat,
    "duration": _DURATION.fullmatch,
    "byte": lambda value: base64.b64decode(value, validate=True) is not None,
    "ipv4": ipaddress.IPv4Address,
    "ipv6": ipaddress.IPv6Address,
    "cidr": lambda value: "/" in value and ipaddress.ip_network(value, strict=False),
    "uuid": _UUID.fullmatch,
    "uuid3": _UUID.fullmatch,
    "uuid4": _UUID.fullmatch,
    "uuid5": _UUID.fullmatch,
    "email": _EMAIL.fullmatch,
    "hostname": _HOST.fullmatch,
    "uri": lambda value: urlsplit(value).scheme or value.startswith("/"),
    "mac": _MAC.fullmatch,
}
