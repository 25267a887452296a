// What an analyst does all day, each task with the most clicks and keys it may take, its result counted by hand.
import assert from "node:assert/strict";
import { eventCount, fingerprint, openPage, settled, until } from "./page.mjs";
import { allEvents, count, topOf } from "./truth.mjs";

const HOUR = 3_600_000;
const MINUTE = 60_000;
const iso = (at) => new Date(at).toISOString().replace(".000Z", "Z");
const searchOf = (page) => new URL(page.url()).searchParams;

/** Counts what the reader does: buttons pressed on the mouse, keys that are not held for another one. */
function countActions() {
  globalThis.__actions = { clicks: 0, keys: 0 };
  const held = new Set(["Shift", "Control", "Alt", "Meta"]);
  document.addEventListener("pointerdown", (event) => event.isTrusted && (globalThis.__actions.clicks += 1), true);
  document.addEventListener(
    "keydown",
    (event) => event.isTrusted && !held.has(event.key) && (globalThis.__actions.keys += 1),
    true,
  );
}

/** A page with the product open, its actions counted from now on, over a range of time that does not move. */
async function start({ browser, base }, path = "", options = {}) {
  const all = await allEvents(base);
  const newest = all.reduce((latest, { time }) => Math.max(latest, time), 0);
  const to = Math.ceil((newest + 1) / MINUTE) * MINUTE;
  const from = to - 24 * HOUR;
  const view = await openPage(browser, base, options);
  await view.context.addInitScript(countActions);
  await view.go(`/search?from=${iso(from)}&to=${iso(to)}${path}`);
  await settled(view.page);
  await until(() => view.page.locator(".cm-content").count(), "the editor is loaded");
  const within = all.filter(({ time }) => time >= from && time < to);
  return { ...view, all, within, from, to };
}

/** Fails when a task took more than its table says. */
async function atMost({ page, check }, clicks, keys, report) {
  const done = await page.evaluate(() => globalThis.__actions);
  report(`${done.clicks} clicks, ${done.keys} keys; at most ${clicks} and ${keys}`);
  assert.ok(done.clicks <= clicks && done.keys <= keys, `${done.clicks} clicks and ${done.keys} keys`);
  await check();
}

/** What the entity's page, or the server when there is none yet, says its number of events is. */
async function entityCount({ base }, kind, value, { from, to }) {
  const response = await fetch(`${base}/api/v1/entities/${kind}/${encodeURIComponent(value)}?from=${from}&to=${to}`);
  return response.ok ? (await response.json()).in_window : null;
}

/** The cell that the keyboard is on. */
const activeCell = (page) => page.locator('.grid-row [role="gridcell"][data-active="true"]').first();

/** Goes down to the first row that has nothing in the active column. */
async function toEmptyCell(page) {
  for (let row = 0; row < 100 && (await activeCell(page).getAttribute("data-value")) !== null; row += 1)
    await page.keyboard.press("ArrowDown");
}

