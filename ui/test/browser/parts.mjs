// The parts of the search page beyond the tasks: explanation, picked rows, saved searches, export, ended session.
import assert from "node:assert/strict";
import { startMock } from "../../mock/server.mjs";
import { openPage, settled, until } from "./page.mjs";

const ALL = "/search?from=all&to=now";
const searchOf = (page) => new URL(page.url()).searchParams;
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

export const parts = {
  async "Alt and drag explains a part of the time"({ browser, base, report }) {
    const view = await openPage(browser, base);
    const { page } = view;
    await view.go("/search?from=now-24h&to=now");
    await settled(page);
    const box = await page.locator('[data-test="histogram"]').boundingBox();
    const y = box.y + box.height / 2;
    await page.keyboard.down("Alt");
    await page.mouse.move(box.x + box.width * 0.6, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.8, y, { steps: 4 });
    await page.mouse.up();
    await page.keyboard.up("Alt");
    await until(() => searchOf(page).get("w"), "the part is in the address");
    assert.deepEqual(
      ["from", "to"].map((name) => searchOf(page).get(name)),
      [null, null],
      "the range stays the usual one, which needs no place in the address",
    );
    await until(() => page.locator(".explain-table tbody tr, .explain .hint").count(), "it is explained");
    report(`${await page.locator(".explain-table tbody tr").count()} values stand out`);
    await page.keyboard.press("Escape");
    await until(() => !searchOf(page).get("w"), "Escape closes it");
    await view.check();
    await view.close();
  },

  async "rows are picked and copied, formulas stay text"({ browser, base }) {
    const view = await openPage(browser, base);
    const { page } = view;
    await view.go(`${ALL}&ix=cloudtrail&f=source.ip:203.0.113.5&c=user_agent.original`);
    await settled(page);
    await page
      .locator(".grid-row")
      .nth(0)
      .click({ modifiers: ["Control"] });
    await page
      .locator(".grid-row")
      .nth(11)
      .click({ modifiers: ["Shift"] });
    const picked = page.locator('.grid-row[aria-selected="true"]');
    await until(async () => (await picked.count()) === 12, "twelve rows are picked");
    await page.locator('[data-test="selection"] button').nth(2).click();
    const csv = await until(async () => {
      const text = await clipboard(page);
      return text.startsWith("'@timestamp,user_agent.original\r\n") && text;
    }, "CSV is copied");
    assert.equal(csv.split("\r\n").length, 14);
    assert.ok(!/(^|,)"?[=+@]/m.test(csv.slice(csv.indexOf("\r\n") + 2)), "no cell is a formula");
    await page.keyboard.press("y");
    await until(async () => (await clipboard(page)).split("\n").length === 12, "y copies the raw lines");
    await page.keyboard.press("Escape");
    await until(async () => (await picked.count()) === 0, "Escape picks none");
    await view.check();
    await view.close();
  },

  async "a search is saved, found by its name and deleted"({ browser, base }) {
    const view = await openPage(browser, base);
    const { page } = view;
    await view.go(`${ALL}&q=${encodeURIComponent("event.outcome:failure")}`);
    await settled(page);
    await page.locator(".view-bar > .chip-button").nth(2).click();
    await page.locator(".saved-form input").fill("Failures");
    await page.locator(".saved-form button").click();
    const own = page.locator('[data-test="saved-list"] li', { hasText: "Failures" });
    await until(() => own.count(), "it is in the list");
    await page.keyboard.press("Escape");
    await page.goto(base + ALL);
    await settled(page);
    await until(() => page.locator(".cm-content").count(), "the editor is loaded");
    await page.keyboard.press("/");
    await page.keyboard.type("Failur");
    await until(() => page.locator(".cm-item-saved").count(), "the command box offers it");
    await page.locator(".cm-item-saved").first().click();
    await until(() => searchOf(page).get("q") === "event.outcome:failure", "it is open");
    await settled(page);
    await page.locator(".view-bar > .chip-button").nth(2).click();
    await own.locator(".icon-button").click();
    await until(async () => (await own.count()) === 0, "it is deleted");
    await view.check();
    await view.close();
  },

  async "all matches are exported and can be fetched"({ browser, base, report }) {
    const view = await openPage(browser, base);
    const { page } = view;
    await view.go(`${ALL}&q=${encodeURIComponent("event.outcome:failure")}&c=source.ip,event.action`);
    await settled(page);
    const count = Number((await page.locator('[data-test="result-line"] b').textContent()).replace(/\D/g, ""));
    await page.locator(".view-bar > .chip-button").last().click();
    await page.locator('[data-test="export"] button[type="submit"]').click();
    await until(() => page.locator('[data-state="done"] a').count(), "it is written");
    const href = await page.locator('[data-state="done"] a').getAttribute("href");
    const text = await (await page.request.get(base + href)).text();
    assert.equal(text.trimEnd().split("\r\n").length, count + 1, "a line per event and one of names");
    report(`${count} events`);
    await view.check();
    await view.close();
  },

  async "single letters can be switched off"({ browser, base }) {
    const view = await openPage(browser, base);
    const { page } = view;
    await view.go(ALL);
    await settled(page);
    await page.locator('[data-test="settings"]').click();
    await page.locator('[data-test="letter-keys"]').click();
    await page.keyboard.press("Escape");
    // Escape leaves the focus on the button that opened the settings, where Enter would open them again.
    await page.locator('[data-test="grid"]').focus();
    await page.keyboard.press("c");
    await page.keyboard.press("Enter");
    await until(() => searchOf(page).get("doc"), "Enter still opens");
    assert.equal(searchOf(page).get("cmp"), null);
    await view.check();
    await view.close();
  },

  async "a session that ends is asked for again over the page"({ browser }) {
    const mock = await startMock({ users: true });
    const view = await openPage(browser, mock.url);
    const { page } = view;
    await view.go("/sign-in?next=/search?from=all&to=now");
    const signIn = async () => {
      await page.fill('input[name="user"]', "hana");
      await page.fill('input[name="password"]', "watchtower");
      await page.keyboard.press("Enter");
    };
    await until(() => page.locator('input[name="user"]').count(), "the form");
    await signIn();
    await settled(page);
    await page.evaluate(() => fetch("/api/v1/session", { method: "DELETE", headers: { "x-csrf": "1" } }));
    await page.keyboard.press("c");
    await page.locator('.topbar button[aria-label="Search again"]').click();
    await until(() => page.locator('[data-test="session-ended"]').count(), "the page asks to sign in");
    assert.ok((await page.locator(".grid-row").count()) > 0, "the rows stay");
    await signIn();
    await until(async () => (await page.locator('[data-test="session-ended"]').count()) === 0, "it goes on");
    await settled(page);
    await view.close();
    await mock.close();
  },
};
