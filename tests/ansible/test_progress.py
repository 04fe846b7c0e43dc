"""Progress: what a run has reached, whom it waits for, what came of it; it never goes back."""

from pathlib import Path

from osconsole.ansible.progress import Progress

OUTPUT = (Path(__file__).parent / "output.txt").read_text().splitlines()


def test_never_goes_back():
    progress, before = Progress("osp.edpm.x"), None
    for line in OUTPUT:
        now = progress.feed([line])
        if before:
            assert now.tasks >= before.tasks
            assert now.changed >= before.changed
            assert now.hosts.keys() >= before.hosts.keys()
        before = now
    assert before.ended


def test_waits_for_those_without_a_result():
    progress = Progress(hosts=("a", "b", "c"))
    assert progress.feed(["PLAY [p] ***", "TASK [t] ***"]).waiting == ("a", "b", "c")
    run = progress.feed(["ok: [a]", 'fatal: [b]: UNREACHABLE! => {"msg": "no"}'])
    assert run.waiting == ("c",)
    run = progress.feed(["ok: [c]", "TASK [u] ***"])
    assert run.waiting == ("a", "c")
    assert run.failed == ("b",)
    assert (run.play, run.task, run.tasks) == ("p", "u", 2)


def test_the_end():
    run = Progress("osp.edpm.x").feed(OUTPUT)
    assert run.playbook == "osp.edpm.x"
    assert run.tasks == 5
    assert run.hosts["edpm-compute-0"].outcome == "changed"
    assert run.hosts["edpm-compute-2"].outcome == "unreachable"
    assert run.failed == ("edpm-compute-2",)
    assert run.waiting == ()
    assert [line.host for line in run.recap] == ["edpm-compute-0", "edpm-compute-1", "edpm-compute-2"]
    assert run.counts["edpm-compute-0"] == run.recap[0]
    assert run.last_line.startswith("edpm-compute-2")


def test_a_failure_that_was_rescued_is_told_by_the_recap():
    lines = ["PLAY [p] ***", "TASK [t] ***", 'fatal: [a]: FAILED! => {"msg": "no"}', "PLAY RECAP ***"]
    run = Progress().feed([*lines, "a : ok=1 changed=0 unreachable=0 failed=0 skipped=0 rescued=1 ignored=0"])
    assert run.hosts["a"].outcome == "rescued"
    assert run.hosts["a"].message == "no"
    assert run.failed == ()


def test_a_loop_counts_once():
    progress = Progress()
    run = progress.feed(["PLAY [p] ***", "TASK [t] ***", *(f"changed: [a] => (item={i})" for i in range(5))])
    assert run.changed == 1
    assert run.counts["a"].changed == 1


def test_a_banner_that_ansible_repeats_counts_once():
    assert Progress().feed(["PLAY [p] ***", "TASK [flush] ***", "TASK [flush] ***", "TASK [flush] ***"]).tasks == 1
