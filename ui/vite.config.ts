// How the page is built (hashed names, CSP-safe output) and served while developing.
import { defineConfig } from "vite";

const server = process.env["YAGURA_URL"] ?? "http://127.0.0.1:8807";

export default defineConfig({
  build: {
    target: "es2023",
    outDir: "dist",
    assetsDir: "assets",
    // A data: URL would be refused by `font-src`/`default-src 'none'`, and the helper script adds bytes for nothing.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    proxy: Object.fromEntries(
      ["/api/", "/l/", "/_msearch", "^/[^/?]+/_(search|field_caps|doc/)"].map((path) => [path, { target: server }]),
    ),
  },
  test: { include: ["test/unit/**/*.test.ts"], environment: "node" },
} as Parameters<typeof defineConfig>[0]);
