"""A private network in which a node can have port 443 of `localhost`, and nothing else can be reached."""

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys

_ISOLATED = "CONFORMANCE_ISOLATED"
_UNSHARE = ("unshare", "--user", "--map-root-user", "--net")
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP of Linux


def isolate() -> bool:
    """Start this program again in a network namespace of its own, as any user of Linux may.

    False where the system does not let us; then the ports of this machine must do.
    """
    if _ISOLATED in os.environ:
        _loopback_up()
        return True
    if _may_unshare():
        os.environ[_ISOLATED] = "1"
        os.execvp(_UNSHARE[0], [*_UNSHARE, sys.executable, "-m", "conformance"])
    return False


def _may_unshare() -> bool:
    if shutil.which(_UNSHARE[0]) is None:
        return False
    tried = subprocess.run([*_UNSHARE, "true"], capture_output=True, check=False)
    return tried.returncode == 0


def _loopback_up() -> None:
    with socket.socket() as any_socket:
        request = struct.pack("16sH14x", b"lo", 0)
        _, flags = struct.unpack("16sH14x", fcntl.ioctl(any_socket, _GET_FLAGS, request))
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH14x", b"lo", flags | _UP))
