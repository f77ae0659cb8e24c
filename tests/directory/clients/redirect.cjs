// Loaded before the CLI for Microsoft 365, which knows Microsoft's clouds only: sends what is meant for them to the
// embedded directory, as a name server would.
const https = require("https");

const directory = new URL(process.env.DIRECTORY_URL);
const hosts = ["graph.microsoft.com", "login.microsoftonline.com"];
const original = https.request;

https.request = function (options, ...rest) {
  if (!hosts.includes(options.hostname)) {
    return original.call(this, options, ...rest);
  }
  const headers = { ...options.headers, Host: directory.host };
  const address = { hostname: directory.hostname, host: directory.hostname, port: directory.port };
  return original.call(this, { ...options, ...address, headers }, ...rest);
};
