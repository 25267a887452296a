// Every text exists in both languages with the same parameters; numbers and plurals follow the language.
import { describe, expect, it } from "vitest";
import { en } from "../../src/i18n/en";
import { formatInterval, language, t, tCode, tn, type Key } from "../../src/i18n";
import { ja } from "../../src/i18n/ja";

const parameters = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

describe("dictionaries", () => {
  it("use the same parameters in both languages", () => {
    const different = (Object.keys(en) as Key[]).filter(
      (key) => parameters(en[key]).join() !== parameters(ja[key]).join(),
    );
    expect(different).toEqual([]);
  });
  it("have no empty text", () =>
    expect(Object.values({ ...en, ...ja }).filter((text) => text.trim() === "")).toEqual([]));
});

describe("texts", () => {
  it("follow the language", () => {
    language.value = "en";
    expect([tn("result.events", 1), tn("result.events", 12480)]).toEqual(["1 event", "12,480 events"]);
    expect(formatInterval("15m")).toBe("15 minutes");
    language.value = "ja";
    expect(tn("result.events", 12480)).toBe("12,480 件");
    language.value = "en";
  });
  it("fall back for a code this page does not know", () => {
    expect(tCode("error", "not_allowed", "error.other")).toBe("You are not allowed to do this.");
    expect(tCode("error", "new_code", "error.other")).toBe("The server reported the error new_code.");
  });
  it("leave an unknown parameter visible", () => expect(t("result.took")).toBe("{ms} ms"));
});
