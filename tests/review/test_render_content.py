"""What a reviewer reads, in which order, and what a report says where there is no room for all."""

import base64
import hashlib
import re
from dataclasses import replace

import pytest
from jinja2 import UndefinedError

from tenantry.reports import html, markdown
from tenantry.reports.document import Tone
from tenantry.reports.escape import escape
from tenantry.reports.html import page
from tenantry.reports.layout import CODE_CHANGED, layout
from tenantry.reports.review import NOT_IN_GIT, CodeChange, CodeKind, Report
from tenantry.reports.truncate import LIMIT
from tenantry.roles import PartnerRole

from .rendered import html_shape, html_text, on_terminal, retold, section, table, tokens
from .reports import (
    EVERYTHING,
    HIRE_AND_LEAVER,
    NOTHING,
    PLAN,
    PROMOTION,
    SAMPLES,
    UK,
    access,
    finding,
    large,
    of_role,
    person,
    report,
    tenant,
)


def formats(of: Report) -> dict[str, str]:
    """A review in every format that people read, as one line each."""
    message = {
        "markdown": markdown.render(layout(of)),
        "html": html_text(html.render(layout(of))),
        "terminal": on_terminal(of),
    }
    return {name: " ".join(text.split()) for name, text in message.items()}


def in_order(text: str, *parts: str) -> None:
    places = [text.find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    assert places == sorted(places), list(zip(parts, places, strict=True))


@pytest.mark.parametrize("name", SAMPLES)
def test_every_format_names_everybody_and_everything_they_gain_or_lose(name: str) -> None:
    for text in formats(SAMPLES[name]).values():
        for item in (human for part in SAMPLES[name].tenants for human in part.people):
            assert item.name in text
            for held in (*item.gains, *item.losses):
                assert held.name in text
                assert all(may in text for may in held.may)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_format_says_the_verdict_first(name: str) -> None:
    title = layout(SAMPLES[name]).title.partition(":")[0]
    output = formats(SAMPLES[name])
    assert output["terminal"].startswith(title)
    assert output["markdown"].index(title) < 40
    assert f"Access review: {SAMPLES[name].verdict}" in output["html"]


def test_where_few_change_the_verdict_names_them_and_what_they_gain_and_lose() -> None:
    assert layout(PROMOTION).title == "Emma Lindqvist gains AdminAgents and loses HelpdeskAgents in contoso/us."
    assert layout(PLAN).title == "Carla Jensen loses AdminAgents in contoso/us."
    assert layout(HIRE_AND_LEAVER).title == HIRE_AND_LEAVER.headline


def test_where_many_change_whoever_reaches_everything_is_named_in_a_loud_line() -> None:
    emma = "Emma Lindqvist gains AdminAgents and Global Administrator in contoso/us"
    bruno = "Bruno Keller loses AdminAgents and Global Administrator in contoso/us"
    for text in formats(HIRE_AND_LEAVER).values():
        in_order(
            text,
            f"Danger: full control of a tenant or of every customer: {emma}; {bruno}.",
            "Contoso Partner (US)",
            "Lena Fischer",
        )
    for text in formats(PROMOTION).values():
        assert "Reaches everything" not in text


def test_no_access_changes_is_written_only_where_it_is_known() -> None:
    assert layout(NOTHING).title.startswith("No access changes")
    for text in formats(EVERYTHING).values():
        assert "No access changes" not in text
        assert "Nothing changes in Contoso Partner (UK)" not in text


def test_nothing_changes_in_a_tenant_is_written_only_where_all_was_seen() -> None:
    unseen = EVERYTHING.tenants[1].not_evaluated
    for text in formats(report(tenant(), UK)).values():
        assert "Nothing changes in Contoso Partner (US) (contoso/us), Contoso Partner (UK) (contoso/uk)." in text
    for of in (report(UK, not_evaluated=unseen), report(UK, code=EVERYTHING.code), report(UK, EVERYTHING.tenants[1])):
        for text in formats(of).values():
            assert "Nothing changes" not in text
            assert "No change was found in Contoso Partner (UK)" in text


def test_what_nobody_could_see_comes_before_who_gains_and_who_loses_comes_last() -> None:
    messages = formats(EVERYTHING)
    for text in messages.values():
        in_order(
            text,
            "“Not evaluated” does not mean “no change”",
            "did not end within 60 seconds",
            CODE_CHANGED,
            "Contoso Partner (US)",
        )
        text = text[text.index("Contoso Partner (US)") :]
        in_order(text, "4 people gain access", "Emma Lindqvist", "3 people lose access", "Carla Jensen")


def test_the_most_dangerous_comes_first_among_those_who_gain_and_those_who_lose() -> None:
    people = (
        person("Low", gains=of_role(PartnerRole.SALES_AGENT), losses=of_role(PartnerRole.GLOBAL_ADMIN)),
        person("High", gains=of_role(PartnerRole.GLOBAL_ADMIN), losses=of_role(PartnerRole.SALES_AGENT)),
    )
    message = layout(report(tenant(*people)))
    assert [item.name for item in table(message, "Gains").groups] == ["High", "Low"]
    assert [item.name for item in table(message, "Loses").groups] == ["Low", "High"]


def test_what_one_role_gives_is_one_line_and_says_its_row_of_table_1() -> None:
    message = layout(report(tenant(person("Ada", gains=of_role(PartnerRole.GLOBAL_ADMIN)))))
    (group,) = table(message, "Gains").groups
    ((names, _, reasons, _),) = group.rows
    assert [item.text for item in names] == ["AdminAgents", "Global Administrator"]
    assert [item.text for item in reasons] == ["Global admin (Table 1: Admin Agents/All Users; Global admin)"]


def test_files_that_are_not_in_git_are_not_said_to_be_a_change_of_the_code() -> None:
    stray = CodeChange(path="notes.txt", kind=CodeKind.PROGRAM, how=NOT_IN_GIT)
    for text in formats(report(tenant(), code=(stray,))).values():
        in_order(
            text,
            "No access change was found, but files that are not in git lie beside the program.",
            "Not in git: ",
            "The program may have read them in this run. Fix: ",
            "program, not in git",
        )
        assert CODE_CHANGED not in text
        assert "code that decides about access changed" not in text
    both = markdown.render(layout(report(tenant(), code=(*EVERYTHING.code, stray))))
    in_order(both, f"{CODE_CHANGED} (2 files: program, lock and dependencies).", "Not in git: ")
    assert "but the code that decides about access changed." in both


def test_changed_code_is_a_loud_line_of_its_own() -> None:
    messages = markdown.render(layout(EVERYTHING)).splitlines()
    assert [line for line in messages if CODE_CHANGED in line] == [
        f"⚠️ **{CODE_CHANGED} (2 files: program, lock and dependencies).**"
    ]
    assert all(CODE_CHANGED not in text for text in formats(PROMOTION).values())


def test_access_that_no_declaration_gives_is_loud() -> None:
    for text in formats(EVERYTHING).values():
        assert "Undeclared access for 8f1c4a52" in text.replace("`", "")
        assert text.count("undeclared account") == 1


def test_loosened_protection_and_exceeded_ceilings_are_loud() -> None:
    for text in formats(EVERYTHING).values():
        assert "Protection is weakened:" in text
        assert "AdminAgents (2 of 4, 1 allowed, not approved)" in text


def test_where_nobodys_access_changes_a_loud_line_takes_the_tick_away() -> None:
    loosened = tenant(settings=EVERYTHING.tenants[0].settings)
    assert markdown.render(layout(report(tenant()))).splitlines()[1].startswith("## ✅")
    assert markdown.render(layout(report(loosened))).splitlines()[1].startswith("## ⚠️")


def test_changed_code_is_no_tick_and_a_warning_does_not_take_it_away() -> None:
    code = report(tenant(), code=EVERYTHING.code)
    warned = report(tenant(), warnings=("The program was not isolated on this machine.",))
    assert markdown.render(layout(code)).splitlines()[1].startswith("## ⚠️ No access change was found, but the code")
    assert markdown.render(layout(warned)).splitlines()[1].startswith("## ✅")
    for text in formats(warned).values():
        assert "The program was not isolated on this machine." in text
    for text in formats(code).values():
        assert "No access changes" not in text


def test_an_account_that_nobody_declared_is_distinguished_from_one_to_which_the_declaration_gives() -> None:
    everybody = person("everybody in the tenant", key=None, upn=None, gains=(access("FTOP"),))
    for text in formats(report(tenant(everybody))).values():
        assert "undeclared" not in text


def test_what_else_a_plan_does_in_a_tenant_is_shown_open() -> None:
    noted = report(tenant(notes=("deletes the group Project",)))
    for text in formats(noted).values():
        in_order(text, "Other changes", "deletes the group Project")
    noted_here = section(layout(noted), "Other changes")
    assert (noted_here.folded, noted_here.tone) == (None, Tone.WARNING)


def test_to_dos_say_who_may_do_them_and_where() -> None:
    for text in formats(HIRE_AND_LEAVER).values():
        in_order(text, "Hand the temporary password to Lena Fischer", "Grace Mbeki, Ada Nakamura", "handover lena")


def test_details_are_folded_in_a_comment_and_on_a_page() -> None:
    markdown_said, html_said = markdown.render(layout(HIRE_AND_LEAVER)), html.render(layout(HIRE_AND_LEAVER))
    for title in ("To do by hand (2)", "Open findings (1)", "Removal limits (1)"):
        assert f"<summary>{title}</summary>" in markdown_said
        assert f"<summary>{title}</summary>" in html_said
    assert markdown_said.count("<details>") == markdown_said.count("</details>")


def test_the_sixteenth_to_gain_is_folded_and_there() -> None:
    crowd = [person(f"P {n}", notes=(f"desk {n}",), gains=of_role(PartnerRole.SALES_AGENT)) for n in range(16)]
    output = markdown.render(layout(report(tenant(*crowd))))
    in_order(output, "P 14", "<details>", "P 15", "</details>")


def test_a_page_has_no_script_and_nothing_from_elsewhere() -> None:
    output = html.render(layout(EVERYTHING))
    tags = {tag for tag, attributes in html_shape(output) if attributes != "end"}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "form", "a", "svg", "base", "video"}
    names = {name for _, attributes in html_shape(output) if isinstance(attributes, list) for name, _ in attributes}
    assert not names & {"style", "src", "href", "action"}
    assert not [name for name in names if name.startswith("on")]
    assert "url(" not in output
    assert "@import" not in output


