# SPDX-License-Identifier: ISC
"""The VRRP speakers a test can run: vrrp-agent, which is tested, and keepalived, its peer and its stand-in.

Both take the same configuration text, so a test that runs with `--dut keepalived` proves the test itself.
"""

import glob
import json
import os
import signal

from .process import Process, children, run
from .wait import wait_for


# Which way advertisements take into vrrp-agent: "plain", or "kernel", where the kernel checks repeated ones.
PATH = os.environ.get("VRRP_PATH", "kernel")


class Device:
    """A VRRP speaker on a host. Its files live in a folder of its own under the test's."""

    def __init__(self, host, folder, name=None):
        self.host = host
        self.name = name or host.name
        self.folder = os.path.join(str(folder), f"{self.name}-{self.kind}")
        os.makedirs(self.folder, exist_ok=True)
        self.config_path = os.path.join(self.folder, "vrrp.conf")
        self.process = None
        self.environment = {}

    kind = "device"

    def command(self):
        raise NotImplementedError

    def configure(self, text):
        """Replaces the file at once, as an editor does."""
        with open(self.config_path + ".new", "w", encoding="utf-8") as stream:
            stream.write(text)
        os.replace(self.config_path + ".new", self.config_path)

    def start(self, text=None):
        if text is not None:
            self.configure(text)
        self.process = Process(
            self.command(), os.path.join(self.folder, "log"), self.host.namespace, env=self.environment)
        return self

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        return self.process.log() if self.process else ""

    def reload(self):
        self.process.signal(signal.SIGHUP)

    def stop(self):
        """In order. Fails when the exit code is not 0."""
        if self.process is None or not self.process.alive():
            return
        code = self.process.terminate()
        assert code == 0, f"{self.kind} ended with {code}:\n{self.log()[-3000:]}"

    def kill(self):
        """SIGKILL of the program; its other processes must end by themselves, and as soon as a disk that is busy lets
        go of the one that writes."""
        if self.process is None:
            return
        inner = [pid for pid in children(self.process.pid) if _runs(pid)] if self.process.alive() else []
        self.process.kill()
        try:
            wait_for(lambda: not any(map(_runs, inner)), 30, f"the end of {self.kind}'s other processes {inner}")
        finally:
            for pid in inner:
                _kill(pid)

    def finish(self):
        """At the end of a test: nothing keeps running, and what went wrong is told."""
        if self.process is not None:
            if self.process.alive():
                self.process.signal(signal.SIGCONT)
                for pid in children(self.process.pid):
                    _kill(pid, signal.SIGCONT)
            self.stop()

    def check(self):
        """The configuration check: (exit code, output)."""
        raise NotImplementedError


