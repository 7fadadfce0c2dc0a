// hooks: commands and HTTP requests at events of streams.
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { open_stream, request } from '../lib/http.mjs';
import { clip } from '../lib/media.mjs';
import { alive } from '../lib/process.mjs';
import { run_server, start_server, temporary_directory } from '../lib/server.mjs';
import { free_port, start_http } from '../lib/sources.mjs';
import { sleep, until } from '../lib/wait.mjs';

// A folder with a stream `a` and a function that writes livestream.yml.
async function folder(t) {
  const cwd = temporary_directory(t);
  const source = join(cwd, 'a.mp4');
  const file = await clip('long.mp4');
  copyFileSync(file, source);
  const write = (config) => writeFileSync(join(cwd, 'livestream.yml'), JSON.stringify({ defaults: { video_codec: 'copy', audio: 'off' }, streams: { a: source }, ...config }));
  return { cwd, source, file, write };
}

// An HTTP server that keeps the bodies of its requests; `status` by path.
async function start_receiver(t, status = () => 200) {
  const receiver = { events: [] };
  const server = await start_http(t, async (asked, answer) => {
    let body = '';
    for await (const bytes of asked) body += bytes;
    receiver.events.push({ path: asked.url, method: asked.method, headers: asked.headers, ...JSON.parse(body) });
    const code = status(asked.url);
    // 0: no answer.
    if (code) answer.writeHead(code, { Location: `${server.url}/elsewhere` }).end('x'.repeat(200_000));
  });
  receiver.url = server.url;
  receiver.port = server.port;
  receiver.until = (path, index = 0) => until(`the hook of ${path}`, () => receiver.events.filter((one) => one.path === path)[index], { seconds: 25 });
  return receiver;
}

// A script; what it is started with is told by `started()`, in the order of the starts.
function make_script(cwd, name, more = '') {
  const notes = join(cwd, `${name}.notes`);
  mkdirSync(notes);
  const path = join(cwd, name);
  writeFileSync(path, `#!/bin/sh
{ printf '%s\\n' $$ "$LIVESTREAM_EVENT" "$LIVESTREAM_STREAM" "$LIVESTREAM_VIEWERS" "$LIVESTREAM_ERROR"; cat; printf '%s\\0' "$@"; } > '${notes}/'.$$
ls -l /proc/self/fd > '${cwd}/descriptors' 2> /dev/null
mv '${notes}/'.$$ '${notes}/'$$
${more}
`);
  chmodSync(path, 0o755);
  const read = (file) => {
    const [pid, event, stream, viewers, error, json, ...rest] = readFileSync(join(notes, file), 'utf8').split('\n');
    return { pid: Number(pid), event, stream, viewers, error, facts: JSON.parse(json), args: rest.join('\n').split('\0').slice(0, -1) };
  };
  return { path, started: () => readdirSync(notes).filter((file) => !file.startsWith('.')).map(read).sort((a, b) => (a.facts.time < b.facts.time ? -1 : 1)) };
}

