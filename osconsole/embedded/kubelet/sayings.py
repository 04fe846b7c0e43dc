"""The lines that simulated services say, by kind of service. Pure: a line is made from a `Scene`."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and when a line is said; `random` is the line's own and always starts the same."""

    at: datetime
    pod: str
    service: str
    random: random.Random

    def hex(self, digits: int) -> str:
        """That many hex digits."""
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"

    def request(self) -> str:
        """An oslo request id with user and project."""
        parts = [self.hex(8), *(self.hex(4) for _ in range(3)), self.hex(12)]
        return f"[None req-{'-'.join(parts)} {self.hex(32)} {self.hex(32)} - - default default]"

    def client(self) -> str:
        """The address of some pod."""
        return f"10.{self.random.randrange(128, 132)}.{self.random.randrange(256)}.{self.random.randrange(2, 255)}"

    def millis(self) -> str:
        """`2026-11-24 06:12:00.123`."""
        return self.at.strftime("%Y-%m-%d %H:%M:%S.") + f"{self.at.microsecond // 1000:03d}"


Saying = Callable[[Scene], str]


@dataclass(frozen=True, slots=True)
class Profile:
    """How one kind of service speaks; `words` are looked for in the container's name, "" is in all."""

    words: tuple[str, ...]
    opening: tuple[Saying, ...]
    routine: tuple[Saying, ...]
    failure: tuple[Saying, ...]
    period_s: float = 8.0

    def last_words(self, scene: Scene, exit_code: int) -> list[str]:
        """What it says when it ends: nothing after a good end."""
        return [say(scene) for say in self.failure] if exit_code else []


def oslo(level: str, module: str, text: str, *, request: bool = False) -> Saying:
    """A line of oslo.log; `{n}` is a number, `{ms}` a duration, `{hex}` an id."""

    def say(scene: Scene) -> str:
        words = text.format(n=scene.random.randrange(1, 40), ms=scene.random.uniform(2, 90), hex=scene.hex(32))
        who = scene.request() if request else "[-]"
        return f"{scene.millis()} {scene.random.choice((1, 12, 14))} {level} {module} {who} {words}"

    return say


def access(*requests: str) -> Saying:
    """A line of httpd's access log; each request is `METHOD /path STATUS`."""

    def say(scene: Scene) -> str:
        method, path, status = scene.random.choice(requests).split()
        when = scene.at.strftime("%d/%b/%Y:%H:%M:%S +0000")
        size = scene.random.randrange(180, 9000)
        path = path.format(hex=scene.hex(32))
        return f'{scene.client()} - - [{when}] "{method} {path} HTTP/1.1" {status} {size} "-" "-"'

    return say


