// Runs the browser test: against YAGURA_URL, or with --mock against the mock server.
//
// YAGURA_URL=http://127.0.0.1:8808 node test/browser/run.mjs [--screenshots DIR] [--only TEXT]
// node test/browser/run.mjs --mock [--screenshots DIR] [--only TEXT]
//
// With --pictures DIR it makes the pictures of the documentation instead.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { startMock } from "../../mock/server.mjs";
import { budgets } from "./budgets.mjs";
import { cases } from "./cases.mjs";
import { entityCases } from "./entity-cases.mjs";
import { mockCases } from "./mock-cases.mjs";
import { launch } from "./page.mjs";
import { parts } from "./parts.mjs";
import { pictures } from "./pictures.mjs";
import { quality } from "./quality.mjs";
import { restore } from "./restore.mjs";
import { tasks } from "./tasks.mjs";

const option = (name) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};
const withMock = process.argv.includes("--mock");
const picturesFolder = option("--pictures");
const folder = picturesFolder ?? option("--screenshots");
const only = option("--only") ?? "";
if (!withMock && !process.env["YAGURA_URL"]) {
  console.error("set YAGURA_URL to the address of a running server, or pass --mock");
  process.exit(2);
}
if (folder) mkdirSync(folder, { recursive: true });

const mock = withMock ? await startMock({}) : null;
const base = (mock?.url ?? process.env["YAGURA_URL"] ?? "").replace(/\/$/, "");
const browser = await launch();
const shoot = async (page, name) => {
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`) });
};

let failures = 0;
const always = { ...cases, ...tasks, ...entityCases, ...budgets, ...restore, ...quality };
const wanted = picturesFolder ? pictures : withMock ? { ...always, ...parts, ...mockCases } : always;
const all = Object.entries(wanted).filter(([name]) => name.includes(only));
for (const [name, run] of all) {
  const started = performance.now();
  const notes = [];
  try {
    await run({ browser, base, shoot, report: (text) => notes.push(text) });
    console.log(`ok    ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failures += 1;
    console.log(`FAIL  ${name}\n${error.stack ?? error}`);
  }
  for (const note of notes) console.log(`      ${note}`);
}
await browser.close();
await mock?.close();
console.log(failures === 0 ? `${all.length} passed` : `${failures} of ${all.length} failed`);
process.exit(failures === 0 ? 0 : 1);
