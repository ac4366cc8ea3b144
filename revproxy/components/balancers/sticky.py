"""
C{balancer: sticky}: a client stays with its server, by a cookie.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, Literal, Self

from pydantic import model_validator
from zope.interface import implementer

from revproxy.components.balancers.fallback import WithFallback
from revproxy.components.balancers.seal import CONTENT, LENGTH, Seal
from revproxy.config.components import Balancer
from revproxy.config.secrets import SecretFile, read_secret
from revproxy.config.units import Duration
from revproxy.config.values import HostName, PathPrefix, Token
from revproxy.exchange import Exchange, Response
from revproxy.interfaces import IBalancer, IResponseFilter, IServer
from revproxy.registry import Environment, Settings, component, option
from revproxy.wire.cookies import cookie_attributes, cookies_named, without_cookie
from revproxy.wire.fields import Pair
from revproxy.wire.memo import Memo

COOKIE: Final = b"cookie"

MOST_COOKIES: Final = 4
"""
Of so many cookies of our name in a request the first that is good counts: there may be
one for each path.
"""

MOST_REMEMBERED: Final = 4096
"""
Of so many cookies is remembered what is in them.
"""


class StickySettings(Settings):
    """
    Lets a client stay with its server, by a cookie.
    """

    cookie: Token = option("sticky", "The cookie's name; two upstreams of one site need different ones.")
    secret: SecretFile | None = option(
        None,
        "A file with at least 32 octets, such as openssl rand -hex 32 writes it, which cookies are sealed"
        " with: the same for all workers; null for a secret of this process, which ends with it.",
    )
    path: PathPrefix = option("/", "Where clients send the cookie: this path and what is below it.")
    domain: HostName | None = option(None, "To which hosts: all below this one; null for the one alone.")
    secure: Literal["auto"] | bool = option(
        "auto", "Whether it is for TLS alone; auto: where the request that it answers came by TLS."
    )
    http_only: bool = option(True, "Whether scripts cannot see it.")
    same_site: Literal["strict", "lax", "none"] | None = option(
        "lax", "With which requests from other sites it is sent; null says nothing of that."
    )
    max_age: Duration | None = option(
        None, "How long it is kept; after that the client gets a server anew.  null: until the browser ends."
    )
    fallback: Balancer = option("round-robin", "The balancer for who has no cookie, or one that is no use.")

    @model_validator(mode="after")
    def _refuse_what_browsers_drop(self) -> Self:
        if self.cookie.startswith((b"__Host-", b"__Secure-")) and self.secure is not True:
            raise ValueError(f"{self.cookie.decode()} is dropped by browsers without secure: true")
        if self.cookie.startswith(b"__Host-") and (self.path != b"/" or self.domain is not None):
            raise ValueError(f"{self.cookie.decode()} is dropped by browsers with a path or a domain")
        if self.same_site == "none" and self.secure is not True:
            raise ValueError("same_site: none is dropped by browsers without secure: true")
        if b";" in self.path:
            raise ValueError("a cookie's path cannot hold a semicolon")
        return self


@implementer(IBalancer, IResponseFilter)
class Sticky(WithFallback):
    """
    Takes the server that a client's cookie names.  Who has no cookie of ours, or whose
    server is not to be had, gets one by the fallback, and a cookie for it with the
    response.

    A cookie holds a digest of the server's name, sealed: it tells nothing, and two for
    the same server look unrelated.  It is taken out of what goes to the upstream.

    @ivar _named: the candidates by the digests of their names.
    @ivar _digests: these digests by the names.
    @ivar _memo: what is in cookies that came before.
    """

    def __init__(
        self,
        fallback: IBalancer,
        seal: Seal,
        cookie: bytes = b"sticky",
        attributes: bytes = b"",
        secure: bool | None = None,
    ) -> None:
        """
        @param attributes: see L{cookie_attributes}; all but C{Secure}.
        @param secure: whether there is that, too; C{None} where the request came by TLS.
        """
        super().__init__(fallback)
        self._seal = seal
        self._cookie = cookie
        self._attributes = attributes
        self._secure = secure
        self._candidates: Sequence[IServer] = ()
        self._named: dict[bytes, IServer] = {}
        self._digests: dict[str, bytes] = {}
        self._memo = Memo(MOST_REMEMBERED)

    def pick(self, candidates: Sequence[IServer], exchange: Exchange) -> IServer:
        """
        Implement L{IBalancer.pick}.
        """
        if candidates is not self._candidates:
            self._change(candidates)
        tokens = self._tokens(exchange)
        if tokens:
            self._hide(exchange)
            for token in tokens:
                server = self._named.get(self._opened(token))
                if server is not None:
                    exchange.why.append("sticky: the server of the client's cookie")
                    return server
            exchange.why.append("sticky: the client's cookie is for none of these servers")
        return self.fallback.pick(candidates, exchange)

    def filter_response(self, exchange: Exchange, response: Response) -> None:
        """
        Implement L{IResponseFilter.filter_response}: give the client a cookie for the server
        that answered, unless it has one.
        """
        name = exchange.server
        if name is None:
            return
        digest = self._digests.get(name) or _digest(name)
        if any(self._opened(token) == digest for token in self._tokens(exchange)):
            return
        secure = exchange.request.scheme == b"https" if self._secure is None else self._secure
        value = b"%b=%b%b%b" % (
            self._cookie,
            self._seal.seal(digest),
            self._attributes,
            b"; Secure" if secure else b"",
        )
        response.fields.add(b"set-cookie", value)

    def _tokens(self, exchange: Exchange) -> list[bytes]:
        """
        @return: what the client sent as our cookie.
        """
        values = exchange.request.fields.get_all(COOKIE)
        return cookies_named(values, self._cookie)[:MOST_COOKIES] if values else values

    def _opened(self, token: bytes) -> bytes:
        """
        @return: the digest of the server's name; empty where the cookie is none of ours.
        """
        if len(token) != LENGTH:
            return b""
        known: bytes | None = self._memo.known.get(token)
        if known is None:
            known = self._seal.open(token) or b""
            self._memo.add(token, known)
        return known

    def _hide(self, exchange: Exchange) -> None:
        """
        Take our cookie out of what goes to the upstream.
        """
        fields, cookie = exchange.outbound.fields, self._cookie
        hidden: list[Pair] = [
            (name, without_cookie(value, cookie) if name == COOKIE and cookie in value else value)
            for name, value in fields
        ]
        fields[:] = [pair for pair in hidden if pair[0] != COOKIE or pair[1]]

    def _change(self, candidates: Sequence[IServer]) -> None:
        """
        Go on with other servers.
        """
        before = self._digests
        self._digests = {
            server.name: before.get(server.name) or _digest(server.name) for server in candidates
        }
        self._named = {self._digests[server.name]: server for server in candidates}
        self._candidates = candidates


def _digest(name: str) -> bytes:
    return blake2b(name.encode(), digest_size=CONTENT).digest()


@component(StickySettings)
def sticky(settings: StickySettings, environment: Environment) -> Sticky:
    """
    Make the balancer of one upstream.
    """
    secret = environment.secret if settings.secret is None else read_secret(settings.secret)
    attributes = cookie_attributes(
        settings.path,
        None if settings.domain is None else settings.domain.encode(),
        None if settings.max_age is None else max(1, round(settings.max_age)),
        None if settings.same_site is None else settings.same_site.capitalize().encode(),
        settings.http_only,
    )
    return Sticky(
        environment.build(IBalancer, settings.fallback),
        Seal(secret, settings.cookie),
        settings.cookie,
        attributes,
        None if settings.secure == "auto" else settings.secure,
    )
