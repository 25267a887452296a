// What every page must keep to: accessibility in both themes and languages at three widths, room for longer texts.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { atIntruder, ready } from "./entity-cases.mjs";
import { openPage, settled, until } from "./page.mjs";

const ALL = "/search?from=all&to=now";
const WIDTHS = [1440, 1024, 390];
const HEIGHT = 600;
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
/** The rules that look at colours: with another theme only their outcome can differ. */
const COLOUR_RULES = ["color-contrast", "link-in-text-block"];

/** What repeats in long lists; looked at in full once, then only where it begins. */
const REPEATED = [
  ".grid-row:nth-child(n+6)",
  ".latest-row:nth-child(n+6)",
  ".letters > li:nth-child(n+6)",
  "tbody tr:nth-child(n+6)",
  ".around-list li:nth-child(n+8)",
  ".timeline-lane:nth-child(n+6)",
  ".field:nth-of-type(n+4)",
  ".value-bar:nth-child(n+3)",
  ".seen-with li:nth-child(n+4)",
  "dl > *:nth-child(n+8)",
  "option:nth-child(n+4)",
  "rect:nth-child(n+4)",
];

/** The list of fields is long: only the first of the places shows it. */
const search = (more, then) => ({
  path: `${ALL}&fl=off${more}`,
  async then(page) {
    await settled(page);
    await then?.(page);
  },
});
const whenThere = (path, selector) => ({
  path,
  then: (page) => until(() => page.locator(selector).count(), `${selector} on ${path}`),
});
const openFirst = async (page) => {
  await page.locator(".grid-row").first().click();
  await until(() => page.locator('[data-test="detail"] [role="tab"]').count(), "the event is there");
};
const openTab = (key, selector) => async (page) => {
  await openFirst(page);
  await page.keyboard.press(key);
  await until(() => page.locator(selector).count(), selector);
};
const press = (selector) => (page) => page.locator(selector).last().click();

/** Pages and states of pages; `then` brings the state about. */
async function places(run) {
  const { page, address, user, close } = await atIntruder(run);
  const week = "from=now-7d&to=now";
  const index = await page.evaluate(async () => {
    const init = { method: "POST", headers: { "content-type": "application/json", "X-CSRF": "1" }, body: '{"size":1}' };
    const { hits } = await (await fetch("/*/_search", init)).json();
    return hits.hits[0];
  });
  await close();
  const entity = (type, value) => ({
    path: `/e/${type}/${encodeURIComponent(value)}?${week}`,
    async then(there) {
      await ready(there);
      await until(() => there.locator(".latest-body a").count(), "the latest events");
    },
  });
  return {
    "search with the list of fields": { path: ALL, then: settled },
    "search with an open event": search("&q=event.outcome%3Afailure&cmp=1", openFirst),
    "the raw line": search("&f=!event.outcome:success", openTab("r", '[data-test="raw-text"]')),
    "what was around": search("&f=?cloud.account.id", openTab("s", '[data-test="around-count"]')),
    "a query with an error": search("&q=event.outcom%3A%28x"),
    "a query with a hint": search("&q=event.outcom%3Ax"),
    "nothing found": { path: "/search?from=1999-01-01T00:00:00Z&to=1999-01-02T00:00:00Z", then: settled },
    "search counted": search("&v=table&by=source.ip,event.action&cmp=1"),
    "search in lanes": search("&v=timeline&by=event.action"),
    "an explained part of the time": {
      path: `/search?from=now-24h&to=now&w=${encodeURIComponent([12, 6].map((hours) => new Date(Date.now() - hours * 3_600_000).toISOString()).join("~"))}`,
      async then(there) {
        await settled(there);
        await until(() => there.locator(".explain-table tbody tr, .explain .hint").count(), "the explanation");
      },
    },
    "picked rows and the saved searches": search("", async (there) => {
      await there.keyboard.press("x");
      await until(() => there.locator('[data-test="selection"]').count(), "the bar for picked rows");
      await there.locator(".view-bar > .chip-button").nth(2).click();
    }),
    "the form of an export": search("", press(".view-bar > .chip-button")),
    "a filter being made": search("", press(".add-filter")),
    "the choice of time": search("", press(".time-button")),
    help: search("", (there) => there.keyboard.press("?")),
    settings: search("", (there) => there.locator('[data-test="settings"]').click()),
    "an event's own page": whenThere(
      `/doc/${index._index}/${encodeURIComponent(index._id)}`,
      'main.document [role="tab"]',
    ),
    home: { path: "/", then: ready },
    sources: {
      path: "/sources?open=cloudtrail&key=backups/cloudtrail/x.json.gz",
      async then(there) {
        await ready(there);
        await until(() => there.locator('[data-test="verdict"]').count(), "the verdict");
      },
    },
    "an address": entity("ip", address),
    "a user": entity("user", user),
    "an unknown address": whenThere("/e/ip/192.0.2.254", '[data-test="empty"]'),
    "dead letters": {
      path: "/dead-letters",
      async then(there) {
        const letters = '[data-test="dead-letters"] summary';
        await until(() => there.locator(`${letters}, [data-test="empty"]`).count(), "dead letters, or none");
        if (await there.locator(letters).count()) await there.locator(letters).first().click();
      },
    },
    ledger: whenThere("/ledger", '[data-test="ledger"] tbody tr, [data-test="empty"]'),
    "no such page": whenThere("/nowhere", "main.empty"),
    "signing in": whenThere("/sign-in", 'input[name="user"]'),
    // There is no rail on this page to switch the language with.
    "signing in, in English": { ...whenThere("/sign-in", 'input[name="user"]'), locale: "en-US" },
    "signing in, in Japanese": { ...whenThere("/sign-in", 'input[name="user"]'), locale: "ja-JP" },
  };
}

