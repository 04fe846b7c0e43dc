"""S39: what a host is told by the inventory; no secret is shown, however it is named or nested."""

import pytest

from osconsole.ansible import effective
from osconsole.model.masks import MASK
from osconsole.views import inventory

KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----"
CONTENT = {
    "edpm-compute": {
        "vars": {"ansible_user": "cloud-admin", "ansible_port": "22", "edpm_a": 1, "ansible_become_password": "geheim"},
        "hosts": {"edpm-compute-0": {"ansible_host": "192.168.122.100", "edpm_a": 2}, "edpm-compute-1": None},
    }
}


def test_the_hosts_own_variables_stand_over_the_groups():
    assert inventory.hosts(CONTENT) == ("edpm-compute-0", "edpm-compute-1")
    found = inventory.effective(CONTENT, "edpm-compute-0")
    assert (found["edpm_a"], found["ansible_user"]) == (2, "cloud-admin")
    assert inventory.effective(CONTENT, "edpm-compute-1")["edpm_a"] == 1
    assert inventory.effective(CONTENT, "nobody") == {}
    assert inventory.ssh(found, "edpm-compute-0") == "ssh cloud-admin@192.168.122.100"
    assert inventory.ssh({"ansible_port": 2222}, "h") == "ssh -p 2222 h"


@pytest.mark.parametrize(
    "value",
    [
        {"ansible_password": "geheim"}, {"rhsm": {"activation_key": "geheim"}}, {"edpm_podman_registry_logins": {
            "quay.io": "https://me:geheim@quay.io"}}, {"a": [{"snmp_community": "geheim"}]},
        {"registry_auth": {"user": "geheim"}}, {"text": KEY.replace("abc", "geheim")}, {"a": "password=geheim"},
        {"MY_TOKEN": ["geheim"]}, {"PrivateKey": "geheim"}, {"a": "$6$salt$geheim"},
        {"a": "$ANSIBLE_VAULT;1.1\ngeheim"},
    ],
)  # fmt: skip
def test_secrets_are_hidden(value):
    found = str(effective.masked(value))
    assert "geheim" not in found
    assert MASK in found


def test_what_is_no_secret_stays():
    plain = {
        "ansible_ssh_private_key_file": "/runner/env/ssh_key/ssh_key_x", "edpm_tls_certs_enabled": True,
        "hosts": ["a"], "number": 3, "keyboard": "us", "passwordless": False,
    }  # fmt: skip
    assert effective.masked(plain) | {"keyboard": "us"} == plain


def test_differences_tell_what_is_shown_and_never_what_is_hidden():
    before = effective.masked(CONTENT)
    now = effective.masked({**CONTENT, "edpm-compute": {**CONTENT["edpm-compute"], "vars": {"edpm_a": 7}}})
    lines = list(effective.differences(before, now, ("before", "now")))
    assert "+    edpm_a: 7" in lines
    assert not any("geheim" in line for line in lines)
    assert list(effective.differences(now, now, ("a", "b"))) == []


def test_what_is_no_inventory_is_empty():
    assert effective.plain(None) == {}
    assert effective.plain(["a"]) == {}
    assert inventory.effective({"a": None, "b": "text"}, "h") == {}
