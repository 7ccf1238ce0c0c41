#!/usr/bin/python3
"""A mail server on this machine for tests, on Debian's aiosmtpd: keeps what it takes as files, speaks STARTTLS and demands a password where told to.

    smtp.py FOLDER [CERTIFICATE KEY USER PASSWORD]

Prints its port, and runs until its standard input ends.
"""
import asyncio, os, ssl, sys

from aiosmtpd.smtp import SMTP, AuthResult


class Keeper:
    def __init__(self, folder):
        self.folder, self.count = folder, 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("inconnu@"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        unfinished = os.path.join(self.folder, "unfinished")
        with open(unfinished, "wb") as file:
            file.write(envelope.original_content)
        os.rename(unfinished, os.path.join(self.folder, f"{self.count:03d}.eml"))
        return "250 kept"


class AnyCase(SMTP):
    async def smtp_AUTH(self, arg):
        # The framework's client writes the mechanism in small letters, which other servers take and this one does not.
        name, _, rest = (arg or "").partition(" ")
        await super().smtp_AUTH(f"{name.upper()} {rest}".strip())


def protocol(folder, certificate=None, key=None, user=None, password=None):
    keeper, demands = Keeper(folder), {}
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        right = lambda server, session, envelope, mechanism, given: AuthResult(success=(given.login, given.password) == (user.encode(), password.encode()))
        demands = dict(tls_context=context, require_starttls=True, auth_required=True, authenticator=right)
    return lambda: AnyCase(keeper, hostname="localhost", **demands)


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol(*sys.argv[1:]), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
