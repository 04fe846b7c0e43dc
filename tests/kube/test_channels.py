"""The frames of exec, without a network; what the last one says, in plain words."""

import json

import pytest

from osconsole.errors import ApiError, Forbidden, TryAgain
from osconsole.kube import channels


def test_bytes_come_through_in_pieces_and_in_order():
    data = bytes(range(256)) * 1000
    sent = list(channels.frames(channels.STDIN, data))
    assert len(sent) > 1
    assert all(len(frame) <= channels.PIECE_BYTES + 1 for frame in sent)
    read = [channels.opened(frame) for frame in sent]
    assert {channel for channel, _ in read} == {channels.STDIN}
    assert b"".join(piece for _, piece in read) == data


def test_nothing_is_no_frame():
    assert list(channels.frames(channels.STDIN, b"")) == []
    assert channels.close(channels.STDIN) == b"\xff\x00"
    assert channels.size(120, 36) == b'\x04{"Width":120,"Height":36}'
    with pytest.raises(ApiError, match="without a channel"):
        channels.opened(b"")


def ended(**status):
    return channels.exit_code(json.dumps({"kind": "Status", "status": "Failure", **status}).encode())


def test_an_exit_code_is_read_from_the_status():
    causes = [{"reason": "Other", "message": "9"}, {"reason": "ExitCode", "message": "3"}]
    assert channels.exit_code(b'{"metadata":{},"status":"Success"}') == 0
    assert ended(reason="NonZeroExitCode", details={"causes": causes}) == 3


@pytest.mark.parametrize(
    "said",
    [
        'error executing command in container: exec: "vim": executable file not found in $PATH',
        "Internal error occurred: OCI runtime exec failed: exec failed: unable to start container process: "
        'exec: \\"vim\\": executable file not found in $PATH: unknown',
        'failed to exec in container: exec: "vim": stat vim: no such file or directory',
    ],
)
def test_a_program_that_is_not_there_is_named(said):
    with pytest.raises(TryAgain, match=r"^there is no program 'vim' in that container$"):
        ended(message=said, code=500)


def test_other_failures_keep_the_server_s_words():
    with pytest.raises(Forbidden, match="no way"):
        ended(message="no way", code=403, reason="Forbidden")
    with pytest.raises(ApiError, match=r"^command terminated by a signal$"):
        channels.exit_code(b"command terminated by a signal")  # what the oldest protocol says
    with pytest.raises(ApiError, match="not why"):
        channels.exit_code(b"")
    with pytest.raises(ApiError):
        ended(reason="NonZeroExitCode", details={"causes": [{"reason": "ExitCode", "message": "x"}]})
