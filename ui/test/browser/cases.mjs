// What a reader does with the page, step by step. Holds for any data with CloudTrail sign-ins that failed.
import assert from "node:assert/strict";
import { eventCount, fingerprint, openPage, settled, until } from "./page.mjs";

const FAILED_SIGN_IN = "eventName:ConsoleLogin and event.outcome:failure";
const ALL = "/search?from=all&to=now";
const IP = /\b(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]*::?[0-9a-f:]+)\b/i;

/** Types into the command box and runs it. */
async function query(page, text) {
  await page.keyboard.press("/");
  await page.keyboard.press("Control+a");
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
}

const searchOf = (page) => new URL(page.url()).searchParams;

export const cases = {
  async "a failed ConsoleLogin is found and its address read"({ browser, base, report, shoot }) {
    const view = await openPage(browser, base);
    const { page } = view;
    await view.go(ALL);
    await settled(page);
    const everything = await eventCount(page);
    await query(page, FAILED_SIGN_IN);
    await until(() => searchOf(page).get("q") === FAILED_SIGN_IN, "the query is in the address");
    await settled(page);
    const found = await eventCount(page);
    assert.ok(found > 0 && found < everything, `${found} of ${everything} events`);
    await page.locator(".grid-row").first().click();
    const address = await page.locator('[data-test="detail"] [data-field="source.ip"]').first().textContent();
    assert.match(address ?? "", IP);
    assert.equal(
      (await page.locator('[data-test="detail"] [data-field="event.outcome"]').first().textContent())?.trim(),
      "failure",
    );
    report(`failed ConsoleLogin: ${found} of ${everything} events, the newest from ${address}`);
    await shoot(page, "search-event");
    await page.keyboard.press("r");
    assert.match((await page.locator('[data-test="raw-text"]').textContent()) ?? "", /ConsoleLogin/);
    await shoot(page, "search-raw");
    await view.check();
    await view.close();
  },

  async "a failed ConsoleLogin is clicked together from values, and its link restores it"({ browser, base, shoot }) {
    const view = await openPage(browser, base);
    const { page } = view;
    await view.go(ALL);
    await settled(page);
    for (const [field, value] of [
      ["event.outcome", "failure"],
      ["event.action", "ConsoleLogin"],
    ]) {
      await page.locator(".add-filter").click();
      await page.keyboard.type(field);
      const choice = page.locator('[data-test="top-values"] button', { hasText: value });
      await until(() => choice.count(), `${value} is among the values of ${field}`);
      if (field === "event.action") await shoot(page, "filter-values");
      await choice.first().click();
      await until(() => searchOf(page).getAll("f").includes(`${field}:${value}`), `${field} is ${value}`);
      await settled(page);
    }
    const count = await eventCount(page);
    await page.locator(".grid-row").first().click();
    const before = await fingerprint(page);
    await page.reload();
    assert.deepEqual(await fingerprint(page), before, "after a reload");
    const typed = await openPage(browser, base);
    await typed.go(`${ALL}&q=${encodeURIComponent(FAILED_SIGN_IN)}`);
    await settled(typed.page);
    assert.equal(await eventCount(typed.page), count, "typing finds the same");
    await typed.close();
    await view.check();
    await view.close();
  },

  async "dragging over the histogram zooms, and can be undone"({ browser, base }) {
    const view = await openPage(browser, base);
    const { page } = view;
    await view.go(ALL);
    await settled(page);
    const before = { url: page.url(), count: await eventCount(page) };
    const bars = await page
      .locator('[data-test="histogram"] rect')
      .evaluateAll((rects) =>
        rects.map((rect) => rect.getBoundingClientRect()).map(({ x, y, width, height }) => ({ x, y, width, height })),
      );
    const tallest = bars.sort((a, b) => b.height - a.height)[0];
    const box = await page.locator('[data-test="histogram"]').boundingBox();
    assert.ok(tallest && box);
    const y = box.y + box.height / 2;
    await page.mouse.move(Math.max(box.x + 46, tallest.x - 30), y);
    await page.mouse.down();
    await page.mouse.move(tallest.x + tallest.width / 2, y, { steps: 4 });
    await page.mouse.move(Math.min(box.x + box.width - 6, tallest.x + tallest.width + 30), y, { steps: 4 });
    await page.mouse.up();
    await until(() => page.url() !== before.url, "the range is in the address");
    await settled(page);
    const range = (params) => Date.parse(params.get("to") ?? "") - Date.parse(params.get("from") ?? "");
    const zoomed = range(searchOf(page));
    const count = await eventCount(page);
    assert.ok(zoomed > 0, page.url());
    assert.ok(count > 0 && count <= before.count, `${count} events of ${before.count}`);
    await page.keyboard.press("z");
    await until(() => range(searchOf(page)) === zoomed * 2, "z doubles the range");
    await page.goBack();
    await page.goBack();
    await until(() => page.url() === before.url, "back undoes");
    await settled(page);
    assert.equal(await eventCount(page), before.count);
    await view.check();
    await view.close();
  },

  async "the address restores the view with its open event"({ browser, base, report }) {
    const view = await openPage(browser, base);
    const { page } = view;
    await view.go(`${ALL}&c=source.ip~170,user.name,event.action&q=${encodeURIComponent(FAILED_SIGN_IN)}`);
    await settled(page);
    await page.locator(".grid-row").nth(0).click();
    await until(() => searchOf(page).get("doc"), "the event is in the address");
    await page.keyboard.press("r");
    const before = await fingerprint(page);
    assert.ok(before.detail.length === 1 && before.selected.length === 1);
    await page.reload();
    assert.deepEqual(await fingerprint(page), before, "after a reload");
    const other = await openPage(browser, base);
    await other.go(before.url);
    assert.deepEqual(await fingerprint(other.page), before, "in a fresh profile");
    await page.locator('[data-test="detail"] a[href^="/doc/"]').click();
    await until(
      () => page.evaluate(() => document.querySelector('main.document [role="tab"]') !== null),
      "the event has its own page",
    );
    report(`restored after a reload and in a fresh profile: ${before.url.slice(0, 90)}…`);
    await view.check();
    await other.check();
    await other.close();
    await view.close();
  },

  async "the keyboard does what the mouse does"({ browser, base }) {
    const view = await openPage(browser, base);
    const { page } = view;
    await view.go(ALL);
    await settled(page);
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    const first = await until(() => searchOf(page).get("doc"), "Enter opens the active row");
    await page.keyboard.press("j");
    await until(() => searchOf(page).get("doc") !== first, "j goes on");
    await page.keyboard.press("k");
    await until(() => searchOf(page).get("doc") === first, "k goes back");
    await page.keyboard.press("Escape");
    await until(() => !searchOf(page).get("doc"), "Escape closes");
    await page.locator('[data-test="grid"]').focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("+");
    await until(() => searchOf(page).getAll("f").length === 1, "+ filters for the focused value");
    await settled(page);
    await page.keyboard.press("u");
    await until(() => searchOf(page).getAll("f").length === 0, "u undoes");
    await settled(page);
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
    const focused = await page
      .locator('.grid-row [role="gridcell"][data-active="true"]')
      .first()
      .getAttribute("data-value");
    await page.keyboard.press("y");
    await until(async () => (await clipboard()) === focused, "y copies the focused value");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("y");
    await until(async () => (await clipboard()) === page.url(), "y without a value copies the link");
    await page.keyboard.press("?");
    await until(() => page.locator("dialog[open]").count(), "? shows the keys");
    await page.keyboard.press("Escape");
    await until(async () => (await page.locator("dialog[open]").count()) === 0, "Escape closes the list");
    await view.check();
    await view.close();
  },

  async "a value's menu filters, and the pill goes away again"({ browser, base }) {
    const view = await openPage(browser, base);
    const { page } = view;
    await view.go(`${ALL}&q=${encodeURIComponent(FAILED_SIGN_IN)}&c=source.ip,user.name`);
    await settled(page);
    const cell = page.locator('.grid-row [data-field="source.ip"]').first();
    const value = await cell.getAttribute("data-value");
    await cell.hover();
    await page.locator(".value-menu button").first().click();
    await until(() => searchOf(page).get("f") === `source.ip:${value}`, "only this value");
    await settled(page);
    const values = await page
      .locator('.grid-row [data-field="source.ip"]')
      .evaluateAll((cells) => [...new Set(cells.map((element) => element.getAttribute("data-value")))]);
    assert.deepEqual(values, [value]);
    await page.locator(".pill-text").first().click();
    await until(() => searchOf(page).get("f") === `!source.ip:${value}`, "the pill is flipped");
    await settled(page);
    await page.locator(".pill-close").first().click();
    await until(() => !searchOf(page).has("f"), "the pill is removed");
    await view.check();
    await view.close();
  },

  async "an event that a threat list names is marked, and says why"({ browser, base, report }) {
    const view = await openPage(browser, base);
    const { page } = view;
    await view.go(`${ALL}&f=?threat.matched.indicators`);
    await settled(page);
    // At one moment: rows beyond the edge are drawn a little later.
    const [rows, marked] = await page.evaluate(() =>
      [".grid-row", '.grid-row[data-threat="true"] .threat-sign'].map(
        (selector) => document.querySelectorAll(selector).length,
      ),
    );
    assert.ok(rows > 0, "events with a match");
    assert.equal(marked, rows, "every row is marked");
    await page.locator(".grid-row").first().click();
    const why = page.locator('[data-test="why"]');
    await until(() => why.count(), "the event says what matched");
    const indicator = await page
      .locator('[data-test="detail"] [data-field="threat.matched.indicators"]')
      .first()
      .getAttribute("data-value");
    assert.ok((await why.textContent()).includes(indicator), `${indicator} is named`);
    await page.goBack();
    await page.locator(".pill-text", { hasText: "threat.matched.indicators" }).click();
    await until(() => searchOf(page).get("f") === "!?threat.matched.indicators", "the others");
    await settled(page);
    assert.equal(await page.locator('.grid-row[data-threat="true"]').count(), 0, "no other row is marked");
    report(`${rows} marked rows on the screen`);
    await view.check();
    await view.close();
  },

  async "a query error is underlined and a wrong field is corrected by a click"({ browser, base, shoot }) {
    const view = await openPage(browser, base);
    const { page } = view;
    await view.go(ALL);
    await settled(page);
    await query(page, "event.outcome:failure and (user.name:x");
    await until(() => page.locator(".cm-query-error").count(), "the error is underlined");
    await until(() => page.locator(".query-note.bad").count(), "the error is explained");
    assert.ok((await page.locator(".grid-row").count()) > 0, "the results stay");
    await query(page, "event.outcom:failure");
    const fix = page.locator('[data-test="query-notes"] button');
    await until(() => fix.count(), "a field is proposed");
    await settled(page);
    await shoot(page, "query-hint");
    await fix.first().click();
    await until(() => searchOf(page).get("q") === "event.outcome:failure", "the click corrects the query");
    await settled(page);
    assert.ok((await eventCount(page)) > 0);
    await view.check();
    await view.close();
  },

  async "Enter during composition does not run the query"({ browser, base }) {
    const view = await openPage(browser, base);
    const { page, context } = view;
    await view.go(ALL);
    await settled(page);
    await until(() => page.locator(".cm-content").count(), "the editor is loaded");
    await page.keyboard.press("/");
    const devtools = await context.newCDPSession(page);
    await devtools.send("Input.imeSetComposition", { text: "にほん", selectionStart: 3, selectionEnd: 3 });
    const enter = { key: "Enter", code: "Enter", windowsVirtualKeyCode: 229 };
    await devtools.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...enter });
    await devtools.send("Input.dispatchKeyEvent", { type: "keyUp", ...enter });
    await page.waitForTimeout(200);
    assert.equal(searchOf(page).get("q"), null);
    await devtools.send("Input.insertText", { text: "日本" });
    await page.keyboard.press("Enter");
    await until(() => searchOf(page).get("q") === "日本", "Enter after composition runs it");
    await view.check();
    await view.close();
  },

  async "an empty view says why and offers a way out"({ browser, base, shoot }) {
    const view = await openPage(browser, base);
    const { page } = view;
    await view.go("/search?from=1999-01-01T00:00:00Z&to=1999-01-02T00:00:00Z");
    await settled(page);
    const show = page.locator('[data-test="empty"] button').first();
    await until(() => show.count(), "a way out is offered");
    await shoot(page, "search-empty");
    await show.click();
    await settled(page);
    assert.ok((await eventCount(page)) > 0);
    await view.check();
    await view.close();
  },

  async "more rows come on scrolling"({ browser, base, report }) {
    const view = await openPage(browser, base);
    const { page } = view;
    await view.go(ALL);
    await settled(page);
    const count = await eventCount(page);
    const height = () => page.locator(".grid-body").evaluate((body) => body.clientHeight);
    const rows = async () => Math.round((await height()) / 26);
    const start = await rows();
    if (count > start) {
      for (let round = 0; round < 6; round += 1) {
        const now = await rows();
        if (now >= count) break;
        await page.locator('[data-test="grid"]').evaluate((grid) => grid.scrollTo(0, grid.scrollHeight));
        await until(async () => (await rows()) > now, "another page of rows");
      }
    }
    const indices = await page
      .locator(".grid-row")
      .evaluateAll((found) => found.map((row) => Number(row.getAttribute("aria-rowindex"))));
    assert.ok(indices.length < 120, `${indices.length} rows are in the document`);
    report(`${await rows()} of ${count} rows loaded, ${indices.length} in the document`);
    await view.check();
    await view.close();
  },

  async "dead letters and the ledger are shown, and the ledger balances"({ browser, base, report, shoot }) {
    const view = await openPage(browser, base);
    const { page } = view;
    await view.go("/dead-letters");
    await until(
      () => page.locator('[data-test="dead-letters"] > li, [data-test="empty"]').count(),
      "dead letters, or none",
    );
    const letters = await page.locator('[data-test="dead-letters"] > li').count();
    if (letters > 0) {
      await page.locator('[data-test="dead-letters"] summary').first().click();
      await until(() => page.locator('[data-test="dead-letters"] .facts').first().isVisible(), "a dead letter opens");
    }
    await shoot(page, "dead-letters");
    if (letters > 0) {
      await page.locator('[data-test="retry"]').click();
      const outcome = page.locator('[data-test="retry-outcome"]');
      await until(() => outcome.count(), "what became of them is said");
      assert.ok((await page.locator('[data-test="retry-outcome"].bad').count()) === 0, await outcome.textContent());
      report((await outcome.textContent()) ?? "");
      await shoot(page, "dead-letters-retried");
    }
    await view.go("/ledger");
    await until(
      () => page.locator('[data-test="ledger"] tbody tr, [data-test="empty"]').count(),
      "the ledger, or none",
    );
    const rows = await page.locator('[data-test="ledger"] tbody tr').count();
    assert.ok(rows > 0, "no object in the ledger");
    assert.equal(await page.locator('[data-test="ledger"] .balance.bad').count(), 0, "an object does not balance");
    assert.equal(await page.locator('[data-test="ledger-totals"] .balance.good').count(), 1, "the sums do not balance");
    report(`${letters} dead letters and ${rows} objects on their first pages`);
    await shoot(page, "ledger");
    await view.check();
    await view.close();
  },

  async "dark and light, English and Japanese"({ browser, base, shoot }) {
    const view = await openPage(browser, base);
    const { page } = view;
    await view.go(ALL);
    await settled(page);
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    await page.keyboard.press("t");
    await until(async () => (await ground()) !== dark, "t switches the theme");
    const light = await ground();
    await page.reload();
    await settled(page);
    assert.equal(await ground(), light, "the theme is kept");
    await page.locator(".grid-row").first().click();
    await until(() => page.locator('[data-test="detail"] [role="tab"]').count(), "the event is there");
    await shoot(page, "search-light");
    const english = await page.locator('[data-test="result-line"]').textContent();
    await page.locator('[data-test="language"]').click();
    await until(() => page.evaluate(() => document.documentElement.lang === "ja"), "the language is switched");
    assert.notEqual(await page.locator('[data-test="result-line"]').textContent(), english);
    await page.reload();
    await settled(page);
    assert.match((await page.locator('[data-test="result-line"]').textContent()) ?? "", /件/);
    await shoot(page, "search-japanese");
    await view.check();
    await view.close();
    const bright = await openPage(browser, base, { colorScheme: "light", locale: "ja-JP" });
    await bright.go("/search");
    await until(
      () => bright.page.evaluate(() => document.documentElement.lang === "ja"),
      "the browser's language is followed",
    );
    assert.equal(
      await bright.page.evaluate(() => getComputedStyle(document.body).backgroundColor),
      light,
      "the system's theme is followed",
    );
    await bright.close();
  },

  async "the start leads somewhere"({ browser, base, shoot }) {
    const view = await openPage(browser, base);
    await view.go("/");
    await until(
      () =>
        view.page.evaluate(
          () => location.pathname === "/search" || document.querySelector("main.home, main.home-page") !== null,
        ),
      "home, or on to the search",
    );
    await view.page.waitForTimeout(500);
    await shoot(view.page, "home");
    await view.check();
    await view.close();
  },
};
