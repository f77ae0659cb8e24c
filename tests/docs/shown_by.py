"""How every block of commands on a page is shown to work, and every quote to be true."""

from typing import Final

#: Pages whose blocks are done in order, from the first to the last, changes of files among them.
WALKS: Final = ("docs/ten-minutes.md", "docs/first-change.md")

#: Blocks that run on the sample and the embedded directory, without the engine.
WITHOUT_ENGINE: Final = (
    "docs/customers.md: tenantry who",
    "docs/directory.md: tenantry directory dump",
    'docs/directory.md: tenantry directory approve "Fabrikam support"',
    "docs/directory.md: TOKEN=$(cut -d'\"' -f4 .tenantry/directory/control.json)",
    "docs/engines.md: tenantry rehearse preview",
    "docs/review.md: tenantry review",
    "docs/runbooks/leaver-today.md: tenantry todo",
)

#: Blocks that run on the sample as the first update leaves it, each with the commands that are to fail, and how.
AFTER_THE_FIRST_UPDATE: Final[dict[str, list[str]]] = {
    'README.md: eval "$(.venv/bin/tenantry env)"': [],
    "docs/README.md: tenantry review": ["1: tenantry audit"],
    "docs/audit.md: tenantry audit": [
        f"1: tenantry audit{options}"
        for options in ("", " --tenant us", " --person carla", " --role AdminAgents", " --format sarif")
    ],
    'docs/audit.md: eval "$(.venv/bin/tenantry env)"': ["1: tenantry audit --tenant us"],
    "docs/day-to-day.md: tenantry check": ["1: tenantry audit"],
    "docs/directory.md: tenantry directory seed examples/seeds/ten-years.yaml": ["7: tenantry drift --stack dev"],
    "docs/review.md: pulumi preview --json --show-sames > plan.json": [],
    "docs/runbooks/fixed-by-hand.md: tenantry drift": [],
    "docs/runbooks/fixed-by-hand.md: tenantry check": [],
    "docs/runbooks/fixed-by-hand.md: pulumi preview --refresh --policy-pack policies": [],
    "docs/runbooks/leaver-today.md: tenantry check": [],
    "pipelines/README.md: tenantry check": [],
    "policies/README.md: pulumi preview --policy-pack policies": [],
    "policies/README.md: pulumi preview --policy-pack policies --policy-pack-config pack.json": [],
    "policies/README.md: pulumi stack export --file state.json": [],
}

#: Blocks that a test of its own does, with more around them than a page has.
ELSEWHERE: Final = {
    "docs/adopt.md: make setup": "tests/engine/test_adopt.py::test_the_page_is_what_happens_from_its_first_step_on",
    "docs/doctor.md: tenantry doctor": "tests/doctor/test_set_ups.py::"
    "test_where_everything_is_right_the_exit_code_is_0",
    "docs/init.md: pipx install tenantry": "tests/engine/test_init.py::"
    "test_from_the_wheel_to_an_update_and_a_reviewed_change",
    "docs/init.md: pipx upgrade tenantry": "tests/scaffold/test_upgrade.py::"
    "test_a_dry_run_shows_the_same_as_a_diff_and_writes_nothing",
    "docs/handover.md: tenantry handover carla": "tests/engine/test_runbooks.py::"
    "test_the_password_that_is_handed_over_is_the_accounts_own",
    "docs/performance.md: tenantry drift --format json > drift.json": "tests/engine/test_partner_tenant.py::"
    "test_drift_says_whether_an_update_at_once_need_not_refresh",
    "docs/plugin.md: pulumi package add /path/to/tenantry/components": "tests/engine/plugin.py::__init__",
    "docs/runbooks/eligible-role.md: pulumi refresh --run-program=false --yes --target '<urn>'": "tests/engine/"
    "test_eligible_roles.py::test_a_leaver_whose_request_is_purged_is_refused_by_name_until_the_role_is_taken_away_by_hand",
    "docs/runbooks/eligible-role.md: pulumi state delete '<urn>'": "tests/engine/test_eligible_roles.py::"
    "test_an_eligible_role_that_was_taken_away_by_hand_is_reported_and_given_again_once_the_state_forgets_it",
    "docs/runbooks/interrupted.md: pulumi cancel": "tests/engine/test_interrupted.py::"
    "test_fifty_people_are_all_there_once_however_often_the_engine_was_killed",
    "docs/withdraw.md: pulumi destroy": "tests/engine/test_withdrawal.py::"
    "test_destroy_is_refused_and_leaves_what_it_did_not_make",
    "docs/withdraw.md: pulumi state unprotect --all": "tests/engine/test_withdrawal.py::"
    "test_destroy_is_refused_and_leaves_what_it_did_not_make",
    "examples/README.md: pulumi package add ../../components": "tests/engine/plugin.py::__init__",
}

