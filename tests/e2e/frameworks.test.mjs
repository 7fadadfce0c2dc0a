// The element in React, Vue, Preact, Lit and Svelte: their properties arrive, before and after it is defined, and changes do.
import assert from 'node:assert/strict';
import test from 'node:test';
import { bundle } from '../lib/bundle.mjs';
import { hosted, module_tag } from '../lib/hosted.mjs';
import { goes_live, in_player } from '../lib/player.mjs';
import { until } from '../lib/wait.mjs';

const told = (page) => in_player(page, '({ muted, volume, controls, autoplay, label, src, paused }) => ({ muted, volume, controls, autoplay, label, src, paused })');

for (const app of ['react.js', 'vue.js', 'preact.js', 'lit.js', 'svelte.svelte']) {
  const framework = app.split('.')[0];
  for (const late of [false, true]) {
    test(`${framework} sets it${late ? ' before it is defined' : ''}, and changes it`, async (t) => {
      const script = bundle(new URL(`frameworks/${app}`, import.meta.url).pathname);
      const first = '<script>window.first = { src: "{{server}}/stream", muted: true, autoplay: true, controls: true, volume: 0.5, label: "Yard" };</script>';
      const place = '<div id="app" style="width:480px"></div>';
      const body = late ? `${first}${place}<script type="module">await import("/app.js"); await new Promise((done) => setTimeout(done, 300)); await import("{{server}}/live-player.js");</script>` :
        `${first}${place}${module_tag}<script type="module" src="/app.js"></script>`;
      const { server, page } = await hosted(t, body, { script });
      await goes_live(page, { seconds: 20 });
      const src = `${server.url}/stream`;
      assert.deepEqual(await told(page), { muted: true, volume: 0.5, controls: true, autoplay: true, label: 'Yard', src, paused: false });
      await page.evaluate((address) => window.set({ src: `${address}?again=1`, muted: false, autoplay: true, controls: false, volume: 0.25, label: 'Gate' }), src);
      await until('the new address plays with sound', () => in_player(page, '(player) => player.state === "live" && /mp4a/.test(player.media.codecs) && player.src.endsWith("again=1")'));
      assert.deepEqual(await told(page), { muted: false, volume: 0.25, controls: false, autoplay: true, label: 'Gate', src: `${src}?again=1`, paused: false });
      assert.deepEqual(page.problems, []);
    });
  }
}
