"""Files that are no declaration: unreadable ones (exit code 2), and those with a mistake inside (exit code 1)."""

from tests.bad.builder import FILES, OWN, PARTNER, US, Case, Edit, Write, case

ADA_ID = "3b6c5a0e-8f5d-4c8f-9a3e-4a6a1a6d7e01"
OTHER_ID = "91d5f0b7-6f4b-4b59-8f0c-6e0a7c1d2f02"
_MODE = "mode: authoritative\n"
_DORA = "  dora: {"
_DORAS_ROLES = "[Sales agent]}"
_CARLAS_MAIL = "carla.wood@acme.example"


def unreadable(name: str, *content: str | bytes | None) -> list[Case]:
    """A tenant's file with this content; and a partner's, where it is the whole content."""
    (text,) = content
    cases = [case(f"tenant-{name}", Write(US, text), exit_code=2)]
    if text is None:
        cases = [
            case(
                f"tenant-{name}",
                Write(US, None),
                Edit(PARTNER, "[own, uk, us]", "[own, uk, §us]"),
                exit_code=2,
            )
        ]
    # The tenants' files are then listed nowhere; that is no second mistake.
    return [*cases, case(f"partner-{name}", Write(PARTNER, text), exit_code=2)]


_UNREADABLE = [
    *unreadable("missing", None),
    *unreadable("empty", b""),
    *unreadable("comment-alone", "# nothing yet\n"),
    *unreadable("null", "---\nnull\n"),
    *unreadable("list-on-top", "\n§- a\n- b\n"),
    *unreadable("text-on-top", "hello\n"),
    *unreadable("number-on-top", "7\n"),
    *unreadable("binary-program", b"\x7fELF\x02\x01\x01\0\0"),
    *unreadable("binary-zero-bytes", b"\0\0\0\0"),
    *unreadable("binary-image", b"\x89PNG\r\n\x1a\n"),
    *unreadable("utf-16", "name: Acme\n".encode("utf-16")),
    *unreadable("latin-1", b"name: Caf\xe9\n"),
    *unreadable("cyclic", "a: §&x\n  b: *x\n"),
    *unreadable("cyclic-list", "a: §&x [*x]\n"),
    *unreadable("alias-bomb", "a: §&a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"),
    *unreadable("anchor-alone", "name: §&n Acme\n"),
    *unreadable("alias-of-nothing", "name: §*n\n"),
    *unreadable("merge-of-an-alias", "a: {x: 1}\nb:\n  <<: §*a\n"),
    *unreadable("tag-of-python", "a: §!!python/object/apply:os.system [ls]\n"),
    *unreadable("tag-of-its-own", "a: §!include b.yaml\n"),
    *unreadable("tag-of-yaml", "a: §!!str 1\n"),
    *unreadable("old-yaml", "%YAML 1.1\n§---\na: NO\n"),
    *unreadable("tag-directive", "%TAG ! tag:a.example,2000:\n§---\na: 1\n"),
    *unreadable("two-documents", "a: 1\n§---\nb: 2\n"),
    *unreadable("open-bracket", "a: [1, 2\nb§: 3\n"),
    *unreadable("open-quote", "a: 'x\n§"),
    *unreadable("tab", "a:\n§\tb: 1\n"),
    *unreadable("bad-indent", "a:\n    b: 1\n  §c: 2\n"),
    *unreadable("colon-in-text", "a: b§: c\n"),
    *unreadable("reserved-sign", "a: §@b\n"),
    *unreadable("deep-flow", "a: " + "[" * 23 + "§[" + "[" * 3 + "]" * 27 + "\n"),
    *unreadable("deep-block", "".join(f"{' ' * n}{'§' * (n == 23)}a:\n" for n in range(30))),
    *unreadable("half-a-character", 'a: §"\\ud83d"\n'),
    *unreadable("control-character", b"\x1b[2J: 1\n"),
    *unreadable("merge-conflict", "<<<<<<< ours\nname§: Acme\n=======\nname: Acme Inc.\n>>>>>>> theirs\n"),
]


def us(name: str, old: str, new: str) -> Case:
    return case(name, Edit(US, old, new))


def partner(name: str, old: str, new: str) -> Case:
    return case(name, Edit(PARTNER, old, new))


