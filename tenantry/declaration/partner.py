"""The fields of a partner's file, ``partner.yaml``."""

from pydantic import Field

from tenantry.declaration.base import Model, optional
from tenantry.declaration.fields import Address, Country, Day, DomainName, Keys, Name, PartnerId


class PostalAddress(Model):
    """A business address."""

    street: Name = Field(description="Street and number, with unit or floor.", examples=["4567 Main Street"])
    city: Name = Field(description="City, with state or province where the country has them.", examples=["Redmond"])
    postal_code: Name = Field(description="Postal code, in quotes where it is a number.", examples=["98052"])
    country: Country = Field(description="The address's country, by its two letters (ISO 3166-1).")


class Registration(Model):
    """Where a business is registered."""

    registry: Name = Field(description="The register that Microsoft can look up.", examples=["Washington SOS"])
    number: Name = Field(description="The number that the business has there.", examples=["604 123 456"])


class Legal(Model):
    """The organisation as business registers have it."""

    name: Name = Field(description="Legal business name, exactly as registered.", examples=["Contoso Inc."])
    address: PostalAddress = Field(description="The business address, exactly as registered.")
    transliterated_address: PostalAddress | None = optional(
        "The address in Western European characters, where the register has others."
    )
    phone: Name | None = optional("Business telephone.", "+1 425 555 0100")
    registered_as: Registration | None = optional("The register that has the business, and its number there.")
    checked_on: Day | None = optional("When somebody last compared all this with the register.")


class Contact(Model):
    """The primary contact for program enrolment."""

    name: Name = Field(description="Full name of the person.", examples=["Ada Nakamura"])
    email: Address = Field(description="Business address of one person, which receives verification codes.")
    phone: Name | None = optional("Their telephone.", "+1 425 555 0101")
    email_verified_on: Day | None = optional("When a code that was sent there was entered.")


class Headquarters(Model):
    """Where the organisation is at home."""

    country: Country = Field(description="The country of the corporate headquarters (ISO 3166-1).")
    domain: DomainName = Field(description="The domain of the corporate headquarters, such as contoso.com.")


class Agreement(Model):
    """The Microsoft Partner Agreement: when it was accepted and who signed."""

    accepted_on: Day = Field(description="The day on which the agreement was accepted.")
    by: Name = Field(description="Who accepted it: a person with authority to sign.", examples=["Ada Nakamura"])


class Partner(Model):
    """A partner's file, ``partner.yaml``."""

    name: Name = Field(
        description="The organisation's name, as people say it.", examples=["Contoso Deployment Services"]
    )
    legal: Legal | None = optional("Name and address, as registered.")
    contact: Contact | None = optional("Whom Microsoft writes to about enrolment.")
    partner_id: PartnerId | None = optional("The global partner (MPN) id, in quotes.", "4827315")
    headquarters: Headquarters | None = optional("Country and domain of the corporate headquarters.")
    agreement: Agreement | None = optional("The Microsoft Partner Agreement, once accepted.")
    account_verified_on: Day | None = optional("When Microsoft verified the account in Partner Center.")
    tenants: Keys = Field(
        min_length=1,
        description="Its tenants, own-use ones among them: tenants/<name>.yaml each.",
        examples=[["own-use", "us"]],
    )
