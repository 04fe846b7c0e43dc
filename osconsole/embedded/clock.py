"""Instants as Kubernetes writes them (RFC 3339, UTC)."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present, UTC."""
    return datetime.now(UTC)


def stamp(at: datetime | None = None) -> str:
    """`2026-11-24T06:12:00Z`, whole seconds, as in most fields."""
    return (at or now()).strftime("%Y-%m-%dT%H:%M:%SZ")


def fine_stamp(at: datetime | None = None) -> str:
    """`2026-11-24T06:12:00.123456Z`, as in Leases and logs."""
    return (at or now()).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def instant(text: str) -> datetime:
    """The instant of a stamp of either form."""
    return datetime.fromisoformat(text)


def age_s(text: str, at: datetime | None = None) -> float:
    """Seconds since a stamp."""
    return ((at or now()) - instant(text)).total_seconds()
