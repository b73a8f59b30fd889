"""Messages between processes over Redis' publish and subscribe."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from ..errors import ConfigError

_CHANNEL: Final = "tapauth"
_TIMEOUT_SECONDS: Final = 0.5
_RECONNECTED: Final = "reconnected"


class RedisTransport:
    """Publishes a message after the transaction of the change is committed.

    :param url: the URL of the Redis, ``redis://`` or ``rediss://``.
    """

    can_lose_messages = True

    def __init__(self, url: str) -> None:
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        self._client: Any = Redis.from_url(
            url,
            socket_timeout=_TIMEOUT_SECONDS,
            socket_connect_timeout=_TIMEOUT_SECONDS,
            # With retries, redis-py subscribes again silently, and the messages
            # that it missed meanwhile go unnoticed.
            retry=Retry(NoBackoff(), 0),
        )
        try:
            self._client.connection_pool.make_connection()
        except Exception:  # redis-py passes the URL's options on without a check
            raise ConfigError(
                "TAPAUTH_CACHE: the URL has an option that redis-py does not know, or "
                "a wrong value of one"
            ) from None

    def check(self, engine: sa.Engine, session: Any) -> None:
        """Redis works beside any database."""

    def subscribe(self, engine: sa.Engine) -> _Subscription:
        return _Subscription(self._client)

    def publish_from_outside(self, engine: sa.Engine, message: str) -> None:
        self.publish_after_commit(message)

    def publish_in_transaction(self, connection: sa.Connection, message: str) -> None:
        """Do nothing: another process would look the token up before the commit, and
        cache the old row again."""

    def publish_after_commit(self, message: str) -> None:
        self._client.publish(_CHANNEL, message)


class _Subscription:
    def __init__(self, client: Any) -> None:
        self._client = client
        self._subscription = client.pubsub()
        try:
            self._subscription.subscribe(_CHANNEL)
            if self._subscription.get_message(timeout=_TIMEOUT_SECONDS) is None:
                raise TimeoutError("Redis does not answer")
        except BaseException:
            self.close()
            raise

    def receive(self, timeout: float) -> list[str]:
        messages = []
        while message := self._subscription.get_message(timeout=timeout):
            timeout = 0
            if message["type"] == "message":
                data = message["data"]  # a str if the URL has decode_responses
                text = data if isinstance(data, str) else data.decode("latin-1")
                messages.append(text)
            else:
                # Redis confirms a new subscription: messages may have been lost. A
                # message that is no key of a token empties the cache.
                messages.append(_RECONNECTED)
        return messages

    def publish(self, message: str) -> None:
        self._client.publish(_CHANNEL, message)

    def interrupt(self) -> None:
        """Do nothing: a call of Redis' client has a timeout."""

    def close(self) -> None:
        self._subscription.close()
