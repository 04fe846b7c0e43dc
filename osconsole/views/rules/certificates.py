"""Certificates: when they end, judged without reading a Secret: cert-manager says it in the Certificate's status."""

import msgspec

from osconsole.model.conditions import instant
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import facts
from osconsole.views.state import DEGRADED, FAILED, WORDS, Verdict
from osconsole.views.text import age

DAY_S = 86400.0
NEAR_S = 7 * DAY_S  # so near its end a certificate is an alarm: renewal has had weeks by then
NEAR_SHARE = 0.1  # of its whole life, for certificates that live for days or hours
LATE_S = 3600.0  # after the moment at which cert-manager meant to renew it


class Expiry(msgspec.Struct, frozen=True, gc=False):
    """Unix seconds, 0 where not known: when it begins, is to be renewed, ends."""

    begins: float = 0.0
    renews: float = 0.0
    ends: float = 0.0

    @property
    def near(self) -> float:
        """From when on its end is an alarm."""
        life = self.ends - self.begins if self.begins else NEAR_S / NEAR_SHARE
        return self.ends - min(NEAR_S, life * NEAR_SHARE)


def expiry(certificate: Resource) -> Expiry:
    """Of a Certificate of cert-manager."""
    names = ("notBefore", "renewalTime", "notAfter")
    return Expiry(*(instant(facts.text(certificate, "status", name)) for name in names))


def refine(certificate: Resource, verdict: Verdict, _: Snapshot, now: float) -> Verdict:
    """The worse of what cert-manager says of it and of what the clock says."""
    found = expiry(certificate)
    if not found.ends:
        return verdict
    told = _by_clock(found, verdict, now)
    if told.state.rank > WORDS[verdict.word].rank:
        return told
    return Verdict(verdict.word, verdict.why, verdict.since, _sooner(verdict.until, _next(found, now)))


def _by_clock(found: Expiry, verdict: Verdict, now: float) -> Verdict:
    due = _next(found, now)
    if now >= found.ends:
        return Verdict(FAILED, f"expired {age(now - found.ends)} ago", found.ends, due)
    if now >= found.near:
        return Verdict(DEGRADED, f"expires in {age(found.ends - now)}", found.near, due)
    if found.renews and now >= found.renews + LATE_S:
        said = f"was to be renewed {age(now - found.renews)} ago: cert-manager does not do it"
        return Verdict(DEGRADED, said, found.renews, due)
    return verdict


def _next(found: Expiry, now: float) -> float:
    """The next moment at which the clock says something else; within the alarm, the next change of its number."""
    if found.near <= now < found.ends:
        left = found.ends - now
        return now + min(left, next((s for s in (DAY_S, 3600.0, 60.0) if left > s), 1.0))
    moments = (found.renews + LATE_S if found.renews else 0.0, found.near, found.ends)
    return min((moment for moment in moments if moment > now), default=0.0)


def _sooner(one: float, other: float) -> float:
    return min((moment for moment in (one, other) if moment), default=0.0)
