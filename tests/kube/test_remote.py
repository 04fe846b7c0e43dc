"""Who may go into a pod, and what the journal says of it: asked of a server, without a node."""

import contextlib

import msgspec
import pytest

from osconsole.errors import OsconsoleError, Refused
from osconsole.journal import Journal
from osconsole.kube.api import Api
from osconsole.model.connection import Options
from osconsole.model.kinds import key
from osconsole.model.remote import Exec, Forward
from osconsole.reconcile.desk import Rules
from osconsole.reconcile.remote import Remote
from tests.kube.test_websocket import Quiet

RBAC = "/apis/rbac.authorization.k8s.io/v1"


@pytest.fixture
def journal(tmp_path):
    return Journal("test", tmp_path)


@pytest.fixture
async def looker(server):
    """A connection as somebody who may read pods at most."""
    found = Api(Options(kubeconfig=str(server.kubeconfig), as_user="looker"))
    yield found
    await found.close()


async def allow(api, namespace, *verbs):
    group = "rbac.authorization.k8s.io"
    rules = [{"apiGroups": [""], "resources": ["pods/exec"], "verbs": list(verbs)}]
    where = f"{RBAC}/namespaces/{namespace}"
    await api.create(f"{where}/roles", {"metadata": {"name": "inside"}, "rules": rules})
    subject = {"kind": "User", "apiGroup": group, "name": "looker"}
    ref = {"apiGroup": group, "kind": "Role", "name": "inside"}
    body = {"metadata": {"name": "inside"}, "subjects": [subject], "roleRef": ref}
    await api.create(f"{where}/rolebindings", body)


async def test_the_missing_right_is_named(api, looker, namespace, journal):
    pod = key("Pod").ref(namespace, "p")
    remote = Remote(looker, journal, Rules("test", "looker"))
    lacks = f"no permission: create pods/exec in namespace {namespace}"
    assert await remote.missing(Exec(pod)) == lacks
    assert "create pods/portforward" in await remote.missing(Forward(pod, 0, 80))
    with pytest.raises(Refused, match="create pods/exec"):
        await remote.exec(Exec(pod), Quiet())
    await allow(api, namespace, "create")
    assert "get pods/exec" in await remote.missing(Exec(pod))
    await api.patch(f"{RBAC}/namespaces/{namespace}/roles/inside", {"rules": [
        {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create", "get"]}
    ]})  # fmt: skip
    assert await remote.missing(Exec(pod)) == ""
    assert journal.read() == (), "what was refused was not begun"


async def test_a_read_only_session_goes_nowhere(api, namespace, journal):
    pod = key("Pod").ref(namespace, "p")
    remote = Remote(api, journal, Rules("test", read_only="this session is read-only"))
    assert await remote.missing(Exec(pod)) == "this session is read-only"
    with pytest.raises(Refused, match="read-only"):
        await remote.exec(Exec(pod), Quiet())
    with pytest.raises(Refused, match="read-only"):
        async with remote.forwarding([Forward(pod, 0, 80)], print):
            pass


async def test_the_journal_tells_who_where_and_which_command_but_no_secret(api, namespace, journal):
    pod = key("Pod").ref(namespace, "none")
    remote = Remote(api, journal, Rules("test", "admin"))
    argv = ("env", "TOKEN=abc", "mysql", "--password", "hush", "--password=hush", "-e", "select 1")
    for what in (Exec(pod, argv, "galera"), Exec(pod)):
        with contextlib.suppress(OsconsoleError):
            await remote.exec(what, Quiet())
    command, shell = journal.read()
    assert (command.login, command.ref, command.context) == ("admin", pod, "test")
    assert "mysql" in command.did
    assert "in pod none container galera" in command.did
    assert "there is no pod none" in command.result
    assert "run a shell in pod none" in shell.did
    written = journal.path.read_text()
    assert "hush" not in written
    assert "abc" not in written
    assert written.count('"begun"') == 2
    assert msgspec.json.decode(written.splitlines()[0])["user"]
