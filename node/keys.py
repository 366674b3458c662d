"""Typed keys under which the application keeps the parts that handlers share."""

from aiohttp import web

from node.clock import Clock
from node.config import Config
from node.pictures import Pictures
from node.ports import ActorFinder, CalendarFetcher, ListFetcher, WayFinder
from node.services.posts import PostMaker
from node.store.database import Database
from node.urls import Urls

CONFIG = web.AppKey("CONFIG", Config)
CLOCK = web.AppKey("CLOCK", Clock)
URLS = web.AppKey("URLS", Urls)
DATABASE = web.AppKey("DATABASE", Database)
FINDER = web.AppKey("FINDER", ActorFinder)
PICTURES = web.AppKey("PICTURES", Pictures)
CALENDARS = web.AppKey("CALENDARS", CalendarFetcher)
LISTS = web.AppKey("LISTS", ListFetcher)
WAYS = web.AppKey("WAYS", WayFinder)
POSTS = web.AppKey("POSTS", PostMaker)
