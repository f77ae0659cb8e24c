"""The Azure CLI on a cloud of its own: `az cloud register`, then `az ad` and `az rest`."""

import json
import shlex
from collections.abc import Callable

import pytest

from tests.directory.samples import ADA, PASSWORD, UNITED_STATES, LiveDirectory

from .programs import Outcome, find_program, follow, run

_GRAPH = "00000003-0000-0000-c000-000000000000"
_READ_USERS = "df021288-bdef-4463-88db-98f22de89214"
_ROLE = {
    "allowedMemberTypes": ["User"],
    "description": "Reads",
    "displayName": "Reader",
    "isEnabled": True,
    "value": "reader",
}
_FEDERATED = {
    "name": "main",
    "issuer": "https://token.actions.githubusercontent.com",
    "subject": "repo:contoso/infrastructure:ref:refs/heads/main",
    "audiences": ["api://AzureADTokenExchange"],
}
_GROUP = {"displayName": "Rest", "mailEnabled": False, "mailNickname": "rest", "securityEnabled": True}

_VALUES: dict[str, str] = {
    "ADA": ADA.object_id,
    "PASSWORD": PASSWORD,
    "GRAPH": _GRAPH,
    "READ_USERS": _READ_USERS,
    "ROLES": json.dumps([_ROLE]),
    "CLAIMS": json.dumps({"idToken": [{"name": "auth_time", "essential": False}]}),
    "FEDERATED": json.dumps(_FEDERATED),
    "GROUP_BODY": json.dumps(_GROUP),
}
_COMMANDS = """
CLARA = ad user create --display-name 'Clara Cloud' --user-principal-name clara@contoso.example --password PASSWORD
ad user create --display-name Dan --user-principal-name dan@contoso.example --password PASSWORD --mail-nickname dd
ad user list
ad user list --upn clara@contoso.example
ad user list --display-name Clara
ad user list --filter "startswith(displayName,'Cla')"
ad user show --id clara@contoso.example
ad user show --id CLARA
ad user update --id clara@contoso.example --display-name 'Clara C'
ad user update --id CLARA --account-enabled false
ad user update --id CLARA --password PASSWORD-2 --force-change-password-next-sign-in true
GROUP = ad group create --display-name Azure --mail-nickname azure --description 'Made by az'
ad group create --display-name Azure --mail-nickname azure --force false
ad group list
ad group list --display-name Azu
ad group list --filter "displayName eq 'Azure'"
ad group show --group Azure
ad group show --group GROUP
ad group member add --group Azure --member-id CLARA
ad group member check --group Azure --member-id CLARA
ad group member list --group Azure
ad group get-member-groups --group Azure
ad user get-member-groups --id clara@contoso.example
ad user get-member-groups --id CLARA --security-enabled-only
ad group owner add --group Azure --owner-object-id ADA
ad group owner list --group Azure
ad group owner remove --group Azure --owner-object-id ADA
ad group member remove --group Azure --member-id CLARA
APP = ad app create --display-name Pipeline
ad app create --display-name Web --sign-in-audience AzureADMyOrg --web-redirect-uris https://web.contoso.example
ad app list
ad app list --all
ad app list --display-name Pipe
ad app list --app-id APP.appId
ad app show --id APP.appId
ad app show --id APP
ad app update --id APP.appId --display-name 'Pipeline 2'
ad app update --id APP --set notes=changed
ad app update --id APP --identifier-uris api://APP.appId
ad app update --id APP --app-roles ROLES
ad app update --id APP --optional-claims CLAIMS
ad app credential reset --id APP --append --display-name second
ad app credential reset --id APP --append --create-cert
ad app credential list --id APP
ad app credential list --id APP --cert
ad app owner add --id APP --owner-object-id ADA
ad app owner list --id APP
ad app owner remove --id APP --owner-object-id ADA
ad app permission add --id APP --api GRAPH --api-permissions READ_USERS=Role
ad app permission list --id APP
ad app permission delete --id APP --api GRAPH
ad app federated-credential create --id APP --parameters FEDERATED
ad app federated-credential list --id APP
ad app federated-credential show --id APP --federated-credential-id main
ad app federated-credential update --id APP --federated-credential-id main --parameters FEDERATED
ad app federated-credential delete --id APP --federated-credential-id main
SP = ad sp create --id APP.appId
ad app permission grant --id APP.appId --api GRAPH --scope User.Read
ad app permission list-grants --id APP.appId
ad app permission list-grants --id APP.appId --show-resource-name
ad sp list --display-name Pipe
ad sp list --all
ad sp list --spn APP.appId
ad sp list --filter "appId eq 'APP.appId'"
ad sp show --id SP
ad sp show --id APP.appId
ad sp update --id SP --set 'tags=["a","b"]'
ad sp owner list --id SP
ad sp credential reset --id SP --append
ad sp credential list --id SP
RBAC = ad sp create-for-rbac --name rbac
rest --url URL/v1.0/organization
rest --method post --url URL/v1.0/groups --body GROUP_BODY
rest --method patch --url URL/v1.0/users/CLARA --body '{"jobTitle": "Engineer"}'
rest --url "URL/v1.0/users?$filter=jobTitle eq 'Engineer'&$count=true" --headers ConsistencyLevel=eventual
rest --method delete --url URL/v1.0/users/CLARA
rest --url URL/v1.0/directory/deletedItems/microsoft.graph.user
ad sp delete --id SP
ad app delete --id APP
ad group delete --group Azure
ad user delete --id dan@contoso.example
"""

