"""Requests that no honest client sends: each gets an error, and the server goes on."""

import gzip
import socket
import threading

import pytest

MERGE = "application/merge-patch+json"
YAML = "application/yaml"


@pytest.fixture
def maps(namespace):
    return f"/api/v1/namespaces/{namespace}/configmaps"


@pytest.fixture(autouse=True)
def alive(api):
    """After whatever was sent, the server answers; a line that it closed is opened again."""
    yield
    api.hang_up()
    assert api("GET", "/readyz").body == "ok"


def raw(api, data, timeout_s=10.0):
    """What the server says to bytes; b"" when it hangs up."""
    host, port = api.address.split(":")
    plain = socket.create_connection((host, int(port)), timeout=timeout_s)
    with api.context.wrap_socket(plain, server_hostname=host) as line:
        try:
            line.sendall(data)
            return line.recv(4096)
        except OSError:
            return b""


def head(api, text):
    return f"{text}\r\nHost: {api.address}\r\nAuthorization: Bearer {api.token}\r\n".encode()


def config(data):
    return b'{"metadata":{"name":"c"},"data":{"a":"' + data + b'"}}'


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_bodies_that_are_too_large(api, maps, method):
    path = maps if method == "POST" else f"{maps}/c"
    answer = api(method, path, config(b"x" * 4_000_000), MERGE if method == "PATCH" else "application/json")
    assert (answer.code, answer.body["reason"]) == (413, "RequestEntityTooLarge")
    assert answer.body["message"] == "Request entity too large: limit is 3145728"


def test_a_small_body_that_unpacks_to_a_large_one(api, maps):
    packed = gzip.compress(config(b"x" * 50_000_000))
    answer = api("POST", maps, packed, Content_Encoding="gzip")
    assert answer.code == 413


def test_a_body_that_is_not_what_its_encoding_says(api, maps):
    assert api("POST", maps, b"abcde", Content_Encoding="gzip").code == 400


def test_data_that_is_too_large(api, maps):
    answer = api("POST", maps, config(b"x" * 1_100_000))
    assert (answer.code, answer.body["reason"]) == (422, "Invalid")


@pytest.mark.parametrize(
    "body",
    [
        config(b"\0"),
        b'{"metadata":{"name":"c"},"data":' + b'{"a":' * 20_000 + b"1" + b"}" * 20_000 + b"}",
        b'{"metadata":{"name":"c"},"data":{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}}",
        b"[" * 1_000_000,
        b"\xef\xbb\xbf{}",
        b'{"data":{"a":NaN}}',
        b'{"data":{"a":1e999}}',
        b"\xff\xfe\x00",
    ],
    ids=range(8),
)
def test_what_is_no_json(api, maps, body):
    assert api("POST", maps, body).code == 400


@pytest.mark.parametrize("depth", [200, 500, 900, 5_000])
def test_custom_objects_of_any_depth(api, namespace, depth):
    """Deep ones are taken or refused, never half: what was taken can be read, patched and removed."""
    crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    version = {"name": "v1", "served": True, "storage": True}
    version["schema"] = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    spec = {"group": "deep.org", "scope": "Namespaced", "names": {"plural": "holes", "kind": "Hole"}}
    api("POST", crds, {"metadata": {"name": "holes.deep.org"}, "spec": {**spec, "versions": [version]}})
    holes = f"/apis/deep.org/v1/namespaces/{namespace}/holes"
    body = b'{"apiVersion":"deep.org/v1","kind":"Hole","metadata":{"name":"h"},"spec":%s}'
    answer = api("POST", holes, body % (b'{"a":' * depth + b"1" + b"}" * depth))
    assert answer.code in (201, 400)
    if answer.code == 201:
        assert api("GET", f"{holes}/h").code == 200
        assert api("PATCH", f"{holes}/h", {"metadata": {"labels": {"x": "y"}}}, MERGE).code == 200
        assert api("DELETE", f"{holes}/h").code == 200
    assert api("GET", f"{holes}/h").code == 404


def test_invalid_utf8_becomes_the_replacement_character(api, maps):
    answer = api("POST", maps, config(b"\xff"))
    assert (answer.code, answer.body["data"]) == (201, {"a": "\N{REPLACEMENT CHARACTER}"})


def test_yaml_that_grows(api, maps):
    lines = [b"a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [b"a%d: &a%d [%s]" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 12)]
    answer = api("POST", maps, b"\n".join(lines), YAML)
    assert answer.code == 400
    assert "too many aliases" in answer.body["message"]
    merged = [
        b"a0: &a0 {x: y}",
        *(b"a%d: &a%d {<<: [%s]}" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 12)),
    ]
    assert api("POST", maps, b"\n".join(merged), YAML).code == 400


