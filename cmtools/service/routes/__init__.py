"""One file a noun. A route reads with `wire`, calls one function, writes with `wire`."""

from __future__ import annotations

from . import health, leases, pictures, records, review_api, reviews, teams

ROUTERS = (
    review_api.router,
    teams.router,
    reviews.router,
    pictures.router,
    leases.router,
    records.router,
    health.router,
)
