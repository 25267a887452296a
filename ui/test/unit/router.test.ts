// Which page a path names, and which addresses are safe after sign-in. The router touches the window only when started.
import { beforeAll, describe, expect, it, vi } from "vitest";

let router: typeof import("../../src/router");
beforeAll(async () => {
  vi.stubGlobal("location", { pathname: "/", search: "" });
  router = await import("../../src/router");
});

describe("routes", () => {
  it.each([
    ["/", { page: "home" }],
    ["/search", { page: "search" }],
    ["/search/", { page: "search" }],
    ["/ledger", { page: "ledger" }],
    ["/dead-letters", { page: "dead-letters" }],
    ["/sign-in", { page: "sign-in" }],
    ["/nowhere", { page: "not-found" }],
    ["/doc/log-a-2026-11/x%2Fy", { page: "doc", index: "log-a-2026-11", id: "x/y" }],
    ["/doc/%zz/1", { page: "not-found" }],
    ["/doc/only", { page: "not-found" }],
  ])("%s", (path, expected) => expect(router.matchRoute(path)).toEqual(expected));
  it.each(["id/with ? and 日本", "_underscore"])("the permanent address of %j is read back", (id) => {
    const path = router.docPath("log-a", id);
    expect(path).not.toContain("/_");
    expect(router.matchRoute(path)).toEqual({ page: "doc", index: "log-a", id });
  });
});

describe("where to go after sign-in", () => {
  it.each([
    ["/search?q=a", "/search?q=a"],
    ["//evil.example.com", "/"],
    ["/\\evil.example.com", "/"],
    ["https://evil.example.com", "/"],
    ["/a\nb", "/"],
    [null, "/"],
  ])("%j leads to %s", (next, expected) => {
    expect(router.safeNext(next)).toBe(expected);
  });
});