/** Texts of the page itself that do not fit their box; values of logs are cut on purpose. */
function clippedTexts() {
  const found = [];
  for (const element of document.querySelectorAll("button, a, label, legend, h1, h2, h3, p, dt, th, option, summary")) {
    const box = element.getBoundingClientRect();
    if (
      box.width === 0 ||
      element.closest(".grid, .value-bars, .rail-label, .off-screen, .mono, .timeline, .letters, td")
    )
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

/** Pixels by which the page is wider than its window. */
const overflow = () => {
  const main = document.querySelector("main");
  return Math.max(0, main ? main.scrollWidth - main.clientWidth : 0, document.body.scrollWidth - innerWidth);
};

function hide(selectors) {
  if (document.adoptedStyleSheets.length > 0) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`${selectors.join()} { display: none !important; }`);
  document.adoptedStyleSheets = [sheet];
}

/** Keys of the dictionaries that are shown instead of a text. */
function bareKeys() {
  const stems = ["search", "fields", "explain", "compare", "groups", "export", "history", "saved", "help", "home"];
  const found = document.body.innerText.match(/\b[a-z]+\.[a-z]+(?:\.[a-z]+)*\b(?=\s|$)/g) ?? [];
  return found.filter((text) => stems.includes(text.split(".")[0]));
}

/** Switches to the other language; the first switch also ends the longer texts. */
const switchLanguage = async (page) => {
  const button = page.locator('[data-test="language"]');
  if ((await button.count()) === 0) return false;
  await button.evaluate((element) => element.click());
  return true;
};

export const quality = {
  async "every page in two themes, two languages and three widths: no accessibility rule is broken, no text cut or missing"({
    browser,
    base,
    shoot,
    report,
  }) {
    const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    const found = new Set();
    const checks = { accessibility: 0, "longer texts": 0 };
    const accessible = async (page, name, runOnly) => {
      const violations = await page.evaluate(
        async (options) => (await globalThis.axe.run(document, options)).violations,
        { runOnly, resultTypes: ["violations"], selectors: false, preload: false },
      );
      for (const { id, nodes } of violations)
        for (const node of nodes.slice(0, 3))
          found.add(`${id} on ${name}: ${node.html.slice(0, 160)} ${node.failureSummary}`);
      checks.accessibility += 1;
    };
    const everyWidth = async (page, check) => {
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: HEIGHT });
        await page.waitForTimeout(50);
        await check(width);
      }
    };
    for (const [name, { path, then, locale }] of Object.entries(await places({ browser, base }))) {
      const viewport = { width: WIDTHS[0], height: HEIGHT };
      const view = await openPage(browser, base, { viewport, ...(locale && { locale }) });
      const { page } = view;
      if (!locale) await view.context.addInitScript(() => localStorage.setItem("yagura.language", "en-XA"));
      await view.go(path);
      await then(page);
      // One page goes through all of it: language, theme and width change without loading it again.
      if (!locale) {
        await everyWidth(page, async (width) => {
          for (const text of await page.evaluate(clippedTexts)) found.add(`${name} at ${width}: ${text}`);
          checks["longer texts"] += 1;
          await shoot(page, `longer-${name.replace(/\W+/g, "-")}-${width}`);
        });
      }
      await page.evaluate(axe);
      for (let turn = 0; turn < 2 && (locale || (await switchLanguage(page))); turn += locale ? 2 : 1) {
        const language = await page.evaluate(() => document.documentElement.lang);
        for (const key of await page.evaluate(bareKeys)) found.add(`${key} on ${name} (${language})`);
        await everyWidth(page, async (width) => {
          const dress = (theme) => `${name} (${theme}, ${language}, ${width})`;
          await accessible(page, dress("dark"), RULES);
          // Seen in full once.
          await page.evaluate(hide, REPEATED);
          const wide = await page.evaluate(overflow);
          if (wide > 1) found.add(`${name} is ${wide} px too wide (${language}, ${width})`);
          await shoot(page, `${name.replace(/\W+/g, "-")}-${language}-${width}`);
          await page.emulateMedia({ colorScheme: "light" });
          await accessible(page, dress("light"), { type: "rule", values: COLOUR_RULES });
          await page.emulateMedia({ colorScheme: "dark" });
        });
      }
      await view.check();
      await view.close();
    }
    assert.equal(found.size, 0, `${found.size} findings:\n${[...found].join("\n")}`);
    for (const [what, times] of Object.entries(checks)) report(`${what}: ${times} times no finding`);
  },
};
