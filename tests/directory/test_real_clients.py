"""Clients that nobody here wrote: azure-identity signs in, msgraph-sdk works, both over TLS as they come."""

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CertificateCredential, ClientSecretCredential

from tenantry.directory.control import CLOCK, DECISIONS
from tenantry.directory.resources import RESOURCES
from tenantry.directory.schema import Resource
from tenantry.directory.service_principals import CUSTOMER_ADMINISTRATION
from tenantry.directory.state import State

from .certificates import make_certificate
from .samples import ADA, BILLING_ADMINISTRATOR, PASSWORD, UNITED_STATES, LiveDirectory

msgraph = pytest.importorskip("msgraph", reason="msgraph-sdk is not installed: `make test` installs it")


def signed_in(live: LiveDirectory, client_id: str, secret: str) -> ClientSecretCredential:
    return ClientSecretCredential(
        UNITED_STATES.tenant_id,
        client_id,
        secret,
        authority=live.url,
        disable_instance_discovery=True,
        connection_verify=str(live.bundle),
    )


def deploying(live: LiveDirectory) -> ClientSecretCredential:
    credentials = live.credentials()
    return signed_in(live, credentials.client_id, credentials.client_secret)


def ask(live: LiveDirectory, work: Callable[[Any], Awaitable[Any]]) -> Any:
    """Let msgraph-sdk do something, signed in as the deploying application."""
    import httpx
    from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
    from msgraph import GraphRequestAdapter, GraphServiceClient
    from msgraph_core import GraphClientFactory

    async def run() -> Any:
        provider = AzureIdentityAuthenticationProvider(
            deploying(live), scopes=[f"{live.url}/.default"], allowed_hosts=["127.0.0.1"]
        )
        async with httpx.AsyncClient(verify=str(live.bundle)) as plain:
            client = GraphClientFactory.create_with_default_middleware(client=plain)
            adapter = GraphRequestAdapter(provider, client=client)
            adapter.base_url = f"{live.url}/v1.0"
            return await work(GraphServiceClient(request_adapter=adapter))

    return asyncio.run(run())


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=lambda one: one.title)
def test_every_property_that_the_sdk_knows_is_kept_or_called_not_implemented(resource: Resource) -> None:
    module = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", resource.type_name).lower()
    model = getattr(import_module(f"msgraph.generated.models.{module}"), resource.title)
    known = {*resource.properties, *resource.related, *resource.not_kept}
    assert model().get_field_deserializers().keys() - {"@odata.type"} <= known


def new_user(name: str) -> Any:
    from msgraph.generated.models.password_profile import PasswordProfile
    from msgraph.generated.models.user import User

    return User(
        account_enabled=True,
        display_name=name.title(),
        mail_nickname=name,
        user_principal_name=f"{name}@contoso.example",
        password_profile=PasswordProfile(force_change_password_next_sign_in=True, password=PASSWORD),
    )


def test_the_sdk_makes_reads_changes_and_deletes_a_user(live: LiveDirectory) -> None:
    from msgraph.generated.models.user import User

    async def work(graph: Any) -> None:
        made = await graph.users.post(new_user("sdk-one"))
        assert made.display_name == "Sdk-One"
        await graph.users.by_user_id(made.id).patch(User(job_title="Engineer"))
        read = await graph.users.by_user_id("SDK-one@contoso.example").get()
        assert (read.id, read.job_title) == (made.id, "Engineer")
        await graph.users.by_user_id(made.id).delete()
        from msgraph.generated.models.o_data_errors.o_data_error import ODataError

        with pytest.raises(ODataError) as missing:
            await graph.users.by_user_id(made.id).get()
        assert missing.value.response_status_code == 404
        assert missing.value.error is not None
        assert missing.value.error.code == "Request_ResourceNotFound"

    ask(live, work)


def test_the_sdk_reads_page_after_page_and_filters(live: LiveDirectory) -> None:
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph.generated.users.users_request_builder import UsersRequestBuilder
    from msgraph_core import PageIterator

    async def work(graph: Any) -> None:
        made = [await graph.users.post(new_user(f"page-{number}")) for number in range(5)]
        query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(
            top=2, filter="startsWith(userPrincipalName,'page-')", select=["id", "userPrincipalName"]
        )
        first = await graph.users.get(RequestConfiguration(query_parameters=query))
        assert len(first.value) == 2
        seen: list[str] = []

        def note(user: Any) -> bool:
            seen.append(user["id"] if isinstance(user, dict) else user.id)
            return True

        await PageIterator(first, graph.request_adapter).iterate(note)
        assert seen == [user.id for user in made]

    ask(live, work)


def test_the_sdk_puts_somebody_into_a_group_and_takes_them_out(live: LiveDirectory) -> None:
    from msgraph.generated.models.group import Group
    from msgraph.generated.models.reference_create import ReferenceCreate

    async def work(graph: Any) -> None:
        group = await graph.groups.post(
            Group(display_name="SDK", mail_enabled=False, mail_nickname="sdk", security_enabled=True)
        )
        members = graph.groups.by_group_id(group.id).members
        await members.ref.post(ReferenceCreate(odata_id=f"{live.url}/v1.0/directoryObjects/{ADA.object_id}"))
        assert [member.id for member in (await members.get()).value] == [ADA.object_id]
        await members.by_directory_object_id(ADA.object_id).ref.delete()
        assert (await members.get()).value == []

    ask(live, work)


