"""Sample data, the same on every machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import product
from random import Random

from werkzeug.security import generate_password_hash

from .models import Customer, Order, Person

CUSTOMERS = 80
ORDERS = 400

_FIRST_NAMES = [
    "Ada",
    "Bram",
    "Chen",
    "Dalia",
    "Emeka",
    "Freya",
    "Goran",
    "Hana",
    "Ines",
    "Jonas",
    "Kofi",
    "Lucia",
]
_LAST_NAMES = [
    "Akintola",
    "Berg",
    "Castillo",
    "Dubois",
    "Eriksen",
    "Fontana",
    "Haddad",
    "Ito",
    "Novak",
]
_COUNTRIES = ["DE", "ES", "FR", "IT", "JP", "NG", "NL", "NO", "US"]
_FIRST_DAY = date(2026, 1, 1)
_DAYS = 180


def make_customers() -> Iterator[Customer]:
    random = _seeded()
    names = random.sample([*product(_FIRST_NAMES, _LAST_NAMES)], CUSTOMERS)
    for first, last in names:
        yield Customer(
            name=f"{first} {last}",
            email=f"{first}.{last}@example.com".lower(),
            country=random.choice(_COUNTRIES),
        )


def make_orders(customers: Sequence[Customer]) -> Iterator[Order]:
    """Make orders of these customers, which must have ids."""
    random = _seeded()
    days = sorted(random.randrange(_DAYS) for _ in range(ORDERS))
    for count, day in enumerate(days, start=1):
        is_recent = day > _DAYS - 14
        yield Order(
            number=f"SO-{count:05}",
            customer_id=random.choice(customers).id,
            ordered_on=_FIRST_DAY + timedelta(days=day),
            status=random.choices(
                ["open", "paid", "shipped", "cancelled"],
                [4, 4, 2, 1] if is_recent else [0, 1, 12, 1],
            )[0],
            total=round(random.lognormvariate(9, 0.8)),
        )


PASSWORDS = {"mira@example.com": "tulip-seven", "theo@example.com": "maple-eleven"}
"""The passwords of the people who can sign in. The welcome text shows them."""

OPERATOR = "mira@example.com"
"""Who may use the operators' pages."""


def make_people() -> Iterator[Person]:
    for email, password in PASSWORDS.items():
        name = email.partition("@")[0].title()
        hashed = generate_password_hash(password)
        yield Person(name=name, email=email, password_hash=hashed)


def _seeded() -> Random:
    return Random(3030)  # noqa: S311 - sample data, nothing secret
