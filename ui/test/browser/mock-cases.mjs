// Cases that need what only the mock server has: hostile lines, an empty store, sign-in, a server that goes away.
import assert from "node:assert/strict";
import { startMock } from "../../mock/server.mjs";
import { eventCount, openPage, settled, until } from "./page.mjs";

export const mockCases = {
  async "hostile text is shown and stays text"({ browser, base }) {
    const view = await openPage(browser, base);
    const { page } = view;
    await view.go("/search?from=all&to=now&ix=cloudtrail&c=user_agent.original,source.ip&f=source.ip:203.0.113.5");
    await settled(page);
    const text = await page.locator('[data-test="grid"]').innerText();
    for (const expected of ["<script>", "U+202E", "U+0000", "U+200B", "U+FEFF", "U+2066", "U+001B"])
      assert.ok(text.includes(expected), `${expected} is not visible`);
    await page.locator(".grid-row").first().click();
    await until(() => page.locator('[data-test="detail"] [role="tab"]').count(), "the event is there");
    await page.keyboard.press("r");
    await view.go("/dead-letters");
    await until(() => page.locator(".letter").count(), "dead letters");
    for (const summary of await page.locator(".letter summary").all())
      await summary.evaluate((element) => element.click());
    await view.check();
    await view.close();
  },

  async "a line of a megabyte with ten thousand fields does not stall the page"({ browser, base, report }) {
    const view = await openPage(browser, base);
    const { page } = view;
    await view.go("/search?from=all&to=now&q=event.action:Monster&c=errorMessage,event.action");
    await settled(page);
    await page.evaluate(() => {
      new MutationObserver((_, observer) => {
        if (!document.querySelector('[data-test="detail"] .field-row')) return;
        observer.disconnect();
        requestAnimationFrame(() => setTimeout(() => (globalThis.__opened = performance.now() - globalThis.__clicked)));
      }).observe(document, { childList: true, subtree: true });
      document.addEventListener("click", () => (globalThis.__clicked = performance.now()), {
        capture: true,
        once: true,
      });
    });
    await page.locator(".grid-row").first().click();
    const opened = await until(() => page.evaluate(() => globalThis.__opened), "the event is painted");
    await page.keyboard.press("r");
    await until(() => page.locator('[data-test="raw-text"] .mark').count(), "the raw line is there");
    report(`opened in ${opened.toFixed(0)} ms, the fetch of 2 MB included`);
    assert.ok(opened < 2000, `opened after ${opened} ms`);
    await view.check();
    await view.close();
  },

  async "an empty store shows three steps"({ browser, shoot }) {
    const mock = await startMock({ empty: true });
    const view = await openPage(browser, mock.url);
    await view.go("/");
    await until(() => view.page.locator("main.home li").count(), "the steps");
    assert.equal(await view.page.locator("main.home li").count(), 3);
    await shoot(view.page, "home-empty");
    await view.check();
    await view.close();
    await mock.close();
  },

  async "signing in leads back to the view"({ browser, shoot }) {
    const mock = await startMock({ users: true });
    const view = await openPage(browser, mock.url);
    const { page } = view;
    await view.go("/search?from=all&to=now&q=user.name:root");
    await until(() => new URL(page.url()).pathname === "/sign-in", "the sign-in page");
    await until(() => page.locator('input[name="user"]').count(), "the form");
    await page.fill('input[name="user"]', "hana");
    await page.fill('input[name="password"]', "wrong");
    await page.keyboard.press("Enter");
    await until(
      async () => /wrong/.test((await page.locator('[role="alert"]').textContent()) ?? ""),
      "wrong password is said",
    );
    await shoot(page, "sign-in");
    await page.fill('input[name="password"]', "watchtower");
    await page.keyboard.press("Enter");
    await until(() => page.url().endsWith("/search?from=all&to=now&q=user.name:root"), "back at the view");
    await settled(page);
    assert.ok((await eventCount(page)) > 0);
    await page.locator('[data-test="sign-out"]').click();
    await until(() => new URL(page.url()).pathname === "/sign-in", "signing out");
    await view.close();
    await mock.close();
  },

  async "a server that goes away is said, old rows stay, and it recovers"({ browser }) {
    const mock = await startMock({});
    const port = Number(new URL(mock.url).port);
    const view = await openPage(browser, mock.url);
    const { page } = view;
    await view.go("/search");
    await settled(page);
    await mock.close();
    await page.locator('.topbar button[aria-label="Search again"]').click();
    await until(() => page.locator(".banner.bad").count(), "the banner");
    assert.ok((await page.locator(".grid-row").count()) > 0, "old rows stay");
    const again = await startMock({ port });
    await page.locator(".banner.bad button").click();
    await until(async () => (await page.locator(".banner.bad").count()) === 0, "the banner goes");
    await view.close();
    await again.close();
  },
};
