"""Fields of a declaration beside people that change, and whether that weakens a protection."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel

from tenantry.declaration import GroupSource, Mode, Partner, Purpose, Tenant
from tenantry.reports import review as report
from tenantry.rules.change.ceilings import DEFAULT_COUNT, DEFAULT_SHARE, DEFAULT_TERMINATIONS

Path = tuple[str, ...]
_NONE: Final = "none"
_SEPARATOR: Final = ", "


def tenant_settings(before: Tenant | None, after: Tenant | None) -> tuple[report.Setting, ...]:
    """What changes in a tenant's file beside people, exceptions and what people do."""
    if before is None or after is None:
        return ()
    was, now = dict(_leaves(_settings_of(before, after))), dict(_leaves(_settings_of(after, before)))
    return (*_changes(was, now), *_emergency(before, after), *_ends(before, after))


def partner_settings(before: Partner, after: Partner) -> tuple[report.Setting, ...]:
    """What changes in a partner's file."""
    return tuple(
        item.model_copy(update={"field": f"partner: {item.field}"})
        for item in _changes(dict(_leaves(_dumped(before))), dict(_leaves(_dumped(after))))
    )


def _dumped(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json", exclude_defaults=True)


def _settings_of(tenant: Tenant, other: Tenant) -> dict[str, Any]:
    fields = _dumped(tenant)
    for key in tenant.customers.keys() - other.customers.keys():
        # A customer who comes or goes is one line: what it means for people stands with them.
        one = tenant.customers[key]
        fields["customers"][key] = f"{one.name} ({', '.join(filter(None, (one.domain, one.country))) or one.tenant_id})"
    for name in ("people", "exceptions", "done", "tools"):
        fields.pop(name, None)
    if ftop := fields.get("ftop"):
        ftop.pop("consents", None)
        for customer in ftop.get("customers", {}).values():
            customer.pop("assignments", None)
    return fields


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _leaves(item, (*path, str(name)))
    elif isinstance(value, list):
        yield path, _SEPARATOR.join(sorted(map(str, value))) or _NONE
    elif value is not None:
        yield path, str(value).lower() if isinstance(value, bool) else str(value)


def _changes(was: Mapping[Path, str], now: Mapping[Path, str]) -> tuple[report.Setting, ...]:
    return tuple(
        report.Setting(
            field=".".join(path),
            before=_in_force(path, was),
            after=_in_force(path, now),
            loosens=_loosens(path, was, now),
        )
        for path in sorted(was.keys() | now.keys())
        if was.get(path) != now.get(path)
    )


def _in_force(path: Path, stated: Mapping[Path, str]) -> str | None:
    """What a file says in a field or, of limits, what is in force where it says nothing; None where nothing is."""
    value = stated.get(path)
    if value is not None or path[0] != "limits":
        return value
    match path[-1]:
        case "removal_share":
            return f"{_ceiling(path, stated, DEFAULT_SHARE)} (not stated)"
        case "removal_count":
            return f"{_ceiling(path, stated, DEFAULT_COUNT)} (not stated)"
        case "termination_count":
            return f"{DEFAULT_TERMINATIONS} (not stated)"
    return "0 (not stated)" if path[1] == "minimum_holders" else None


def _emergency(before: Tenant, after: Tenant) -> Iterator[report.Setting]:
    """Emergency accounts that lose that mark, or go."""
    for key, person in before.members.items():
        left = after.members.get(key)
        if person.emergency and not person.leaves and not (left and left.emergency and not left.leaves):
            yield report.Setting(field=f"people.{key}.emergency", before="true", after=None, loosens=True)


def _ends(before: Tenant, after: Tenant) -> Iterator[report.Setting]:
    """Roles of people that would have ended, and end later now or never."""
    now = {person.first_key(key): person for key, person in after.members.items() if not person.leaves}
    for key, person in before.members.items():
        left = now.get(person.first_key(key))
        for role, end in person.until.items() if left else ():
            later = left.until.get(role) if left else None
            if left and role in left.roles and (later is None or later.date > end.date):
                yield report.Setting(
                    field=f"people.{key}.until.{role}",
                    before=str(end.date),
                    after=str(later.date) if later else None,
                    loosens=True,
                )


def _loosens(path: Path, was: Mapping[Path, str], now: Mapping[Path, str]) -> bool:
    """Whether a change of one field protects less than before."""
    before, after = was.get(path), now.get(path)
    match path:
        case ("mode",):
            return before == Mode.AUTHORITATIVE
        case ("paperwork",):
            return after is not None
        case ("identities", _, "until"):
            # Days are written so that they sort.
            return before is not None and after is not None and after > before
        case ("purpose",):
            return Purpose.PARTNER in _names(before) - _names(after)
        case ("limits", "override", *_) | ("allowed_roles", _):
            return after is not None
        case ("limits", *_, "removal_share"):
            return _ceiling(path, now, DEFAULT_SHARE) > _ceiling(path, was, DEFAULT_SHARE)
        case ("limits", *_, "removal_count"):
            return _ceiling(path, now, DEFAULT_COUNT) > _ceiling(path, was, DEFAULT_COUNT)
        case ("limits", "termination_count"):
            return _number(after, DEFAULT_TERMINATIONS) > _number(before, DEFAULT_TERMINATIONS)
        case ("limits", "minimum_holders", _):
            return _number(after, 0) < _number(before, 0)
        case ("limits", "required_holders", _):
            return not _names(before) <= _names(after)
        case ("gdap", "groups", _, "role_assignable"):
            return before == "true"
        case ("agent_groups", "source"):
            return after == GroupSource.CREATE
        case ("agent_groups", "release"):
            return after == "true"
        case ("agent_groups", "ids", _):
            return before is not None
        case _:
            return False


def _names(text: str | None) -> set[str]:
    """The items of a list as a setting has it; nothing for an empty list and for one that is not stated."""
    return set() if text in (None, _NONE) else set(text.split(_SEPARATOR))


def _ceiling(path: Path, stated: Mapping[Path, str], default: int) -> int:
    """A ceiling for one group or role, or for all: what one does not say, the other says for it."""
    everywhere = _number(stated.get(("limits", path[-1])), default)
    return _number(stated.get(path), everywhere)


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None else default
