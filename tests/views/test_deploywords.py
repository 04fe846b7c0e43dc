"""S26, S28: what is typed for a Deployment, with help, and what a retry types by itself."""

import pytest

from osconsole.errors import UsageError
from osconsole.model.intents import Deploy
from osconsole.views import deploywords
from osconsole.views.deploywords import completions, intent
from tests.views import staging_deployments as stage


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("bootstrap, nova", {"services": ("bootstrap", "nova")}),
        ("nova --limit a-0,a-1", {"services": ("nova",), "limit": "a-0,a-1"}),
        ("--tags=a --skip-tags b --name again", {"tags": "a", "skip_tags": "b", "name": "again"}),
        ("--extra-var n=3 --extra-var 's=two words' --backoff-limit 2",
         {"extra_vars": {"n": 3, "s": "two words"}, "backoff_limit": 2}),
    ],
)  # fmt: skip
def test_words_are_an_intent(text, values):
    assert intent(text, "openstack", ("edpm",)) == Deploy("openstack", ("edpm",), **values)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("--limt x", "no option '--limt': there are --limit"),
        ("nova --limit", "--limit needs a value behind it"),
        ("--backoff-limit many", "'many' is no number"),
        ("--extra-var x", "write KEY=VALUE"),
        ("'nova", "mend it"),
    ],
)
def test_wrong_words(text, said):
    with pytest.raises(UsageError, match=said):
        intent(text, "openstack", ("edpm",))


def test_tab_gives_services_in_order_options_and_hosts():
    nodeset = stage.nodeset()
    assert completions("", [nodeset]) == ["bootstrap", "configure-os", "nova"]
    assert completions("bootstrap n", [nodeset]) == ["bootstrap nova"]
    assert completions("nova --l", [nodeset]) == ["nova --limit"]
    assert completions("nova --limit edpm-compute-0,edpm-compute-2", [nodeset]) == [
        "nova --limit edpm-compute-0,edpm-compute-2"
    ]


def test_a_retry_is_what_a_deployment_has_not_brought(snapshot_of):
    nodeset = stage.nodeset("h2")
    limited = stage.deployment("one", 60, config="h2", ansibleLimit="edpm-compute-1")
    part = stage.deployment("part", 90, config="h2", servicesOverride=["bootstrap"], ansibleLimit="edpm-compute-0")
    services = [stage.thing("OpenStackDataPlaneService", name, spec={}) for name in stage.SERVICES]
    sources = (stage.config_map("os", a="1"), stage.secret("logins", "n1q"))
    world = snapshot_of(nodeset, *services, *sources, stage.deployment("all", 10, config="h1"), limited, part)
    assert deploywords.again(limited, [nodeset], world) == "--limit edpm-compute-0,edpm-compute-2"
    assert deploywords.again(part, [nodeset], world) == "bootstrap --limit edpm-compute-2"
