"""The sockets a service listens on, taken before it says where it can be reached."""

from __future__ import annotations

import errno
import socket
from typing import Final

from service.errors import CannotListen

_NOT_OF_THIS_MACHINE: Final = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def listen(host: str, port: int) -> list[socket.socket]:
    """One for each address of the host that this machine has; port 0: any free one, the same for all.

    Raises `CannotListen`.
    """
    sockets: list[socket.socket] = []
    try:
        for family, address in _addresses(host, port):
            _add(sockets, family, address)
    except (OSError, UnicodeError) as error:
        for opened in sockets:
            opened.close()
        raise _typed(error, host, port) from error
    if not sockets:
        raise CannotListen(f"{host} is no address of this machine", advice="choose another --host")
    return sockets


def port_of(sockets: list[socket.socket]) -> int:
    port: int = sockets[0].getsockname()[1]
    return port


def _addresses(host: str, port: int) -> list[tuple[socket.AddressFamily, tuple[object, ...]]]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


def _add(sockets: list[socket.socket], family: socket.AddressFamily, address: tuple[object, ...]) -> None:
    """`localhost` has an IPv6 address even where the machine has no IPv6."""
    name, port, *scope = address
    if port == 0 and sockets:
        port = port_of(sockets)
    try:
        sockets.append(socket.create_server((name, port, *scope), family=family))
    except OSError as error:
        if error.errno not in _NOT_OF_THIS_MACHINE:
            raise


def _typed(error: OSError | UnicodeError, host: str, port: int) -> CannotListen:
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return CannotListen(f"no host {host}: {error}", advice="choose another --host")
    if error.errno == errno.EADDRINUSE:
        return CannotListen(f"port {port} is taken", advice="choose another --port")
    return CannotListen(f"port {port} cannot be used: {error.strerror}", advice="choose another --port")
