// Runs commands of the CLI for Microsoft 365 in one process: reads a command and its options as JSON from each line, and
// writes what came of it as JSON.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const library = pathToFileURL(require.resolve(process.env.M365_PACKAGE));
const { executeCommand } = await import(library);
const { cli } = await import(new URL("cli/cli.js", library));

// As on a command line; the library takes options as they are, so that a list would be left a text.
async function parse(command, options) {
  cli.loadAllCommandsInfo();
  await cli.loadCommandFromArgs(command.split(" "));
  const found = cli.commandToExecute?.command;
  return found?.schema ? found.getSchemaToParse().parseAsync(options) : options;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { command, options } = JSON.parse(line);
  let answer;
  try {
    const { stdout } = await executeCommand(command, await parse(command, { ...options, output: "json" }));
    answer = { succeeded: true, output: stdout, complaint: "" };
  } catch (failure) {
    const error = failure.error ?? failure;
    answer = { succeeded: false, output: "", complaint: String(error.message ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
