// The player in a page of another origin.
import { open_page, start_browser } from './browser.mjs';
import { start_http } from './sources.mjs';
import { start_server } from './server.mjs';

const env = { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '320x180' };

// A page of another origin with this body; {{server}} is the address of the server.
export async function hosted(t, body, { script = '', browser = {} } = {}) {
  const server = await start_server(t, { env });
  const host = await start_http(t, (request, response) => {
    if (request.url === '/app.js') response.setHeader('content-type', 'text/javascript').end(script);
    else response.setHeader('content-type', 'text/html').end(`<!doctype html><html lang="en"><title>Host</title>${body.replaceAll('{{server}}', server.url)}`);
  });
  const page = await open_page(await start_browser(t, browser), host.url.replace('127.0.0.1', 'localhost'));
  return { server, page };
}
export const module_tag = '<script type="module" src="{{server}}/live-player.js"></script>';
