// Runs commands of the CLI for Microsoft 365 in one process: reads a command and its options as JSON from each line, and
// writes what came of it as JSON.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const { executeCommand } = await import(pathToFileURL(require.resolve(process.env.M365_PACKAGE)));

for await (const line of createInterface({ input: process.stdin })) {
  const { command, options } = JSON.parse(line);
  let answer;
  try {
    const { stdout } = await executeCommand(command, { ...options, output: "json" });
    answer = { succeeded: true, output: stdout, complaint: "" };
  } catch (failure) {
    const error = failure.error ?? failure;
    answer = { succeeded: false, output: "", complaint: String(error.message ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
