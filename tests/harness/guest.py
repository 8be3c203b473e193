# SPDX-License-Identifier: ISC
"""A guest machine with Debian's own kernel, for what the kernel at hand may lack: VLANs, VRFs, netem, IPVS.

It sees this machine's files (read-only, changes go to its memory), so that it runs the very same tests with
the very same programs: a case is an ordinary test that happens to lie in tests/guest. qemu emulates the
processor, which works in any container, and costs some ten times as much as the machine's own. The guest's
clock goes by the instructions it has executed, so that a busy machine makes its tests longer, not different.
"""

import json
import os
import shlex
import shutil
import tempfile
import time

from .process import Process, run
from .wait import wait_for

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
INSIDE = "VRRP_GUEST" in os.environ
_MEMORY = "1024"
# 2 ns an instruction (as a power of two).
_PACE = "shift=1"
# Without a result for so many seconds (of this machine), boot included, the guest is given up.
_PATIENCE = 600

_START = """\
cd {top}
printf '#!/bin/sh\\nexec /sbin/modprobe -d {modules} "$@"\\n' >/run/modprobe
chmod +x /run/modprobe
echo /run/modprobe >/proc/sys/kernel/modprobe
ip link set lo up
export {environment}
/usr/bin/python3 -m pytest {words}
echo "guest: pytest ended with $?"
exec /run/busybox poweroff -f
"""


def _program_tree():
    """The plain build where there is one: a sanitized program is too slow for an emulated processor."""
    plain = os.path.join(TOP, "build", "plain")
    if os.access(os.path.join(plain, "vrrp-agent"), os.X_OK):
        return plain
    return os.path.abspath(os.environ.get("TOP_BUILDDIR", TOP))


class Guest:
    """Boots at once and runs the tests with these ids; result() waits for each one's reports."""

    def __init__(self, rootdir, tests, options=()):
        run([os.path.join(TOP, "tests", "guest", "kernel")], timeout=600)
        self._folder = tempfile.mkdtemp(prefix="va")
        self._console = os.path.join(self._folder, "console")
        self._results = os.path.join(self._folder, "results")
        self._seen = {}
        self._read_to = 0
        self._write_start(rootdir, tests, options)
        self._process = Process(self._command(), os.path.join(self._folder, "qemu.log"))
        self._progress = time.monotonic()

    def _write_start(self, rootdir, tests, options):
        tree = _program_tree()
        environment = {
            "VRRP_GUEST": "/run/guest/results", "TOP_BUILDDIR": tree, "VRRP_AGENT": f"{tree}/vrrp-agent",
            "VRRPCTL": f"{tree}/vrrpctl", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8",
            "PYTHONPATH": f"{TOP}/tests", "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        words = ["-q", "-p", "no:cacheprovider", "-p", "harness.inside", "--capture=sys",
                 f"--rootdir={rootdir}", *options, *tests]
        with open(os.path.join(self._folder, "start"), "w", encoding="utf-8") as stream:
            stream.write(_START.format(
                top=shlex.quote(TOP), modules=shlex.quote(f"{TOP}/build/guest"), words=shlex.join(words),
                environment=shlex.join(f"{name}={value}" for name, value in environment.items())))

    def _command(self):
        made = os.path.join(TOP, "build", "guest")
        share = "local,security_model=none"
        return ["qemu-system-x86_64", "-accel", "tcg", "-icount", _PACE, "-m", _MEMORY, "-nodefaults", "-no-user-config",
                "-display", "none", "-no-reboot", "-kernel", f"{made}/vmlinuz", "-initrd", f"{made}/initramfs",
                "-append", "console=ttyS0 quiet panic=-1 mitigations=off", "-serial", f"file:{self._console}",
                "-virtfs", f"{share},path=/,mount_tag=host,readonly=on,multidevs=remap",
                "-virtfs", f"{share},path={self._folder},mount_tag=guest"]

    def _read(self):
        """Takes in what was reported since the last time: a line for each test."""
        try:
            with open(self._results, encoding="utf-8") as stream:
                stream.seek(self._read_to)
                for line in stream.read().splitlines(keepends=True):
                    if line.endswith("\n"):
                        self._read_to += len(line)
                        test = json.loads(line)
                        self._seen[test["nodeid"]] = test["reports"]
                        self._progress = time.monotonic()
        except FileNotFoundError:
            pass

    def result(self, nodeid):
        """The serialized reports of a test. Raises AssertionError with the console's end when none comes."""
        def known():
            ended = not self._process.alive()
            self._read()
            return nodeid in self._seen or ended or time.monotonic() - self._progress > _PATIENCE

        wait_for(known, 3600, f"the result of {nodeid}", 0.1)
        if nodeid not in self._seen:
            self._process.kill()
            raise AssertionError(f"no result of {nodeid}\n-- qemu\n{self._process.log()[-2000:]}"
                                 f"\n-- the guest's console\n{self.console()}")
        return self._seen[nodeid]

    def console(self):
        """The end of what the guest printed."""
        try:
            with open(self._console, encoding="utf-8", errors="replace") as stream:
                return stream.read()[-8000:]
        except FileNotFoundError:
            return "(nothing)"

    def close(self):
        """What the guest printed last stays in build/guest/console."""
        self._process.kill()
        if os.path.exists(self._console):
            shutil.copy(self._console, os.path.join(TOP, "build", "guest", "console"))
        shutil.rmtree(self._folder, ignore_errors=True)
