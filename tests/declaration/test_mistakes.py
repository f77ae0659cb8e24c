"""One mistake at a time: its place, its field, what was found, what was expected, the fix."""

from dataclasses import dataclass

import pytest

from .folder import HERE, OWN, PARTNER, US, Folder


@dataclass(frozen=True)
class Case:
    """A change of a valid file, and what must be said of it."""

    file: str
    old: str
    new: str
    field: str
    actual: str
    expected: str
    remediation: str


ADA_ID = "3b6c5a0e-8f5d-4c8f-9a3e-4a6a1a6d7e01"
ADAS_PIN = "Global Administrator: lAPpYvVpN0KRkAEhdxReEA5abDtdj49Mmj5KahptfgE-1"
CARLAS_ROLES = "roles:\n      - Admin agent\n      - Billing admin\n"


def limited(limits: str, field: str, actual: str, expected: str, remediation: str) -> Case:
    """A mistake in what one change may take."""
    new = f"mode: authoritative\nlimits: {{{limits}}}\n"
    return Case(US, "mode: authoritative\n", new, f"limits.{field}", actual, expected, remediation)


def decided(fields: str, at: str, actual: str, expected: str, remediation: str) -> Case:
    """A mistake in what was decided of something that others did."""
    new = (
        f"drift:\n  x: {{principal: x@y.com, {fields}, reason: r, owner: o, decided_on: 2026-01-01, "
        "until: 2026-06-01}\nftop:\n"
    )
    return Case(US, "ftop:\n", new, f"drift.x.{at}", actual, expected, remediation)


def kept_out(roles: str, fields: str, actual: str, remediation: str, group: str = "AdminAgents") -> Case:
    """A mistake in a deviation from Table 1's row."""
    stated = f"{{{group}: §{{reason: r, owner: o, decided_on: 2026-01-01, until: 2026-06-01}}}}"
    new = f"roles: [{roles}], without: {stated}{fields}}}\n  rescue:"
    expected = "`without: {AdminAgents: …}` only for a Global admin"
    at = f"people.ines.without.{group}"
    return Case(US, "roles: [Helpdesk agent]}\n  rescue:", new, at, actual, expected, remediation)


