// The pictures of the documentation, taken of a server with demonstration data: who failed to sign in?
import { openPage, settled, until } from "./page.mjs";

const PATH = `/search?q=${encodeURIComponent("eventName:ConsoleLogin and event.outcome:failure")}`;

async function take({ browser, base, shoot }, name, colorScheme) {
  const view = await openPage(browser, base, { colorScheme });
  const { page } = view;
  await view.go(PATH);
  await settled(page);
  await page.locator(".grid-row").first().click();
  await until(() => page.locator('[data-test="detail"] [role="tab"]').count(), "the event is there");
  await until(() => page.locator(".cm-content").count(), "the editor is loaded");
  // Away from every value, so that no menu is open.
  await page.mouse.move(700, 700);
  await page.waitForTimeout(300);
  await shoot(page, name);
  await view.check();
  await view.close();
}

export const pictures = {
  "the search page, light": (run) => take(run, "search", "light"),
  "the search page, dark": (run) => take(run, "search-dark", "dark"),
};