test('sources that come and go and viewers run commands and requests with the facts', async (t) => {
  const { cwd, source, file, write } = await folder(t);
  const receiver = await start_receiver(t);
  const script = make_script(cwd, 'note me');
  const odd = ['camera away', '$(touch pwned) ; `id` "x" \'y\' *', '', '${STREAM}'];
  write({
    hooks: {
      source_up: `${receiver.url}/up`, source_down: [script.path, ...odd.map((arg) => arg.replaceAll('$', '$$$$'))],
      first_viewer: `${receiver.url}/first?of=\${CAMERA}`, last_viewer: `${receiver.url}/all`,
    },
    streams: { a: { source, hooks: { last_viewer: `${receiver.url}/last` } } },
  });
  const server = await start_server(t, { cwd, env: { CAMERA: 'a1' } });
  const up = await receiver.until('/up');
  assert.deepEqual([up.event, up.stream, up.viewers, up.error], ['source_up', 'a', 0, null]);
  assert.equal(up.method, 'POST');
  assert.equal(up.headers['content-type'], 'application/json');
  assert.ok(Math.abs(Date.parse(up.time) - Date.now()) < 30_000 && up.time.endsWith('Z'), up.time);

  const viewer = open_stream(t, server);
  const another = open_stream(t, server);
  assert.equal((await receiver.until('/first?of=a1')).event, 'first_viewer');
  await another.close();
  await viewer.media(1);
  rmSync(source);
  await request(server, '/api/v1/streams/a/restart', { method: 'POST' });
  const [down] = await until('the lost source', () => script.started().length > 0 && script.started(), { seconds: 25 });
  assert.deepEqual([down.event, down.stream, down.viewers], ['source_down', 'a', '1']);
  assert.match(down.error, /does not exist/);
  assert.deepEqual({ ...down.facts, time: '' }, { event: 'source_down', stream: 'a', time: '', viewers: 1, error: down.error });
  assert.deepEqual(down.args, odd);
  assert.equal(existsSync(join(cwd, 'pwned')), false);
  if (existsSync('/proc/self/fd')) {
    const descriptors = readFileSync(join(cwd, 'descriptors'), 'utf8').match(/ (\d+) -> /g).map((text) => Number(text.match(/\d+/)));
    // 3 is the folder that ls reads.
    assert.deepEqual(descriptors.sort(), [0, 1, 2, 3]);
  }

  copyFileSync(file, source);
  await receiver.until('/up', 1);
  await viewer.close();
  assert.equal((await receiver.until('/last')).viewers, 0);
  assert.equal(receiver.events.filter((one) => one.path.startsWith('/first')).length, 1);
  const before = receiver.events.length;
  await server.stop();
  await sleep(300);
  assert.equal(receiver.events.length, before, 'a stop is not told');
  assert.equal(script.started().length, 1);
});

test('a source on demand that rests is not down', async (t) => {
  const { cwd, source, write } = await folder(t);
  const receiver = await start_receiver(t);
  const events = ['source_up', 'source_down', 'first_viewer', 'last_viewer'];
  write({ hooks: Object.fromEntries(events.map((event) => [event, `${receiver.url}/${event}`])), streams: { a: { source, on_demand: true, linger: 0.5 } } });
  const server = await start_server(t, { cwd, ready: false });
  const state = async () => (await request(server, '/api/v1/streams/a')).json().state;
  for (const visit of [0, 1]) {
    const viewer = open_stream(t, server);
    await viewer.media(1);
    await receiver.until('/first_viewer', visit);
    await viewer.close();
    await receiver.until('/last_viewer', visit);
    await until('the source rests', async () => await state() === 'stopped');
    await sleep(400);
  }
  assert.deepEqual(receiver.events.map((one) => one.event), ['first_viewer', 'source_up', 'last_viewer', 'first_viewer', 'last_viewer']);
});

