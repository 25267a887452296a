// Packs the built files once, so that the server only hands them out: `.br` and `.gz` beside each that gets smaller.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const WORTH_IT = 0.9;

for (const name of readdirSync(dist, { recursive: true })) {
  if (!/\.(?:html|js|css|svg|json|txt)$/.test(name)) continue;
  const bytes = readFileSync(dist + name);
  const forms = {
    br: brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
    gz: gzipSync(bytes, { level: 9 }),
  };
  for (const [suffix, packed] of Object.entries(forms)) {
    rmSync(`${dist}${name}.${suffix}`, { force: true });
    if (packed.length < bytes.length * WORTH_IT) writeFileSync(`${dist}${name}.${suffix}`, packed);
  }
}
