"""One file a noun. A route reads with `wire`, calls one function, writes with `wire`."""

from __future__ import annotations

from . import (
    callbacks,
    docs,
    health,
    holds,
    jobs,
    keys,
    leases,
    media,
    moderation,
    opinions,
    people,
    pictures,
    records,
    review_api,
    reviews,
    taggings,
    teams,
    videos,
    workflows,
)

ROUTERS = (
    review_api.router,
    videos.router,
    jobs.router,
    jobs.own_router,
    workflows.router,
    moderation.router,
    taggings.router,
    teams.router,
    reviews.router,
    videos.own_router,
    pictures.router,
    media.router,
    leases.router,
    holds.router,
    opinions.router,
    people.router,
    records.router,
    callbacks.router,
    keys.router,
    health.router,
    docs.router,
)
