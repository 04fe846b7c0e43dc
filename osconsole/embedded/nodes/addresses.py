"""Loopback addresses for the nodes of one cluster. Nothing is added to an interface: all of 127.0.0.0/8 answers."""

import random
import socket

from osconsole.errors import OsconsoleError

PORT = 2222
_TRIES = 200


def listening(address: str, port: int) -> socket.socket:
    """A socket that listens there.

    Raises:
        OSError: somebody else listens there.
    """
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(64)
    except OSError:
        listener.close()
        raise
    return listener


def choose(count: int) -> list[str]:
    """Neighbouring addresses 127.0.x.y on which nobody listens at `PORT`.

    Raises:
        OsconsoleError: none was found.
    """
    dice = random.SystemRandom()
    for _ in range(_TRIES):
        network = dice.randrange(16, 250)
        found = [f"127.0.{network}.{host}" for host in range(10, 10 + count)]
        if all(_free(address) for address in found):
            return found
    raise OsconsoleError(f"no {count} free addresses found in 127.0.0.0/16 for port {PORT}: stop other clusters")


def _free(address: str) -> bool:
    try:
        listening(address, PORT).close()
    except OSError:
        return False
    return True
