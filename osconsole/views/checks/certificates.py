"""Checks of cert-manager and of what it issues."""

from osconsole.model.conditions import READY, find
from osconsole.model.standing import ALARM_S
from osconsole.views import facts, health
from osconsole.views.checks.check import Check, Finding, World
from osconsole.views.state import DEGRADED, FAILED, OK, PROGRESSING, WORDS
from osconsole.views.text import clean, count

MISSING = Finding(
    FAILED, "cert-manager is not installed: the control plane makes its CAs with it even where TLS is off",
    "install cert-manager before OpenStack",
)  # fmt: skip


def _issuers(world: World) -> Finding:
    found = [*world.here("Issuer"), *world.anywhere("ClusterIssuer")]
    for issuer in sorted(found, key=lambda i: i.ref):
        ready = find(issuer.conditions, READY)
        if ready is None or not ready.ok:
            since = ready.since if ready else issuer.created
            said = f"is not ready: {ready.message or ready.reason}" if ready else "is not looked at by cert-manager"
            late = world.now - since > ALARM_S
            how = "no certificate of it is issued until it is" if late else ""
            return Finding(FAILED if late else PROGRESSING, clean(f"{issuer.ref.short} {said}"), how, issuer.ref, since)
    return Finding(OK, f"{count(len(found), 'issuer')} ready" if found else "installed, no issuers here yet")


def _certificates(world: World) -> Finding:
    judged = [(c, health.judge(c, world.snapshot, world.now)) for c in world.here("Certificate")]
    bad = [(c, v) for c, v in judged if v.word in {FAILED, DEGRADED}]
    if not bad:
        return Finding(OK, f"{count(len(judged), 'certificate')}, none near its end")
    certificate, verdict = max(bad, key=lambda one: (WORDS[one[1].word].rank, -one[1].since))
    more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
    name, namespace = certificate.ref.name, certificate.ref.namespace
    how = f"cmctl renew {name} -n {namespace}, or delete its Secret {facts.value(certificate, 'spec', 'secretName')}"
    return Finding(
        verdict.word, f"{certificate.ref.short}: {verdict.why}{more}", clean(how), certificate.ref, verdict.since
    )


CHECKS = (
    Check(
        name="cert-manager",
        about="cert-manager is installed, its issuers are ready",
        judge=_issuers,
        needs=("Certificate", "Issuer"),
        also=("ClusterIssuer",),
        absent=MISSING,
    ),
    # Not loud: a certificate that is near its end stands in the attention list by itself.
    Check(
        name="certificates",
        about="no certificate is near its end, all could be issued",
        judge=_certificates,
        needs=("Certificate",),
        absent=MISSING,
        loud=False,
    ),
)
