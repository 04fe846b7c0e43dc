"""What the services of Nova read, and where they find their databases and their bus."""

import msgspec

from osconsole.reconcile.controlplane import conf
from osconsole.reconcile.controlplane.steps import database
from osconsole.reconcile.controlplane.steps.config import ini
from osconsole.reconcile.controlplane.steps.inputs import secret_text
from osconsole.reconcile.controlplane.walk import Walk


class Inputs(msgspec.Struct, frozen=True):
    """The Secret that Nova has made for its services: password, bus; and the URLs of API and cell database."""

    conditions: tuple[str, ...] = ("InputReady",)

    def run(self, walk: Walk) -> bool:
        """Wait for them; the facts `transport`, `database`, `api_database`, `passwords`, `auth`."""
        name = walk.get("secret", default="nova")
        found = walk.see("Secret", name)
        if found is None:
            return walk.missing("InputReady", f"secret/{name}")
        walk.facts |= {"passwords": name, "password_service": "ServicePassword"}
        walk.facts["transport"] = secret_text(found, "transport_url")
        walk.facts["auth"] = walk.get("keystoneAuthURL", default="")
        walk.facts["auth_public"] = walk.get("keystonePublicAuthURL", default=walk.facts["auth"])
        cell = walk.facts["cell"] or "cell0"
        walk.facts["database"] = self._url(walk, f"nova-{cell}", "cellDatabase", "cell0Database")
        walk.facts["api_database"] = self._url(walk, "nova-api", "apiDatabase")
        return walk.ok("InputReady")

    def _url(self, walk: Walk, name: str, *fields: str) -> str:
        for field in fields:
            host = walk.get(f"{field}Hostname")
            account = database.account_of(walk, walk.get(f"{field}Account", default=name))
            if host and account:
                return database.url(walk, account, host, name.replace("-", "_"))
        return ""


def files(walk: Walk) -> dict[str, str]:
    """What every service of Nova reads."""
    text = conf.service(
        walk,
        api_database={"connection": walk.facts["api_database"]},
        service_user={**conf.keystone(walk, "nova"), "send_service_user_token": "true"},
        placement=conf.keystone(walk, "nova"),
        neutron=conf.keystone(walk, "nova"),
        glance={"region_name": walk.get("region", default="regionOne")},
    )
    return {"01-nova.conf": text, "02-nova-override.conf": conf.custom(walk), "my.cnf": conf.MY_CNF}


def compute(walk: Walk) -> dict[str, str]:
    """What nova-compute reads on the hosts of a cell; EDPM service `nova` copies it there."""
    text = ini(
        DEFAULT={"transport_url": walk.facts["transport"], "compute_driver": "libvirt.LibvirtDriver"},
        service_user=conf.keystone(walk, "nova"),
        placement=conf.keystone(walk, "nova"),
        neutron=conf.keystone(walk, "nova"),
        vnc={"novncproxy_base_url": f"http://nova-novncproxy-{walk.facts['cell']}-public.{walk.namespace}.svc:6080"},
        libvirt={"live_migration_uri": "qemu+ssh://nova@%s/system?keyfile=/var/lib/nova/.ssh/ssh-privatekey"},
    )
    return {"01-nova.conf": text, "nova-blank.conf": ""}
