"""`osconsole check` on a whole cluster: what is there is judged, what is not installed is said and is no failure."""

import json


def test_checks_of_the_demo(demo):
    done = demo.osc("check", "-n", "openstack", "-o", "json")
    found = {one["check"]: one for one in json.loads(done.stdout)}
    assert found["storage"]["good"], found
    assert found["nodes"]["good"], found
    assert (found["install-plans"]["state"], found["install-plans"]["good"]) == ("off", True)
    assert done.returncode == (0 if all(one["good"] for one in found.values()) else 1)


def test_chosen_checks_are_printed_in_their_order(demo):
    done = demo.osc("check", "nodes", "address-pools", "-n", "openstack")
    assert (done.returncode, [line.split()[1] for line in done.stdout.splitlines()]) == (0, ["nodes", "address-pools"])
    wrong = demo.osc("check", "nodez")
    assert (wrong.returncode, "did you mean nodes?" in wrong.stderr) == (2, True)
