// What every page must keep to: accessibility in both themes and languages at three widths, room for longer texts.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { openPage, settled, until } from "./page.mjs";

const ALL = "/search?from=all&to=now";
const WIDTHS = [1440, 1024, 390];
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

const search = (more, then) => ({ path: ALL + more, then });
const openFirst = async (page) => {
  await page.locator(".grid-row").first().click();
  await until(() => page.locator('[data-test="detail"] [role="tab"]').count(), "the event is there");
};

/** Pages and states of pages; `then` brings the state about. */
const PLACES = {
  "search with an open event": search("&q=event.outcome%3Afailure&cmp=1", openFirst),
  "search counted": search("&v=table&by=source.ip,event.action"),
  "search in lanes": search("&v=timeline&by=event.action"),
  "picked rows and the saved searches": search("", async (page) => {
    await page.keyboard.press("x");
    await until(() => page.locator('[data-test="selection"]').count(), "the bar for picked rows");
    await page.locator(".view-bar > .chip-button").nth(2).click();
  }),
  "dead letters": { path: "/dead-letters" },
  ledger: { path: "/ledger" },
};

async function go({ page }, base, { path, then }) {
  await page.goto(base + path);
  if (path.startsWith("/search")) await settled(page);
  else await until(() => page.evaluate(() => document.querySelector("[data-test]") !== null), "the page is there");
  await then?.(page);
}

/** Texts of the page itself that do not fit their box; values of logs are cut on purpose. */
function clippedTexts() {
  const found = [];
  for (const element of document.querySelectorAll("button, a, label, legend, h1, h2, h3, p, dt, th, option, summary")) {
    const box = element.getBoundingClientRect();
    if (box.width === 0 || element.closest(".grid, .value-bars, .rail-label, .off-screen, .mono, .lanes, .letters, td"))
      continue;
    const style = getComputedStyle(element);
    const cuts = style.overflowX !== "visible" && style.overflowX !== "auto";
    if (!(element.textContent ?? "").includes("~")) continue;
    if (cuts && element.scrollWidth > element.clientWidth + 1)
      found.push(
        `${element.className || element.tagName}: ${element.textContent} (${element.scrollWidth} in ${element.clientWidth})`,
      );
    // Beside the window is as good as cut, unless one can scroll there.
    if (
      box.right > innerWidth + 1 &&
      !element.closest(".grid, .groups-body, .chart-table, .ledger-scroll, .explain-body, .table-scroll")
    )
      found.push(
        `${element.className || element.tagName}: ${element.textContent} ends at ${Math.round(box.right)} of ${innerWidth}`,
      );
  }
  return found;
}

export const quality = {
  async "no accessibility rule is broken, two themes, two languages, three widths"({ browser, base, report }) {
    const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    let checks = 0;
    for (const width of WIDTHS) {
      for (const [colorScheme, locale] of [
        ["dark", "en-US"],
        ["light", "ja-JP"],
        ["dark", "ja-JP"],
        ["light", "en-US"],
      ]) {
        const view = await openPage(browser, base, { colorScheme, locale, viewport: { width, height: 900 } });
        for (const [name, where] of Object.entries(PLACES)) {
          await go(view, base, where);
          await view.page.evaluate(axe);
          const { violations } = await view.page.evaluate(
            (runOnly) => globalThis.axe.run(document, { runOnly, resultTypes: ["violations"] }),
            RULES,
          );
          const found = violations.map(
            ({ id, nodes }) =>
              `${id} on ${name} (${colorScheme}, ${locale}, ${width}): ${nodes
                .slice(0, 3)
                .map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`)
                .join("\n")}`,
          );
          assert.deepEqual(found, []);
          checks += 1;
        }
        await view.check();
        await view.close();
      }
    }
    report(`axe-core: ${checks} times no finding`);
  },

  async "texts two fifths longer are not cut"({ browser, base, report, shoot }) {
    let checks = 0;
    for (const width of WIDTHS) {
      const view = await openPage(browser, base, { viewport: { width, height: 900 } });
      await view.context.addInitScript(() => localStorage.setItem("yagura.language", "en-XA"));
      const dialogs = {
        help: search("", (page) => page.keyboard.press("?")),
        settings: search("", (page) => page.locator('[data-test="settings"]').click()),
        export: search("", (page) => page.locator(".view-bar > .chip-button").last().click()),
      };
      for (const [name, where] of Object.entries({ ...PLACES, ...dialogs })) {
        await go(view, base, where);
        await view.page.waitForTimeout(200);
        assert.deepEqual(await view.page.evaluate(clippedTexts), [], `${name} at ${width}`);
        checks += 1;
      }
      await shoot(view.page, `longer-texts-${width}`);
      await view.check();
      await view.close();
    }
    report(`${checks} pages and widths`);
  },

  async "no text is without a translation"({ browser, base }) {
    const view = await openPage(browser, base, { locale: "ja-JP" });
    for (const where of Object.values(PLACES)) {
      await go(view, base, where);
      const keys = await view.page.evaluate(
        () => document.body.innerText.match(/\b[a-z]+\.[a-z]+(?:\.[a-z]+)*\b(?=\s|$)/g) ?? [],
      );
      const places = [
        "search.",
        "fields.",
        "explain.",
        "compare.",
        "groups.",
        "export.",
        "history.",
        "saved.",
        "help.",
      ];
      assert.deepEqual(
        keys.filter((key) => places.some((place) => key.startsWith(place))),
        [],
      );
    }
    await view.close();
  },
};
