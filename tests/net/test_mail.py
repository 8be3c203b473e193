# SPDX-License-Identifier: ISC
"""smtp_alert: what mail says, compared with keepalived's, and mail servers that are away, rude or private."""

import glob
import json
import os
import signal
import ssl
import subprocess
import time
from email.utils import parsedate_to_datetime

import pytest

from harness.config import Instance, configuration
from harness.device import AgentWithUnit, Keepalived, VrrpAgent
from harness.mailserver import MailServer, RoughServer
from harness.namespace import Network
from harness.wait import wait_for

pytestmark = pytest.mark.agent_only

HERE = os.path.dirname(__file__)
OWNER = Instance("VI_1", 96, ("192.0.2.1/24",), priority=255)
OUR_OWN_HEADERS = {"Date", "X-Mailer", "Message-ID", "Auto-Submitted"}

GROUP = """
global_defs {
    notification_email {
        root@localhost
    }
    smtp_server 127.0.0.1 2525
    smtp_helo_name helo.example
    router_id "node 1"
    smtp_alert
    no_email_faults
}
vrrp_sync_group G1 {
    group {
        VI_1
        VI_2
    }
}
vrrp_instance VI_1 {
    interface enp1s0
    virtual_router_id 38
    virtual_ipaddress {
        10.0.42.145/16
    }
}
vrrp_instance VI_2 {
    interface enp1s0
    virtual_router_id 39
    smtp_alert off
    virtual_ipaddress {
        10.0.42.146/16
    }
}
"""


def example():
    with open(os.path.join(HERE, "..", "conf", "good", "node-1.conf"), encoding="utf-8") as stream:
        return stream.read()


def told(server):
    """What filters and people see of each mail, without what is new each time."""
    return sorted((mail.subject, mail.sender, mail.recipients, mail.client, mail.body,
                   tuple((name, value) for name, value in mail.headers.items() if name not in OUR_OWN_HEADERS))
                  for mail in server.mails)


def active(server, what):
    return sum(mail.subject.endswith(f"{what} - Entering MASTER state") for mail in server.mails)


@pytest.mark.parametrize("text, port, what", [(example(), 25, "Instance VI_1"), (GROUP, 2525, "Group G1")],
                         ids=["the user's example", "a group, and no faults"])
def test_mail_is_keepalived_s(network, devices, ended, text, port, what):
    """Start, the loss of the link, its return: the same mails, header by header, and a date that is true."""
    made = []
    with Network() as other:
        for net, kind in ((network, VrrpAgent), (other, Keepalived)):
            host = net.host("node", addresses=["10.0.42.1/16"], interface="enp1s0")
            server = ended(MailServer(host, port=port))
            made.append((net, server, devices(kind, host, kind.kind).start(text)))
        servers = [server for _, server, _ in made]
        for count in (1, 2):
            for server in servers:
                wait_for(lambda server=server, count=count: active(server, what) == count, 30,
                         lambda: "\n".join(f"{told(server)}" for server in servers))
            if count == 1:
                for net, _, device in made:
                    net.set_port(net.port_of("node", "enp1s0"), "down")
                    wait_for(lambda device=device: "fault" in device.log().lower(), 15, "the fault")
                    net.set_port(net.port_of("node", "enp1s0"), "up")
        wait_for(lambda: told(servers[0]) == told(servers[1]), 10,
                 lambda: f"the same mails\n{told(servers[0])}\n{told(servers[1])}")
        for _, _, device in made:
            device.stop()
    for mail in servers[0].mails:
        assert abs(parsedate_to_datetime(mail.headers["Date"]).timestamp() - time.time()) < 120
    identities = [mail.headers["Message-ID"] for mail in servers[0].mails]
    assert len(set(identities)) == len(identities)


def mail_of(device):
    """What the agent says of its mail, as soon as it answers."""
    done = wait_for(lambda: (done := device.control("show", "--json", check=False)).returncode == 0 and done, 20,
                    "an answer of the agent")
    return json.loads(done.stdout)["mail"]


