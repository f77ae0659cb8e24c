"""What each rule that can be judged on a declaration finds: exit code 1 where it blocks, 0 where it advises."""

from tests.bad.builder import OWN, PARTNER, US, Case, Edit, Write, case

_AT = "@acme-partner.onmicrosoft.com"
_MODE = "mode: authoritative\n"
_CSP = 'programs: {CSP: {enrolled_on: 2025-02-17, location_id: "5120344"}}'
_DORAS_MAIL = "email: dora.lake@acme.example"
_CONTACTS_MAIL = "email: ada.moss@acme.example"
_DORAS_UPN = f"upn: dora.lake{_AT}"
_BRUNO = "email: bruno.vale@acme.example, roles: [Global admin]"
_RESCUE_2 = f"upn: rescue-2{_AT}, roles: [Global admin], emergency: true"
_CONTACT = (
    "contact: {name: Ada Moss, email: ada.moss@acme.example, phone: +1 425 555 0101, email_verified_on: 2026-09-14}\n"
)
#: Where a message about all people points.
_AT_PEOPLE = Edit(US, "  ada: {", "  §ada: {")
_OWN_DOMAIN = Edit(
    US,
    "{initial: acme-partner.onmicrosoft.com}",
    "{initial: acme-partner.onmicrosoft.com, verified: [partner.acme.example]}",
)


def finds(
    name: str,
    rule: str,
    old: str,
    new: str,
    *more: str,
    file: str = US,
    changes: tuple[Edit, ...] = (),
    exit_code: int = 1,
) -> Case:
    """A change of a file, and the ids of the rules that it breaks."""
    return case(name, Edit(file, old, new), *changes, says=(rule, *more), exit_code=exit_code)


def advises(
    name: str, rule: str, old: str, new: str, *more: str, file: str = US, changes: tuple[Edit, ...] = ()
) -> Case:
    """As :func:`finds`, of rules that advise."""
    return finds(name, rule, old, new, *more, file=file, changes=changes, exit_code=0)


UK = "tenants/uk.yaml"


def uk(text: str, *edits: Edit) -> tuple[Write, Edit, *tuple[Edit, ...]]:
    """A further tenant, for what only several together show."""
    return (Write(UK, text), Edit(PARTNER, "[own, us]", "[own, uk, us]"), *edits)


_UK = """\
id: 91d5f0b7-6f4b-4b59-8f0c-6e0a7c1d2f02
name: Acme Europe
country: GB
purpose: [partner]
serves: [GB]
programs: {MAICPP: {enrolled_on: 2025-02-17}}
domains: {initial: acme-europe.onmicrosoft.com}
mode: authoritative
people:
  hal: {full_name: Hal Ash, upn: hal.ash@acme-europe.onmicrosoft.com, email: hal.ash@acme.example, \
roles: [Global admin]}
  ida: {full_name: Ida Bell, upn: ida.bell@acme-europe.onmicrosoft.com, email: ida.bell@acme.example, \
roles: [Global admin]}
  rescue-1: {full_name: Emergency access 1, upn: rescue-1@acme-europe.onmicrosoft.com, \
roles: [Global admin], emergency: true}
  rescue-2: {full_name: Emergency access 2, upn: rescue-2@acme-europe.onmicrosoft.com, \
roles: [Global admin], emergency: true}
"""


def exemption(rule: str, of: str, granted: str = "2026-06-01", expires: str = "2027-05-01") -> str:
    return (
        f"{_MODE}exceptions:\n  x:\n    rule: {rule}\n    object: {of}\n    reason: it is so\n    owner: Ada Moss\n"
        f"    granted_on: {granted}\n    expires_on: {expires}\n"
    )


#: Without CSP an agent role opens no FTOP, which PT-109 would say too.
_AN_ADMIN_IN_FTOP = Edit(US, "{carla: [FastTrack Engineer]}", "{gus: [FastTrack Engineer]}")

