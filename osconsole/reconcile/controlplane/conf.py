"""The parts of an oslo configuration that every OpenStack service has."""

from osconsole.reconcile.controlplane.steps.config import ini
from osconsole.reconcile.controlplane.steps.inputs import secret_text
from osconsole.reconcile.controlplane.walk import Walk

MY_CNF = "[client]\nssl=0\n"

Sections = dict[str, dict[str, str]]


def password(walk: Walk, selector: str = "service") -> str:
    """The value in the Secret of passwords that a selector of the spec names."""
    return secret_text(walk.see("Secret", walk.facts["passwords"]), walk.facts.get(f"password_{selector}", ""))


def keystone(walk: Walk, user: str = "") -> dict[str, str]:
    """How a service logs in at Keystone."""
    return {
        "auth_type": "password",
        "auth_url": walk.facts["auth"],
        "username": walk.get("serviceUser", default=user),
        "password": password(walk),
        "project_name": "service",
        "user_domain_name": "Default",
        "project_domain_name": "Default",
        "region_name": walk.get("region", default="regionOne"),
    }


def service(walk: Walk, **sections: dict[str, str]) -> str:
    """The configuration of a service: database, bus, cache, Keystone, and what it adds."""
    facts = walk.facts
    found: Sections = {"DEFAULT": {"use_stderr": "true", "transport_url": facts.get("transport", "")}}
    if facts.get("database"):
        found["database"] = {"connection": facts["database"], "max_retries": "-1"}
    if facts.get("memcached"):
        found["cache"] = {"enabled": "true", "memcache_servers": facts["memcached"]}
    if facts.get("auth"):
        token = {**keystone(walk), "www_authenticate_uri": facts.get("auth_public", "")}
        found["keystone_authtoken"] = {**token, "memcached_servers": facts.get("memcached", "")}
    for name, options in sections.items():
        found[name] = {**found.get(name, {}), **options}
    return ini(**found)


def custom(walk: Walk) -> str:
    """What the template adds, as it stands."""
    return str(walk.get("customServiceConfig", default=""))
