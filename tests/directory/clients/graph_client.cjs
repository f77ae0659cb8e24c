// Works with Microsoft's Graph client for JavaScript, signed in by @azure/identity, and prints what came of it as JSON.
const { ClientCertificateCredential, ClientSecretCredential } = require("@azure/identity");
const { BatchRequestContent, Client, PageIterator } = require("@microsoft/microsoft-graph-client");
const {
  TokenCredentialAuthenticationProvider,
} = require("@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials");

const { DIRECTORY_URL: url, TENANT: tenant, CLIENT_ID: clientId, CLIENT_SECRET: secret, CERTIFICATE: pem } = process.env;
// Instance discovery asks Microsoft's public cloud about any authority but its own.
const options = { authorityHost: url, disableInstanceDiscovery: true };
const credential = pem
  ? new ClientCertificateCredential(tenant, clientId, pem, options)
  : new ClientSecretCredential(tenant, clientId, secret, options);
const authProvider = new TokenCredentialAuthenticationProvider(credential, { scopes: [`${url}/.default`] });
const client = Client.initWithMiddleware({ authProvider, baseUrl: `${url}/`, customHosts: new Set(["127.0.0.1"]) });

const newUser = (name) => ({
  accountEnabled: true,
  displayName: name,
  mailNickname: name,
  passwordProfile: { password: process.env.PASSWORD, forceChangePasswordNextSignIn: false },
  userPrincipalName: `${name}@contoso.example`,
});

async function work() {
  const made = [];
  for (const name of ["js-one", "js-two", "js-three"]) {
    made.push(await client.api("/users").post(newUser(name)));
  }
  await client.api(`/users/${made[0].id}`).patch({ jobTitle: "Engineer" });
  const read = await client.api(`/users/${made[0].userPrincipalName}`).select("id,jobTitle").get();

  const pages = await client.api("/users").filter("startsWith(userPrincipalName,'js-')").top(2).get();
  const paged = [];
  await new PageIterator(client, pages, (user) => paged.push(user.id)).iterate();

  const counted = await client.api("/users").header("ConsistencyLevel", "eventual").count(true).top(1).get();

  const group = { displayName: "js", mailEnabled: false, mailNickname: "js", securityEnabled: true };
  const { id: groupId } = await client.api("/groups").post(group);
  await client.api(`/groups/${groupId}/members/$ref`).post({ "@odata.id": `${url}/v1.0/directoryObjects/${made[1].id}` });
  const expanded = await client.api(`/groups/${groupId}`).expand("members").get();

  const requests = ["/users/nobody@contoso.example", `/users/${made[2].id}`].map((path, index) => ({
    id: `${index}`,
    request: new Request(`${url}${path}`, { method: "GET" }),
  }));
  const content = await new BatchRequestContent(requests).getContent();
  const batched = await client.api("/$batch").post(content);

  await client.api(`/users/${made[2].id}`).delete();
  let refused = {};
  try {
    await client.api(`/users/${made[2].id}`).get();
  } catch (error) {
    refused = { statusCode: error.statusCode, code: error.code };
  }
  return {
    made: made.map((user) => user.id),
    jobTitle: read.jobTitle,
    paged,
    counted: counted["@odata.count"],
    members: expanded.members.map((member) => member.id),
    batched: Object.fromEntries(batched.responses.map((answer) => [answer.id, answer.status])),
    refused,
  };
}

const task = pem ? client.api("/organization").get() : work();
task.then(
  (result) => console.log(JSON.stringify(result)),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
