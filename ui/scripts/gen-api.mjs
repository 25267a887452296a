// Writes src/api/schema.ts from the server's description; with --check, only fails when it is not current.
import { readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const source = new URL("../../crates/api/openapi.json", import.meta.url);
const target = new URL("../src/api/schema.ts", import.meta.url);

const description = JSON.parse(readFileSync(source, "utf8"));
// Types are looked up by path; operation ids would only make a second set of names that can clash.
for (const path of Object.values(description.paths)) {
  for (const operation of Object.values(path)) delete operation.operationId;
}
const text = `// Generated from crates/api/openapi.json by \`npm run gen:api\`; do not edit.\n${astToString(await openapiTS(description))}`;

if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== text) {
    console.error("src/api/schema.ts is not current; run `npm run gen:api`");
    process.exit(1);
  }
} else writeFileSync(target, text);