CASES = {
    "an enrolment without its day": Case(
        US,
        "{enrolled_on: 2025-02-17, ",
        "§{",
        "programs.CSP.enrolled_on",
        "no `enrolled_on`",
        "the day",
        "paperwork: open",
    ),
    # Ends
    "an end of a role that nobody has": Case(
        US,
        "roles: [Helpdesk agent]}",
        "roles: [Helpdesk agent], until: {Sales agent: §{date: 2026-12-01, reason: r}}}",
        "people.ines.until.Sales agent",
        "an end of Sales agent, which is not in `roles`",
        "ends only of roles that `roles` gives",
        "remove it",
    ),
    "an end of an emergency account": Case(
        US,
        "emergency: true\n",
        "emergency: true\n    until: {Global admin: §{date: 2026-12-01, reason: r}}\n",
        "people.rescue.until.Global admin",
        "on an emergency account",
        "an emergency account always keeps its role",
        "remove it",
    ),
    "an identity that is a person": Case(
        US,
        "ftop:\n",
        f"identities: {{x: {{object_id: §{ADA_ID}, name: n, groups: [AdminAgents], owner: o, reason: r, "
        "decided_on: 2026-01-01, until: 2026-06-01}}\nftop:\n",
        "identities.x.object_id",
        "which `people.ada` has too",
        "each object once",
        "correct one of the two",
    ),
    "an identity for years": Case(
        US,
        "ftop:\n",
        "identities: {x: {object_id: 0f7a1f5e-31f6-4b0e-8a53-0c8f3d1b7c21, name: n, groups: [AdminAgents], owner: o, "
        "reason: r, decided_on: 2026-01-01, until: §2027-06-01}}\nftop:\n",
        "identities.x.until",
        "2027-06-01",
        "within a year",
        "at the latest",
    ),
    "a day so late that none can be counted from it": Case(
        US,
        "ftop:\n",
        "identities: {x: {object_id: 0f7a1f5e-31f6-4b0e-8a53-0c8f3d1b7c21, name: n, groups: [AdminAgents], owner: o, "
        "reason: r, decided_on: 2999-12-31, until: §9999-12-31}}\nftop:\n",
        "identities.x.until",
        "9999-12-31",
        "a date before the year 3000",
        "correct the year",
    ),
    "an identity without a group": Case(
        US,
        "ftop:\n",
        "identities: {x: {object_id: 0f7a1f5e-31f6-4b0e-8a53-0c8f3d1b7c21, name: n, groups: §[], owner: o, "
        "reason: r, decided_on: 2026-01-01, until: 2026-06-01}}\nftop:\n",
        "identities.x.groups",
        "",
        "",
        "",
    ),
    # Deviations
    "a group that no Global admin is in": kept_out(
        "Global admin", "", "`without` SalesAgents, which Global admin does not give them", "remove it", "SalesAgents"
    ),
    "a deviation without the role": kept_out(
        "Billing admin", "", "`without` AdminAgents, which Global admin does not give them", "remove it"
    ),
    "a deviation beside a role that gives the group": kept_out(
        "Global admin, Admin agent",
        "",
        "`without` AdminAgents together with Admin agent, which gives it",
        "remove Admin agent",
    ),
    "a deviation of an emergency account": kept_out(
        "Global admin", ", emergency: true", "an emergency account, which is in no agent group", "remove it"
    ),
    # Keys
    "unknown key of a partner": Case(
        PARTNER, "partner_id:", "§partner_di:", "partner_di", "'partner_di'", "headquarters", "`partner_id`"
    ),
    "unknown key of a person": Case(
        US, "emergency: true", "§emergncy: true", "people.rescue.emergncy", "'emergncy'", "adopted", "`emergency`"
    ),
    "unknown key, in flow style": Case(
        PARTNER,
        "{name: Ada",
        "{§nme: x, name: Ada",
        "contact.nme",
        "'nme'",
        "email, email_verified_on, name, phone",
        "`name`?",
    ),
    "unknown key in a map of maps": Case(
        US, "{enrolled_on:", "{§since: 1, enrolled_on:", "programs.CSP.since", "'since'", "location_id", "remove it"
    ),
    "unknown key of an optional map": Case(
        US, "  approval: {on:", "  approval: {§at: 1, on:", "ftop.approval.at", "'at'", "by, on", "remove it"
    ),
    "unknown key of an approval's sibling": Case(
        US,
        "      name: Fabrikam Inc.",
        "      name: Fabrikam Inc.\n      §nam: x",
        "ftop.customers.fabrikam.nam",
        "'nam'",
        "assignments, name",
        "did you mean `name`?",
    ),
    "unknown program": Case(US, "  CSP:", "  §CPS:", "programs.CPS", "'CPS'", "CSP, MAICPP, FastTrack", "`CSP`"),
    "a key that is a number": Case(
        US, "  ines:", "  §7: {}\n  ines:", "people", "the number 7", "text", "write a name, in quotes"
    ),
    "a key that is true": Case(
        US, "  ines:", "  §true: {}\n  ines:", "people", "true as a key", "text", "write a name"
    ),
    "a key that is a list": Case(US, "  ines:", "  §[a, b]: {}\n  ines:", "people", "a list as a key", "text", "write"),
    "a key that is left out": Case(US, "  ines:", "  §: {}\n  ines:", "people", "nothing as", "text", "write a name"),
    "a person's key in capitals": Case(
        US, "  ines:", "  §Ines:", "people.Ines", "'Ines'", "lower-case letters", "`ada-lovelace`"
    ),
    "a merge key": Case(US, "  ines:", "  §<<:", "people.<<", "'<<'", "lower-case letters", "choose a key"),
    "a person twice": Case(
        US,
        "  ines:",
        "  §carla: {}\n  ines:",
        "people.carla",
        "'carla' a second time (the first is in line 21)",
        "each key once",
        "remove one",
    ),
    "a field twice": Case(
        US,
        "emergency: true",
        "emergency: true\n    §emergency: false",
        "people.rescue.emergency",
        "the key 'emergency' a second time",
        "each key once",
        "remove one",
    ),
    "a key with orders to a terminal in it": Case(
        US, "mode: auth", '§"\\e[2J\\n": 1\nmode: auth', r"'\x1b[2J\n'", r"'\x1b[2J\n'", "country", "remove it"
    ),
    # Wrong types
    "a number for text": Case(US, "name: Contoso Partner (US)", "name: §5", "name", "the number 5", "text", "write"),
    "a list for text": Case(US, "name: Contoso Partner (US)", "name: §[]", "name", "an empty list", "text", "write"),
    "true for text": Case(US, "'Carla Jensen'", "§true", "people.carla.full_name", "true", "text", '"true"'),
    "a day for text": Case(
        US, "'Carla Jensen'", "§2026-01-31", "people.carla.full_name", "the date 2026-01-31", "text", "in quotes"
    ),
    "text for a list": Case(
        US,
        CARLAS_ROLES,
        "roles: §Admin agent\n",
        "people.carla.roles",
        "the text 'Admin agent'",
        "a list",
        "`roles: [Admin agent]`",
    ),
    "a map for a list": Case(US, "[partner]", "§{partner: 1}", "purpose", "a map", "a list", "`purpose: [partner]`"),
    "text for a map": Case(
        US, "{on: 2025-03-04, by: ada}", "§yes", "ftop.approval", "'yes'", "fields", "`approval: {state: tenant}`"
    ),
    "a text with orders to a terminal for a list": Case(
        US, "[partner]", r'§"\e[2J"', "purpose", r"'\x1b[2J'", "a list", "`purpose: [partner]`"
    ),
    "a list for a map": Case(
        US,
        "{ines: [FastTrack Engineer]}",
        "§[ines]",
        "ftop.customers.fabrikam.assignments",
        "a list",
        "names",
        "`assignments: {name: [Regional Manager]}`",
    ),
    "text for true or false": Case(
        US, "emergency: true", "emergency: §yes", "people.rescue.emergency", "the text 'yes'", "true or false", "write"
    ),
    "text for a number": Case(
        US,
        "emergency: true",
        "password_round: §two",
        "people.rescue.password_round",
        "the text 'two'",
        "a whole number",
        "write a whole number",
    ),
    "true for a number": Case(
        US, "emergency: true", "password_round: §true", "people.rescue.password_round", "true", "whole number", "write"
    ),
    "a password round below one": Case(
        US, "emergency: true", "password_round: §0", "people.rescue.password_round", "the number 0", "1 or more", ""
    ),
    "a password round beyond reason": Case(
        US,
        "emergency: true",
        "password_round: §1000001",
        "people.rescue.password_round",
        "the number 1000001",
        "1000000 or less",
        "write 1000000 or less",
    ),
    "a number without end": Case(
        US,
        "emergency: true",
        f"password_round: §0x{'f' * 5000}",
        "people.rescue.password_round",
        "the text '0xfff",
        "a whole number",
        "write",
    ),
    "an id without quotes": Case(
        PARTNER,
        '"4827315"',
        "§4827315",
        "partner_id",
        "the number 4827315",
        "in quotes",
        'write it in quotes: "4827315"',
    ),
    **{
        f"the number {number} for text": Case(
            PARTNER,
            '"4827315"',
            f"§{number}",
            "partner_id",
            f"the number {number}",
            "in quotes",
            f'write it in quotes: "{number}"',
        )
        for number in ("01234", "+4827315", "0x1F4", "0o17", "48_27315", "1.50", "1e3")
    },
    "exceptions as a list": Case(
        US,
        "ftop:\n",
        "exceptions:\n  §- rule: PT-303\nftop:\n",
        "exceptions",
        "a list",
        "names",
        "`exceptions` needs names: `exceptions: {name: {rule: …}}`",
    ),
    "a list of groups": Case(
        US,
        "mode: authoritative",
        "mode: authoritative\nagent_groups: {ids: §[]}",
        "agent_groups.ids",
        "an empty list",
        "names",
        "`ids` needs names: `ids: {AdminAgents: …}`",
    ),
    # What a field holds
    "an unknown role": Case(
        US,
        "[Helpdesk agent]",
        "[§Helpdsk agent]",
        "people.ines.roles[0]",
        "'Helpdsk agent'",
        "Sales agent",
        "did you mean `Helpdesk agent`?",
    ),
    "a directory role beyond Table 1 among the roles": Case(
        US,
        "[Helpdesk agent]",
        "[§Exchange Administrator]",
        "people.ines.roles[0]",
        "'Exchange Administrator', a directory role of Microsoft Entra ID",
        "Sales agent",
        "`allowed_roles: {Exchange Administrator: 29232cdf-9323-42fd-ade2-1d097af3e4de}` in a tenant with `own "
        "use` in its `purpose`; in another tenant declare an exception from PT-103",
    ),
    "a directory role by a short name": Case(
        US,
        "[Helpdesk agent]",
        "[§Helpdesk admin]",
        "people.ines.roles[0]",
        "a directory role of Microsoft Entra ID (Helpdesk Administrator)",
        "Sales agent",
        "remove it here; no partner role gives it",
    ),
    "a directory role that nobody may hold": Case(
        US,
        "[Helpdesk agent]",
        "[§Partner Tier2 Support]",
        "people.ines.roles[0]",
        "a directory role of Microsoft Entra ID",
        "Sales agent",
        "remove it: Microsoft lists this role as not intended for use, and PT-104 refuses it",
    ),
    "a directory role of which no pin can be": Case(
        US,
        "roles: [Helpdesk agent]",
        "roles: [Helpdesk agent], assignments: {§Global Reader: {eligible: true}}",
        "people.ines.assignments.Global Reader",
        "'Global Reader'",
        "Global Administrator",
        "choose one of them",
    ),
    "the contrary of a state": Case(
        US,
        "roles: [Helpdesk agent]",
        "roles: [Helpdesk agent], state: §enabled",
        "people.ines.state",
        "'enabled'",
        "present, disabled, leaving, leaver",
        "choose one of them",
    ),
    "a role like no other": Case(
        US, "[Helpdesk agent]", "[§Zzyzx]", "people.ines.roles[0]", "'Zzyzx'", "Sales agent", "choose one of them"
    ),
    "a role of the other family": Case(
        US,
        "- Billing admin",
        "- §Account admin",
        "people.carla.roles[1]",
        "'Account admin', which belongs in `company_roles`",
        "Sales agent",
        "move it to `company_roles`",
    ),
    "a misspelt role of the other family": Case(
        US,
        "- Billing admin",
        "- §Acount admin",
        "people.carla.roles[1]",
        "'Acount admin'",
        "Sales agent",
        "`Account admin` belongs in `company_roles`",
    ),
    "a Table 1 role among the company roles": Case(
        US,
        "[Account admin]",
        "[§Sales agent]",
        "people.ada.company_roles[0]",
        "'Sales agent', which belongs in `roles`",
        "Account admin",
        "move it to `roles`",
    ),
    "a role that is no text": Case(
        US, "[Helpdesk agent]", "[§5]", "people.ines.roles[0]", "5", "Sales agent", "write the role's name as text"
    ),
    "a role twice": Case(
        US,
        "[Helpdesk agent]",
        "[Helpdesk agent, §helpdesk_agent]",
        "people.ines.roles[1]",
        "'Helpdesk agent' a second time",
        "each entry once",
        "remove one",
    ),
    "an unknown purpose": Case(US, "[partner]", "[§partnr]", "purpose[0]", "'partnr'", "partner, own use", "`partner`"),
    "no purpose": Case(US, "[partner]", "§[]", "purpose", "an empty list", "at least 1 entry", "add an entry"),
    "an unknown FTOP role": Case(
        US,
        "[FastTrack Engineer]",
        "[§FastTrack Enginer]",
        "ftop.customers.fabrikam.assignments.ines[0]",
        "'FastTrack Enginer'",
        "Regional Manager",
        "did you mean `FastTrack Engineer`?",
    ),
    "an assignment of nothing": Case(
        US,
        "[FastTrack Engineer]",
        "§[]",
        "ftop.customers.fabrikam.assignments.ines",
        "an empty list",
        "at least 1 entry",
        "add an entry",
    ),
    "a bad id": Case(
        US,
        "6f1f7c0e-52a3-4d0b-9e57-2b8b9f4c1a10",
        "§6f1f7c0e52a3-4d0b-9e57-2b8b9f4c1a-10",
        "id",
        "'6f1f7c0e52a3",
        "an id like",
        "copy the id",
    ),
    "a country by its old habit": Case(
        US, "country: US", "country: §UK", "country", "'UK'", "two capital letters", "write GB"
    ),
    "a country by its name": Case(
        US, "country: US", "country: §Norway", "country", "'Norway'", "two capital letters", "write NO"
    ),
    "a country that is none": Case(US, "country: US", "country: §XX", "country", "'XX'", "two capital", "ISO 3166-1"),
    "a day that is none": Case(
        US, "2025-02-17", "§2025-02-30", "programs.CSP.enrolled_on", "'2025-02-30'", "a date", "2026-01-31"
    ),
    "a day with a time": Case(
        US, "2025-02-17", "§2025-02-17T10:00:00", "programs.CSP.enrolled_on", "T10:00:00", "a date", "2026-01-31"
    ),
    "a bad domain": Case(
        OWN, "[contoso.com]", "[§contoso]", "domains.verified[0]", "'contoso'", "a domain name", "contoso.com"
    ),
    "an initial domain that is not Microsoft's": Case(
        US,
        "contoso-partner.onmicrosoft.com\nmode",
        "§contoso.com\nmode",
        "domains.initial",
        "contoso.com",
        "a domain that ends in .onmicrosoft.com, .onmicrosoft.us, .partner.onmschina.cn",
        "list the others under `verified`",
    ),
    "an address without a domain": Case(
        PARTNER, "ada.nakamura@contoso.com", "§ada", "contact.email", "'ada'", "one @", "ada@contoso.com"
    ),
    "an address with orders to a terminal in it": Case(
        PARTNER, "ada.nakamura@contoso.com", r'§"\e[2Jada@contoso.com"', "contact.email", r"\x1b[2J", "one @", "write"
    ),
    "a name with a line break": Case(
        US,
        "'Carla Jensen'",
        r'§"Carla\nJensen"',
        "people.carla.full_name",
        r"'Carla\nJensen'",
        "control",
        "remove the spaces",
    ),
    "a name that turns the direction of writing": Case(
        US,
        "'Carla Jensen'",
        r'§"Carla\u202eJensen"',
        "people.carla.full_name",
        r"\u202e",
        "control",
        "remove the spaces",
    ),
    "a name without end": Case(
        US, "'Carla Jensen'", f"§{'x' * 257}", "people.carla.full_name", "257 characters", "at most 256", "shorten it"
    ),
    "a partner id with letters": Case(
        PARTNER, '"4827315"', '§"48-27315"', "partner_id", "'48-27315'", "4 to 10 digits", "copy it"
    ),
    "a pin that leads elsewhere": Case(
        US,
        ADAS_PIN,
        "Global Administrator: §../../users",
        "people.ada.pins.role_assignments.Global Administrator",
        "'../../users'",
        "the id of a role assignment",
        "copy it",
    ),
    # What is required
    "a missing field": Case(
        US,
        "  rescue:\n    full_name: Emergency access\n    upn",
        "  rescue:\n    §upn",
        "people.rescue.full_name",
        "nothing",
        "which is required",
        "add `full_name:`",
    ),
    "roles left out": Case(
        US,
        "  ines: {full_name: Ines Costa, upn: ines@contoso-partner.onmicrosoft.com, roles: [Helpdesk agent]}",
        "  ines: §{full_name: Ines Costa, upn: ines@contoso-partner.onmicrosoft.com}",
        "people.ines.roles",
        "nothing",
        "which is required",
        "add `roles:`",
    ),
    "a partner tenant without a mode": Case(
        US, "mode: authoritative\n", "", "mode", "no `mode`", "every partner tenant", "`mode: additive`"
    ),
    "a partner tenant with an empty mode": Case(
        US, "mode: authoritative\n", "§mode:\n", "mode", "no `mode`", "every partner tenant", "`mode: additive`"
    ),
    "a partner without tenants": Case(
        PARTNER, "tenants: [own-use, us]", "§tenants: ", "tenants", "nothing", "a list", "`tenants: […]`"
    ),
    # What goes together
    "pins on an account made here": Case(
        US,
        f"    adopted: {ADA_ID}\n    pins:\n      role",
        "    pins:\n      §role",
        "people.ada.pins",
        "`pins` on an account that the stack creates",
        "adopted accounts",
        "under `adopted`",
    ),
    "a pin of a role that is not held": Case(
        US,
        ADAS_PIN,
        "Billing Administrator: §abc-1",
        "people.ada.pins.role_assignments.Billing Administrator",
        "Billing Administrator",
        "that `roles` gives",
        "add the role",
    ),
    "how a role is assigned that is not held": Case(
        US,
        CARLAS_ROLES,
        f"{CARLAS_ROLES}    assignments:\n      User Administrator: §{{eligible: true}}\n",
        "people.carla.assignments.User Administrator",
        "an assignment of User Administrator, which no role in `roles` gives",
        "only directory roles that `roles` gives",
        "add the role",
    ),
    "an eligible emergency account": Case(
        US,
        "    emergency: true",
        "    emergency: true\n    assignments:\n      Global Administrator: {eligible: §true}",
        "people.rescue.assignments.Global Administrator.eligible",
        "on an emergency account",
        "an active role",
        "remove it",
    ),
    "a role over a unit that Entra does not assign over units": Case(
        US,
        CARLAS_ROLES,
        f"{CARLAS_ROLES}    assignments:\n      Billing Administrator: {{administrative_unit: §{ADA_ID}}}\n",
        "people.carla.assignments.Billing Administrator.administrative_unit",
        "Billing Administrator limited to an administrative unit",
        "an administrative unit only for User Administrator",
        "remove it",
    ),
    "a pinned role assigned anew": Case(
        US,
        f"        {ADAS_PIN}\n",
        f"        {ADAS_PIN}\n    assignments:\n      Global Administrator: §{{eligible: true}}\n",
        "people.ada.assignments.Global Administrator",
        "Global Administrator with `eligible: true`, and a pin that says otherwise",
        "by its id lAPpYvVpN0KRkAEhdxReEA5abDtdj49Mmj5KahptfgE-1 it is active",
        "remove `pins.role_assignments.Global Administrator` first",
    ),
    "a pin of an eligible role that is assigned as active": Case(
        US,
        f"        {ADAS_PIN}\n",
        f"        Global Administrator: {ADA_ID}\n    assignments:\n      Global Administrator: §{{eligible: false}}\n",
        "people.ada.assignments.Global Administrator",
        "Global Administrator with `eligible: false`, and a pin that says otherwise",
        f"by its id {ADA_ID} it is eligible",
        "make it eligible, or remove `pins.role_assignments.Global Administrator` first",
    ),
    "a former key that is somebody else's": Case(
        US,
        CARLAS_ROLES,
        f"{CARLAS_ROLES}    former_keys: [karla, §ines]\n",
        "people.carla.former_keys[1]",
        "'ines', a key of `ines`",
        "keys that no other person has or had",
        "rename the other",
    ),
    "a decision about drift for more than a year": Case(
        US,
        "ftop:\n",
        "drift:\n  x: {principal: x@y.com, what: AdminAgents, state: accepted, reason: r, owner: o, "
        "decided_on: 2026-01-01, until: §2027-06-01}\nftop:\n",
        "drift.x.until",
        "2027-06-01, with `decided_on: 2026-01-01`",
        "a date within a year after `decided_on`",
        "choose a day after 2026-01-01, 2027-01-02 at the latest",
    ),
    "a decision that an agent group's next update undoes": decided(
        "what: AdminAgents, state: §accepted",
        "state",
        "AdminAgents accepted in a tenant of `mode: authoritative`: the next update restores the declared members",
        "what the next update leaves alone",
        "declare them under `people` with a role that gives it; to keep what is not declared, change to `mode: add",
    ),
    "a decision that a name stays changed": decided(
        "what: the name, state: §accepted",
        "state",
        "the name accepted: the next update restores the declared value",
        "what the next update leaves alone",
        "declare it as it is now",
    ),
    "a decision to keep a role that nobody may have": decided(
        "what: Partner Tier2 Support, assignment: active, state: §accepted",
        "state",
        "Partner Tier2 Support accepted, which Microsoft lists as not intended for use (PT-104)",
        "a rule may allow",
        "remove the assignment",
    ),
    "a decision to keep a guest's role": Case(
        US,
        "ftop:\n",
        'drift:\n  x: {principal: "g#EXT#@y.com", what: Global Administrator, assignment: active, state: §accepted, '
        "reason: r, owner: o, decided_on: 2026-01-01, until: 2026-06-01}\nftop:\n",
        "drift.x.state",
        "Global Administrator of a guest accepted (PT-106)",
        "a rule may allow",
        "give the person an account of this tenant",
    ),
    "a decision about a role that does not say which": Case(
        US,
        "ftop:\n",
        "drift:\n  x: §{principal: x@y.com, what: Global Administrator, state: accepted, reason: r, owner: o, "
        "decided_on: 2026-01-01, until: 2026-06-01}\nftop:\n",
        "drift.x.assignment",
        "no `assignment`",
        "`active` or `eligible`",
        "copy it from what `tenantry drift` shows",
    ),
    "a decision about a group that says active": decided(
        "what: AdminAgents, assignment: §active, state: to be removed",
        "assignment",
        "`assignment` for AdminAgents",
        "`assignment` only for a directory role",
        "remove it",
    ),
    "a handle without its sign": Case(
        US,
        CARLAS_ROLES,
        f"{CARLAS_ROLES}    handle: §carla-jensen\n",
        "people.carla.handle",
        "'carla-jensen'",
        "one person's name at the code host, such as @carla-jensen",
        "write the person's own name, with @ in front",
    ),
    "a team as a person's handle": Case(
        US,
        CARLAS_ROLES,
        f'{CARLAS_ROLES}    handle: §"@contoso/everybody"\n',
        "people.carla.handle",
        "'@contoso/everybody'",
        "one person's name at the code host, such as @carla-jensen",
        "write the person's own name, with @ in front",
    ),
    "an adopted account with a password round": Case(
        US,
        f"adopted: {ADA_ID}",
        f"adopted: {ADA_ID}\n    password_round: §2",
        "people.ada.password_round",
        "with `adopted`",
        "accounts that the stack creates",
        "never written",
    ),
    "an adopted account with a state": Case(
        US,
        f"adopted: {ADA_ID}",
        f"adopted: {ADA_ID}\n    state: §disabled",
        "people.ada.state",
        "`state: disabled`",
        "or `leaver`",
        "Entra admin center",
    ),
    "an emergency account with other roles": Case(
        US,
        "emergency: true",
        "emergency: true\n  other:\n    full_name: Other\n    upn: o@contoso.com\n"
        "    roles: [Global admin, Sales agent]\n    emergency: §true",
        "people.other.emergency",
        "Global admin, Sales agent",
        "[Global admin]",
        "a person's own account",
    ),
    "one account under two keys": Case(
        US,
        "  ines:",
        f"  twin:\n    full_name: Twin\n    upn: twin@contoso.com\n    roles: []\n    adopted: §{ADA_ID}\n  ines:",
        "people.twin.adopted",
        "which `ada` has too",
        "under one key",
        "the same person",
    ),
    "one sign-in name of two accounts": Case(
        US,
        "  ines:",
        "  twin:\n    full_name: Twin\n    upn: §ADA@contoso-partner.onmicrosoft.com\n    roles: []\n"
        "    adopted: 91d5f0b7-6f4b-4b59-8f0c-6e0a7c1d2f02\n  ines:",
        "people.twin.upn",
        "which `ada` has too",
        "under one key",
        "the same person",
    ),
    "one role assignment pinned twice": Case(
        US,
        "  ines:",
        "  twin:\n    full_name: Twin\n    upn: twin@contoso.com\n    roles: [Global admin]\n"
        "    adopted: 91d5f0b7-6f4b-4b59-8f0c-6e0a7c1d2f02\n    pins: {role_assignments: {Global Administrator: "
        "§lAPpYvVpN0KRkAEhdxReEA5abDtdj49Mmj5KahptfgE-1}}\n  ines:",
        "people.twin.pins.role_assignments.Global Administrator",
        "which `ada` has too",
        "under one key",
        "correct one",
    ),
    "an undeclared person of a customer": Case(
        US,
        "{ines: [FastTrack Engineer]}",
        "{inez: §[FastTrack Engineer]}",
        "ftop.customers.fabrikam.assignments.inez",
        "`inez`, assigned to the customer `fabrikam`",
        "this tenant's `people`",
        "did you mean `ines`?",
    ),
    "an approval by nobody": Case(
        US, "by: ada}", "by: §zoe}", "ftop.approval.by", "`zoe`", "this tenant's `people`", "add `zoe` to `people`"
    ),
    "created groups with ids": Case(
        US,
        "mode: authoritative",
        "mode: authoritative\nagent_groups: {source: create, ids: "
        "§{AdminAgents: 91d5f0b7-6f4b-4b59-8f0c-6e0a7c1d2f02}}",
        "agent_groups.ids",
        "`source: create`",
        "`ids` only with `source: adopt`",
        "or write `source: adopt`",
    ),
    "a group that is none": Case(
        US,
        "mode: authoritative",
        "mode: authoritative\nagent_groups: {ids: {§Admins: 91d5f0b7-6f4b-4b59-8f0c-6e0a7c1d2f02}}",
        "agent_groups.ids.Admins",
        "'Admins'",
        "AdminAgents",
        "choose one of them",
    ),
    "a group that is misspelt": Case(
        US,
        "mode: authoritative",
        "mode: authoritative\nagent_groups: {ids: {§AdminAgent: 91d5f0b7-6f4b-4b59-8f0c-6e0a7c1d2f02}}",
        "agent_groups.ids.AdminAgent",
        "'AdminAgent'",
        "AdminAgents",
        "did you mean `AdminAgents`?",
    ),
    "another ceiling for no group": limited(
        "per: {§Admins: {removal_count: 1}}", "per.Admins", "'Admins'", "Global Administrator", "choose one"
    ),
    "a ceiling beyond the whole": limited(
        "per: {AdminAgents: {removal_share: §101}}",
        "per.AdminAgents.removal_share",
        "the number 101",
        "100 or less",
        "write 100 or less",
    ),
    "a ceiling as a number": limited(
        "per: {AdminAgents: §1}", "per.AdminAgents", "the number 1", "fields", "`AdminAgents: {removal_share: …}`"
    ),
    "a required holder by name": limited(
        "required_holders: {AdminAgents: [§Carla Jensen]}",
        "required_holders.AdminAgents[0]",
        "'Carla Jensen'",
        "lower-case letters",
        "a key like",
    ),
    "a required holder twice": limited(
        "required_holders: {AdminAgents: [carla, §carla]}",
        "required_holders.AdminAgents[1]",
        "'carla' a second time",
        "each entry once",
        "remove one",
    ),
    "required holders that are nobody": limited(
        "required_holders: {AdminAgents: §[]}",
        "required_holders.AdminAgents",
        "an empty list",
        "at least 1 entry",
        "add an entry",
    ),
    "an override of a digest that was cut off": limited(
        "override: {change: §5f0c1b7d, reason: r, approved_by: ada, expires_on: 2026-11-25}",
        "override.change",
        "'5f0c1b7d'",
        "32 characters, each 0-9 or a-f",
        "copy it from the refusal",
    ),
    "an override of a digest that is read as a number": limited(
        f"override: {{change: §{'1' * 32}, reason: r, approved_by: ada, expires_on: 2026-11-25}}",
        "override.change",
        "the number 1111",
        "in quotes",
        "in quotes",
    ),
    "an override without a reason": limited(
        f"override: §{{change: {'a' * 32}, approved_by: ada, expires_on: 2026-11-25}}",
        "override.reason",
        "nothing",
        "which is required",
        "add `reason:`",
    ),
    "an override approved by a name": limited(
        f"override: {{change: {'a' * 32}, reason: r, approved_by: §Ada Nakamura, expires_on: 2026-11-25}}",
        "override.approved_by",
        "'Ada Nakamura'",
        "lower-case letters",
        "a key like",
    ),
    "an override until no day": limited(
        f"override: {{change: {'a' * 32}, reason: r, approved_by: ada, expires_on: §soon}}",
        "override.expires_on",
        "'soon'",
        "a date",
        "2026-01-31",
    ),
    "an override with a field too many": limited(
        f"override: {{change: {'a' * 32}, reason: r, approved_by: ada, expires_on: 2026-11-25, §people: [ada]}}",
        "override.people",
        "'people'",
        "approved_by, change, expires_on, reason",
        "remove it",
    ),
    # Which tenants there are
    "a tenant listed twice": Case(
        PARTNER, "[own-use, us]", "[own-use, us, §us]", "tenants[2]", "'us' a second time", "each entry once", "remove"
    ),
    "a tenant that leads out of the folder": Case(
        PARTNER, "[own-use, us]", "[own-use, us, §../partner]", "tenants[2]", "'../partner'", "lower-case", "a key like"
    ),
    "a tenant's file that is not listed": Case(
        PARTNER,
        "[own-use, us]",
        "§[us]",
        "tenants",
        "'tenants/own-use.yaml', which is not listed",
        "every file",
        "add 'own-use' to the list",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_mistake_is_reported_with_its_place_field_and_remediation(folder: Folder, case: Case) -> None:
    folder.replace(case.file, case.old, case.new)
    problem = folder.problem()
    assert problem.place == folder.place(case.file)
    assert problem.field == case.field
    assert case.actual in problem.actual
    assert case.expected in problem.expected
    assert case.remediation in problem.remediation
    assert folder.error().exit_code == 1
    assert str(problem).isprintable()


def test_the_mark_of_these_tests_stands_in_no_file(folder: Folder) -> None:
    assert not any(HERE in file.read_text(encoding="utf-8") for file in folder.path.rglob("*.yaml"))


def test_a_tenant_in_a_file_of_the_other_ending_is_not_silently_left_out(folder: Folder) -> None:
    (folder.path / US).rename(folder.path / "tenants/us.yml")
    listed, beside = folder.error().problems
    assert "no file" in (listed.actual + beside.actual)
    assert "'tenants/us.yml', whose name does not end in .yaml" in (listed.actual + beside.actual)


def test_a_listed_tenant_without_a_file_is_reported_where_it_is_listed(folder: Folder) -> None:
    folder.replace(PARTNER, "[own-use, us]", "[own-use, us, §uk]")
    problem = folder.problem()
    assert problem.place == folder.place(PARTNER)
    assert problem.field == "tenants[2]"
    assert "no file" in problem.actual
    assert "tenants/uk.yaml" in problem.remediation
    assert folder.error().exit_code == 2


def test_an_aliased_role_is_the_role(folder: Folder) -> None:
    folder.replace(US, "[Helpdesk agent]", "[Company Administrator]")
    assert folder.load().tenants["us"].members["ines"].roles == ("Global admin",)
