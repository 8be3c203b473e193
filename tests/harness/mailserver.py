# SPDX-License-Identifier: ISC
"""Mail servers in a host's namespace: a real one (aiosmtpd), and one that misbehaves as it is told."""

import asyncio
import socket
import threading
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header

from .namespace import inside


@dataclass
class Mail:
    """One that was taken: how it came, and what it holds."""

    sender: str
    recipients: tuple
    content: bytes
    client: str = ""
    tls: bool = False
    user: bytes = b""

    @property
    def headers(self):
        """As they stand on the wire, unfolded."""
        return {name: value.replace("\r\n", "") for name, value in message_from_bytes(self.content).items()}

    @property
    def subject(self):
        return str(make_header(decode_header(self.headers["Subject"])))

    @property
    def body(self):
        return self.content.partition(b"\r\n\r\n")[2]


def _listen(host, address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return inside(host.namespace, lambda: socket.create_server((address, port), family=family))


class MailServer:
    """aiosmtpd on a host. `users`: {name: password} who must log in; tls: an SSL context for STARTTLS, or from the
    first octet on with implicit."""

    def __init__(self, host, address="127.0.0.1", port=25, users=None, tls=None, implicit=False):
        from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

        self.mails = []
        self._implicit = implicit
        options = {"hostname": "mail.test", "timeout": 60}
        if tls and not implicit:
            options.update(tls_context=tls, require_starttls=True)
        if users:
            def judge(_server, session, _envelope, _mechanism, data):
                good = isinstance(data, LoginPassword) and users.get(data.login.decode()) == data.password.decode()
                session.user = data.login
                return AuthResult(success=good, handled=False)

            options.update(authenticator=judge, auth_required=True, auth_require_tls=not implicit)
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(self._loop.create_server(
            lambda: SMTP(self, loop=self._loop, **options), sock=_listen(host, address, port),
            ssl=tls if implicit else None))
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    async def handle_DATA(self, _server, session, envelope):  # pylint: disable=invalid-name
        self.mails.append(Mail(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.original_content,
                               session.host_name, session.ssl is not None or self._implicit, getattr(session, "user", b"")))
        return "250 OK"

    def close(self):
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()


class RoughServer:
    """Treats its first connections as `ways` says, one after the other, and all others well.

    hang: says nothing; drip: an octet of the greeting every 0.3 s, for ever; drop: closes at once; garbage: octets that
    are no SMTP; later, refuse: says 451 or 550 to each recipient; pick: 550 to the first recipient only.
    """

    REPLIES = {"later": b"451 4.7.1 come back later\r\n", "refuse": b"550 5.1.1 nobody of that name\r\n"}

    def __init__(self, host, ways=(), address="127.0.0.1", port=25):
        self.ways = list(ways)
        self.seen = []
        self.mails = []
        self._socket = _listen(host, address, port)
        self._closed = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while not self._closed.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            way = self.ways.pop(0) if self.ways else "good"
            self.seen.append(way)
            threading.Thread(target=self._serve, args=(connection, way), daemon=True).start()

    def _serve(self, connection, way):
        with connection:
            try:
                if way == "hang":
                    self._closed.wait()
                elif way == "drip":
                    while not self._closed.wait(0.3):
                        connection.sendall(b"2")
                elif way == "garbage":
                    connection.sendall(bytes(range(256)) * 64 + b"\r\n\r\n\x00\xff\r\n")
                    connection.recv(65536)
                elif way != "drop":
                    self._talk(connection, way)
            except OSError:
                pass

    def _talk(self, connection, way):
        stream = connection.makefile("rb")
        connection.sendall(b"220 rough ESMTP\r\n")
        sender, recipients = "", []
        for line in stream:
            reply = b"250 ok\r\n"
            if line.startswith(b"MAIL"):
                sender = line.partition(b"<")[2].partition(b">")[0].decode()
            elif line.startswith(b"RCPT"):
                first = not recipients
                recipients.append(line.partition(b"<")[2].partition(b">")[0].decode())
                reply = self.REPLIES["refuse"] if way == "pick" and first else self.REPLIES.get(way, reply)
            elif line.startswith(b"DATA"):
                connection.sendall(b"354 go on\r\n")
                content = b"".join(iter(stream.readline, b".\r\n"))
                self.mails.append(Mail(sender, tuple(recipients), content))
            elif line.startswith(b"QUIT"):
                connection.sendall(b"221 bye\r\n")
                return
            connection.sendall(reply)

    def close(self):
        self._closed.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
