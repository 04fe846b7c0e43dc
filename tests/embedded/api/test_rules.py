"""Rules of built-in objects that need no server: schedules, quantities. `tests/conformance` compares the rest."""

import pytest

from osconsole.embedded.api.rules.networks import service
from osconsole.embedded.api.rules.schedules import broken, time_zone
from osconsole.embedded.api.rules.workloads import stateful_set
from osconsole.embedded.api.schema.quantities import amount, canonical, unreadable


@pytest.mark.parametrize(
    ("text", "stored"),
    [("0.5", "500m"), ("1024Mi", "1Gi"), ("1.5Gi", "1536Mi"), ("1000", "1k"), ("0.1Ki", "102400m"), ("1e3", "1e3"),
     ("1023", "1023"), ("0.0", "0"), ("-1024Ki", "-1Mi"), ("100m", "100m"), ("no", "no")],
)  # fmt: skip
def test_a_quantity_has_one_form(text, stored):
    assert canonical(text) == stored
    assert amount(canonical(text)) == amount(text)


def test_what_is_no_quantity():
    assert unreadable("1.5Gi") == "" == unreadable(2)
    assert "regular expression" in unreadable("1.2.3")
    assert unreadable("1Gm") == "unable to parse quantity's suffix"


@pytest.mark.parametrize("text", ["* * * * *", "*/5 1-3 * jan,2 MON-FRI", "@hourly", "@every 5m", "0 0 1 */2 0-6/2"])
def test_schedules_that_are_understood(text):
    assert broken(text) == ""


def test_schedules_that_are_not():
    assert broken("* * *") == "expected exactly 5 fields, found 3: [* * *]"
    assert broken("61 * * * *") == "end of range (61) above maximum (59): 61"
    assert broken("5-1 * * * *") == "beginning of range (5) beyond end of range (1): 5-1"
    assert time_zone("Nowhere/At_All") == "unknown time zone Nowhere/At_All"


def test_a_claim_is_a_volume_to_its_pods():
    mount = {"name": "v", "mountPath": "/v"}
    template = {
        "metadata": {"labels": {"a": "b"}},
        "spec": {"containers": [{"name": "c", "image": "x", "volumeMounts": [mount]}]},
    }
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
    (missing,) = stateful_set({"spec": spec})
    assert (missing.field, missing.reason) == (
        "spec.template.spec.containers[0].volumeMounts[0].name",
        "FieldValueNotFound",
    )
    sized = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    assert stateful_set({"spec": {**spec, "volumeClaimTemplates": [{"metadata": {"name": "v"}, "spec": sized}]}}) == []


def test_two_ports_have_names():
    (cause,) = service({"spec": {"ports": [{"port": 80, "name": "a"}, {"port": 81}]}})
    assert (cause.field, cause.message) == ("spec.ports[1].name", "Required value")