def test_the_sdk_takes_a_relationship_with_a_customer_from_its_request_to_an_assignment(live: LiveDirectory) -> None:
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph.generated.models import (
        delegated_admin_access_assignment,
        delegated_admin_access_container,
        delegated_admin_access_container_type,
        delegated_admin_access_details,
        delegated_admin_relationship,
        delegated_admin_relationship_request,
        delegated_admin_relationship_request_action,
        unified_role,
    )
    from msgraph.generated.models.group import Group
    from msgraph.generated.models.service_principal import ServicePrincipal

    roles = [unified_role.UnifiedRole(role_definition_id=BILLING_ADMINISTRATOR)]
    details = delegated_admin_access_details.DelegatedAdminAccessDetails(unified_roles=roles)

    def control(path: str, **body: Any) -> None:
        with live.client(State(live.state_dir).control_secret()) as client:
            client.request("PUT" if path == CLOCK else "POST", path, json=body).raise_for_status()

    async def work(graph: Any) -> None:
        await graph.service_principals.post(ServicePrincipal(app_id=CUSTOMER_ADMINISTRATION))
        relationships = graph.tenant_relationships.delegated_admin_relationships
        new = delegated_admin_relationship.DelegatedAdminRelationship(display_name="SDK", access_details=details)
        new.duration = "P30D"  # A timedelta is written as Python shows it, which is no duration.
        made = await relationships.post(new)
        assert (made.duration.days, made.status.value) == (30, "created")
        item = relationships.by_delegated_admin_relationship_id(made.id)
        lock = delegated_admin_relationship_request_action.DelegatedAdminRelationshipRequestAction.LockForApproval
        await item.requests.post(delegated_admin_relationship_request.DelegatedAdminRelationshipRequest(action=lock))
        control(DECISIONS, relationship="SDK", decision="approve")
        control(CLOCK, days_ahead=0.001)
        assert (await item.get()).status.value == "active"
        group = await graph.groups.post(
            Group(display_name="GDAP", mail_enabled=False, mail_nickname="gdap", security_enabled=True)
        )
        kind = delegated_admin_access_container_type.DelegatedAdminAccessContainerType.SecurityGroup
        container = delegated_admin_access_container.DelegatedAdminAccessContainer(
            access_container_id=group.id, access_container_type=kind
        )
        assigned = await item.access_assignments.post(
            delegated_admin_access_assignment.DelegatedAdminAccessAssignment(
                access_container=container, access_details=details
            )
        )
        assert assigned.status.value == "pending"
        request: Any = RequestConfiguration()
        request.headers.add("If-Match", assigned.additional_data["@odata.etag"])
        await item.access_assignments.by_delegated_admin_access_assignment_id(assigned.id).delete(request)
        assert [one.status.value for one in (await item.access_assignments.get()).value] == ["deleting"]

    try:
        ask(live, work)
    finally:
        control(CLOCK, days_ahead=0)


def test_the_sdk_sends_a_batch(live: LiveDirectory) -> None:
    from msgraph_core.requests.batch_request_builder import BatchRequestBuilder
    from msgraph_core.requests.batch_request_content import BatchRequestContent
    from msgraph_core.requests.batch_request_item import BatchRequestItem

    async def work(graph: Any) -> None:
        wanted = (graph.users.by_user_id(ADA.object_id), graph.users.by_user_id("nobody@contoso.example"))
        items = [BatchRequestItem(request_information=one.to_get_request_information()) for one in wanted]
        content = BatchRequestContent({item.id: item for item in items})
        answers = await BatchRequestBuilder(graph.request_adapter).post(content)
        statuses = answers.get_response_status_codes()
        assert [statuses[item.id] for item in items] == [200, 404]

    ask(live, work)


@pytest.fixture(scope="module")
def certificate() -> tuple[bytes, bytes]:
    return make_certificate()


def application(live: LiveDirectory, **more: Any) -> dict[str, Any]:
    """A new application with its identity: its document."""
    token = deploying(live).get_token(f"{live.url}/.default").token
    with live.client(token) as graph:
        made = graph.post("/v1.0/applications", json={"displayName": "Pipeline", **more}).json()
        graph.post("/v1.0/servicePrincipals", json={"appId": made["appId"]}).raise_for_status()
        made["secret"] = graph.post(f"/v1.0/applications/{made['id']}/addPassword", json={}).json()["secretText"]
    return dict(made)


def test_an_application_signs_in_with_a_secret_that_it_was_given(live: LiveDirectory) -> None:
    app = application(live)
    assert signed_in(live, app["appId"], app["secret"]).get_token(f"{live.url}/.default").token
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        signed_in(live, app["appId"], "another").get_token(f"{live.url}/.default")


def test_an_application_signs_in_with_a_certificate(live: LiveDirectory, certificate: tuple[bytes, bytes]) -> None:
    pem, der = certificate
    key = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": base64.b64encode(der).decode()}

    def credential(client_id: str) -> CertificateCredential:
        return CertificateCredential(
            UNITED_STATES.tenant_id,
            client_id,
            certificate_data=pem,
            authority=live.url,
            disable_instance_discovery=True,
            connection_verify=str(live.bundle),
        )

    known, unknown = application(live, keyCredentials=[key]), application(live)
    assert credential(known["appId"]).get_token(f"{live.url}/.default").token
    with pytest.raises(ClientAuthenticationError, match="AADSTS700027"):
        credential(unknown["appId"]).get_token(f"{live.url}/.default")
