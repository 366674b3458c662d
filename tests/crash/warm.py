"""Has the program in memory, and forks it: `python -m tests.crash.warm`, one JSON object a line.

    {"arguments": ["--data", …, "serve"], "log": FILE}  answered with the process id
    {"reap": PID}                                       answered with the exit code, once it ended

What is forked is the whole program, from its command line on; only the second that imports take is
paid once. It dies with this process.
"""

import ctypes
import gc
import json
import os
import pkgutil
import signal
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

import node.commands
from node import cli
from web.render import environment

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Until standard input ends."""
    answers = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    _warm_up()
    while line := sys.stdin.buffer.readline():
        request = json.loads(line)
        if "reap" in request:
            _, status = os.waitpid(request["reap"], 0)
            answer = os.waitstatus_to_exitcode(status)
        else:
            answer = os.fork() or _run(request)
        os.write(answers, b"%d\n" % answer)


def _warm_up() -> None:
    """Load and compile what any process would once it is asked."""
    for module in pkgutil.iter_modules(node.commands.__path__):
        import_module(f"node.commands.{module.name}")
    templates = environment("en")
    for name in templates.list_templates():
        templates.get_template(name)
    with tempfile.TemporaryDirectory() as folder:
        data = ("--data", f"{folder}/node")
        cli.main([*data, "init", "--url", "https://a.example", "--handle", "a", "--name", "A"])
        cli.main([*data, "event", "add", _event(folder)])
    gc.freeze()


def _event(folder: str) -> str:
    file = Path(folder, "event.json")
    file.write_text('{"title": "A", "start_local": "2031-04-17T10:00:00", "timezone": "UTC"}')
    return str(file)


def _run(request: dict[str, Any]) -> int:
    """In the child: be `roughweather` with these arguments."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    code = cli.main(request["arguments"])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