def settings(*more, port=25, to=("root@localhost", "second@example.com"), timeout=1):
    return ("notification_email {", *to, "}", "notification_email_from agent@example.com",
            f"smtp_server 127.0.0.1 {port}", f"smtp_connect_timeout {timeout}", "smtp_alert", *more)


def marker(folder, name):
    """A notify script that leaves a file: (the line of the configuration, the file)."""
    path = os.path.join(folder, name)
    return f'notify_master "/bin/touch {path}" root', path


ROUGH = {
    "hang": ("hang",),
    "drip": ("drip",),
    "drop": ("drop",),
    "garbage": ("garbage",),
    "later": ("later",),
}


def test_a_rough_server_delays_nothing_but_mail(network, devices, ended, folder):
    """Whatever the server does at first: the script has run before, and the mail comes, once."""
    made = {}
    for number, (name, ways) in enumerate(ROUGH.items()):
        host = network.host(name)
        server = ended(RoughServer(host, ways))
        line, path = marker(folder, name)
        instance = Instance("VI_1", 100 + number, (f"192.0.2.{number + 1}/24",), priority=255, extra=(line,))
        made[name] = (server, devices(VrrpAgent, host, name).start(configuration([instance], settings())), path)
    for name, (server, device, path) in made.items():
        wait_for(lambda path=path: os.path.exists(path), 20, f"{name}: the script\n{device.log()}")
        wait_for(lambda server=server: server.mails, 30, lambda device=device: f"{name}: a mail\n{device.log()[-2000:]}")
        wait_for(lambda device=device: mail_of(device)["waiting"] == 0, 10, f"{name}: an empty queue")
        assert len(server.mails) == 1 and server.seen == [*ROUGH[name], "good"], name
        assert mail_of(device)["sent"] == 1, name
        assert "mail can't be sent" in device.log(), name


def test_what_is_refused_for_good_is_given_up(network, devices, ended):
    """550 to all: no second attempt. 550 to one: the others get it. Both are logged, in the server's words."""
    host = network.host("ours")
    server = ended(RoughServer(host, ("refuse", "pick")))
    second = OWNER.but(name="VI_2", vrid=97)
    device = devices(VrrpAgent, host).start(configuration([OWNER, second], settings()))
    wait_for(lambda: server.mails, 20, lambda: device.log())
    wait_for(lambda: mail_of(device)["sent"] == 1, 10, "it is known as sent")
    assert server.seen == ["refuse", "pick"] and len(server.mails) == 1
    mail = mail_of(device)
    assert (mail["refused"], mail["lost"], mail["waiting"]) == (1, 0, 0)
    assert "given up: 550 5.1.1 nobody of that name" in device.log()
    assert "not to everybody, or not as asked: 550 5.1.1" in device.log()


def test_the_queue_survives_check_and_follows_the_configuration(network, devices, ended):
    """No server; check is killed; the configuration names another port: there it is at once, each mail once."""
    host = network.host("ours")
    device = devices(VrrpAgent, host).start(configuration([OWNER], settings()))
    wait_for(lambda: mail_of(device)["attempts_failed"] >= 1, 20, "a failed attempt")
    assert mail_of(device)["waiting"] == 1
    assert "mail does not leave" in device.control("doctor", check=False).stdout
    first = device.role("check")
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: device.role("check") not in (None, first), 20, "the next check process")
    wait_for(lambda: mail_of(device)["waiting"] == 1, 20, "the queue of the former one")
    server = ended(MailServer(host, port=2525))
    device.configure(configuration([OWNER], settings(port=2525)))
    device.reload()
    wait_for(lambda: server.mails, 20, lambda: device.log()[-2000:])
    wait_for(lambda: mail_of(device)["waiting"] == 0, 10, "the end of the queue")
    assert [mail.subject for mail in server.mails] == ["[test] VRRP Instance VI_1 - Entering MASTER state"]
    assert server.mails[0].recipients == ("root@localhost", "second@example.com")