def test_a_pages_policy_allows_its_own_style_alone() -> None:
    output = html.render(layout(PROMOTION))
    style = re.search(r"<style>(.*?)</style>", output, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = next(dict(a)["content"] for tag, a in html_shape(output) if tag == "meta" and a[0][0] == "http-equiv")
    assert policy == f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-{digest}'"


def test_tables_of_a_page_name_their_columns_and_rows() -> None:
    shape = html_shape(html.render(layout(EVERYTHING)))
    scopes = [dict(a).get("scope") for tag, a in shape if tag == "th" and a != "end"]
    assert set(scopes) == {"col", "rowgroup"}
    assert [tag for tag, a in shape if a != "end"].count("table") == [tag for tag, a in shape if a != "end"].count(
        "caption"
    )
    assert [tag for tag, a in shape if a != "end"].count("h1") == 1


def test_a_template_that_lacks_a_value_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        page("document.html.j2")


def test_json_is_the_report_with_its_verdict() -> None:
    message = EVERYTHING.model_dump(mode="json")
    assert (message["verdict"], message["headline"], message["blocking"]) == ("not evaluated", EVERYTHING.headline, 1)


def test_colours_are_for_terminals_alone() -> None:
    assert "\x1b[" in on_terminal(EVERYTHING, colours=True)
    assert "\x1b" not in on_terminal(EVERYTHING)


def test_on_a_terminal_no_line_is_longer_than_80_columns() -> None:
    assert max(map(len, on_terminal(EVERYTHING).splitlines())) <= 80


# Where the same happens to many


def forty_and_one() -> Report:
    """Forty people who move from one group to another, and one who does more, in the middle of them."""
    moving = {"gains": of_role(PartnerRole.SALES_AGENT), "losses": of_role(PartnerRole.HELPDESK_AGENT)}
    crowd = [person(f"Agent {n:02}", **moving) for n in range(40)]
    odd = person("Odd One", notes=("called Odd One instead of Even One",), **moving)
    return report(tenant(*crowd[:20], odd, *crowd[20:]))


def test_what_happens_to_forty_is_reported_once_and_whoever_differs_stands_before_them() -> None:
    of = forty_and_one()
    gains, losses = table(layout(of), "Gains"), table(layout(of), "Loses")
    for shown in (gains, losses):
        assert [(item.name, item.number) for item in shown.groups] == [("Odd One", 1), ("40 people", 40)]
    assert (gains.title, losses.title) == ("41 people gain access", "41 people lose access")
    for text in formats(of).values():
        assert all(f"Agent {n:02}" in text for n in range(40))
        in_order(text, "Odd One", "40 people", "Agent 00", "Agent 39")
    assert len(markdown.render(layout(of)).splitlines()) < 30
    assert len(on_terminal(of).splitlines()) < 100


def test_two_who_do_the_same_are_distinguished() -> None:
    crowd = [person(f"Agent {n}", gains=of_role(PartnerRole.SALES_AGENT)) for n in range(2)]
    assert [item.name for item in table(layout(report(tenant(*crowd))), "Gains").groups] == ["Agent 0", "Agent 1"]


def test_people_who_are_reported_once_are_counted_one_by_one_where_they_are_left_out() -> None:
    output = markdown.render(layout(forty_and_one()), limit=4000)
    assert "Not shown: 40 of 41 people who gain access;" in output


# Where there is no room for all


def size(text: str) -> int:
    return len(text.encode())


def test_what_fits_is_not_shortened() -> None:
    assert "Shortened" not in markdown.render(layout(EVERYTHING))


def test_five_thousand_people_fit_and_it_says_what_was_left_out_and_where_it_is() -> None:
    crowd = large(5000)
    output = markdown.render(replace(layout(crowd), whole="the artifact `access-review`"))
    shown = sum(token.content.startswith("Person ") for token in tokens(output) if token.type == "text")
    left = re.search(
        r"Not shown: ([\d,]+) of 5,000 people who gain access, ([\d,]+) of 1,667 people who lose access", output
    )
    assert 50_000 < size(output) <= LIMIT
    assert left
    gone = sum(int(number.replace(",", "")) for number in left.groups())
    assert shown + gone == sum(bool(item.gains) + bool(item.losses) for item in crowd.tenants[0].people)
    assert "The whole report: the artifact `access-review`." in output
    in_order(output, "5000 people gain access", "Shortened", "5,000 people gain access,", "1,667 people lose access,")


def test_the_least_dangerous_is_left_out_first() -> None:
    quiet = [finding(subject=f"Subject {n}", rule="PT-306") for n in range(50)]
    crowd = [person(f"Reader {n}", notes=(f"desk {n}",), gains=of_role(PartnerRole.SALES_AGENT)) for n in range(200)]
    dangerous = person("Danger", gains=of_role(PartnerRole.GLOBAL_ADMIN))
    leaver = person("Leaver", losses=of_role(PartnerRole.SALES_AGENT))
    of = report(
        tenant(dangerous, *crowd, leaver, findings={"still_open": quiet}, settings=EVERYTHING.tenants[0].settings)
    )
    output = markdown.render(layout(of), limit=10_000)
    assert size(output) <= 10_000
    assert "**Danger**" in output
    assert "**Leaver**" in output
    assert "limits.removal_share" in output
    assert "**Reader 0**" in output
    assert "**Reader 199**" not in output
    assert "Subject" not in output
    assert "the most dangerous of these reaches customers" in output


@pytest.mark.parametrize("limit", [3_000, 5_000, 8_000, 20_000])
@pytest.mark.parametrize("name", SAMPLES)
def test_it_never_is_longer_than_it_may_be_and_says_so_where_it_is_shortened(name: str, limit: int) -> None:
    output = markdown.render(layout(SAMPLES[name]), limit=limit)
    assert size(output) <= limit
    assert output.splitlines()[1].endswith(escape(layout(SAMPLES[name]).title))
    assert ("Shortened" in output) == (size(markdown.render(layout(SAMPLES[name]))) > limit)
    assert output.count("<details>") == output.count("</details>")


def test_long_texts_are_cut_and_say_so() -> None:
    output = markdown.render(
        layout(retold(EVERYTHING, lambda item: "x" * 60_000 if item == "Emma Lindqvist" else item))
    )
    assert size(output) <= LIMIT
    assert "more characters" in output
    assert "Shortened" not in output


def test_many_pieces_of_access_of_one_person_are_cut_and_counted() -> None:
    many = tuple(access(f"Customer {number}", because=("assigned",)) for number in range(900))
    output = markdown.render(layout(report(tenant(person("Ines", gains=many)), UK)))
    assert "and 888 more" in output
    assert "Shortened" not in output


def test_a_thousand_tenants_fit() -> None:
    tenants = [
        tenant(person("Ada", losses=of_role(PartnerRole.GLOBAL_ADMIN)), tenant=f"contoso/t{number}", name=f"T {number}")
        for number in range(1000)
    ]
    output = markdown.render(layout(report(*tenants)))
    assert size(output) <= LIMIT
    assert "who lose access" in output