export const tasks = {
  async "T1 everything about an address: /, paste, Enter"(run) {
    const view = await start(run);
    const { page, within } = view;
    const [address] = topOf(
      within.filter((event) => event.get("event.outcome").includes("failure")),
      "source.ip",
    )[0];
    await page.evaluate((text) => navigator.clipboard.writeText(text), address);
    await page.keyboard.press("/");
    await page.keyboard.press("Control+v");
    await page.keyboard.press("Enter");
    await until(() => new URL(page.url()).pathname === `/e/ip/${encodeURIComponent(address)}`, "the address is open");
    await atMost(view, 0, 3, run.report);
    const known = await entityCount(run, "ip", address, view);
    const fields = ["related.ip", "source.ip", "destination.ip", "client.ip", "server.ip"];
    const truth = count(within, (event) => fields.some((field) => event.get(field).includes(address)));
    if (known !== null) assert.equal(known, truth, `events of ${address}`);
    run.report(`${address}: ${truth} events in 24 hours`);
    await view.close();
  },

  async "T2 from one event to everything its user did: one click"(run) {
    const view = await start(run, `&f=?user.name`);
    const { page, within } = view;
    const cell = page.locator('.grid-row [data-field="user.name"]').first();
    const user = await cell.getAttribute("data-value");
    await cell.hover();
    await page.locator('.value-menu [data-test="open-entity"]').click();
    await until(() => new URL(page.url()).pathname === `/e/user/${encodeURIComponent(user)}`, "the user is open");
    await atMost(view, 1, 0, run.report);
    const known = await entityCount(run, "user", user, view);
    const truth = count(within, (event) =>
      ["related.user", "user.name"].some((field) => event.get(field).includes(user)),
    );
    // The server also looks into fields of single log types.
    if (known !== null) assert.ok(known >= truth && truth > 0, `${known} events of ${user}, at least ${truth}`);
    await view.close();
  },

  async "T3 zoom to a spike: one drag"(run) {
    const view = await start(run);
    const { page, all } = view;
    const bars = await page
      .locator('[data-test="histogram"] rect')
      .evaluateAll((rects) => rects.map((rect) => rect.getBoundingClientRect().toJSON()));
    const tallest = bars.sort((a, b) => b.height - a.height)[0];
    const y = tallest.y + tallest.height / 2;
    const before = page.url();
    await page.mouse.move(tallest.x - 12, y);
    await page.mouse.down();
    await page.mouse.move(tallest.x + tallest.width + 12, y, { steps: 5 });
    await page.mouse.up();
    await until(() => page.url() !== before, "the range is in the address");
    await settled(page);
    await atMost(view, 1, 0, run.report);
    const [from, to] = ["from", "to"].map((name) => Date.parse(searchOf(page).get(name)));
    assert.equal(
      await eventCount(page),
      count(all, ({ time }) => time >= from && time < to),
    );
    await view.close();
  },

  async "T4 hide a noisy value: one click"(run) {
    const view = await start(run, "&f=?event.action");
    const { page, within } = view;
    const cell = page.locator('.grid-row [data-field="event.action"]').first();
    const noisy = await cell.getAttribute("data-value");
    await cell.hover();
    await page.locator(".value-menu button").nth(1).click();
    await until(() => searchOf(page).getAll("f").includes(`!event.action:${noisy}`), "it is hidden");
    await settled(page);
    await atMost(view, 1, 0, run.report);
    const truth = count(
      within,
      (event) => event.get("event.action").length > 0 && !event.get("event.action").includes(noisy),
    );
    assert.equal(await eventCount(page), truth);
    await view.close();
  },

  async "T5 top values of a field over all matches, one kept: nine keys and a click"(run) {
    const view = await start(run);
    const { page, within } = view;
    await page.keyboard.press("f");
    await page.keyboard.type("user_ag");
    await until(() => page.locator(".field-list .field-name").count(), "the list is filtered");
    await page.keyboard.press("Enter");
    const name = await until(
      () => page.evaluate(() => new URLSearchParams(location.search).get("fo")),
      "a field is unfolded",
    );
    const values = page.locator(`[data-test="values-${name}"] .value-bar-text`);
    await until(() => values.count(), "its values are there");
    const shown = await values.evaluateAll((bars) =>
      bars.map((bar) => ({
        value: bar.dataset.value,
        n: Number(bar.querySelector(".value-bar-share").title.replace(/\D/g, "")),
      })),
    );
    const truth = new Map(topOf(within, name));
    const best = [...truth.values()];
    shown.forEach(({ value, n }, at) => {
      assert.equal(n, truth.get(value), `${name}: ${value}`);
      assert.equal(n, best[at], `place ${at + 1} of ${name}`);
    });
    const kept = shown[1] ?? shown[0];
    await values.nth(shown.indexOf(kept)).click();
    await until(() => searchOf(page).get("f") === `${name}:${kept.value}`, "only this value is left");
    await settled(page);
    await atMost(view, 1, 9, run.report);
    assert.equal(await eventCount(page), kept.n);
    run.report(`${name}: ${shown.length} values equal the count over all ${within.length} events`);
    await view.close();
  },

  async "T6 five minutes around an event in the same account: one key"(run) {
    const view = await start(run, "&f=?cloud.account.id");
    const { page, all } = view;
    const id = await page.locator(".grid-row").first().getAttribute("data-id");
    await page.keyboard.press("s");
    await until(() => page.locator('[data-test="around-count"]').count(), "what was around is there");
    await atMost(view, 0, 1, run.report);
    const anchor = all.find((event) => event.id === id);
    assert.ok(anchor, `the event ${id}`);
    const hosts = ["cloud.instance.id", "host.name", "host.id", "interface_id"];
    const host = hosts.find((field) => anchor.get(field).length > 0);
    const shared = ["cloud.account.id", ...(host ? [host] : [])];
    const truth = count(
      all,
      (event) =>
        event !== anchor &&
        Math.abs(event.time - anchor.time) <= 5 * MINUTE &&
        shared.every((field) => event.get(field).includes(anchor.get(field)[0])),
    );
    const text = await page.locator('[data-test="around-count"]').textContent();
    assert.equal(Number(text.replace(/\D/g, "")), truth);
    run.report(`${truth} other events share ${shared.join(" and ")}`);
    await view.close();
  },

  async "T8 the link to exactly this view: one key"(run) {
    const view = await start(run, "&c=source.ip~170,user.name&f=!event.outcome:success&cmp=1");
    const { page } = view;
    const before = await fingerprint(page);
    await page.keyboard.press("y");
    const link = await until(async () => {
      const text = await page.evaluate(() => navigator.clipboard.readText());
      return text.startsWith("http") && text;
    }, "the link is copied");
    await atMost(view, 0, 1, run.report);
    const other = await openPage(run.browser, run.base);
    await other.page.goto(link);
    assert.deepEqual(await fingerprint(other.page), before, "in a fresh profile");
    await other.check();
    await other.close();
    await view.close();
  },

  async "T9 is this more than the day before: one key"(run) {
    const view = await start(run);
    const { page, all, within, from } = view;
    await page.keyboard.press("c");
    const compared = page.locator('[data-test="compared"]');
    await until(() => compared.count(), "the day before is there");
    await atMost(view, 0, 1, run.report);
    const truth = count(all, ({ time }) => time >= from - 24 * HOUR && time < from);
    const said = (await compared.locator(".took").textContent()).replace(/\D/g, "");
    assert.equal(Number(said), truth);
    assert.equal(await eventCount(page), within.length);
    run.report(`${within.length} events, ${truth} the day before: ${await compared.textContent()}`);
    await view.close();
  },

  async "T11 in Japanese: one click"(run) {
    const view = await start(run);
    const { page } = view;
    await page.locator('[data-test="language"]').click();
    await until(() => page.evaluate(() => document.documentElement.lang === "ja"), "the page is Japanese");
    await atMost(view, 1, 0, run.report);
    assert.match(await page.locator('[data-test="result-line"]').textContent(), /件/);
    await view.close();
  },

  async "the same tasks without a mouse"(run) {
    // Some log types name a user and no action: the focused cell has a value when both are there.
    const view = await start(run, "&f=?user.name&f=?event.action&c=user.name,event.action,source.ip");
    const { page, within } = view;
    await page.locator('[data-test="grid"]').focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    const noisy = await activeCell(page).getAttribute("data-value");
    await page.keyboard.press("-");
    await until(() => searchOf(page).getAll("f").includes(`!event.action:${noisy}`), "- hides the focused value");
    await settled(page);
    const named = within.filter((event) => event.get("user.name").length > 0 && event.get("event.action").length > 0);
    assert.equal(
      await eventCount(page),
      count(named, (event) => !event.get("event.action").includes(noisy)),
    );
    await page.keyboard.press("v");
    await until(() => page.locator('[data-test="values-event.action"]').count(), "v shows the values of its field");
    await page.keyboard.press("u");
    await until(() => searchOf(page).getAll("f").length === 2, "u undoes");
    await settled(page);
    await page.keyboard.press("ArrowLeft");
    const user = await activeCell(page).getAttribute("data-value");
    await page.keyboard.press("p");
    await until(() => new URL(page.url()).pathname === `/e/user/${encodeURIComponent(user)}`, "p opens its entity");
    await page.goBack();
    await settled(page);
    await page.keyboard.press("g");
    await page.keyboard.press("e");
    await until(() => new URL(page.url()).pathname.startsWith("/e/user/"), "g e opens the last entity");
    await view.check();
    await view.close();
  },

  async "an empty cell stands for all events without the field"(run) {
    const view = await start(run, "&c=user.name");
    const { page, within } = view;
    await page.locator('[data-test="grid"]').focus();
    await page.keyboard.press("ArrowRight");
    await toEmptyCell(page);
    const named = count(within, (event) => event.get("user.name").length > 0);
    await page.keyboard.press("-");
    await until(() => searchOf(page).get("f") === "?user.name", "- hides the events without a user");
    await settled(page);
    assert.equal(await eventCount(page), named);
    await page.keyboard.press("u");
    await until(() => !searchOf(page).has("f"), "u undoes");
    await settled(page);
    await toEmptyCell(page);
    await page.keyboard.press("+");
    await until(() => searchOf(page).get("f") === "!?user.name", "+ shows only those");
    await settled(page);
    assert.equal(await eventCount(page), within.length - named);
    await view.check();
    await view.close();
  },
};