@pytest.mark.parametrize(
    "body",
    [b"a: " + b"[" * 50_000, b"a: *b", b"!!python/object:os.system {}", b"\0", b"? {}", b"- - - -"],
    ids=range(6),
)
def test_what_is_no_yaml(api, maps, body):
    assert api("POST", maps, body, YAML).code in (400, 422)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/v1/namespaces/x/configmaps/../secrets", 404),
        ("/api/v1/namespaces/../../version", 404),
        ("/../etc/passwd", 404),
        ("/healthz/../api", 404),
        ("/readyz/x", 404),
        ("//api/v1/namespaces", 404),
        ("/api/v1//namespaces", 404),
        ("/api/v1/namespaces/default/configmaps/%2e%2e", 400),
        ("/api/v1/namespaces/default/configmaps/a%2fb", 404),
        ("/api/v1/namespaces/default/configmaps/a%25b", 400),
        ("/api/v1/namespaces/default/configmaps/%00", 404),
        ("/api/v1/namespaces/default/configmaps/%ff", 404),
        ("/api/v1/namespaces/default/configmaps/" + "a" * 100_000, 404),
        ("/api/v1/namespaces?limit=%00", 400),
        ("/api/v1/namespaces?continue=" + "A" * 100_000, 400),
        ("/api/v1/namespaces?labelSelector=" + "a=b," * 20_000, 400),
        ("/api/v1/namespaces?labelSelector=%ff", 400),
        ("/api/v1/namespaces?fieldSelector=" + "(" * 1000, 400),
        ("/api/v1/namespaces?limit=99999999999999999999", 400),
        ("/api/v1/namespaces?limit=" + "9" * 10_000, 400),
        ("/api/v1/namespaces?timeoutSeconds=-1", 200),
        ("/api/v1/namespaces?watch=1&timeoutSeconds=-1&resourceVersion=" + "9" * 30, 400),
    ],
    ids=range(22),
)
def test_paths_and_queries(api, path, code):
    assert api("GET", path).code == code


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil", "[::2]:1", "127.0.0.1:1:1"]
)
def test_a_host_that_is_not_this_one(api, host):
    """A page in a browser may make its own name point here."""
    answer = raw(
        api, f"GET /api/v1/namespaces HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {api.token}\r\n\r\n".encode()
    )
    assert answer.split()[1] in (b"403", b"400")


def test_a_host_without_a_port(api):
    assert b" 200 OK" in raw(api, b"GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n")


@pytest.mark.parametrize(
    "data",
    [
        b"GARBAGE\r\n\r\n",
        b"\x16\x03\x01" * 100,
        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /api HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 2_000_000 + b"\r\n\r\n",
    ],
    ids=range(12),
)
def test_what_is_no_http(api, data):
    answer = raw(api, data)
    assert not answer or answer.split()[1][:1] == b"4"


def test_http_to_the_tls_port(api):
    host, port = api.address.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200" not in line.recv(100)


def test_long_headers_are_read(api):
    assert api("GET", "/version", X_Long="x" * 100_000).code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": ",,;;q=x"},
        {"Accept": "application/json;as=Table;g=meta.k8s.io;v=v9"},
        {"Accept": "application/json;as=Nope;g=meta.k8s.io;v=v1"},
        {"Accept": "text/" + "x" * 10_000},
        {"Authorization": "Bearer " + "x" * 10_000},
        {"Authorization": "Bearer \xe4"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "x"},
        {"Impersonate_Group": "system:masters"},
        {"Impersonate_User": "a", "Impersonate_Extra_x": "\xff"},
    ],
)
def test_headers(api, headers):
    assert api("GET", "/api/v1/namespaces", **headers).code in (400, 401, 403, 406)


@pytest.mark.parametrize("kind", ["text/plain", "application/cbor", "a" * 5000, "/"])
def test_content_types(api, maps, kind):
    assert api("POST", maps, b"{}", kind).code == 415
    assert api("PATCH", f"{maps}/c", b"{}", kind).code == 415


def test_slow_clients_do_not_hold_up_others(api, maps):
    """Half a head, half a body, and a watch that nobody reads."""
    lines = []
    host, port = api.address.split(":")
    for n in range(60):
        line = api.context.wrap_socket(socket.create_connection((host, int(port)), timeout=10), server_hostname=host)
        part = head(api, f"POST {maps} HTTP/1.1") + b"Content-Type: application/json\r\n"
        if n % 3 == 1:
            part += b"Content-Length: 1000\r\n\r\n{"
        elif n % 3 == 2:
            part = head(api, f"GET {maps}?watch=1 HTTP/1.1") + b"\r\n"
        line.sendall(part)
        lines.append(line)
    for n in range(20):
        assert api("POST", maps, {"metadata": {"name": f"c{n}"}, "data": {"a": "x" * 100_000}}).code == 201
    for line in lines:
        line.close()


def test_clients_that_hang_up(api, maps):
    """In the middle of a head, a body, a list and a watch, many at once."""

    def hang_up(n):
        host, port = api.address.split(":")
        plain = socket.create_connection((host, int(port)), timeout=10)
        with api.context.wrap_socket(plain, server_hostname=host) as line:
            whole = head(api, f"GET {maps}?watch={n % 2} HTTP/1.1") + b"\r\n"
            body = head(api, f"POST {maps} HTTP/1.1") + b"Content-Length: 100000\r\n\r\n{"
            line.sendall((whole, body, whole[: n % 50])[n % 3])

    threads = [threading.Thread(target=hang_up, args=(n,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert api("GET", maps).code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"k8s\0",
        b"k8s\0\x0a\x10\x0a\x02v1\x12\x09ConfigMap\x12\xff",
        b"k8s\0\x0a\x0f\x0a\x02v1\x12\x09ConfigMap\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        b"k8s\0\x0a\x0f\x0a\x02v1\x12\x09ConfigMap\x12\x04\x0a\x02\x0a\xff",
        b"k8s\0\x0b\x0c\x0d" + b"\xff" * 1000,
        b"k8s\0" + bytes(range(256)) * 10,
    ],
    ids=range(8),
)
def test_what_is_no_protobuf(api, maps, body):
    assert api("POST", maps, body, "application/vnd.kubernetes.protobuf").code in (400, 415)