test('hooks that hang, fail or do not answer are ended and said once, without secrets, and hold up no other stream', async (t) => {
  const { cwd, file, write } = await folder(t);
  const receiver = await start_receiver(t, (path) => ({ '/hang?token=geheim': 0, '/500': 500, '/moved': 302 })[path] ?? 200);
  const hangs = make_script(cwd, 'hangs', "trap '' TERM; sleep 600 & while :; do sleep 600; done");
  const fails = make_script(cwd, 'fails', 'echo "out of order, http://me:geheim@host/" >&2; exit 3');
  const closed = await free_port();
  const hooks = {
    hangs: [hangs.path, '--token', 'geheim'], fails: [fails.path], silent: `http://me:geheim@127.0.0.1:${receiver.port}/hang?token=geheim`,
    broken: `${receiver.url}/500`, moved: `${receiver.url}/moved`, refused: `http://127.0.0.1:${closed}/`, missing: ['no-such-program-here'], fine: `${receiver.url}/fine`,
  };
  const streams = Object.fromEntries(Object.entries(hooks).map(([name, hook]) => [name, { source: file, hooks: { source_up: hook } }]));
  write({ hooks: { timeout: 2 }, streams });
  const checked = await run_server(t, { cwd, args: ['--check'] });
  assert.match(checked.stdout, /source_up: \["[^"]*hangs", "--token", "\*\*\*"\]/);
  assert.doesNotMatch(checked.stdout, /geheim/);

  const server = await start_server(t, { cwd, ready: false, env: { LOG_LEVEL: 'debug' } });
  await receiver.until('/fine');
  await until('the hanging command', () => hangs.started().length === 1);
  const { pid } = hangs.started()[0];
  const said = (stream, error) => until(`a warning of ${stream}`, () => server.stderr.split('\n').find((line) => line.includes('hook failed') && line.includes(`stream=${stream} `) && error.test(line)), { seconds: 20 })
    .catch((failure) => { throw new Error(`${failure.message}\n${server.stderr.split('\n').filter((line) => line.includes('hook')).join('\n')}`); });
  await said('fails', /event=source_up target=\S*fails error="?exit code 3: out of order/);
  await said('broken', /HTTP status 500/);
  await said('moved', /HTTP status 302/);
  await said('refused', /onnect/);
  await said('missing', /target=no-such-program-here error="?there is no such program/);
  await said('hangs', /took longer than 2 s/);
  await said('silent', /no answer within 2 s/);
  await until('the end of the hanging command', () => !alive(pid));
  assert.equal(receiver.events.filter((one) => one.path === '/elsewhere').length, 0);
  assert.equal(receiver.events.find((one) => one.path.startsWith('/hang')).headers.authorization, `Basic ${Buffer.from('me:geheim').toString('base64')}`);
  assert.match(server.stderr, /hook: out of order/);
  assert.doesNotMatch(server.stderr.split('\n').filter((line) => line.includes('hook')).join('\n'), /geheim/);
});

test('other hooks hold at once when the file changes, and neither sources nor viewers notice', async (t) => {
  const { cwd, source, write } = await folder(t);
  const receiver = await start_receiver(t);
  write({ hooks: { first_viewer: `${receiver.url}/old`, last_viewer: `${receiver.url}/old-last` } });
  const server = await start_server(t, { cwd });
  const viewer = open_stream(t, server);
  await receiver.until('/old');
  await viewer.media(1);
  const { pid } = server.ffmpeg();
  write({ streams: { a: { source, hooks: { first_viewer: `${receiver.url}/new`, last_viewer: `${receiver.url}/last` } } } });
  server.kill('SIGHUP');
  await until('the configuration is in force', () => /SIGHUP[\s\S]*in force/.test(server.stderr));
  await viewer.media(viewer.checker.seconds() + 1);
  assert.deepEqual([viewer.ended, viewer.checker.gaps(), server.ffmpeg().pid], [false, [], pid]);
  await viewer.close();
  await receiver.until('/last');
  await open_stream(t, server).media(0.5);
  await receiver.until('/new');
  assert.deepEqual(receiver.events.map((one) => one.path), ['/old', '/last', '/new']);
  assert.doesNotMatch(server.stderr, /opened anew/);
});

test('a stop ends commands that run, with all their processes', async (t) => {
  const { cwd, write } = await folder(t);
  const children = join(cwd, 'children');
  const script = make_script(cwd, 'long', `sleep 600 & echo $! > ${children}; wait`);
  write({ hooks: { source_up: [script.path], timeout: 600 } });
  const server = await start_server(t, { cwd });
  await until('the command runs', () => existsSync(children) && readFileSync(children, 'utf8').trim());
  const pids = [script.started()[0].pid, Number(readFileSync(children, 'utf8'))];
  assert.ok(pids.every(alive));
  const begun = Date.now();
  await server.stop();
  assert.ok(Date.now() - begun < 3000, `${Date.now() - begun} ms`);
  await until('nothing is left', () => !pids.some(alive), { seconds: 2 });
});

test('a request sets addresses, and no commands', async (t) => {
  const { cwd, source, write } = await folder(t);
  const receiver = await start_receiver(t);
  const script = make_script(cwd, 'never');
  write({});
  const server = await start_server(t, { cwd });
  const call = async (method, body) => {
    const answer = await request(server, '/api/v1/streams/a', { method, body: body && JSON.stringify(body) });
    return [answer.status, answer.json()];
  };
  const [status, refused] = await call('PATCH', { hooks: { first_viewer: [script.path] } });
  assert.equal(status, 400);
  assert.match(refused.error, /hooks\.first_viewer .* chooses a program to run and a request set it: write it into a file/);
  assert.equal((await call('PUT', { source, hooks: { first_viewer: [script.path] } }))[0], 400);
  assert.deepEqual(await call('PATCH', { hooks: { first_viewer: `${receiver.url}/api?token=geheim` } }), [200, { done: true }]);
  const [, stream] = await call('GET');
  assert.deepEqual([stream.settings.hooks.first_viewer, stream.settings.hooks.last_viewer, stream.settings.hooks.timeout], [`${receiver.url}/api?token=***`, null, 10]);
  await open_stream(t, server).media(0.5);
  await receiver.until('/api?token=geheim');
  assert.equal(script.started().length, 0);
});
