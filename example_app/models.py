"""The tables of the example, and its OAuth server."""

from __future__ import annotations

from datetime import date

from flask_login import UserMixin
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from flask_tapauth import TapAuth


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)
tapauth = TapAuth(db=db)


class Customer(db.Model):  # type: ignore[name-defined] # made at run time
    __tablename__ = "customers"
    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 100", "customer_has_a_name"),
        CheckConstraint("email LIKE '_%@_%'", "email_has_an_at_sign"),
        CheckConstraint("length(country) = 2", "country_has_two_letters"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    country: Mapped[str]


class Order(db.Model):  # type: ignore[name-defined] # made at run time
    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("length(number) BETWEEN 1 AND 20", "order_has_a_number"),
        CheckConstraint(
            "status IN ('open', 'paid', 'shipped', 'cancelled')", "status_is_known"
        ),
        CheckConstraint("total >= 0", "total_is_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    ordered_on: Mapped[date] = mapped_column(index=True)
    status: Mapped[str]
    total: Mapped[int]
    """In cents."""


class Person(UserMixin, db.Model):  # type: ignore[name-defined] # as above
    """A person who can sign in."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
