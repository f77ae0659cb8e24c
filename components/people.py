"""The people of a tenant: accounts made here. Adopted people are referred to by object id and never written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_azuread as azuread

from tenantry.declaration import Person, PersonState
from tenantry.passwords import temporary_password

HOW_TO_SET_IT: Final = 'Set it: pulumi config set --secret tenantry:passwordSecret "$(openssl rand -base64 33)"'

#: Every property of an account that no declaration states: it belongs to those who edit it. A test compares this with
#: the installed provider.
UNDECLARED: Final = (
    "age_group",
    "business_phones",
    "city",
    "company_name",
    "consent_provided_for_minor",
    "cost_center",
    "country",
    "department",
    "disable_password_expiration",
    "disable_strong_password",
    "division",
    "employee_hire_date",
    "employee_id",
    "employee_type",
    "fax_number",
    "given_name",
    "job_title",
    "mail_nickname",
    "manager_id",
    "mobile_phone",
    "office_location",
    "onpremises_immutable_id",
    "other_mails",
    "postal_code",
    "preferred_language",
    "show_in_address_list",
    "state",
    "street_address",
    "surname",
    "usage_location",
)


@dataclass(frozen=True)
class PeopleArgs:
    """What accounts are made from."""

    tenant_id: str
    people: Mapping[str, Person]
    """Those whose accounts are made here, by key."""
    password_secret: pulumi.Input[str]
    """The stack's secret, from which the temporary passwords are derived."""


class People(pulumi.ComponentResource):
    """An account for each person, with a temporary password that must be changed at the first sign-in (rule PT-307).

    What the declaration does not state is never written: what others edit stays. An account is protected until its
    person leaves; an emergency account is protected and retained always.
    """

    object_ids: Mapping[str, pulumi.Output[str]]
    """The accounts' object ids, by key."""
    passwords: pulumi.Output[dict[str, str]]
    """The temporary passwords as the provider set them, by key: a secret."""

    def __init__(self, name: str, args: PeopleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tenantry:index:People", name, None, opts)
        # Once, and not once a person: each output of a large tenant costs memory until the program ends.
        secret = pulumi.Output.secret(args.password_secret)
        users = {key: self._user(name, key, person, args.tenant_id, secret) for key, person in args.people.items()}
        self.object_ids = {key: user.object_id for key, user in users.items()}
        passwords = pulumi.Output.all(**{key: user.password for key, user in users.items()})
        self.passwords = pulumi.Output.secret(passwords.apply(_as_texts))
        # What the next run compares with, by first key. It waits for no account, so that the state has it after an
        # update that failed halfway: nobody knows then which passwords were set, and rounds only go up.
        people = {person.first_key(key): person for key, person in args.people.items()}
        self.register_outputs(
            {
                "emergency": {key: person.emergency for key, person in people.items()},
                "password_round": {key: person.password_round or 1 for key, person in people.items()},
            }
        )

    def _user(self, name: str, key: str, person: Person, tenant_id: str, secret: pulumi.Output[str]) -> azuread.User:
        # Who is given another key keeps account and password.
        first_key = person.first_key(key)
        password = secret.apply(lambda known: _password(known, tenant_id, first_key, person.password_round or 1))
        managed_elsewhere = [
            *UNDECLARED,
            *(["mail"] if person.email is None else []),
            *([] if person.says_who_may_sign_in else ["account_enabled"]),
        ]
        return azuread.User(
            f"{name}-{first_key}",
            user_principal_name=person.upn,
            display_name=person.full_name,
            mail=person.email,
            account_enabled=person.state is PersonState.PRESENT if person.says_who_may_sign_in else None,
            password=password,
            force_password_change=True,
            opts=pulumi.ResourceOptions(
                parent=self,
                # Whatever changes in the program, nobody who works here is deleted: first they are a leaver.
                protect=person.emergency or not person.leaves,
                retain_on_delete=person.emergency,
                ignore_changes=managed_elsewhere,
                additional_secret_outputs=["password"],
            ),
        )


def _as_texts(passwords: Mapping[str, str | None]) -> dict[str, str]:
    return {key: password or "" for key, password in passwords.items()}


def _password(secret: str, tenant_id: str, key: str, password_round: int) -> str:
    try:
        return temporary_password(secret, tenant_id, key, password_round)
    except ValueError as error:
        raise pulumi.RunError(f"The temporary passwords cannot be derived: {error}. {HOW_TO_SET_IT}") from None
