// Writes what is made from the table of commands in cli/spec/: man/aio.1 and docs/command.md. Run it after a change there:
// node man/make.ts (or deno run -A, or bun). A test compares both files with what it would write.

import fs from "node:fs";
import { manPage } from "../cli/man.ts";
import { SPECS } from "../cli/spec/all.ts";
import { helpText, overviewText } from "../cli/spec/help.ts";
import { ENVIRONMENT } from "../cli/spec/overview.ts";
import { STATUSES } from "../cli/spec/statuses.ts";

/** The files, by their paths in the repository. */
export function made(): Readonly<Record<string, string>> {
  return { "man/aio.1": manPage(), "docs/command.md": commandPage() };
}

function commandPage(): string {
  return `# The command

This page is made by \`man/make.ts\` from \`cli/spec/\`, as \`aio --help\`, the manual page (\`man/aio.1\`, \`aio man\`) and the
completions of shells (\`aio completions\`) are.

${block(overviewText())}

## Exit statuses

${table(["status", "meaning"], Object.values(STATUSES).map(({ status, meaning }) => [String(status), meaning]))}

Where several things went wrong the greatest status counts, and a signal's before all others.

## Environment

${table(["variable", "what it changes"], ENVIRONMENT.map(([name, text]) => [name, text]))}

${Object.entries(SPECS).map(([name, spec]) => `## aio ${name}\n\n${block(helpText(spec))}`).join("\n\n")}
`;
}

function block(text: string): string {
  return `\`\`\`text\n${text}\`\`\``;
}

function table(head: string[], rows: string[][]): string {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column].length)));
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(made())) fs.writeFileSync(new URL(`../${path}`, import.meta.url), text);
}
