import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe, { type AxeResults } from "axe-core";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { renderHtml } from "../../src/report/html.js";
import type { MatrixResult } from "../../src/result.js";
import { everyEnd, matrix, oopsFailure, passed, ran } from "../made-results.js";

/** Debian's browser: none is downloaded. */
const CHROMIUM = "/usr/bin/chromium";
/** A busy machine takes its time. */
const LIMIT_MS = 300_000;

const OPEN_ALL = "for (const each of document.querySelectorAll('details')) each.open = true";

let browser: Browser;
let work: string;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "vm-page-"));
  // As root, in CI and in containers, it has no sandbox to offer; the page is ours.
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
    timeout: LIMIT_MS,
  });
}, LIMIT_MS);

afterAll(async () => {
  await browser.close();
  rmSync(work, { recursive: true, force: true });
});

const hostile = `</pre></script><script>document.title = "taken"</script><img src="http://127.0.0.1:9/x" onerror="document.title='taken'"/>&lt;"'`;

function oopsed(reason: string): ReturnType<typeof ran> {
  return ran({ kind: "oopsed", reason, complaint: "oops", status: null }, { failure: oopsFailure });
}

/** Two kernels with hostile names and output. */
function hostileMatrix(): MatrixResult {
  return matrix({
    [`linux-${hostile}`]: {
      "fine-test": passed,
      [`bad-${hostile}`]: ran(
        { kind: "exited", status: 3 },
        { stdout: hostile, stderr: `${hostile}\nlast words` },
      ),
      "oops-test": oopsed(hostile),
    },
    "linux-next": {
      "fine-test": passed,
      [`bad-${hostile}`]: passed,
      "oops-test": oopsed("BUG: needle in a haystack"),
    },
  });
}

interface Opened {
  readonly page: Page;
  /** What the page asked for beside itself, and what it complained of. */
  readonly noise: string[];
}

async function open(
  result: MatrixResult,
  {
    hash = "",
    scheme = "light",
    width = 1280,
  }: { hash?: string; scheme?: "dark" | "light"; width?: number } = {},
): Promise<Opened> {
  const file = join(work, "report #1.html");
  writeFileSync(file, renderHtml(result));
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT_MS);
  const noise: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith("file:")) noise.push(request.url());
  });
  page.on("pageerror", (error) => noise.push(error.message));
  page.on("console", (message) => noise.push(message.text()));
  await page.goto(pathToFileURL(file).href + hash);
  return { page, noise };
}

/** What axe finds serious, in words. */
async function violationsOf(page: Page): Promise<string[]> {
  // Through the debugger, which the page's policy does not bind.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" | ")}`);
}

const shown = (page: Page, selector: string): Promise<number> => page.locator(`${selector}:visible`).count();

test(
  "hostile names and output stay text: nothing of theirs runs, and nothing is asked for",
  async () => {
    const { page, noise } = await open(hostileMatrix());
    expect(await page.title()).toMatch(/^vm test: /);
    expect(await page.locator("img").count()).toBe(0);
    expect(await page.locator("details.cell summary", { hasText: "document.title" }).count()).toBeGreaterThan(
      0,
    );
    expect(noise).toEqual([]);
  },
  LIMIT_MS,
);

test(
  "words find rows and details, verdicts are filtered, Escape shows all",
  async () => {
    const { page } = await open(hostileMatrix());
    const all = await shown(page, "details[data-verdict]");
    await page.keyboard.press("/");
    await page.keyboard.type("needle HAYSTACK");
    await expect.poll(() => shown(page, "details[data-verdict]"), { timeout: LIMIT_MS }).toBe(1);
    expect(await shown(page, "tbody tr[data-verdict]")).toBe(1);
    expect(await page.locator("#shown").textContent()).toBe("1 of 2 rows are shown");
    await page.keyboard.press("Escape");
    expect(await shown(page, "details[data-verdict]")).toBe(all);
    await page.getByRole("checkbox", { name: "passed" }).uncheck();
    expect(await shown(page, "details.passed[data-verdict]")).toBe(0);
    expect(await shown(page, "details.failed[data-verdict]")).toBe(3);
  },
  LIMIT_MS,
);

test(
  "n and p go from failure to failure, and the address is a link to it that opens it again",
  async () => {
    const result = hostileMatrix();
    const { page } = await open(result);
    const hashes: string[] = [];
    for (const key of ["n", "n", "p"]) {
      await page.keyboard.press(key);
      // The page's own word: what the browser tells of its address comes later.
      hashes.push(await page.evaluate<string>("location.hash"));
    }
    expect(hashes).toEqual(["#cell-1-2", "#cell-1-3", "#cell-1-2"]);
    expect(await page.evaluate<string>("document.activeElement.localName")).toBe("summary");
    const linked = await open(result, { hash: "#cell-2-3" });
    await linked.page.locator("details[open] summary", { hasText: "needle in a haystack" }).waitFor();
    expect(await linked.page.locator("details[open][data-verdict]").count()).toBe(1);
    const isFocused = (): Promise<boolean> =>
      linked.page.evaluate<boolean>(
        "document.querySelector('details[open] summary') === document.activeElement",
      );
    await expect.poll(isFocused, { timeout: LIMIT_MS }).toBe(true);
  },
  LIMIT_MS,
);

test.each(["light", "dark"] as const)(
  "axe finds nothing serious in the %s page, folded and open",
  async (scheme) => {
    const { page } = await open(everyEnd(), { scheme });
    expect(await violationsOf(page)).toEqual([]);
    await page.evaluate(OPEN_ALL);
    expect(await violationsOf(page)).toEqual([]);
    const colour = await page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    const [red = 0] = (colour.match(/\d+/g) ?? []).map(Number);
    expect(red < 128).toBe(scheme === "dark");
  },
  LIMIT_MS,
);

test(
  "400 pixels are wide enough: nothing but tables is scrolled sideways",
  async () => {
    const { page } = await open(hostileMatrix(), { width: 400 });
    await page.evaluate(OPEN_ALL);
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(400);
  },
  LIMIT_MS,
);

test.each([
  [1, 10_000],
  [100, 100],
])(
  "%i kernels by %i tests: under 5 MB, and every row can be found",
  async (kernels, tests) => {
    const row = (kernel: number): Record<string, ReturnType<typeof ran>> =>
      Object.fromEntries(
        Array.from({ length: tests }, (_, index) => [
          `test-${index}`,
          (index + kernel) % 50 === 7 ? oopsed("BUG: kernel NULL pointer dereference") : passed,
        ]),
      );
    const result = matrix(
      Object.fromEntries(Array.from({ length: kernels }, (_, index) => [`linux-6.${index}`, row(index)])),
    );
    expect(Buffer.byteLength(renderHtml(result))).toBeLessThan(5_000_000);
    const { page, noise } = await open(result);
    expect(await page.locator("tbody tr[data-verdict]").count()).toBe(Math.max(kernels, tests));
    await page.locator("#search").fill(tests > kernels ? "test-9876" : "linux-6.42");
    await expect.poll(() => shown(page, "tbody tr[data-verdict]"), { timeout: LIMIT_MS }).toBe(1);
    expect(noise).toEqual([]);
  },
  LIMIT_MS,
);
