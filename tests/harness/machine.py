# SPDX-License-Identifier: ISC
"""A machine with a real systemd as its first process: a container on a bare Debian, thrown away at the end."""

import os
import shlex
import signal

from .process import Process, children, run
from .wait import wait_for

CONFIGURATION = "/etc/vrrp-agent/vrrp-agent.conf"


class Machine:
    """Boots the folder `root` with the network of a Host.  What it writes stays in memory.

    binds: {path inside: folder or device of this machine}, read-only.
    """

    def __init__(self, root, host, log, binds=()):
        self.host = host
        self._inside = None
        boot = " && ".join((
            "mount -t tmpfs tmpfs /mnt",
            "mkdir /mnt/upper /mnt/work /mnt/root",
            f"mount -t overlay -o lowerdir={shlex.quote(str(root))},upperdir=/mnt/upper,workdir=/mnt/work "
            "overlay /mnt/root",
            "exec systemd-nspawn --quiet --register=no --keep-unit --console=pipe --boot --directory=/mnt/root "
            f"--machine={host.namespace} --hostname=machine --capability=CAP_NET_ADMIN,CAP_BPF "
            "'--system-call-filter=bpf landlock_create_ruleset landlock_restrict_self' "
            f"--network-namespace-path=/run/netns/{host.namespace} "
            + " ".join(f"--bind-ro={outside}:{inside}" for inside, outside in dict(binds).items())))
        # Its mounts are its own, and go with it.
        self._process = Process(["unshare", "--mount", "sh", "-c", boot], log,
                                env={"SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network"})
        try:
            self._inside = wait_for(self._find_init, 60, lambda: f"systemd in\n{self._process.log()[-3000:]}")
            wait_for(self._is_up, 120, lambda: f"the end of the boot in\n{self._process.log()[-3000:]}")
        except AssertionError:
            self.close()
            raise

    def _find_init(self):
        assert self._process.alive(), self._process.log()[-3000:]
        found = [pid for pid, title in children(self._process.pid).items() if "systemd" in title.split("/")[-1]]
        return found[0] if found else None

    def _is_up(self):
        return self.run("systemctl", "is-system-running", check=False).stdout.strip() in ("running", "degraded")

    def run(self, *argv, check=True, timeout=120, input_text=None):
        """A command inside, as root, to its end."""
        return run(["nsenter", f"--target={self._inside}", "--all", "env", "-i", "LANG=C.UTF-8",
                    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
                    "DEBIAN_FRONTEND=noninteractive", *argv],
                   check=check, timeout=timeout, input_text=input_text)

    def sh(self, script, **options):
        return self.run("sh", "-c", script, **options).stdout

    def write(self, path, text, mode="644"):
        self.sh(f"mkdir -p $(dirname {path}) && cat >{path} && chmod {mode} {path}", input_text=text)

    def read(self, path):
        return self.run("cat", path, check=False).stdout

    def property(self, unit, name):
        """What `systemctl show` says of a unit."""
        return self.run("systemctl", "show", "--value", f"--property={name}", unit).stdout.strip()

    def wait_property(self, unit, name, wanted, timeout=30):
        wait_for(lambda: self.property(unit, name) == wanted, timeout,
                 lambda: f"{unit}: {name}={wanted}, not {self.property(unit, name)}; {self.journal()[-3000:]}")

    def journal(self, unit="vrrp-agent*"):
        return self.run("journalctl", "--no-pager", "--output=short-precise", f"--unit={unit}").stdout

    def close(self):
        """Without shutting down: nothing of it is kept."""
        if self._inside and self._process.alive():
            os.kill(self._inside, signal.SIGKILL)
            wait_for(lambda: not self._process.alive(), 20, "the machine's end")
        self._process.kill()

    def power_off(self):
        """In order, as an administrator does."""
        self.run("systemctl", "poweroff", check=False)
        self._process.wait_exit(60)
