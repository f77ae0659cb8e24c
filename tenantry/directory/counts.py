"""`$count` behind the address of a listing: how many objects it has, as a number and nothing else."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from typing import Final

from . import errors, groups, users
from .endpoint import Call, Endpoint

_COUNTED: Final = frozenset(
    {"/users", "/groups", "/groups/{group}/members", "/groups/{group}/owners", "/groups/{group}/transitiveMembers"}
)


def _count_of(listing: Endpoint) -> Endpoint:
    def answer(call: Call) -> int:
        if not call.eventual:
            raise errors.needs_eventual_consistency()
        query = replace(call.query, count=True, after=0)
        listed = listing.answer(replace(call, query=query))
        count = listed["@odata.count"] if isinstance(listed, dict) else None
        if not isinstance(count, int):
            raise TypeError(f"{listing.path} is no listing that counts")
        return count

    # To count takes what to list takes.
    return Endpoint("GET", f"{listing.path}/$count", answer, listing.requires)


ENDPOINTS: Iterable[Endpoint] = tuple(
    _count_of(endpoint)
    for endpoint in chain(users.ENDPOINTS, groups.ENDPOINTS)
    if endpoint.method == "GET" and endpoint.path in _COUNTED
)
