"""An HTTPS server that writes down who asks it and how, a proxy that writes down where to, and a CA for both."""

import asyncio
import contextlib
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SERVER_NAME = "api.example.org"
WHO = ("authorization", "impersonate-user", "impersonate-uid", "impersonate-group")


class Authority:
    """A CA in a folder; `issue` writes NAME.crt and NAME.key there, anew each time."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        self.folder, self.path = folder, folder / f"{name}.crt"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = self._builder(self._name, self._key).add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        self.path.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str, *groups: str, hosts: tuple[x509.GeneralName, ...] = ()) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
        made = self._builder(x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, name)]), key)
        if hosts:
            made = made.add_extension(x509.SubjectAlternativeName(hosts), False)
        pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
        for suffix, content in (("key", secret), ("crt", made.sign(self._key, hashes.SHA256()).public_bytes(pem))):
            (self.folder / "new").write_bytes(content)
            (self.folder / "new").rename(self.folder / f"{name}.{suffix}")

    def _builder(self, name: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(self._name).public_key(key.public_key())
        made = made.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        return made.not_valid_after(now + datetime.timedelta(days=1))


@dataclass
class Asked:
    """One request: identity headers in one spelling and order, the client certificate's subject, the name by SNI."""

    path: str
    identity: list[tuple[str, str]]
    certificate: tuple[str, ...] = ()
    sni: str | None = None


@dataclass
class Recorder:
    """Where it listens, what it was asked, which tokens it accepts (None: any)."""

    authority: Authority
    port: int = 0
    plain_port: int = 0
    proxy_port: int = 0
    asked: list[Asked] = field(default_factory=list)
    proxied: list[str] = field(default_factory=list)
    accepts: set[str] | None = None

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    async def answer(self, request: web.Request) -> web.Response:
        identity = [(name.lower(), value) for name, value in request.headers.items()]
        known = [(unquote(n).lower(), v) for n, v in identity if n in WHO or n.startswith("impersonate-")]
        found = request.transport.get_extra_info("ssl_object")
        subject = (found.getpeercert() or {}).get("subject", ()) if found else ()
        names = tuple(f"{key}={value}" for part in subject for key, value in part)
        sni = getattr(found.context, "asked_for", None) if found else None
        self.asked.append(Asked(request.path, sorted(known), names, sni))
        if (
            self.accepts is not None
            and request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.accepts
        ):
            return web.json_response({"kind": "Status", "apiVersion": "v1", "code": 401}, status=401)
        return web.json_response({})

    async def proxy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0].decode()
        self.proxied.append(line)
        host, _, port = line.split()[1].rpartition(":")
        with contextlib.suppress(OSError):
            far, near = await asyncio.open_connection(host, int(port))
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            async with asyncio.TaskGroup() as both:
                both.create_task(_pump(reader, near))
                both.create_task(_pump(far, writer))


async def _pump(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await source.read(65536):
            to.write(chunk)
            await to.drain()
    with contextlib.suppress(OSError):
        to.close()


def tls(authority: Authority) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.folder / "server.crt", authority.folder / "server.key")
    context.load_verify_locations(authority.path)
    context.verify_mode = ssl.CERT_OPTIONAL

    def name(_: ssl.SSLObject, asked_for: str | None, __: ssl.SSLContext) -> None:
        context.asked_for = asked_for

    context.sni_callback = name
    return context


@contextlib.asynccontextmanager
async def recording(folder: Path) -> AsyncIterator[Recorder]:
    """Run the server (TLS and plain) and the proxy; `folder` has ca.crt, client.crt, client.key."""
    authority = Authority(folder)
    hosts = (x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName(SERVER_NAME))
    authority.issue("server", hosts=hosts)
    authority.issue("client", "crew", "ops")
    found = Recorder(authority)
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", found.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    for context in (tls(authority), None):
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    found.port, found.plain_port = (address[1] for address in runner.addresses)
    proxy = await asyncio.start_server(found.proxy, "127.0.0.1", 0)
    found.proxy_port = proxy.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        proxy.close()
        await runner.cleanup()