#: What Microsoft refuses to an application as well, and the words.
_REFUSED = {
    "ad signed-in-user show": "/me request is only valid with delegated authentication flow",
    "ad signed-in-user list-owned-objects": "/me request is only valid with delegated authentication flow",
    "ad app list --show-mine": "/me request is only valid with delegated authentication flow",
    "ad user show --id nobody@contoso.example": "Resource 'nobody@contoso.example' does not exist",
    "ad app permission admin-consent --id pipeline": "not yet supported on sovereign clouds",
}
#: What the directory does not have yet, in whole or in part.
_NOT_HERE = ("getMemberGroups", "checkMemberGroups", "federatedIdentityCredentials")

_Az = Callable[..., Outcome]


@pytest.fixture(scope="module")
def az(directory: LiveDirectory, tmp_path_factory: pytest.TempPathFactory) -> _Az:
    """The Azure CLI, signed in as the deploying application."""
    program = find_program("The Azure CLI", "az", "TENANTRY_AZ")
    folder = tmp_path_factory.mktemp("az")
    environment = {
        "AZURE_CONFIG_DIR": str(folder / "config"),
        "AZURE_CORE_COLLECT_TELEMETRY": "false",
        # Clouds of one's own are not among those that Microsoft's instance discovery knows.
        "AZURE_CORE_INSTANCE_DISCOVERY": "false",
        "REQUESTS_CA_BUNDLE": str(directory.bundle),
    }

    def call(*arguments: str) -> Outcome:
        return run([program, *arguments, "--output", "json", "--only-show-errors"], environment, folder)

    credentials = directory.credentials()
    sign_in = ("login", "--service-principal", "--allow-no-subscriptions", "--tenant", UNITED_STATES.tenant_id)
    for arguments in (
        ("cloud", "register", "--name", "Embedded", "--endpoint-resource-manager", directory.url),
        ("cloud", "set", "--name", "Embedded"),
        (*sign_in, "--username", credentials.client_id, "--password", credentials.client_secret),
    ):
        outcome = call(*arguments)
        assert outcome.succeeded, outcome.complaint
    return call


def test_the_commands_of_the_azure_cli_work(az: _Az, directory: LiveDirectory):
    complaints = follow(_COMMANDS, {**_VALUES, "URL": directory.url}, az)
    assert {
        command: text for command, text in complaints.items() if not any(absent in text for absent in _NOT_HERE)
    } == {}


@pytest.mark.parametrize("command", _REFUSED)
def test_what_microsoft_refuses_to_an_application_is_refused(az: _Az, command: str):
    outcome = az(*shlex.split(command))
    assert not outcome.succeeded
    assert _REFUSED[command] in outcome.complaint


def test_what_a_command_made_is_what_it_shows(az: _Az):
    made = json.loads(az("ad", "group", "create", "--display-name", "Shown", "--mail-nickname", "shown").output)
    assert json.loads(az("ad", "group", "show", "--group", "Shown").output) == made
