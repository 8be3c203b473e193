# SPDX-License-Identifier: ISC
"""Processes of a test: started in a namespace, logged, ended by pid, never left behind."""

import os
import signal
import subprocess

from .wait import wait_for

_running = set()


class Process:
    """One program, its output in a file. The kernel kills it if the test run dies.

    pipes: its standard output is read from `output`, and tell() writes to its standard input.
    """

    def __init__(self, argv, log, namespace=None, env=None, cwd=None, pipes=False):
        self.argv = [str(word) for word in argv]
        self.log_path = str(log)
        prefix = ["setpriv", "--pdeathsig", "KILL"]
        if namespace:
            prefix += ["nsenter", f"--net=/run/netns/{namespace}"]
        with open(self.log_path, "ab") as output:
            self._popen = subprocess.Popen(
                prefix + self.argv,
                stdin=subprocess.PIPE if pipes else subprocess.DEVNULL,
                stdout=subprocess.PIPE if pipes else output,
                stderr=output,
                env={**os.environ, **(env or {})},
                cwd=cwd,
                text=pipes,
                start_new_session=True,
            )
        _running.add(self)

    @property
    def pid(self):
        return self._popen.pid

    @property
    def output(self):
        """The lines of standard output, as they come."""
        return self._popen.stdout

    def tell(self, text):
        self._popen.stdin.write(text)
        self._popen.stdin.flush()

    @property
    def returncode(self):
        return self._popen.poll()

    def alive(self):
        return self._popen.poll() is None

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as stream:
            return stream.read()

    def signal(self, number):
        if self.alive():
            self._popen.send_signal(number)

    def wait_exit(self, timeout):
        wait_for(
            lambda: not self.alive(),
            timeout,
            lambda: f"end of {self.argv[0]} (pid {self.pid}); its log:\n{self.log()[-3000:]}",
        )
        _running.discard(self)
        return self.returncode

    def terminate(self, timeout=10):
        """SIGTERM, then the exit code. A program that does not end is a failure, and is killed."""
        self.signal(signal.SIGTERM)
        try:
            return self.wait_exit(timeout)
        finally:
            self.kill()

    def kill(self):
        """SIGKILL and reap; nothing happens when it has ended already."""
        if self.alive():
            self._popen.kill()
        self._popen.wait()
        _running.discard(self)


def kill_all():
    """The last resort of a run that is being interrupted."""
    for process in list(_running):
        process.kill()


def run(argv, namespace=None, check=True, timeout=30, input_text=None, env=None):
    """Runs a command to its end; returns the CompletedProcess, output as text."""
    prefix = ["nsenter", f"--net=/run/netns/{namespace}"] if namespace else []
    argv = [str(word) for word in argv]
    done = subprocess.run(
        prefix + argv,
        capture_output=True,
        text=True,
        timeout=timeout,
        input=input_text,
        stdin=subprocess.DEVNULL if input_text is None else None,
        env={**os.environ, **(env or {})},
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(f"{' '.join(argv)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def name_of(pid):
    """As ps and top show it."""
    with open(f"/proc/{pid}/comm", encoding="utf-8") as stream:
        return stream.read().strip()


def thread_status(pid, name, field):
    """What the kernel says of one of its threads, the first word of it."""
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status", encoding="utf-8") as stream:
            status = dict(line.split(":\t", 1) for line in stream.read().splitlines())
        if status["Name"] == name:
            return status[field].split()[0]
    raise LookupError(f"process {pid} has no thread {name}")


def thread_sleeps(pid, name):
    """How often one of its threads has gone to sleep: each wake-up is one."""
    return int(thread_status(pid, name, "voluntary_ctxt_switches"))


def children(pid):
    """{pid: command line} of the direct children of a process."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as stream:
                fields = stream.read().rpartition(")")[2].split()
            if int(fields[1]) != pid or fields[0] == "Z":
                continue
            with open(f"/proc/{name}/cmdline", "rb") as stream:
                title = stream.read().replace(b"\0", b" ").decode(errors="replace").strip()
            found[int(name)] = title
        except (OSError, IndexError):
            continue
    return found
