// GET /metrics: names by the conventions of Prometheus, counters that count, and the dashboard that reads them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { get, open_stream } from '../lib/http.mjs';
import { clip } from '../lib/media.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

// More tests where promtool is at hand; its package (Debian: prometheus) is large and sets up a service.
const promtool_test = spawnSync('promtool', ['--version']).status === 0 ? test : () => {};

const operations = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');

function configure(cwd, streams) {
  const defaults = { video_codec: 'copy', audio: 'off', slate: false };
  writeFileSync(join(cwd, 'livestream.yml'), JSON.stringify({ defaults, streams }));
}

async function start(t, streams, options = {}) {
  const cwd = temporary_directory(t);
  configure(cwd, streams);
  return start_server(t, { cwd, ...options });
}

// {families: {name: {help, type, samples: [{name, labels, value}]}}, value(name, labels)}; throws where a line breaks the form.
function parse(text) {
  assert.ok(text.endsWith('\n'));
  const families = {};
  let family;
  for (const line of text.trimEnd().split('\n')) {
    const comment = line.match(/^# (HELP|TYPE) (\S+) (.+)$/);
    if (comment) {
      const [, keyword, name, rest] = comment;
      if (keyword === 'HELP') {
        assert.ok(!families[name], `${name} comes twice`);
        families[name] = { samples: [] };
      }
      family = name;
      families[name][keyword.toLowerCase()] = rest;
      continue;
    }
    const sample = line.match(/^([^\s{]+)(?:\{(.*)\})? (\S+)$/);
    assert.ok(sample, line);
    const [, name, list = '', value] = sample;
    const suffix = families[family].type === 'histogram' ? /_(bucket|sum|count)$/ : /$/;
    assert.equal(name.replace(suffix, ''), family, line);
    const labels = Object.fromEntries([...list.matchAll(/([^=,]+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, text]));
    assert.ok(Number.isFinite(Number(value)), line);
    families[family].samples.push({ name, labels, value: Number(value) });
  }
  const value = (name, labels = {}) => Object.values(families).flatMap((each) => each.samples)
    .find((each) => each.name === name && Object.entries(labels).every(([key, text]) => each.labels[key] === text))?.value;
  return { families, value };
}

async function scrape(server) {
  const answer = await get(server, '/metrics');
  assert.equal(answer.status, 200);
  return parse(answer.text());
}

// The rules of `promtool check metrics`, because its package installs a service.
function problems_of(families) {
  const base_units = ['seconds', 'bytes', 'ratio'];
  const other_units = /^((milli|micro|nano|kilo|mega|giga|kibi|mebi|gibi)\w+|minutes?|hours?|days?|bits?|percent|ms|us|ns|s|sec|kb|mb|gb|b|kib|mib)$/;
  return Object.entries(families).flatMap(([name, { help, type, samples }]) => {
    const words = name.split('_');
    const labels = [...new Set(samples.flatMap((sample) => Object.keys(sample.labels)))];
    return [
      !help && 'no help',
      !['counter', 'gauge', 'histogram'].includes(type) && `type ${type}`,
      !/^[a-z][a-z0-9_]*$/.test(name) && 'not in snake_case',
      /__|_$/.test(name) && 'an empty word',
      (type === 'counter') !== name.endsWith('_total') && '_total is for counters',
      /_(bucket|sum|count)$/.test(name) && 'a suffix of histograms',
      words.some((word) => /^(counter|gauge|histogram|summary|metric)$/.test(word)) && 'its type in the name',
      words.some((word) => other_units.test(word)) && `units are ${base_units}`,
      ...labels.map((label) => !/^[a-z][a-z0-9_]*$/.test(label) && `label ${label}`),
      labels.includes('le') && type !== 'histogram' && 'label le',
      labels.includes('quantile') && 'label quantile',
      new Set(samples.map((sample) => sample.name + JSON.stringify(sample.labels))).size < samples.length && 'a sample twice',
    ].filter(Boolean).map((problem) => `${name}: ${problem}`);
  });
}

test('the rules find each kind of fault', () => {
  const family = (more) => ({ help: 'h', type: 'gauge', samples: [], ...more });
  assert.deepEqual(problems_of({ age_seconds: family(), sent_total: family({ type: 'counter' }) }), []);
  for (const [name, more] of [
    ['a', { help: undefined }], ['a', { type: 'untyped' }], ['aB', {}], ['a:b', {}], ['a__c', {}], ['a_total', {}], ['a', { type: 'counter' }],
    ['a_bucket', {}], ['a_gauge', {}], ['a_ms', {}], ['a_milliseconds', {}], ['a_bits_per_second', {}],
    ['a', { samples: [{ name: 'a', labels: { bC: '' } }] }], ['a', { samples: [{ name: 'a', labels: { le: '1' } }] }],
    ['a', { samples: [{ name: 'a', labels: { quantile: '1' } }] }], ['a', { samples: [{ name: 'a', labels: {} }, { name: 'a', labels: {} }] }],
  ]) {
    assert.equal(problems_of({ [name]: family(more) }).length, 1, `${name} ${JSON.stringify(more)}`);
  }
});

test('names, labels and the form follow the conventions of Prometheus', async (t) => {
  const file = await clip('long.mp4');
  const server = await start(t, { front: file, yard: { source: file, on_demand: true }, away: 'rtsp://user9:secret9@127.0.0.1:1/secret9' });
  const viewer = open_stream(t, server, { path: '/front/stream' });
  await viewer.media(1);
  await get(server, '/beacon', { method: 'POST', body: JSON.stringify({ viewer: Number(viewer.headers['stream-viewer']), latency_ms: { p50: 62, p95: 80 }, stalls: 2 }) });
  await until('the report is shown', async () => (await scrape(server)).value('livestream_stream_player_reports', { stream: 'front' }) === 1);
  const answer = await get(server, '/metrics');
  assert.equal(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(answer.headers['cache-control'], 'no-store');
  const { families } = parse(answer.text());
  assert.deepEqual(problems_of(families), []);
  for (const [name, { samples }] of Object.entries(families)) {
    assert.ok(samples.length > 0, `${name} has no sample`);
    if (name.startsWith('livestream_stream_')) assert.ok(samples.every((sample) => ['front', 'yard', 'away'].includes(sample.labels.stream)), name);
  }
  const documented = [...operations.matchAll(/`((?:livestream|process)_\w+)`/g)].map(([, name]) => name);
  assert.deepEqual([...new Set(documented)].sort(), Object.keys(families).sort());
  assert.doesNotMatch(answer.text(), /secret9|user9|127\.0\.0\.1/);
});

promtool_test('promtool finds nothing to object to', async (t) => {
  const server = await start(t, { front: await clip('long.mp4') });
  const { status, stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], { input: (await get(server, '/metrics')).body, encoding: 'utf8' });
  assert.deepEqual([status, stdout, stderr], [0, '', '']);
});

test('/metrics counts what viewers get, and forgets a removed stream', async (t) => {
  const file = await clip('long.mp4');
  const server = await start(t, { front: file, yard: file, away: 'rtsp://127.0.0.1:1/x' }, { env: { MAX_CLIENTS: '1' } });
  const viewer = open_stream(t, server, { path: '/yard/stream' });
  await viewer.media(2);
  assert.equal((await get(server, '/yard/stream')).status, 503);
  await until('the viewer is counted', async () => (await scrape(server)).value('livestream_stream_viewers_refused_total', { stream: 'yard' }) === 1);
  const before = await scrape(server);
  const yard = { stream: 'yard' };
  assert.equal(before.value('livestream_stream_viewers', yard), 1);
  assert.equal(before.value('livestream_stream_viewers', { stream: 'front' }), 0);
  assert.equal(before.value('livestream_stream_viewers_total', yard), 1);
  assert.equal(before.value('livestream_stream_join_seconds_count', yard), 1);
  assert.equal(before.value('livestream_stream_source_state', { ...yard, state: 'running' }), 1);
  assert.equal(before.value('livestream_stream_source_state', { stream: 'away', state: 'running' }), 0);
  assert.equal(before.value('livestream_stream_last_fragment_age_seconds', { stream: 'away' }), undefined);
  assert.equal(before.value('livestream_viewers'), 1);
  assert.equal(before.value('livestream_max_clients'), 1);
  const sent = before.value('livestream_stream_bytes_sent_total', yard);
  assert.ok(sent > 10_000 && sent <= viewer.bytes * 2, `${sent} of ${viewer.bytes}`);
  assert.ok(Math.abs(before.value('process_start_time_seconds') - Date.now() / 1000) < 120);
  assert.ok(before.value('process_resident_memory_bytes') > 1e6);
  assert.ok(before.value('process_open_fds') > 5);
  await until('bytes are counted', async () => (await scrape(server)).value('livestream_stream_bytes_sent_total', yard) > sent);

  configure(server.cwd, { front: file });
  server.kill('SIGHUP');
  await until('the stream is gone', async () => !(await get(server, '/metrics')).text().includes('"yard"'));
  assert.equal((await scrape(server)).value('livestream_stream_viewers', { stream: 'front' }), 0);
});

test('a hundred requests at once get the same text', async (t) => {
  const server = await start(t, { front: await clip('long.mp4') });
  const texts = [];
  const began = Date.now();
  for (let round = 0; round < 4; ++round) {
    const answers = await Promise.all(Array.from({ length: 25 }, () => get(server, '/metrics')));
    texts.push(...answers.map((answer) => answer.text()));
  }
  // Two workers may each make one at the same moment.
  const allowed = 2 * ((Date.now() - began) / 250 + 2);
  assert.ok(new Set(texts).size <= allowed, `${new Set(texts).size} different texts, allowed are ${allowed}`);
});

test('/metrics is at the root alone, and other pages read it as they read /stats', async (t) => {
  const server = await start(t, { front: await clip('long.mp4') }, { env: { CORS_ORIGIN: 'https://a.example' } });
  assert.equal((await get(server, '/front/metrics')).status, 404);
  assert.equal((await get(server, '/metrics', { method: 'HEAD' })).status, 200);
  const posted = await get(server, '/metrics', { method: 'POST' });
  assert.deepEqual([posted.status, posted.headers.allow], [405, (await get(server, '/stats', { method: 'POST' })).headers.allow]);
  for (const Origin of ['https://a.example', 'https://b.example']) {
    const headers = async (path) => {
      const { headers } = await get(server, path, { headers: { Origin } });
      return [headers['access-control-allow-origin'], headers.vary, headers['x-content-type-options']];
    };
    assert.deepEqual(await headers('/metrics'), await headers('/stats'));
  }
});

const dashboard = JSON.parse(readFileSync(new URL('../../docs/grafana-dashboard.json', import.meta.url), 'utf8'));
const queries = dashboard.panels.flatMap((panel) => panel.targets.map((target) => target.expr));
const expanded = (query) => query.replaceAll('$stream', '.*').replaceAll('$__rate_interval', '5m');

test("every metric and label of the dashboard's queries is one of the server's", async (t) => {
  const server = await start(t, { front: await clip('long.mp4') });
  const viewer = open_stream(t, server, { path: '/front/stream' });
  await viewer.media(1);
  const { families } = await scrape(server);
  const known = new Set(Object.entries(families).flatMap(([name, { type }]) => type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name]));
  // Prometheus adds the last two.
  const labels = new Set([...Object.values(families).flatMap(({ samples }) => samples.flatMap((sample) => Object.keys(sample.labels))), 'instance', 'job']);
  const variables = dashboard.templating.list.filter((variable) => variable.type === 'query').map((variable) => variable.query.query);
  for (const query of [...queries, ...variables]) {
    const names = [...query.matchAll(/\b(?:livestream|process)_\w+/g)].map(([name]) => name);
    assert.ok(names.length > 0, query);
    for (const name of names) assert.ok(known.has(name), `${name} in ${query}`);
    const used = [...query.matchAll(/([a-z_]+)\s*(?:=~|!=|=)\s*"/g), ...[...query.matchAll(/\b(?:by|on)\s*\(([^)]*)\)/g)].flatMap(([, list]) => list.split(',').map((label) => [, label.trim()]))];
    for (const [, label] of used) assert.ok(labels.has(label), `label ${label} in ${query}`);
  }
  // A value of a label that is written in a query, too.
  for (const [, label, value] of queries.join('\n').matchAll(/([a-z_]+)="([^"$]*)"/g)) {
    assert.ok(Object.values(families).some(({ samples }) => samples.some((sample) => sample.labels[label] === value)), `${label}="${value}"`);
  }
});

test('the dashboard has what Grafana needs', () => {
  assert.ok(dashboard.title && dashboard.uid && dashboard.schemaVersion >= 30);
  const [datasource, stream] = ['datasource', 'stream'].map((name) => dashboard.templating.list.find((variable) => variable.name === name));
  assert.deepEqual([datasource.type, datasource.query], ['datasource', 'prometheus']);
  assert.deepEqual([stream.type, stream.includeAll, stream.multi], ['query', true, true]);
  assert.equal(new Set(dashboard.panels.map((panel) => panel.id)).size, dashboard.panels.length);
  const taken = new Set();
  for (const panel of dashboard.panels) {
    assert.ok(panel.title && panel.type && panel.targets.length > 0, JSON.stringify(panel.title));
    for (const each of [panel, ...panel.targets, stream]) assert.deepEqual(each.datasource, { type: 'prometheus', uid: '${datasource}' });
    assert.equal(new Set(panel.targets.map((target) => target.refId)).size, panel.targets.length, panel.title);
    const { x, y, w, h } = panel.gridPos;
    assert.ok(x >= 0 && w > 0 && h > 0 && x + w <= 24, panel.title);
    for (let column = x; column < x + w; ++column) {
      for (let line = y; line < y + h; ++line) {
        assert.ok(!taken.has(`${column},${line}`), `${panel.title} lies on another panel`);
        taken.add(`${column},${line}`);
      }
    }
  }
  const table = dashboard.panels.find((panel) => panel.type === 'table');
  const renamed = table.transformations.find((step) => step.id === 'organize').options.renameByName;
  for (const { refId } of table.targets) assert.ok(renamed[`Value #${refId}`], refId);
  for (const { matcher } of table.fieldConfig.overrides) assert.ok(Object.values(renamed).includes(matcher.options), matcher.options);
});

promtool_test('the rules in the documents are valid', (t) => {
  const rules = join(temporary_directory(t), 'rules.yml');
  writeFileSync(rules, operations.match(/```yaml\n(groups:\n[^]*?)```/)[1]);
  const { status, stderr, stdout } = spawnSync('promtool', ['check', 'rules', rules], { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
});

promtool_test("the dashboard's queries are PromQL", (t) => {
  const rules = join(temporary_directory(t), 'rules.json');
  const groups = [{ name: 'dashboard', rules: queries.map((query, index) => ({ record: `query_${index}`, expr: expanded(query) })) }];
  writeFileSync(rules, JSON.stringify({ groups }));
  const { status, stderr, stdout } = spawnSync('promtool', ['check', 'rules', rules], { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
});
