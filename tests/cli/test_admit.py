"""`osconsole admit`: text in, text out, and how it ends."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from osconsole import documents
from osconsole.cli.admit import admit
from osconsole.embedded.world import crds
from osconsole.errors import DocumentError, Refused

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"


def test_the_result_is_yaml_that_says_the_same_when_admitted_again(tmp_path: Path) -> None:
    file = tmp_path / "nodeset.yaml"
    file.write_text(
        "kind: OpenStackDataPlaneNodeSet\napiVersion: dataplane.openstack.org/v1beta1\nmetadata: {name: n}\n"
        "spec: {nodeTemplate: {ansibleSSHPrivateKeySecret: k}, nodes: {a: {}}, colour: blue}\n"
    )
    first = CliRunner().invoke(admit, ["-f", str(file)])
    assert first.exit_code == 0
    assert first.stderr == 'Warning: OpenStackDataPlaneNodeSet n: unknown field "spec.colour"\n'
    again = CliRunner().invoke(admit, ["-f", "-"], input=first.stdout)
    assert (again.stdout, again.stderr) == (first.stdout, "")
    assert documents.parse(first.stdout, "out")["spec"]["nodes"]["a"] == {"hostName": "a"}


def test_refusals_and_files_that_are_none_end_with_words(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("kind: OpenStackDataPlaneService\nmetadata: {name: s}\nspec: {}\n")
    refused = CliRunner().invoke(admit, ["-f", str(file)])
    assert isinstance(refused.exception, Refused)
    assert "OpenStackDataPlaneService s: spec: one of playbook" in str(refused.exception)
    assert refused.stdout == ""
    for text in ("", "- a\n", "a: [\n"):
        file.write_text(text)
        assert isinstance(CliRunner().invoke(admit, ["-f", str(file)]).exception, DocumentError)
    assert isinstance(CliRunner().invoke(admit, ["-f", str(tmp_path / "none")]).exception, DocumentError)


def test_the_sample_with_network_isolation_fits_our_crds() -> None:
    sample = SAMPLES / "core_v1beta1_openstackcontrolplane_galera_network_isolation.yaml"
    if not sample.exists():
        pytest.skip("the OpenStack operators' samples are not at hand")
    out = CliRunner().invoke(admit, ["-f", str(sample)])
    assert out.exit_code == 0
    assert "nobody reconciles swift here yet" in out.stderr
    spec = documents.parse(out.stdout, "out")["spec"]
    crd = next(c for c in crds.load() if c["spec"]["names"]["kind"] == "OpenStackControlPlane")
    known = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    assert set(spec) <= set(known)
    assert spec["galera"]["templates"]["openstack"]["storageClass"] == "local-storage"