def beside_dora(name: str, person: str) -> Case:
    """A further person, before Dora."""
    return us(name, _DORA, f"  {person}\n{_DORA}")


def with_field(name: str, field: str) -> Case:
    """A further field of Dora."""
    return us(name, _DORAS_ROLES, f"[Sales agent], {field}}}")


def limited(name: str, limits: str) -> Case:
    """What one change may take."""
    return us(name, _MODE, f"{_MODE}limits: {{{limits}}}\n")


def override(
    approved_by: str = "approved_by: ada",
    *,
    change: str = '"5f0c1b7d3e9a4826b1d47c90ae52f813"',
    reason: str = "The Oslo office has closed",
    expires_on: str = "2026-11-25",
) -> str:
    """The approval of one change."""
    fields = (f"change: {change}", f"reason: {reason}", approved_by, f"expires_on: {expires_on}")
    return f"override: {{{', '.join(filter(None, fields))}}}"


_MISTAKES = [
    # Keys
    partner("unknown-key-of-the-partner", "partner_id:", "§partner_di:"),
    partner("unknown-key-of-the-contact", "contact: {name", "contact: {§nmae: x, name"),
    us("unknown-key-of-a-tenant", _MODE, f"§moode: additive\n{_MODE}"),
    with_field("unknown-key-of-a-person", "§emergncy: true"),
    us("unknown-key-of-an-enrolment", "{enrolled_on", "{§since: 1, enrolled_on"),
    us("unknown-key-of-ftop", "  approval: {", "  §aproval: 1\n  approval: {"),
    us("unknown-key-of-an-approval", "{on: 2025-03-04", "{§at: 1, on: 2025-03-04"),
    us("unknown-key-of-a-customer", "{name: Fabrikam", "{§nam: x, name: Fabrikam"),
    us("unknown-program", "{CSP:", "{§CPS: {enrolled_on: 2025-02-17}, CSP:"),
    us("key-that-is-a-number", _DORA, f"  §7: {{}}\n{_DORA}"),
    us("key-that-is-true", _DORA, f"  §true: {{}}\n{_DORA}"),
    us("key-that-is-left-out", _DORA, f"  §: {{}}\n{_DORA}"),
    us("key-that-is-a-list", _DORA, f"  §[a, b]: {{}}\n{_DORA}"),
    us("key-that-is-a-map", _DORA, f"  §{{a: b}}: {{}}\n{_DORA}"),
    us("key-of-a-person-in-capitals", _DORA, "  §Dora: {"),
    us("key-of-a-person-with-a-blank", _DORA, "  §dora lake: {"),
    us("key-of-a-person-with-a-letter-of-another-script", _DORA, "  §dоra: {"),
    us("key-without-end", _DORA, f"  §{'d' * 65}: {{"),
    us("merge-key", _DORA, "  §<<: {"),
    us("key-with-orders-to-a-terminal", _MODE, f'§"\\e[2J": 1\n{_MODE}'),
    # Twice
    us("person-twice", _DORA, f"  §carla: {{}}\n{_DORA}"),
    with_field("field-of-a-person-twice", "§roles: []"),
    us("field-of-a-tenant-twice", _MODE, f"{_MODE}§{_MODE}"),
    partner("field-of-the-partner-twice", "tenants: [", "§name: Acme\ntenants: ["),
    us("role-twice", _DORAS_ROLES, "[Sales agent, §sales agent]}"),
    partner("tenant-listed-twice", "[own, uk, us]", "[own, uk, us, §us]"),
    beside_dora(
        "account-under-two-keys", f"twin: {{full_name: Twin, upn: twin@acme.example, roles: [], adopted: §{ADA_ID}}}"
    ),
    beside_dora(
        "sign-in-name-of-two-accounts",
        f"twin: {{full_name: Twin, upn: §ADA.MOSS@acme-partner.onmicrosoft.com, roles: [], adopted: {OTHER_ID}}}",
    ),
    us(
        "role-assignment-pinned-twice",
        f"adopted: {ADA_ID}}}\n",
        f"adopted: {ADA_ID}, pins: {{role_assignments: {{Global Administrator: one-1}}}}}}\n  twin: {{full_name: Twin, "
        f"upn: twin@acme.example, roles: [Global admin], adopted: {OTHER_ID}, "
        "pins: {role_assignments: {Global Administrator: §one-1}}}\n",
    ),
    # Wrong types
    us("number-for-text", "name: Acme Partner", "name: §5"),
    us("nothing-for-text", "name: Acme Partner", "§name:"),
    us("list-for-text", "name: Acme Partner", "name: §[Acme]"),
    us("map-for-text", "name: Acme Partner", "name: §{a: b}"),
    us("true-for-text", "full_name: Dora Lake", "full_name: §true"),
    us("date-for-text", "full_name: Dora Lake", "full_name: §2026-01-31"),
    us("text-for-a-list", _DORAS_ROLES, "§Sales agent}"),
    us("text-for-a-map", '{CSP: {enrolled_on: 2025-02-17, location_id: "5120344"}}', "§CSP"),
    us("list-for-a-map", "{carla: [FastTrack Engineer]}", "§[carla]"),
    us("map-for-a-list", "serves: [US]", "serves: §{US: true}"),
    us(
        "text-for-true-or-false",
        "rescue-2@acme-partner.onmicrosoft.com, roles: [Global admin], emergency: true",
        "rescue-2@acme-partner.onmicrosoft.com, roles: [Global admin], emergency: §yes",
    ),
    with_field("text-for-a-number", "password_round: §two"),
    with_field("true-for-a-number", "password_round: §true"),
    with_field("number-with-a-fraction", "password_round: §1.5"),
    with_field("number-below-the-least", "password_round: §0"),
    with_field("number-above-the-most", "password_round: §1000001"),
    with_field("number-without-end", f"password_round: §{'9' * 50}"),
    partner("number-for-an-id", '"4827315"', "§4827315"),
    us("date-in-quotes", "enrolled_on: 2025-02-17", 'enrolled_on: §"2025-02-17"'),
    # What a field holds
    us("role-that-does-not-exist", "[Sales agent]", "[§Sails agent]"),
    us("role-that-does-not-exist-at-all", "[Sales agent]", "[§Zzyzx]"),
    us("role-that-is-a-number", "[Sales agent]", "[§5]"),
    us("role-of-the-other-family", "[Sales agent]", "[§Account admin]"),
    with_field("company-role-of-the-other-family", "company_roles: [§Sales agent]"),
    with_field("state-that-does-not-exist", "state: §gone"),
    us("mode-that-does-not-exist", _MODE, "mode: §additiv\n"),
    us("purpose-that-does-not-exist", "[partner]", "[§partnr]"),
    us("purpose-of-nothing", "[partner]", "§[]"),
    us("ftop-role-that-does-not-exist", "[FastTrack Engineer]", "[§FastTrack Pilot]"),
    us("assignment-of-nothing", "[FastTrack Engineer]", "§[]"),
    us("tenant-id-that-is-none", "6f1f7c0e-52a3-4d0b-9e57-2b8b9f4c1a10", "§6f1f7c0e"),
    us("country-that-is-none", "country: US", "country: §XX"),
    us("country-by-habit", "country: US", "country: §UK"),
    us("country-by-name", "country: US", "country: §Norway"),
    us("country-in-small-letters", "country: US", "country: §us"),
    us("served-country-that-is-none", "serves: [US]", "serves: [US, §EU]"),
    us("day-that-is-none", "2025-02-17", "§2025-02-30"),
    us("day-with-a-time", "2025-02-17", "§2025-02-17T10:00:00"),
    us(
        "domain-that-is-none",
        "{initial: acme-partner.onmicrosoft.com}",
        "{initial: acme-partner.onmicrosoft.com, verified: [§acme]}",
    ),
    us(
        "domain-of-another-script",
        "{initial: acme-partner.onmicrosoft.com}",
        "{initial: acme-partner.onmicrosoft.com, verified: [§bücher.example]}",
    ),
    us("initial-domain-of-somebody-else", "{initial: acme-partner.onmicrosoft.com}", "{initial: §acme.example}"),
    us("upn-without-a-domain", "upn: dora.lake@acme-partner.onmicrosoft.com", "upn: §dora.lake"),
    us("upn-of-two-ats", "upn: dora.lake@acme-partner.onmicrosoft.com", "upn: §dora@lake@acme.example"),
    us("upn-with-orders-to-a-terminal", "upn: dora.lake@acme-partner.onmicrosoft.com", 'upn: §"\\e[2Jd@acme.example"'),
    partner("contact-without-a-domain", "email: ada.moss@acme.example", "email: §ada"),
    us("name-with-a-line-break", "full_name: Dora Lake", 'full_name: §"Dora\\nLake"'),
    us("name-that-turns-the-direction-of-writing", "full_name: Dora Lake", 'full_name: §"Dora\\u202eLake"'),
    us("name-of-blanks", "full_name: Dora Lake", 'full_name: §"  "'),
    us("name-without-end", "full_name: Dora Lake", f"full_name: §{'x' * 257}"),
    us("location-id-with-letters", '"5120344"', '§"512-0344"'),
    # What is required
    us("full-name-missing", _DORA + "full_name: Dora Lake, ", "  dora: §{"),
    us(
        "upn-missing",
        _DORA + "full_name: Dora Lake, upn: dora.lake@acme-partner.onmicrosoft.com, ",
        "  dora: §{full_name: Dora Lake, ",
    ),
    us(
        "roles-missing",
        "{full_name: Dora Lake, upn: dora.lake@acme-partner.onmicrosoft.com, email: dora.lake@acme.example, "
        "roles: [Sales agent]}",
        "§{full_name: Dora Lake, upn: dora.lake@acme-partner.onmicrosoft.com, email: dora.lake@acme.example}",
    ),
    us(
        "person-of-nothing",
        _DORA + "full_name: Dora Lake, upn: dora.lake@acme-partner.onmicrosoft.com, "
        "email: dora.lake@acme.example, roles: [Sales agent]}",
        "  §dora:",
    ),
    us("mode-missing", _MODE, ""),
    us("mode-left-empty", _MODE, "§mode:\n"),
    case("people-missing", Write(US, FILES[US].partition("people:")[0])),
    partner("tenants-missing", "tenants: [own, uk, us]\n", ""),
    # The files that are there are then listed nowhere, which is said of each.
    case("tenants-of-nobody", Edit(PARTNER, "[own, uk, us]", "§[]"), says=("declaration",) * 4),
    partner("name-of-the-partner-missing", "name: Acme\n", ""),
    case("tenant-id-missing", Edit(OWN, "id: 0d9a4b52-3c1e-4f7a-8b60-51f3c27ad901\n", "")),
    # What goes together
    with_field("pins-on-an-account-made-here", "pins: §{role_assignments: {User Administrator: one-1}}"),
    us(
        "pin-of-a-role-that-is-not-held",
        f"adopted: {ADA_ID}",
        f"adopted: {ADA_ID}, pins: {{role_assignments: {{Billing Administrator: §one-1}}}}",
    ),
    us(
        "pin-that-leads-elsewhere",
        f"adopted: {ADA_ID}",
        f"adopted: {ADA_ID}, pins: {{role_assignments: {{Global Administrator: §../../users}}}}",
    ),
    us("adopted-account-with-a-password-round", f"adopted: {ADA_ID}", f"adopted: {ADA_ID}, password_round: §2"),
    us("adopted-account-with-a-state", f"adopted: {ADA_ID}", f"adopted: {ADA_ID}, state: §disabled"),
    us("adopted-by-something-else", f"adopted: {ADA_ID}", "adopted: §by-mail"),
    us("adopted-by-upn-with-a-password-round", f"adopted: {ADA_ID}", "adopted: by-upn, password_round: §2"),
    with_field("emergency-account-with-other-roles", "emergency: §true"),
    us("approval-by-nobody", "by: ada", "by: §adda"),
    us("approval-without-a-day", "{on: 2025-03-04, by: ada}", "§{by: ada}"),
    us("assignment-of-nobody-declared", "{carla: [FastTrack Engineer]}", "{karla: §[FastTrack Engineer]}"),
    us(
        "created-groups-with-ids",
        _MODE,
        f"{_MODE}agent_groups: {{source: create, ids: §{{AdminAgents: {OTHER_ID}}}}}\n",
    ),
    us("additive-without-ids", _MODE, "mode: additive\n"),
    us(
        "additive-without-all-ids",
        _MODE,
        f"mode: additive\nagent_groups: §{{ids: {{AdminAgents: {OTHER_ID}}}}}\n",
    ),
    us("additive-with-groups-made-here", _MODE, "mode: additive\nagent_groups: {source: §create}\n"),
    us("group-that-does-not-exist", _MODE, f"{_MODE}agent_groups: {{ids: {{§Admins: {OTHER_ID}}}}}\n"),
    us(
        "more-roles-in-a-tenant-of-partner-business-alone",
        _MODE,
        f"{_MODE}allowed_roles: §{{Reports Reader: {OTHER_ID}}}\n",
    ),
    us(
        "exception-of-more-than-a-year",
        _MODE,
        f"{_MODE}exceptions: {{x: {{rule: PT-303, object: ada, reason: r, owner: Ada Moss, granted_on: 2026-01-01, "
        "expires_on: §2027-06-01}}\n",
    ),
    us(
        "exception-from-no-rule",
        _MODE,
        f"{_MODE}exceptions: {{x: {{rule: §PT-1, object: ada, reason: r, owner: Ada Moss, granted_on: 2026-01-01, "
        "expires_on: 2026-12-01}}\n",
    ),
    us("limit-beyond-the-whole", _MODE, f"{_MODE}limits: {{removal_share: §101}}\n"),
    us("limit-of-no-group", _MODE, f"{_MODE}limits: {{minimum_holders: {{§Admins: 2}}}}\n"),
    limited("ceiling-of-no-group", "per: {§Admins: {removal_count: 1}}"),
    limited("ceiling-as-a-number", "per: {AdminAgents: §1}"),
    limited("ceiling-with-an-unknown-key", "per: {AdminAgents: {§removal: 1}}"),
    limited("ceiling-below-the-least-share", "per: {AdminAgents: {removal_share: §0}}"),
    limited("ceiling-below-the-least-count", "per: {AdminAgents: {removal_count: §-1}}"),
    limited("required-holder-of-no-group", "required_holders: {§Admins: [ada]}"),
    limited("required-holder-without-a-list", "required_holders: {AdminAgents: §carla}"),
    limited("required-holders-of-nobody", "required_holders: {AdminAgents: §[]}"),
    limited("required-holder-twice", "required_holders: {AdminAgents: [carla, §carla]}"),
    limited("required-holder-by-name", "required_holders: {AdminAgents: [§Carla Wood]}"),
    limited("override-of-nothing", "override: §yes"),
    limited("override-with-an-unknown-key", override("§by: ada, approved_by: ada")),
    limited("override-of-a-short-digest", override(change='§"5f0c1b7d"')),
    limited("override-of-a-digest-in-capitals", override(change='§"5F0C1B7D3E9A4826B1D47C90AE52F813"')),
    limited("override-of-a-digest-that-is-read-as-a-number", override(change=f"§{'1' * 32}")),
    limited("override-without-a-digest", override().replace('{change: "5f0c1b7d3e9a4826b1d47c90ae52f813", ', "§{")),
    limited("override-without-a-reason", override(reason='§""')),
    limited("override-without-an-approver", override("").replace("{", "§{")),
    limited("override-approved-by-a-name", override("approved_by: §Ada Moss")),
    limited("override-without-an-end", override().replace(", expires_on: 2026-11-25", "").replace("{", "§{")),
    limited("override-with-an-end-in-quotes", override(expires_on='§"2026-11-25"')),
    us("tool-that-does-not-exist", _MODE, f"{_MODE}tools: {{§Excel: [ada]}}\n"),
    us("to-do-that-does-not-exist", _MODE, f"{_MODE}done: {{§Hand Over: 2026-01-31}}\n"),
    # Which tenants there are
    partner("tenant-not-listed", "[own, uk, us]", "§[uk, us]"),
    case("tenant-without-a-file", Edit(PARTNER, "[own, uk, us]", "[own, uk, us, §de]"), exit_code=2),
    partner("tenant-that-leads-out-of-the-folder", "[own, uk, us]", "[own, uk, us, §../partner]"),
    case(
        "tenant-with-the-other-ending",
        Edit(PARTNER, "[own, uk, us]", "§[own, uk, us]"),
        Write("tenants/de.yml", FILES[OWN]),
    ),
]

STRUCTURE_CASES = (*_UNREADABLE, *_MISTAKES)
