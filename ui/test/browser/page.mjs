// Opens pages in a real Chromium and watches them: policy violations, console errors, foreign requests, first row.
import { chromium } from "playwright-core";

const EXECUTABLE = process.env["YAGURA_CHROMIUM"] ?? "/usr/bin/chromium";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const launch = () => chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });

/** Runs in the page before anything else: notes violations, and when the first row was painted. */
function observe() {
  globalThis.__violations = [];
  document.addEventListener("securitypolicyviolation", (event) => {
    globalThis.__violations.push(
      `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
    );
  });
  globalThis.__shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.__shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  new MutationObserver((_, observer) => {
    if (!document.querySelector(".grid-row")) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => (globalThis.__firstRow = performance.now())));
  }).observe(document, { childList: true, subtree: true });
}

/** By page, the requests that are not answered yet. */
const onTheirWay = new WeakMap();

/** A page in a fresh profile; `problems` collects what must not happen. */
export async function openPage(browser, base, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: "en-US",
    timezoneId: "Asia/Tokyo",
    colorScheme: "dark",
    ...options,
  });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: base });
  await context.addInitScript(observe);
  const page = await context.newPage();
  const problems = [];
  const origin = new URL(base).origin;
  page.on("pageerror", (error) => problems.push(`page error: ${error.stack ?? error}`));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning")
      problems.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && url.origin !== origin) problems.push(`request to another origin: ${request.url()}`);
  });
  const pending = new Set();
  onTheirWay.set(page, pending);
  page.on("request", (request) => pending.add(request));
  for (const end of ["requestfinished", "requestfailed"]) page.on(end, (request) => pending.delete(request));
  page.on("response", (response) => {
    if (response.status() >= 400) problems.push(`status ${response.status()}: ${response.url()}`);
  });
  return {
    page,
    problems,
    context,
    go: (path) => page.goto(base + path),
    /** Everything that went wrong so far, the policy's complaints included. */
    async check() {
      const seen = await page.evaluate(() => ({
        violations: globalThis.__violations,
        hostile: globalThis.__yagura_hostile,
        scripts: document.querySelectorAll("#app script, #app iframe, #app object, #app [onerror], #app [onclick]")
          .length,
      }));
      const found = [...problems, ...seen.violations.map((text) => `policy violation: ${text}`)];
      if (seen.hostile !== undefined) found.push("text from a log was run as a script");
      if (seen.scripts > 0) found.push("text from a log became elements");
      if (found.length > 0) throw new Error(found.join("\n"));
    },
    close: () => context.close(),
  };
}

/** Waits until a function gives a truthy value; its last value is in the error. */
export async function until(read, what, timeout = 20_000) {
  const end = Date.now() + timeout;
  let last;
  for (;;) {
    last = await read();
    if (last) return last;
    if (Date.now() > end) throw new Error(`did not happen in ${timeout} ms: ${what} (last: ${JSON.stringify(last)})`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits for the search to be done: rows, or the reason why there are none. */
export async function settled(page) {
  await until(
    () =>
      page.evaluate(() => {
        const main = document.querySelector("main.search");
        return (
          main?.getAttribute("data-phase") === "ready" &&
          document.querySelector(
            ".grid-row, [data-test=groups] tbody tr, [data-test=timeline] .timeline-lane, [data-test=empty], .query-note.bad",
          ) !== null
        );
      }),
    "the search is done",
  );
  await until(
    () =>
      page.evaluate(
        () => document.querySelector('[data-test="histogram"], [data-test=empty], .query-note.bad') !== null,
      ),
    "the histogram is there",
  );
}

/** The number in the result line. */
export async function eventCount(page) {
  const text = await page.locator('[data-test="result-line"] b').textContent();
  return Number((text ?? "").replace(/\D/g, ""));
}

/** Everything a link must restore, as text. */
export async function fingerprint(page) {
  await settled(page);
  await until(
    () =>
      page.evaluate(
        () =>
          document.querySelector('[data-test="detail"]') === null ||
          document.querySelector('[data-test="detail"] [role="tab"]') !== null,
      ),
    "the event is there",
  );
  // Drawing goes on for a moment after the data is there: what counts is the view at rest.
  let last = "";
  let same = 0;
  return until(async () => {
    const now = await read(page);
    const text = JSON.stringify(now);
    same = text === last && onTheirWay.get(page).size === 0 ? same + 1 : 0;
    last = text;
    await page.waitForTimeout(40);
    return same >= 2 && now;
  }, "the view is at rest");
}

/** The view as text, at this moment. */
function read(page) {
  return page.evaluate(() => {
    const text = (selector) => [...document.querySelectorAll(selector)].map((element) => element.textContent);
    const host = document.querySelector(".command-host");
    return {
      url: location.pathname + location.search,
      query:
        host?.shadowRoot?.querySelector(".cm-line")?.textContent ?? document.querySelector(".command-input")?.value,
      count: text('[data-test="result-line"] b'),
      heads: text('[role="columnheader"]'),
      widths: document.querySelector('[data-test="grid"]')?.style.getPropertyValue("--columns"),
      rows: text(".grid-row"),
      selected: [...document.querySelectorAll('.grid-row[aria-current="true"]')].map((row) =>
        row.getAttribute("aria-rowindex"),
      ),
      pills: text(".pill"),
      chart: document.querySelectorAll('[data-test="histogram"] rect').length,
      detail: text('[data-test="detail"]'),
    };
  });
}
