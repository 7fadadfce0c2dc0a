// The program that the server under test starts as ffmpeg: a script that behaves as the file beside it says, and
// usually runs the real ffmpeg.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const script = (directory) => `#!/bin/sh
case "$*" in *-encoders*) exec ffmpeg "$@";; esac
read -r mode < '${directory}/mode'
case "$mode" in
  normal) exec ffmpeg "$@";;
  fails) echo '[fatal] the encoder could not be opened' >&2; exit 1;;
  hangs) exec sleep 1000;;
  no-output) exec ffmpeg "$@" >&-;;
  no-memory) ulimit -v 80000; exec ffmpeg "$@";;
  crashes) kill -SEGV $$;;
  talks) exec yes '[error] something is wrong' >&2;;
  not-flv) exec yes 'this is not FLV';;
  no-host)
    for argument do
      shift
      case "$argument" in http://*) argument=http://no-such-camera.invalid/live.ts;; esac
      set -- "$@" "$argument"
    done
    exec ffmpeg "$@";;
esac
`;

export class Encoder {
  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), 'livestream-chaos-'));
    this.path = join(this.directory, 'ffmpeg');
    this.set('normal');
    writeFileSync(this.path, script(this.directory));
    this.allow(true);
  }
  set(mode) {
    writeFileSync(join(this.directory, 'mode'), `${mode}\n`);
  }
  // Whether the script can be executed.
  allow(executable) {
    chmodSync(this.path, executable ? 0o755 : 0o644);
  }
  remove() {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