def plain(pattern: str) -> Saying:
    """Any other line: `{t}` is `06:12:00`, `{day}` the date, `{ms}` oslo's stamp, `{iso}` OVN's."""

    def say(scene: Scene) -> str:
        return pattern.format(
            t=scene.at.strftime("%H:%M:%S"),
            day=scene.at.strftime("%Y-%m-%d"),
            ms=scene.millis(),
            iso=scene.at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{scene.at.microsecond // 1000:03d}Z",
            n=scene.random.randrange(100, 9999),
            ip=scene.client(),
            pod=scene.pod,
            hex=scene.hex(12),
        )

    return say


def _python(module: str, *routine: Saying, words: tuple[str, ...], period_s: float = 8.0) -> Profile:
    """An OpenStack service that logs by oslo.log."""
    name = module.partition(".")[0]
    opening = (
        oslo("INFO", "oslo_service.service", "Starting {n} workers"),
        oslo("INFO", f"{name}.service", f"Starting {module} node (version 29.2.1)"),
        oslo(
            "INFO",
            "oslo.messaging._drivers.impl_rabbit",
            "Connected to AMQP server on rabbitmq:5671",
        ),
    )
    failure = (
        oslo(
            "CRITICAL",
            name,
            'Unhandled error: DBConnectionError: (2003, "Can\'t connect to MySQL server")',
        ),
        oslo("ERROR", name, "Traceback (most recent call last):"),
    )
    return Profile(words, opening, tuple(routine), failure, period_s)


def _wsgi(*requests: str, words: tuple[str, ...]) -> Profile:
    """An API behind httpd."""
    opening = (
        plain("[{day} {t}] [mpm_event:notice] AH00489: Apache/2.4.62 configured"),
        plain("[{day} {t}] [core:notice] [pid 1:tid 1] AH00094: Command line: '/usr/sbin/httpd -D FOREGROUND'"),
    )
    failure = (plain("[{day} {t}] [wsgi:error] [pid 14:tid 52] Exception occurred processing WSGI script"),)
    return Profile(words, opening, (access(*requests), access(requests[0], "GET /healthcheck 200")), failure, 6.0)


PROFILES: tuple[Profile, ...] = (
    Profile(
        ("galera", "mysql", "mariadb"),
        (
            plain("{day} {t} 0 [Note] Starting MariaDB 10.5.27-MariaDB source revision as process 1"),
            plain("{day} {t} 0 [Note] WSREP: Loading provider /usr/lib64/galera/libgalera_smm.so"),
            plain("{day} {t} 2 [Note] WSREP: Server {pod} synced with group"),
            plain("{day} {t} 0 [Note] /usr/libexec/mysqld: ready for connections."),
        ),
        (
            plain("{day} {t} {n} [Warning] Aborted connection {n} to db: 'keystone' host: '{ip}'"),
            plain("{day} {t} 0 [Note] WSREP: (a{hex}, 'ssl://0.0.0.0:4567') turning message relay requesting off"),
        ),
        (plain("{day} {t} 0 [ERROR] WSREP: gcs/src/gcs_group.cpp: group view is not primary, aborting"),),
        25.0,
    ),
    Profile(
        ("rabbitmq",),
        (
            plain("{ms}+00:00 [info] <0.221.0> Starting RabbitMQ 3.9.10 on Erlang 24.3.4"),
            plain("{ms}+00:00 [info] <0.{n}.0> started TLS (SSL) listener on [::]:5671"),
            plain("{ms}+00:00 [info] <0.{n}.0> Server startup complete; 7 plugins started."),
        ),
        (
            plain("{ms}+00:00 [info] <0.{n}.0> accepting AMQP connection <0.{n}.0> ({ip}:{n} -> 10.128.0.20:5671)"),
            plain("{ms}+00:00 [info] <0.{n}.0> connection <0.{n}.0> ({ip}:{n}): user 'default_user' authenticated"),
        ),
        (plain("{ms}+00:00 [error] <0.{n}.0> Mnesia('rabbit@{pod}'): mnesia_event got inconsistent_database"),),
        12.0,
    ),
    Profile(
        ("ovs", "ovn", "northd"),
        (
            plain("{iso}|00001|vlog|INFO|opened log file /var/log/ovn/{pod}.log"),
            plain("{iso}|00002|ovsdb_server|INFO|ovsdb-server (Open vSwitch) 3.3.1"),
            plain("{iso}|00003|reconnect|INFO|ssl:ovsdbserver-sb.openstack.svc:6642: connected"),
        ),
        (
            plain("{iso}|{n}|poll_loop|INFO|wakeup due to [POLLIN] on fd 18 (at lib/stream-ssl.c:842)"),
            plain("{iso}|{n}|memory|INFO|atoms:{n} cells:{n} monitors:4 raft-connections:2 sessions:12"),
            plain("{iso}|{n}|timeval|WARN|Unreasonably long {n}ms poll interval"),
        ),
        (plain("{iso}|{n}|raft|ERR|cluster join timed out, giving up"),),
        20.0,
    ),
    Profile(
        ("dnsmasq",),
        (plain("dnsmasq[1]: started, version 2.85 cachesize 150"), plain("dnsmasq[1]: read /etc/hosts - {n} names")),
        (
            plain("dnsmasq[1]: query[A] keystone-internal.openstack.svc from {ip}"),
            plain("dnsmasq[1]: query[A] edpm-compute-0.ctlplane.example.com from {ip}"),
        ),
        (plain("dnsmasq: failed to create listening socket for port 5353: Address already in use"),),
        15.0,
    ),
    Profile(
        ("memcached", "redis"),
        (plain("{iso} server listening (11211)"),),
        (plain("{iso} <{n} new auto-negotiating client connection"), plain("{iso} <{n} connection closed.")),
        (plain("{iso} failed to listen on TCP port 11211: Address already in use"),),
        40.0,
    ),
    _python(
        "nova.cmd.conductor",
        oslo(
            "INFO",
            "nova.scheduler.client.report",
            "Refreshing aggregate associations for resource provider {hex}, generation {n}",
        ),
        oslo("INFO", "nova.conductor.manager", "Updated instance info cache in {ms:.0f} ms", request=True),
        words=("conductor",),
    ),
    _python(
        "nova.cmd.scheduler",
        oslo(
            "INFO",
            "nova.scheduler.host_manager",
            "Host mapping not found for host. Not tracking instance info for this host.",
        ),
        oslo(
            "INFO",
            "nova.scheduler.manager",
            "Successfully synced instances from host 'edpm-compute-0.ctlplane.example.com'.",
            request=True,
        ),
        words=("scheduler",),
    ),
    _python(
        "nova.cmd.novncproxy",
        oslo("INFO", "nova.console.websocketproxy", "handler exception: [Errno 104] Connection reset by peer"),
        oslo("INFO", "nova.console.websocketproxy", "{n}: connecting to: edpm-compute-0:5900"),
        words=("novnc",),
        period_s=30.0,
    ),
    _python(
        "neutron.server",
        oslo(
            "INFO",
            "neutron.wsgi",
            '10.128.0.44 "GET /v2.0/ports?device_id={hex} HTTP/1.1" status: 200  len: {n} time: 0.0{n}',
            request=True,
        ),
        oslo(
            "INFO",
            "neutron.ovsdb.maintenance",
            "Maintenance task: Synchronizing Neutron and OVN databases",
        ),
        words=("neutron",),
    ),
    _wsgi(
        "POST /v3/auth/tokens 201",
        "GET /v3/auth/tokens 200",
        "GET /v3 200",
        "GET /v3/users/{hex} 200",
        words=("keystone",),
    ),
    _wsgi(
        "GET /allocation_candidates?limit=1000 200",
        "GET /resource_providers/{hex}/inventories 200",
        words=("placement",),
    ),
    _wsgi("GET /v2/images/{hex} 200", "GET /v2/images?limit=20 200", "GET /healthcheck 200", words=("glance",)),
    _wsgi(
        "GET /v2.1/servers/detail 200",
        "GET /v2.1/os-hypervisors/detail 200",
        "GET /v2.1/servers/{hex} 200",
        words=("nova-api", "nova-metadata", "metadata"),
    ),
    _wsgi("GET / 200", "GET /healthcheck 200", words=("httpd", "api", "horizon")),
    Profile(
        ("sync", "create", "bootstrap", "mapping", "migrations", "purge"),
        (
            oslo("INFO", "alembic.runtime.migration", "Context impl MySQLImpl."),
            oslo("INFO", "alembic.runtime.migration", "Will assume non-transactional DDL."),
            oslo("INFO", "alembic.runtime.migration", "Running upgrade  -> {hex}"),
            oslo("INFO", "oslo_db.sqlalchemy", "Schema is up to date, {n} tables"),
        ),
        (oslo("INFO", "alembic.runtime.migration", "Running upgrade -> {hex}"),),
        (oslo("CRITICAL", "oslo_db", 'Unhandled error: (1045, "Access denied for user")'),),
        2.0,
    ),
    Profile(
        ("",),
        (plain("{ms} 1 INFO {pod} [-] started"),),
        (plain("{ms} 1 INFO {pod} [-] periodic check passed in {n} us"),),
        (plain("{ms} 1 CRITICAL {pod} [-] giving up"),),
        20.0,
    ),
)