def _kill(pid, number=signal.SIGKILL):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def _runs(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stream:
            return stream.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Keepalived(Device):
    """keepalived of the distribution, VRRP only, everything it writes in its own folder."""

    kind = "keepalived"

    def __init__(self, host, folder, name=None, agentx=None):
        super().__init__(host, folder, name)
        self.agentx = agentx

    def command(self):
        at = self.folder
        words = ["keepalived", "-n", "-l", "-G", "-D", "-P", "-f", self.config_path,
                 "-p", f"{at}/pid", "-r", f"{at}/vrrp.pid", "-c", f"{at}/checkers.pid"]
        return words + (["-x", "-A", f"unix:{self.agentx}"] if self.agentx else [])

    def start(self, text=None):
        """Without the pid files of one that was killed: it takes a zombie for a keepalived that runs."""
        for path in glob.glob(f"{self.folder}/*pid"):
            os.unlink(path)
        return super().start(text)

    def kill(self):
        """The vrrp process first: if it saw its parent die it would stop in order."""
        if self.process is not None and self.process.alive():
            inner = list(children(self.process.pid))
            self.process.signal(signal.SIGSTOP)
            for pid in inner:
                _kill(pid)
            wait_for(lambda: not any(map(_runs, inner)), 5, "the end of keepalived's vrrp process")
        super().kill()

    def check(self):
        done = run(["keepalived", "-t", "-f", self.config_path], self.host.namespace, check=False)
        return done.returncode, done.stdout + done.stderr


class VrrpAgent(Device):
    """The program under test. VRRP_AGENT and VRRPCTL name the files; the build tree is the default.

    agentx: the master's socket; "": what the configuration says; None: without SNMP.
    """

    kind = "vrrp-agent"

    def __init__(self, host, folder, name=None, agentx=None):
        super().__init__(host, folder, name)
        self.agentx = agentx
        self.run_dir = os.path.join(self.folder, "run")
        self.state_dir = os.path.join(self.folder, "state")
        self.reports = os.path.join(self.folder, "sanitizer")
        self.environment = sanitizer_environment(self.reports)

    @staticmethod
    def program():
        return _built("VRRP_AGENT", "vrrp-agent")

    def command(self):
        words = [self.program(), "-f", self.config_path,
                 "--state-dir", self.state_dir, "--run-dir", self.run_dir]
        if PATH == "plain":
            words.append("--no-kernel-filter")
        if self.agentx is None:
            return words + ["--no-snmp"]
        return words + (["-x", self.agentx] if self.agentx else [])

    def start(self, text=None):
        for folder in (self.run_dir, self.state_dir):
            os.makedirs(folder, exist_ok=True)
        return super().start(text)

    def check(self):
        done = run([self.program(), "-t", "-f", self.config_path], self.host.namespace, check=False,
                   env=self.environment)
        return done.returncode, done.stdout + done.stderr

    def control(self, *words, check=True):
        """vrrpctl over this agent's own socket."""
        return run([_built("VRRPCTL", "vrrpctl"), "--socket", f"{self.run_dir}/control.sock", *words],
                   check=check, env=self.environment)

    def show(self):
        """`vrrpctl show --json`, decoded."""
        return json.loads(self.control("show", "--json").stdout)

    def role(self, role):
        """The pid of the child `vrrp-agent: ROLE`; None while there is none."""
        found = [pid for pid, title in children(self.pid).items() if title.startswith(f"vrrp-agent: {role}")]
        assert len(found) <= 1, f"{len(found)} processes of role {role}"
        return found[0] if found else None

    def finish(self):
        super().finish()
        for path in glob.glob(self.reports + "*"):
            with open(path, encoding="utf-8", errors="replace") as stream:
                raise AssertionError(f"the sanitizer found something:\n{stream.read()[:6000]}")


class AgentWithUnit(VrrpAgent):
    """With the socket of a unit of the check process; systemd-socket-activate stands for systemd."""

    @property
    def socket(self):
        return os.path.join(self.folder, "check.sock")

    def command(self):
        return [*super().command(), f"--check-socket={self.socket}"]

    def unit(self, namespace=None):
        """Waits for a connection and becomes the check process; in another network namespace, if one is named."""
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        words = [word for name in self.environment for word in ("-E", name)]
        made = Process(["systemd-socket-activate", f"--listen={self.socket}", "--seqpacket", *words,
                        self.program(), "--role=check", "--activated"],
                       os.path.join(self.folder, "unit.log"), namespace or self.host.namespace, self.environment)
        wait_for(lambda: os.path.exists(self.socket), 10, made.log)
        return made


def _built(variable, name):
    path = os.environ.get(variable)
    if not path:
        top = os.environ.get("TOP_BUILDDIR") or os.path.join(os.path.dirname(__file__), "..", "..")
        path = os.path.join(top, name)
    return os.path.abspath(path)


def sanitizer_environment(reports):
    """Reports of a sanitized build go to files that finish() looks for."""
    common = f"log_path={reports}:halt_on_error=1:exitcode=86"
    return {
        "ASAN_OPTIONS": f"{common}:detect_leaks=1:verify_asan_link_order=0",
        "UBSAN_OPTIONS": f"{common}:print_stacktrace=1",
        "TSAN_OPTIONS": common,
    }


def finish(made):
    """Finishes every device, then reports the first thing that went wrong."""
    problems = []
    for device in made:
        try:
            device.finish()
        except AssertionError as problem:
            problems.append(str(problem))
        if device.process is not None:
            device.kill()
    assert not problems, "\n".join(problems)


KINDS = {kind.kind: kind for kind in (Keepalived, VrrpAgent)}
