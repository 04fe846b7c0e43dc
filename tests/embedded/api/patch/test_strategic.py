import copy
import json
from pathlib import Path

import pytest

from osconsole.embedded.api.patch import strategic
from osconsole.embedded.api.patch.patches import PatchError
from osconsole.embedded.api.schema.builtin.defaults import complete
from osconsole.embedded.api.schema.builtin.schemas import builtin
from osconsole.embedded.api.schema.defaulting import default

# Patches of one Deployment and what a kube-apiserver 1.35 made of them.
RECORDED = json.loads(Path(__file__).parents[1].joinpath("data_strategic.json").read_text())
SCHEMA = builtin("apps", "v1", "Deployment")


@pytest.mark.parametrize("case", RECORDED["cases"], ids=lambda case: json.dumps(case["patch"])[:100])
def test_patches_as_the_server_applies_them(case):
    live = copy.deepcopy(RECORDED["live"])
    if "code" in case:
        with pytest.raises(PatchError) as caught:
            strategic.merge(live, case["patch"], SCHEMA)
        assert (caught.value.code, str(caught.value)) == (case["code"], case["message"])
        return
    result = copy.deepcopy(strategic.merge(live, case["patch"], SCHEMA))
    default(result, SCHEMA)
    complete(result, "Deployment")
    assert result["spec"] == case["result"]["spec"]
    for key, value in case["result"]["metadata"].items():
        assert result["metadata"].get(key) == value
    assert live == RECORDED["live"]


def test_a_patch_that_is_no_map():
    with pytest.raises(PatchError, match="cannot unmarshal array") as caught:
        strategic.merge({}, [1], SCHEMA)
    assert caught.value.code == 400
