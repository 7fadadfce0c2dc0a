// Chromium, driven by playwright-core. Hosts other than this machine are unreachable.
import { chromium } from 'playwright-core';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanup } from './cleanup.mjs';

export const program = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'].find(existsSync);

// A browser context that ends with the test. `autoplay: false` keeps the browser's rule that sound needs a gesture.
export async function start_browser(t, { autoplay = true, ...options } = {}) {
  const profile = mkdtempSync(join(tmpdir(), 'livestream-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: program, headless: true, viewport: { width: 1000, height: 700 }, ...options,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
      ...(autoplay ? ['--autoplay-policy=no-user-gesture-required'] : ['--autoplay-policy=user-gesture-required'])],
  });
  cleanup(t, async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  });
  return context;
}

// A page that records its requests, console errors and uncaught errors.
export async function open_page(context, url, { waitUntil = 'domcontentloaded' } = {}) {
  const page = await context.newPage();
  page.asked = [];
  page.problems = [];
  page.on('request', (request) => page.asked.push(request.url()));
  page.on('pageerror', (error) => page.problems.push(String(error)));
  await page.goto(url, { waitUntil });
  return page;
}

// The state of the page's first <video>, in shadow trees too.
export const video_state = (page) => page.evaluate(() => {
  const search = (root) => {
    for (const element of root.querySelectorAll('*')) {
      if (element.tagName === 'VIDEO') return element;
      const found = element.shadowRoot && search(element.shadowRoot);
      if (found) return found;
    }
    return null;
  };
  const video = search(document);
  if (!video) return null;
  const { buffered, videoWidth, videoHeight, currentTime, paused, muted, readyState } = video;
  return {
    currentTime, paused, muted, readyState, width: videoWidth, height: videoHeight,
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    behind: buffered.length ? buffered.end(buffered.length - 1) - currentTime : null,
    error: video.error?.message ?? null,
  };
});
