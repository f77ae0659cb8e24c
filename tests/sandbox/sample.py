"""The sample program, and how tests write and name things."""

from pathlib import Path
from textwrap import dedent

from tenantry.sandbox.recording import InvokeAnswer

PASSWORD = "Canary-pass-phrase-7!"
ADMIN_AGENTS = "11111111-1111-4111-8111-111111111111"
HELPDESK = "22222222-2222-4222-8222-222222222222"
UNDECLARED = "33333333-3333-4333-8333-333333333333"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
TENANT = "44444444-4444-4444-8444-444444444444"

CLIENT_CONFIG = InvokeAnswer(
    token="azuread:index/getClientConfig:getClientConfig",
    result={"clientId": "c", "id": "i", "objectId": UNDECLARED, "tenantId": TENANT},
)

PROGRAM = f"""
import pulumi
import pulumi_azuread as azuread
from people import Person

config = pulumi.Config()
print("not a part of the recording")
pulumi.export("tenant", azuread.get_client_config().tenant_id)

ada = Person("ada", config.require_secret("password"))
admins = azuread.Group(
    "admins",
    display_name="AdminAgents",
    security_enabled=True,
    members=["{UNDECLARED}", ada.user.object_id],
    opts=pulumi.ResourceOptions(
        import_="/groups/{ADMIN_AGENTS}",
        protect=True,
        retain_on_delete=True,
        ignore_changes=["display_name", "mail_nickname"],
        delete_before_replace=True,
        aliases=[pulumi.Alias(name="administrators")],
    ),
)
helpdesk = azuread.Group.get("helpdesk", "/groups/{HELPDESK}")
azuread.GroupMember("ada-helps", group_object_id=helpdesk.object_id, member_object_id=ada.user.object_id)
role = azuread.DirectoryRole("role", display_name="Global Administrator")
azuread.DirectoryRoleAssignment(
    "ada-administers",
    role_id=role.template_id,
    principal_object_id=ada.user.object_id,
    opts=pulumi.ResourceOptions(
        provider=azuread.Provider("elsewhere", tenant_id="{TENANT}"), depends_on=[admins]
    ),
)
pulumi.export("password", ada.user.password)
pulumi.export("leaked", f"it is {{config.require('password')}}")
pulumi.export("ada", ada.user.object_id)
pulumi.export("ada-link", pulumi.Output.format("/users/{{0}}", ada.user.object_id))
pulumi.export("about-ada", ada.user.about_me)
pulumi.export("admins", admins.object_id)
pulumi.export("helpdesk", helpdesk.id)
pulumi.export("lookalikes", [{{"secret": "x"}}, {{"unknown": True}}, {{"map": {{}}}}, {{"unknown": True, "more": 1.5}}])
pulumi.export("nested", {{"list": [1, None, True, pulumi.Output.secret("{PASSWORD}")]}})
"""

PEOPLE = """
import pulumi
import pulumi_azuread as azuread


class Person(pulumi.ComponentResource):
    def __init__(self, name, password):
        kept = pulumi.ResourceOptions(protect=True, retain_on_delete=True)
        super().__init__("tenantry:people:Person", name, {}, kept)
        self.user = azuread.User(
            name,
            display_name="Ada Lovelace",
            user_principal_name="ada@contoso.com",
            password=password,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"roles": ["Admin agent"], "object_id": self.user.object_id})
"""


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:dev::sample::{kind}::{name}"


ADA = urn("tenantry:people:Person$azuread:index/user:User", "ada")
ADMINS = urn("azuread:index/group:Group", "admins")
STACK = urn("pulumi:pulumi:Stack", "sample-dev")


def write_program(folder: Path, main: str, **modules: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in {"__main__": main, **modules}.items():
        (folder / f"{name}.py").write_text(dedent(source))
    return folder
