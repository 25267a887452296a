// The address is the view: random views, opened from their address by somebody else, are the same to the last cell.
import assert from "node:assert/strict";
import { fingerprint, openPage, settled } from "./page.mjs";
import { allEvents, topOf } from "./truth.mjs";

const STATES = Number(process.env["YAGURA_STATES"] ?? 40);
const HOUR = 3_600_000;

/** A small seeded generator: a state that fails is the same on the next run. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

const FIELDS = ["source.ip", "user.name", "event.action", "event.outcome", "cloud.region", "@log_type"];

/** The address of a random view over these events. */
function randomPath(next, all) {
  const pick = (list) => list[Math.floor(next() * list.length)];
  const maybe = (part) => next() < part;
  const iso = (at) => new Date(at).toISOString().replace(".000Z", "Z");
  const newest = all[0].time;
  const to = Math.floor(newest / HOUR) * HOUR + HOUR;
  const pairs = [
    ["from", iso(to - pick([1, 6, 24, 48]) * HOUR)],
    ["to", iso(to)],
  ];
  if (maybe(0.4))
    pairs.push([
      "q",
      pick(["event.outcome:failure", "not event.outcome:success", "source.ip:*", "user.name:root or user.name:hana"]),
    ]);
  for (const field of FIELDS) {
    if (!maybe(0.12)) continue;
    const values = topOf(all.slice(0, 2000), field);
    if (values.length > 0) pairs.push(["f", `${maybe(0.5) ? "!" : ""}${field}:${pick(values)[0]}`]);
  }
  if (maybe(0.5)) {
    const columns = FIELDS.filter(() => maybe(0.5)).map((field) =>
      maybe(0.5) ? `${field}~${Math.floor(80 + next() * 300)}` : field,
    );
    if (columns.length > 0) pairs.push(["c", columns.join(",")]);
  }
  if (maybe(0.3)) pairs.push(["s", "asc"]);
  if (maybe(0.3)) pairs.push(["v", pick(["table", "timeline"])], ["by", pick(FIELDS)]);
  if (maybe(0.3)) pairs.push(["cmp", "1"]);
  if (maybe(0.2)) pairs.push(["w", `${iso(to - HOUR / 2)}~${iso(to)}`]);
  if (maybe(0.3)) pairs.push(["fl", pick(["on", "off"])]);
  if (maybe(0.3)) pairs.push(["fo", pick(["user.name", "cloud.account.id,source.ip"])]);
  const text = pairs.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&");
  return { path: `/search?${text}`, opens: maybe(0.4), tab: pick(["", "r", "s"]) };
}

/** Pairs of tabs at work at the same time. */
const PAIRS = 4;

/** One tab where views come about, one after the other, and another profile that only ever opens addresses. */
async function openPair(browser, base, locale) {
  const maker = await openPage(browser, base, { locale });
  await maker.go("/search?from=all&to=now");
  const opener = await openPage(browser, base, { locale });
  const devtools = await opener.context.newCDPSession(opener.page);
  return {
    locale,
    maker: maker.page,
    async show(path) {
      await maker.page.evaluate((to) => {
        history.pushState(null, "", to);
        dispatchEvent(new PopStateEvent("popstate"));
      }, path);
    },
    /** Opens an address as if this browser had never been here: nothing is kept but files of the page. */
    async open(path) {
      await devtools.send("Storage.clearDataForOrigin", { origin: base, storageTypes: "all" });
      await opener.context.clearCookies();
      await opener.go(path);
      return fingerprint(opener.page);
    },
    async close() {
      for (const view of [maker, opener]) {
        await view.check();
        await view.close();
      }
    },
  };
}

export const restore = {
  async [`the address of ${STATES} random views restores them in a fresh profile`]({ browser, base, report }) {
    const all = await allEvents(base);
    const next = random(20_261_127);
    const wanted = Array.from({ length: STATES }, () => ({
      ...randomPath(next, all),
      locale: next() < 0.3 ? "ja-JP" : "en-US",
    })).sort((a, b) => a.locale.localeCompare(b.locale));
    let opened = 0;
    const work = async () => {
      let pair = null;
      for (let state = wanted.pop(); state; state = wanted.pop()) {
        const { path, opens, tab, locale } = state;
        if (pair?.locale !== locale) {
          await pair?.close();
          pair = await openPair(browser, base, locale);
        }
        await pair.show(path);
        await settled(pair.maker);
        if (opens && (await pair.maker.locator(".grid-row").count()) > 0) {
          await pair.maker.locator(".grid-row").first().click();
          if (tab) await pair.maker.keyboard.press(tab);
          opened += 1;
        }
        const before = await fingerprint(pair.maker);
        assert.deepEqual(await pair.open(before.url), before, before.url);
      }
      await pair?.close();
    };
    await Promise.all(Array.from({ length: Math.min(PAIRS, STATES) }, work));
    report(`${STATES} views, ${opened} of them with an open event`);
  },
};
