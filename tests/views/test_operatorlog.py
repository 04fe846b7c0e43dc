"""Lines of operators, by the object that they speak of."""

import json

from hypothesis import given
from hypothesis import strategies as st

from osconsole.model.kinds import key
from osconsole.views.operatorlog import About, as_text, grouped, read

KEYSTONE = key("KeystoneAPI").ref("openstack", "keystone")
FIELDS = {
    "controller": "keystoneapi", "controllerGroup": "keystone.openstack.org", "controllerKind": "KeystoneAPI",
    "KeystoneAPI": {"name": "keystone", "namespace": "openstack"}, "namespace": "openstack", "name": "keystone",
    "reconcileID": "6f0a",
}  # fmt: skip
CONSOLE = "2026-11-24T02:13:05.123Z\tINFO\tControllers.KeystoneAPI\tReconciling Service\t" + json.dumps(FIELDS)
FAILED = "2026-11-24T02:13:06Z\tERROR\tReconciler error\t" + json.dumps(
    {**FIELDS, "error": "no route; password=hunter2"}
)
TRACE = "sigs.k8s.io/controller-runtime/pkg/internal/controller.(*Controller).reconcileHandler"
OTHER = "2026-11-24T02:13:07Z\tINFO\tsetup\tstarting manager"
PASS = "2026-11-24T02:13:08Z\tINFO\tdeep in the pass\t" + json.dumps({"reconcileID": "6f0a"})
JSON = json.dumps({"level": "error", "ts": "2026-11-24T02:14:00Z", "msg": "Reconciler error", **FIELDS, "error": "e"})
NOVA = json.dumps(
    {"level": "info", "ts": 1764000000.5, "msg": "ok", "Nova": {"name": "nova", "namespace": "openstack"}}
)
LINES = [OTHER, CONSOLE, FAILED, TRACE, "\t/remote-source/main.go:12", PASS, NOVA, JSON, OTHER]


def test_both_forms_name_their_object():
    for line in (CONSOLE, FAILED, JSON):
        assert read(line).ref == KEYSTONE
    assert read(CONSOLE).message == "Reconciling Service"
    assert (read(FAILED).level, read(FAILED).bad, read(CONSOLE).bad) == ("error", True, False)
    assert "hunter2" not in read(FAILED).error
    assert read(NOVA).ref == key("Nova").ref("openstack", "nova")
    assert read(NOVA).at == 1764000000.5
    assert read(OTHER).ref is None
    assert read(TRACE) is None


def test_the_lines_about_an_object_are_those_of_its_passes_and_their_traces():
    about = About(KEYSTONE)
    assert [line for line in LINES if about.take(line)] == [
        CONSOLE, FAILED, TRACE, "\t/remote-source/main.go:12", PASS, JSON,
    ]  # fmt: skip
    anywhere = About(KEYSTONE._replace(namespace=""))
    assert anywhere.take(CONSOLE)


def test_errors_are_grouped_by_object_worst_first():
    groups = grouped(LINES)
    assert (groups[0].ref, groups[0].errors, groups[0].lines) == (KEYSTONE, 2, 3)
    assert groups[0].last == "e"
    assert "KeystoneAPI openstack/keystone: e" in as_text(groups[0])


@given(st.text() | st.sampled_from(LINES).flatmap(lambda s: st.integers(0, len(s)).map(lambda n: s[:n])))
def test_any_line_is_survived(line):
    About(KEYSTONE).take(line)
    grouped([line, line])
