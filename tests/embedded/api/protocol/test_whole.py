"""Answers as they stand on the line: versions of HTTP, heads alone, pieces, and what must not begin a line."""

import http.client
import socket

import pytest


def ask(api, data):
    """All that the server says to bytes until it hangs up."""
    host, port = api.address.split(":")
    with (
        socket.create_connection((host, int(port)), timeout=20) as plain,
        api.context.wrap_socket(plain, server_hostname=host) as line,
    ):
        line.sendall(data)
        found = b""
        while piece := line.recv(65536):
            found += piece
        return found


def head(api, text, *more):
    lines = [text, f"Host: {api.address}", f"Authorization: Bearer {api.token}", *more]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


def test_a_head_says_what_follows_and_whether_the_line_goes_on(api):
    first, _, rest = ask(api, head(api, "GET /version HTTP/1.1", "Connection: close")).partition(b"\r\n\r\n")
    lines = first.decode().split("\r\n")
    said = dict(line.split(": ", 1) for line in lines[1:])
    assert lines[0] == "HTTP/1.1 200 OK"
    assert int(said["Content-Length"]) == len(rest)
    assert (said["Content-Type"], said["Connection"]) == ("application/json", "close")
    assert said["Date"].endswith(" GMT")


@pytest.mark.parametrize(("wish", "answered"), [((), False), (("Connection: keep-alive",), True)])
def test_the_older_http(api, wish, answered):
    asked = head(api, "GET /readyz HTTP/1.0", *wish)
    said = ask(api, asked + (head(api, "GET /readyz HTTP/1.0") if answered else b""))
    assert said.startswith(b"HTTP/1.0 200 OK\r\n")
    assert said.count(b"\r\n\r\nok") == 1 + answered
    assert (b"\r\nConnection: keep-alive\r\n" in said) == answered


def test_of_what_only_the_head_is_asked_for_nothing_follows(api):
    said = ask(api, head(api, "HEAD /api/v1/namespaces/default HTTP/1.1") + head(api, "GET /readyz HTTP/1.0"))
    first, second, body = said.split(b"\r\n\r\n")
    assert b"\r\nContent-Length: 0\r\n" not in first
    assert second.startswith(b"HTTP/1.0 200")
    assert body == b"ok"


def test_a_body_that_waits_to_be_asked_for(api, namespace):
    line = api.connect()
    body = b'{"metadata":{"name":"waits"}}'
    line.putrequest("POST", f"/api/v1/namespaces/{namespace}/configmaps")
    for name, value in {"Authorization": f"Bearer {api.token}", "Expect": "100-continue"}.items():
        line.putheader(name, value)
    line.putheader("Content-Length", str(len(body)))
    line.endheaders()
    assert line.sock.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
    line.send(body)
    assert line.getresponse().status == 201
    line.close()


def test_a_field_cannot_write_into_the_head(api, namespace):
    """Warnings name fields, and fields may be called anything."""
    line = api.connect()
    wrong = b'{"metadata":{"name":"names"},"x\\r\\nSet-Cookie: a\\u0000":1}'
    headers = {"Authorization": f"Bearer {api.token}", "Content-Type": "application/json"}
    line.request("POST", f"/api/v1/namespaces/{namespace}/configmaps", wrong, headers)
    answer: http.client.HTTPResponse = line.getresponse()
    assert answer.status == 201
    assert answer.headers["Set-Cookie"] is None
    assert answer.headers["Warning"] == '299 - "unknown field \\"x  Set-Cookie: a \\""'
    answer.read()
    line.close()