RULE_CASES = (
    finds("PT-106-guest", "PT-106", _DORAS_UPN, f"upn: §dora_lake.example#EXT#{_AT}"),
    finds(
        "PT-109-ftop-user-without-a-role-of-table-1",
        "PT-109",
        "roles: [Sales agent]}\n",
        "roles: [Sales agent]}\n  erik: {full_name: Erik Holm, upn: erik.holm@acme-partner.onmicrosoft.com, "
        "email: erik.holm@acme.example, roles: [], company_roles: [Support request admin]}\n",
        changes=(
            Edit(US, "{carla: [FastTrack Engineer]}", "{carla: [FastTrack Engineer], erik: §[FastTrack Engineer]}"),
        ),
    ),
    finds(
        "PT-109-ftop-user-who-is-an-emergency-account",
        "PT-109",
        "{carla: [FastTrack Engineer]}",
        "{carla: [FastTrack Engineer], rescue-1: §[FastTrack Engineer]}",
    ),
    advises(
        "PT-102-global-admin-kept-out-of-the-group",
        "PT-102",
        _BRUNO,
        f"{_BRUNO}, without: {{AdminAgents: §{{reason: Tenant only, owner: Ada Moss, decided_on: 2026-06-01, "
        "until: 2027-05-31}}",
    ),
    finds("PT-201-one-administrator", "PT-201", _BRUNO, _BRUNO.replace("Global", "Billing"), changes=(_AT_PEOPLE,)),
    finds(
        "PT-201-nobody",
        "PT-201",
        _BRUNO,
        _BRUNO.replace("Global", "Billing"),
        "PT-501",
        changes=(
            Edit(US, "roles: [Global admin], adopted", "roles: [Billing admin], adopted"),
            _AT_PEOPLE,
            Edit(US, "by: ada", "by: §ada"),
        ),
    ),
    finds(
        "PT-201-one-who-cannot-sign-in",
        "PT-201",
        _BRUNO,
        f"{_BRUNO}, state: disabled",
        changes=(_AT_PEOPLE,),
    ),
    advises(
        "PT-202-five-global-administrators",
        "PT-202",
        "[User management admin]",
        "[Global admin]",
        changes=(_AT_PEOPLE,),
    ),
    advises(
        "PT-203-one-emergency-account",
        "PT-203",
        f"  rescue-2: {{full_name: Emergency access 2, {_RESCUE_2}}}\n",
        "",
        changes=(_AT_PEOPLE,),
    ),
    finds(
        "PT-203-emergency-account-without-its-role",
        "PT-203",
        _RESCUE_2,
        _RESCUE_2.replace("[Global admin]", "§[]"),
        "PT-311",
    ),
    advises("PT-203-emergency-account-that-is-disabled", "PT-203", _RESCUE_2, f"{_RESCUE_2}, state: §disabled"),
    advises(
        "PT-203-emergency-account-in-a-domain-of-ones-own",
        "PT-203",
        f"upn: rescue-2{_AT}",
        "upn: §rescue-2@partner.acme.example",
        changes=(_OWN_DOMAIN,),
    ),
    advises(
        "PT-207-a-role-that-ends-soon",
        "PT-207",
        "[User management admin]",
        "[User management admin], until: {User management admin: §{date: 2026-12-01, reason: Migration}}",
    ),
    advises(
        "PT-107-a-declared-identity",
        "PT-107",
        _MODE,
        f"{_MODE}identities: {{bridge: {{object_id: 0f7a1f5e-31f6-4b0e-8a53-0c8f3d1b7c21, name: Bridge, "
        "groups: §[AdminAgents], owner: Ada Moss, reason: No GDAP yet, decided_on: 2026-06-01, until: 2027-05-31}}\n",
    ),
    finds("PT-204-below-the-floor", "PT-204", _MODE, f"{_MODE}limits: {{minimum_holders: {{AdminAgents: §9}}}}\n"),
    finds(
        "PT-204-required-and-without-the-role",
        "PT-204",
        _MODE,
        f"{_MODE}limits: {{required_holders: {{AdminAgents: [ada, §dora]}}}}\n",
    ),
    finds(
        "PT-204-required-and-not-there",
        "PT-204",
        _MODE,
        f"{_MODE}limits: {{required_holders: {{AdminAgents: [§zoe]}}}}\n",
    ),
    finds("PT-301-personal", "PT-301", _DORAS_MAIL, "email: §dora.lake@gmail.com"),
    finds("PT-301-personal-below", "PT-301", _DORAS_MAIL, "email: §dora.lake@mail.hotmail.co.uk"),
    finds("PT-301-personal-contact", "PT-301", _CONTACTS_MAIL, "email: §ada.moss@outlook.com", file=PARTNER),
    finds("PT-302-disposable", "PT-302", _DORAS_MAIL, "email: §dora.lake@mailinator.com"),
    finds("PT-303-info", "PT-303", _DORAS_MAIL, "email: §info@acme.example"),
    finds("PT-303-admin-with-a-tag", "PT-303", _DORAS_MAIL, "email: §Admin+dora@acme.example"),
    advises("PT-303-of-our-longer-list", "PT-303", _DORAS_MAIL, "email: §billing@acme.example"),
    advises("PT-303-sign-in-name", "PT-303", _DORAS_UPN, f"upn: §sales{_AT}"),
    finds("PT-304-mail-of-two", "PT-304", _DORAS_MAIL, "email: §Carla.Wood@ACME.example"),
    finds("PT-304-upn-of-two", "PT-304", _DORAS_UPN, f"upn: §CARLA.wood{_AT}"),
    finds("PT-305-foreign-domain", "PT-305", _DORAS_UPN, "upn: §dora.lake@elsewhere.onmicrosoft.com"),
    finds("PT-305-illegal-character", "PT-305", _DORAS_UPN, f"upn: §dora/lake{_AT}"),
    finds("PT-305-letter-of-another-script", "PT-305", _DORAS_UPN, f"upn: §dоra.lake{_AT}"),
    finds("PT-305-too-long", "PT-305", _DORAS_UPN, f"upn: §{'d' * 65}{_AT}"),
    advises("PT-306-regional-domain", "PT-306", _DORAS_MAIL, "email: §dora.lake@acme.co.uk"),
    finds("PT-308-address-in-another-script", "PT-308", "city: Redmond", "city: §Редмонд", file=PARTNER),
    advises("PT-308-address-with-other-letters", "PT-308", "city: Redmond", "city: §Łódź", file=PARTNER),
    advises("PT-308-name-in-another-script", "PT-308", "name: Acme Inc.", "name: §Ακμή Inc.", file=PARTNER),
    finds(
        "PT-308-transliteration-in-another-script",
        "PT-308",
        "country: US}\n",
        "country: US}\n  transliterated_address: "
        '{street: 1 Main Street, city: §Редмонд, postal_code: "98052", country: US}\n',
        file=PARTNER,
    ),
    advises(
        "PT-310-upn-beside-the-mail", "PT-310", _DORAS_UPN, "upn: §d.lake@partner.acme.example", changes=(_OWN_DOMAIN,)
    ),
    finds("PT-311-nobody-in-particular", "PT-311", "roles: [Sales agent]", "roles: §[]"),
    finds(
        "PT-312-synchronised-with-a-role",
        "PT-312",
        "[Global admin], adopted",
        "§[Global admin], synchronised: true, adopted",
    ),
    finds("PT-312-synchronised-and-written", "PT-312", "[Sales agent]", "[Sales agent], synchronised: §true"),
    advises(
        "PT-313-contained-in-global-admin", "PT-313", "[Global admin], adopted", "[Global admin, §Admin agent], adopted"
    ),
    advises("PT-313-contained-in-admin-agent", "PT-313", "[Admin agent]", "[§Sales agent, Admin agent]"),
    finds("PT-314-no-mailbox", "PT-314", _DORAS_MAIL, "email: §dora..lake@acme.example"),
    advises(
        "PT-314-contact-not-verified",
        "PT-314",
        ", email_verified_on: 2026-09-14}",
        "}",
        "PT-314",
        file=PARTNER,
        changes=(
            Edit(PARTNER, "contact: {", "contact: §{"),
            Edit(US, "email_verified_on: 2026-09-14, ", ""),
            Edit(US, "  ada: {", "  ada: §{"),
        ),
    ),
    advises("PT-401-both-purposes", "PT-401", "[partner]", "§[partner, own use]"),
    finds(
        "PT-402-both-enrolments",
        "PT-402",
        _CSP,
        'programs: {CSP: {enrolled_on: 2025-02-17, location_id: "5120344"}, MAICPP: §{enrolled_on: 2025-02-17}}',
    ),
    advises("PT-403-country-of-another-area", "PT-403", "serves: [US]", "serves: [US, §JP]"),
    case(
        "PT-403-country-and-program-twice",
        *uk(_UK.replace("MAICPP", "CSP"), Edit(US, "serves: [US]", "serves: §[US, §GB]")),
        says=("PT-403", "PT-403"),
        exit_code=0,
    ),
    case(
        "PT-405-account-in-two-tenants",
        *uk(_UK.replace("email: hal.ash", "adopted: 3b6c5a0e-8f5d-4c8f-9a3e-4a6a1a6d7e01, email: hal.ash")),
        Edit(US, "adopted: ", "adopted: §"),
        says=("PT-405",),
    ),
    case(
        "PT-405-guest-of-another-tenant",
        *uk(_UK),
        Edit(US, _DORAS_UPN, f"upn: §dora_acme-europe.onmicrosoft.com#EXT#{_AT}"),
        says=("PT-106", "PT-405"),
    ),
    finds(
        "PT-406-agreement-missing", "PT-406", "agreement: {accepted_on: 2025-02-03, by: Ada Moss}\n", "", file=PARTNER
    ),
    finds("PT-406-verification-missing", "PT-406", "account_verified_on: 2025-02-10\n", "", file=PARTNER),
    finds(
        "PT-406-acceptance-in-the-future", "PT-406", "accepted_on: 2025-02-03", "accepted_on: §2031-02-03", file=PARTNER
    ),
    finds(
        "PT-406-enrolment-missing",
        "PT-406",
        f"{_CSP}\n",
        "",
        "PT-407",
        "PT-407",
        changes=(
            Edit(US, "id: 6f", "§id: 6f"),
            Edit(US, "[Admin agent]", "§[Admin agent]"),
            Edit(US, "[Sales agent]", "§[Sales agent]"),
            _AN_ADMIN_IN_FTOP,
        ),
    ),
    advises(
        "PT-406-designation-missing",
        "PT-406",
        '"5120344"}}',
        '"5120344"}, FastTrack: §{enrolled_on: 2025-02-17}}\ntools: {FTOP: [carla]}',
    ),
    advises(
        "PT-407-agents-without-csp",
        "PT-407",
        _CSP,
        "programs: {MAICPP: {enrolled_on: 2025-02-17}}",
        "PT-407",
        changes=(
            Edit(US, "[Admin agent]", "§[Admin agent]"),
            Edit(US, "[Sales agent]", "§[Sales agent]"),
            _AN_ADMIN_IN_FTOP,
        ),
    ),
    finds(
        "PT-408-enrolled",
        "PT-408",
        "purpose: [own use]\n",
        "purpose: [own use]\nprograms: {MAICPP: §{enrolled_on: 2025-02-17}}\n",
        file=OWN,
    ),
    finds(
        "PT-408-agent",
        "PT-408",
        "purpose: [own use]\n",
        "purpose: [own use]\npeople: {zoe: {full_name: Zoe Nash, upn: zoe@acme.example, roles: [§Sales agent]}}\n",
        file=OWN,
    ),
    finds("PT-409-contact-missing", "PT-409", _CONTACT, "", file=PARTNER),
    finds(
        "PT-409-telephone-missing",
        "PT-409",
        "  phone: +1 425 555 0100\n",
        "",
        file=PARTNER,
        changes=(Edit(PARTNER, ", phone: +1 425 555 0101", ""), Edit(PARTNER, "legal:\n  ", "legal:\n  §")),
    ),
    advises("PT-409-compared-long-ago", "PT-409", "checked_on: 2026-09-14", "checked_on: §2025-09-14", file=PARTNER),
    finds("PT-409-compared-in-the-future", "PT-409", "checked_on: 2026-09-14", "checked_on: §2031-09-14", file=PARTNER),
    finds(
        "PT-410-domain-twice",
        "PT-410",
        "{initial: acme-partner.onmicrosoft.com}",
        "{initial: acme-partner.onmicrosoft.com, verified: [§acme.example]}",
    ),
    case(
        "PT-410-location-twice",
        *uk(_UK.replace("MAICPP: {", 'CSP: {location_id: "5120344", ')),
        Edit(US, '"5120344"', '§"5120344"'),
        says=("PT-410",),
    ),
    finds("PT-501-nothing-said", "PT-501", "  approval: {on: 2025-03-04, by: ada}\n  cust", "  §cust"),
    advises(
        "PT-501-nothing-said-while-the-paperwork-is-open",
        "PT-501",
        "  approval: {on: 2025-03-04, by: ada}\n  cust",
        "  §cust",
        changes=(Edit(US, _MODE, f"paperwork: open\n{_MODE}"),),
    ),
    finds(
        "PT-501-approved-by-somebody-else",
        "PT-501",
        "by: ada",
        "by: §bruno",
        changes=(
            Edit(US, _BRUNO, _BRUNO.replace("[Global admin]", "[Billing admin], company_roles: [Account admin]")),
        ),
    ),
    finds("PT-501-approved-in-the-future", "PT-501", "{on: 2025-03-04", "{on: §2031-03-04"),
    advises(
        "PT-502-consent-beside-the-approval",
        "PT-502",
        "  customers: {",
        "  consents: {carla: §2025-04-01}\n  customers: {",
    ),
    advises("PT-502-consent-instead-of-the-approval", "PT-502", "{on: 2025-03-04, by: ada}", "§{state: per user}"),
    advises(
        "PT-503-nobody-named",
        "PT-503",
        '"5120344"}}',
        '"5120344"}, FastTrack: {enrolled_on: 2025-02-17, designation: Gold}}',
        changes=(Edit(US, "id: 6f", "§id: 6f"),),
    ),
    advises(
        "PT-503-user-who-is-not-named",
        "PT-503",
        _MODE,
        f"{_MODE}tools: {{FTOP: [ada]}}\n",
        changes=(Edit(US, "{carla: [FastTrack Engineer]}", "{carla: §[FastTrack Engineer]}"),),
    ),
    finds("PT-504-stranger", "PT-504", _MODE, f"{_MODE}tools: {{Power BI: [ada, §adda]}}\n"),
    advises(
        "PT-505-leavers-alone",
        "PT-505",
        "[Admin agent]",
        "[Admin agent], state: leaver",
        changes=(Edit(US, "assignments: {", "assignments: §{"),),
    ),
    # Exceptions
    case(
        "PT-303-with-an-exception",
        Edit(US, _DORAS_MAIL, "email: info@acme.example"),
        Edit(US, _MODE, exemption("PT-303", "dora")),
        says=(),
        exit_code=0,
    ),
    finds(
        "PT-303-exception-that-has-ended",
        "PT-303",
        _DORAS_MAIL,
        "email: §info@acme.example",
        "PT-303",
        changes=(Edit(US, _MODE, exemption("PT-303", "dora", "2025-06-01", "§2026-05-01")),),
    ),
    advises("PT-311-exception-from-nothing", "PT-311", _MODE, exemption("PT-311", "§dora")),
    finds(
        "PT-301-exception-from-a-rule-that-takes-none",
        "PT-301",
        _DORAS_MAIL,
        "email: §dora.lake@gmail.com",
        "PT-301",
        changes=(Edit(US, _MODE, exemption("§PT-301", "dora")),),
    ),
)
