"""A person whose account is made here. Adopted people are referred to by object id and never written."""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_azuread as azuread

from tenantry.declaration import Person, PersonState
from tenantry.passwords import temporary_password

HOW_TO_SET_IT: Final = 'Set it: pulumi config set --secret tenantry:passwordSecret "$(openssl rand -base64 33)"'

#: Every property of an account that no declaration states: it belongs to whoever edits it. A test compares this with
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
class PartnerUserArgs:
    """What an account is made from."""

    key: str
    """The person's first key in the declaration: who is given another one keeps account and password."""
    person: Person
    tenant_id: str
    password_secret: pulumi.Input[str]
    """The stack's secret, from which the temporary password is derived."""


class PartnerUser(pulumi.ComponentResource):
    """An account with a temporary password that must be changed at the first sign-in (rule PT-307).

    What the declaration does not state is never written: what others edit stays. The account is protected until its
    person leaves; an emergency account is protected and retained always.
    """

    object_id: pulumi.Output[str]
    password: pulumi.Output[str]
    """The account's temporary password as the provider set it: a secret."""

    def __init__(self, name: str, args: PartnerUserArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tenantry:index:PartnerUser", name, None, opts)
        person = args.person
        password = pulumi.Output.secret(args.password_secret).apply(
            lambda secret: _password(secret, args.tenant_id, args.key, person.password_round or 1)
        )
        managed_elsewhere = [
            *UNDECLARED,
            *(["mail"] if person.email is None else []),
            *([] if person.says_who_may_sign_in else ["account_enabled"]),
        ]
        user = azuread.User(
            name,
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
        self.object_id = user.object_id
        self.password = pulumi.Output.secret(user.password.apply(lambda value: value or ""))
        self.register_outputs(
            {
                "object_id": self.object_id,
                "upn": user.user_principal_name,
                "emergency": person.emergency,
                # What the next run compares with: rounds only go up. Known to the state once the password is set.
                "password_round": user.object_id.apply(lambda _: person.password_round or 1),
            }
        )


def _password(secret: str, tenant_id: str, key: str, password_round: int) -> str:
    try:
        return temporary_password(secret, tenant_id, key, password_round)
    except ValueError as error:
        raise pulumi.RunError(f"The temporary passwords cannot be derived: {error}. {HOW_TO_SET_IT}") from None
