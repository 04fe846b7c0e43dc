"""Keys and certificates for cert-manager Certificates: real X.509, signed by a CA or by themselves.

Makes and returns; storing is up to the caller. A large RSA key takes a fraction of a second.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from osconsole.embedded.client import Object

_DEFAULT_S = 90 * 24 * 3600
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0}
_CURVES: dict[int, type[ec.EllipticCurve]] = {256: ec.SECP256R1, 384: ec.SECP384R1, 521: ec.SECP521R1}
_SUBJECT = {
    "organizations": NameOID.ORGANIZATION_NAME,
    "organizationalUnits": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "countries": NameOID.COUNTRY_NAME,
    "localities": NameOID.LOCALITY_NAME,
    "provinces": NameOID.STATE_OR_PROVINCE_NAME,
}


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA that signs: both as PEM."""

    certificate: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class Issued:
    """The three entries of the Secret, as PEM."""

    certificate: bytes
    key: bytes
    authority: bytes


def duration_s(text: str | None) -> float:
    """Go's `87600h0m0s`; 90 days when there is none."""
    if not text:
        return _DEFAULT_S
    return sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"([0-9.]+)([hms])", text)) or _DEFAULT_S


def issue(spec: Object, authority: Authority | None, at: datetime) -> Issued:
    """A key and certificate for a Certificate's spec; without an authority it signs itself.

    Raises:
        ValueError: the CA's key or certificate cannot be read, or a name in the spec is not one.
    """
    key = _new_key(spec.get("privateKey") or {})
    subject = _name(spec)
    issuer, signing_key = subject, key
    if authority is not None:
        ca = x509.load_pem_x509_certificate(authority.certificate)
        loaded = serialization.load_pem_private_key(authority.key, None)
        if not isinstance(loaded, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise ValueError("the CA's key is neither RSA nor ECDSA")
        issuer, signing_key = ca.subject, loaded
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at)
        .not_valid_after(at + timedelta(seconds=duration_s(spec.get("duration"))))
        .add_extension(x509.BasicConstraints(ca=bool(spec.get("isCA")), path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
        .add_extension(_usage(is_ca=bool(spec.get("isCA"))), critical=True)
    )
    names = _alternative_names(spec)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=not list(subject))
    extended = _extended_usage(spec.get("usages") or [])
    if extended:
        builder = builder.add_extension(x509.ExtendedKeyUsage(extended), critical=False)
    certificate = builder.sign(signing_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    return Issued(certificate, _pem(key), authority.certificate if authority else certificate)


def validity(certificate: bytes) -> tuple[datetime, datetime]:
    """(notBefore, notAfter) of a PEM certificate; `ValueError` when it is none."""
    loaded = x509.load_pem_x509_certificate(certificate)
    return loaded.not_valid_before_utc, loaded.not_valid_after_utc


def _new_key(wanted: Object) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    if wanted.get("algorithm") == "ECDSA":
        return ec.generate_private_key(_CURVES.get(int(wanted.get("size") or 256), ec.SECP256R1)())
    return rsa.generate_private_key(65537, max(2048, int(wanted.get("size") or 2048)))


def _pem(key: CertificateIssuerPrivateKeyTypes) -> bytes:
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def _name(spec: Object) -> x509.Name:
    parts = []
    for field, oid in _SUBJECT.items():
        parts += [x509.NameAttribute(oid, value) for value in (spec.get("subject") or {}).get(field) or []]
    if spec.get("commonName"):
        parts.append(x509.NameAttribute(NameOID.COMMON_NAME, spec["commonName"]))
    return x509.Name(parts)


def _alternative_names(spec: Object) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in spec.get("dnsNames") or []]
    return names + [x509.IPAddress(ip_address(address)) for address in spec.get("ipAddresses") or []]


def _usage(*, is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_encipherment=True,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _extended_usage(usages: list[str]) -> list[x509.ObjectIdentifier]:
    known = {"server auth": ExtendedKeyUsageOID.SERVER_AUTH, "client auth": ExtendedKeyUsageOID.CLIENT_AUTH}
    return [known[usage] for usage in usages if usage in known]
