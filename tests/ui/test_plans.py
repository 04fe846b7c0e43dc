"""Plans from the console: chosen, filled in, previewed, submitted."""

import pytest

from osconsole.model.plan import Input, typed


@pytest.mark.parametrize(
    ("shape", "text", "value"),
    [
        (Input("int"), " 3 ", 3),
        (Input("int"), "three", "three"),
        (Input("name"), " anna ", "anna"),
        (Input("list"), "a, b c", ["a", "b", "c"]),
    ],
)
def test_what_was_typed(shape, text, value):
    assert typed(shape, text) == value


def test_a_plan_is_chosen_filled_in_and_submitted(terminal):
    term = terminal()
    term.until(lambda s: "controlplane" in s and "keystone" in s)
    term.send("P")
    term.until(lambda s: "run a plan" in s and "Grow Galera" in s)
    term.send("galera\r")
    term.until(lambda s: "scale-galera: replicas (members of the cluster, 1 to 3, odd) 3" in s)
    term.send("\x7f1\r")
    term.until(lambda s: "RunPlan" in s and "bo drives a plan" in s)
    term.send("\r")
    term.until(lambda s: "accepted" in s)
