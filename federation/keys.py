"""Typed keys under which the application keeps the parts that only federation's handlers share."""

from aiohttp import web

from federation.client import Client
from federation.clock_watch import ClockWatch
from federation.keypairs import Keypairs
from federation.keyring import Keyring
from federation.resolve import Resolver

CLOCK_WATCH = web.AppKey("CLOCK_WATCH", ClockWatch)
CLIENT = web.AppKey("CLIENT", Client)
KEYPAIRS = web.AppKey("KEYPAIRS", Keypairs)
KEYRING = web.AppKey("KEYRING", Keyring)
RESOLVER = web.AppKey("RESOLVER", Resolver)
