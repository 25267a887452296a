// Fails when the code needed before the first row, or any later chunk, is over its budget (bytes after gzip).
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const FIRST_ROW_KB = 75;
const CHUNK_KB = 100;
const STYLE_KB = 12;

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const html = readFileSync(`${dist}index.html`, "utf8");
const needed = new Set(
  [...html.matchAll(/(?:src|href)="\/((?:assets\/)?[^"/]+\.(?:js|css))"/g)].map((match) => match[1]),
);
// A chunk that the entry imports statically is needed as well.
for (const name of needed) {
  if (!name.endsWith(".js")) continue;
  for (const match of readFileSync(dist + name, "utf8").matchAll(/\b(?:from|import)\s*"\.\/([^"]+\.js)"/g))
    needed.add(`assets/${match[1]}`);
}

const kb = (bytes) => bytes / 1024;
let first = 0;
let failed = false;
for (const name of [
  "early.js",
  ...readdirSync(`${dist}assets`)
    .filter((file) => !/\.(?:br|gz)$/.test(file))
    .map((file) => `assets/${file}`),
]) {
  const bytes = readFileSync(dist + name);
  const gzip = gzipSync(bytes, { level: 9 }).length;
  const brotli = brotliCompressSync(bytes).length;
  const early = needed.has(name);
  const limit = name.endsWith(".css") ? STYLE_KB : CHUNK_KB;
  if (early && name.endsWith(".js")) first += gzip;
  if (kb(gzip) > limit) failed = true;
  console.log(
    `${kb(gzip).toFixed(1).padStart(7)} KB gzip ${kb(brotli).toFixed(1).padStart(7)} KB brotli  ${early ? "first row" : "later    "}  ${name}${kb(gzip) > limit ? `  over ${limit} KB` : ""}`,
  );
}
if (kb(first) > FIRST_ROW_KB) failed = true;
console.log(
  `${kb(first).toFixed(1).padStart(7)} KB gzip of JavaScript before the first row, at most ${FIRST_ROW_KB} KB`,
);
if (failed) process.exit(1);
