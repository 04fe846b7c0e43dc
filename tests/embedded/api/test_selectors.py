import pytest

from osconsole.embedded.api.fields import field_selector
from osconsole.embedded.api.selectors import SelectorError, from_object, label_selector

LABELS = {"app": "web", "tier": "front", "n": "7", "empty": ""}


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        ("", True),
        ("app=web", True),
        ("app==web,tier!=back", True),
        ("app in (web, db)", True),
        ("app in (db)", False),
        ("app notin (x,y)", True),
        ("missing notin (x)", True),
        ("missing!=x", True),
        ("app", True),
        ("!app", False),
        ("!missing", True),
        ("empty=", True),
        ("n>5,n<8", True),
        ("app>5", False),
    ],
)
def test_label_selectors(text, selected):
    assert label_selector(text).matches(LABELS) is selected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a=b=c", "found '=', expected: ',' or 'end of string'"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("=b", "found '=', expected: !, identifier, or 'end of string'"),
        ("a=b!", "found '!', expected: ',' or 'end of string'"),
        ("a gt 5", "unable to parse requirement: found 'gt', expected: in, notin, =, ==, !=, gt, lt"),
        (",", "found ',', expected: !, identifier, or 'end of string'"),
        ("a=(x)", "unable to parse requirement: found '(', expected: identifier"),
        ("a=b,", "found '', expected: identifier after ','"),
        (
            "a>x",
            'unable to parse requirement: values[0]: Invalid value: "x": '
            "for 'Gt', 'Lt' operators, the value must be an integer",
        ),
        (
            "a=%40",
            'unable to parse requirement: values[0][a]: Invalid value: "%40": a valid label must be an empty string or '
            "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
            "character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
            "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
        ),
        (
            "-a=b",
            'unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of alphanumeric '
            "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or "
            "'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
        ),
    ],
)
def test_label_selector_errors_in_the_servers_words(text, words):
    with pytest.raises(SelectorError) as caught:
        label_selector(text)
    assert str(caught.value) == words


def test_selector_objects():
    selector = from_object(
        {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "x", "operator": "DoesNotExist"}]}
    )
    assert selector.matches(LABELS)
    assert not selector.matches({"app": "web", "x": "1"})
    assert from_object({}).matches(None)


POD = {"metadata": {"name": "a", "namespace": "n"}, "spec": {"nodeName": "w1"}, "status": {"phase": "Running"}}


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        ("metadata.name=a,status.phase==Running", True),
        ("metadata.name!=a", False),
        ("spec.nodeName=", False),
        ("spec.hostNetwork=false", True),
    ],
)
def test_field_selectors(text, selected):
    assert field_selector(text, "", "Pod").matches(POD) is selected


def test_field_labels_that_are_not_paths():
    job = {"status": {"succeeded": 1}}
    assert field_selector("status.successful=1", "batch", "Job").matches(job)
    assert field_selector("source=kubelet", "", "Event").matches({"source": {"component": "kubelet"}})
    assert field_selector("spec.x=1", "g", "Foo", ["spec.x"]).matches({"spec": {"x": 1}})


@pytest.mark.parametrize(
    ("text", "group", "kind", "words"),
    [
        (
            "data.x=1",
            "",
            "ConfigMap",
            '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
        ),
        ("spec.foo=1", "", "Pod", "field label not supported: spec.foo"),
        ("involvedObject.name=x", "events.k8s.io", "Event", "field label not supported: involvedObject.name"),
        ("spec.x=1", "batch", "Job", 'field label "spec.x" not supported for Job'),
        ("metadata.name", "", "Pod", "invalid selector: 'metadata.name'; can't understand 'metadata.name'"),
    ],
)
def test_field_selector_errors(text, group, kind, words):
    with pytest.raises(SelectorError) as caught:
        field_selector(text, group, kind)
    assert str(caught.value) == words