#: What pages quote of a command's answer, each with the test that compares it with what the command answers.
QUOTES: Final = {
    "README.md: Who has which access in Contoso Partner (US)": "tests/docs/test_quotes.py::test_what_make_up_ends_with",
    "docs/adopt.md: $ tenantry adopt northwind/main": "tests/engine/test_adopt.py::"
    "test_the_page_is_what_happens_from_its_first_step_on",
    "docs/audit.md: Contoso Partner (US)": "tests/docs/test_quotes.py::"
    "test_what_an_audit_says_of_what_was_done_by_hand",
    "docs/plugin.md: The declaration cannot be used": "tests/docs/test_quotes.py::"
    "test_what_the_plugin_says_of_mistakes",
    "docs/ten-minutes.md: Who has which access": "tests/docs/test_quotes.py::test_what_make_up_ends_with",
    "docs/ten-minutes.md: 1 person gains access": "tests/docs/test_quotes.py::"
    "test_what_a_review_says_of_the_first_change",
    "docs/ten-minutes.md: * Dmitri Okafor": "tests/engine/test_pages.py::test_ten_minutes_without_a_tenant",
    "policies/README.md: - [mandatory]": "tests/engine/test_policy_pack.py::test_the_pack_s_page_quotes_what_it_says",
}

_DRAWING: Final = "a drawing, and no command's answer"
#: What stands as text on a page and is compared with nothing, and why.
NOT_COMPARED: Final = {
    "docs/README.md: partners/contoso/…yaml": _DRAWING,
    "docs/architecture.md: view": _DRAWING,
}

_OWN: Final = "it needs a tenant of one's own; docs/adopt.md does the same on the embedded directory"
_AZ: Final = "it needs the Azure CLI, and a tenant of one's own"
_INDEX: Final = "it needs a package index with Tenantry in it"

#: Blocks that nothing runs here, and why. That what they call exists, `test_commands.py` tests of all.
NOT_RUN: Final = {
    "README.md: tenantry init northwind": _OWN,
    "CONTRIBUTING.md: make up && make test && make lint": "it runs all tests",
    "README.md: make up": "the first line begins docs/ten-minutes.md; the second runs all tests",
    **{
        f"docs/own-tenant.md: {line}": _OWN
        for line in ("tenantry init", "export ARM", "tenantry adopt", "pulumi login", "git")
    },
    'docs/directory-for-tests.md: pip install "tenantry[directory]"': _INDEX,
    "docs/plugin.md: pulumi package add https://HOST/OWNER/tenantry.git/components@v0.1.0": "it needs a code host that "
    "has this repository with its tags",
    "docs/releases.md: make release": _INDEX,
    "docs/directory.md: make up": "docs/ten-minutes.md begins and ends so",
    "docs/runbooks/eligible-role.md: az rest --method POST --url": _AZ,
    "docs/runbooks/key-rotation.md: az ad app credential reset": _AZ,
    "docs/runbooks/key-rotation.md: pulumi stack change-secrets-provider": "it needs a key vault of one's own",
    "docs/runbooks/key-rotation.md: pulumi config set --secret": "it changes everybody's password",
    "docs/runbooks/leaver-today.md: PERSON=carla.jensen@contoso-partner.onmicrosoft.com": _AZ,
    "pipelines/README.md: ACCOUNT=contosotenantry": "it needs an Azure subscription",
    "pipelines/README.md: az ad app federated-credential create": _AZ,
    'policies/README.md: pip install "tenantry[graph,pulumi]"': _INDEX,
}
