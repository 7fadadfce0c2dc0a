// readers.mjs PORT COUNT [RECORD_DIRECTORY]: many well-behaved viewers in a process of their own. Checks every byte of
// every response (tests/lib/mp4.mjs) and reports to its parent twice a second. With a directory, the first viewer's bytes
// are written there, one file for each init segment: piece-1.mp4, ...
import { createWriteStream } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { BoxSplitter, StreamChecker } from '../lib/mp4.mjs';

const [port, count, directory] = process.argv.slice(2);
const viewers = [];
// Milliseconds from the server's clock in prft to the arrival.
let delays = [];

class Recorder {
  #splitter = new BoxSplitter();
  #file = null;
  pieces = 0;

  push(bytes) {
    for (const box of this.#splitter.push(bytes)) {
      if (box.type === 'ftyp') {
        this.#file?.end();
        this.pieces += 1;
        this.#file = createWriteStream(join(directory, `piece-${this.pieces}.mp4`));
      }
      if (box.type !== 'emsg') this.#file?.write(box.bytes);
    }
  }
}

function open(index) {
  const viewer = { checker: new StreamChecker(), bytes: 0, fragments: 0, messages: 0, inits: 0, error: null, newest: 0, video_at: 0 };
  const recorder = directory && index === 0 ? new Recorder() : null;
  viewer.recorder = recorder;
  const fail = (what) => { viewer.error ??= `viewer ${index}: ${what}`; };
  const request = http.get({ host: '127.0.0.1', port, path: '/stream', agent: false, headers: { 'User-Agent': `reader/${index}` } }, (response) => {
    if (response.statusCode !== 200) fail(`status ${response.statusCode}`);
    response.on('data', (bytes) => {
      if (viewer.error) return;
      viewer.bytes += bytes.length;
      try {
        viewer.checker.push(bytes);
        recorder?.push(bytes);
      } catch (error) {
        return fail(error.message);
      }
      const { fragments, messages, inits } = viewer.checker;
      for (const fragment of fragments) {
        viewer.newest = fragment.sequence;
        if (fragment.kind === 'video') viewer.video_at = fragment.at;
        if (fragment.prft) delays.push(fragment.at - fragment.prft.unix_ms);
      }
      viewer.fragments += fragments.length;
      viewer.messages += messages.length;
      viewer.inits += Math.max(0, inits.length - 1);
      // Checking the following bytes needs the last init segment only.
      fragments.length = messages.length = 0;
      inits.splice(0, inits.length - 1);
    });
    response.on('end', () => { viewer.ended = { complete: response.complete }; fail('the response ended'); });
    response.on('error', (error) => fail(error.message));
  });
  request.on('error', (error) => fail(error.message));
  return viewer;
}

for (let index = 0; index < Number(count); ++index) viewers.push(open(index));

setInterval(() => {
  const sorted = delays.sort((a, b) => a - b);
  delays = [];
  process.send({
    errors: viewers.filter((viewer) => viewer.error).map((viewer) => viewer.error),
    ended: viewers.filter((viewer) => viewer.ended).map((viewer) => viewer.ended.complete),
    reading: viewers.filter((viewer) => viewer.fragments > 0).length,
    fragments: viewers.reduce((sum, viewer) => sum + viewer.fragments, 0),
    newest: viewers.map((viewer) => viewer.newest),
    video_at: Math.min(...viewers.map((viewer) => viewer.video_at)),
    inits: viewers[0].inits,
    pieces: viewers[0].recorder?.pieces ?? 0,
    delays: sorted,
  });
}, 500);
process.on('disconnect', () => process.exit());