def test_what_waits_is_tried_at_the_end_each_once(network, devices, ended):
    """The first is refused for now: the others leave all the same, when the program ends."""
    host = network.host("ours")
    server = ended(RoughServer(host, 50 * ("later",)))
    more = [OWNER.but(name=f"VI_{number}", vrid=95 + number) for number in (2, 3)]
    device = devices(VrrpAgent, host).start(configuration([OWNER, *more], settings()))
    wait_for(lambda: (mail := mail_of(device))["attempts_failed"] and mail["waiting"] == 3, 20, device.log)
    server.ways[:] = ["later"]
    device.stop()
    log = device.log()
    assert server.seen[-3:] == ["later", "good", "good"] and len(server.mails) == 2, log
    assert "a mail was lost: 451 4.7.1 come back later (1 in all)" in log
    assert "stopping, although 1 mails have not been sent" in log


def test_a_check_process_without_the_power_leaves_mail_to_one_that_has_it(network, devices, ended):
    """As where the check unit can't be had: the agent's sandbox lets nobody become another user."""
    host = network.host("ours")
    server = ended(MailServer(host))
    device = devices(AgentWithUnit, host)
    plain = device.command
    device.command = lambda: ["setpriv", "--bounding-set=-setuid,-setgid", "--inh-caps=-all", *plain()]
    device.start(configuration([OWNER], settings()))
    wait_for(lambda: mail_of(device)["waiting"] == 1, 20, device.log)
    wait_for(lambda: "mail does not leave" in device.control("doctor", check=False).stdout, 10, device.log)
    assert device.log().count("mail can't be sent, and waits: user 65534") == 1 and not server.mails
    unit = ended(device.unit())
    os.kill(device.role("check"), signal.SIGKILL)
    wait_for(lambda: server.mails, 20, lambda: device.log()[-2000:] + unit.log())
    wait_for(lambda: mail_of(device)["attempts_failed"] == 0, 10, device.log)
    assert len(server.mails) == 1


@pytest.fixture
def certificate(folder):
    """(context of a server, file of its certificate)."""
    paths = {name: os.path.join(folder, name) for name in ("cert.pem", "key.pem")}
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "2", "-subj", "/CN=mail.test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                    paths["key.pem"], "-out", paths["cert.pem"]], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(paths["cert.pem"], paths["key.pem"])
    return context, paths["cert.pem"]


@pytest.mark.parametrize("kind", ["required", "implicit"])
def test_tls_and_a_password(network, devices, ended, folder, certificate, kind):
    """To a server that nobody vouches for nothing goes; when its certificate is known, the password is shown to it, and
    to nobody else: not to logs, documents, or files of ours."""
    context, path = certificate
    host = network.host("ours")
    server = ended(MailServer(host, port=587, users={"node": "s3cr3t-w0rd"}, tls=context, implicit=kind == "implicit"))
    secret = os.path.join(folder, "password")
    with open(secret, "w", encoding="ascii") as stream:
        stream.write("s3cr3t-w0rd\n")
    os.chmod(secret, 0o644)
    words = (f"smtp_tls {kind}", "smtp_user node", f"smtp_password_file {secret}")
    device = devices(VrrpAgent, host).start(configuration([OWNER], settings(*words, port=587, timeout=5)))
    wait_for(lambda: "only its owner may read" in device.log(), 20, lambda: device.log())
    os.chmod(secret, 0o600)
    wait_for(lambda: "certificate" in device.log(), 20, lambda: device.log())
    assert not server.mails
    device.configure(configuration([OWNER], settings(*words, f"smtp_tls_ca {path}", port=587, timeout=5)))
    device.reload()
    wait_for(lambda: server.mails, 20, lambda: device.log()[-2000:])
    assert server.mails[0].tls and server.mails[0].user == b"node"
    told_by_us = device.log() + device.control("show", "--json").stdout
    for name in glob.glob(f"{device.run_dir}/**", recursive=True) + glob.glob(f"{device.state_dir}/**", recursive=True):
        if os.path.isfile(name):
            with open(name, encoding="utf-8", errors="replace") as stream:
                told_by_us += stream.read()
    assert "s3cr3t" not in told_by_us
