// The faults: each breaks the source or ffmpeg and returns how to repair it. `must_notice`: the server has to report the
// fault within five seconds, in words that match `words`; faults that end sooner or harm no viewer need no report.
// `lasting`: the stream must recover while the fault lasts, and again after the repair. `most_answers`: the source is opened
// no more often while the fault lasts.
import { sleep, until } from '../lib/wait.mjs';
import { clip_seconds } from './clips.mjs';

const source_mode = (mode, { cut = false, must_notice = true, ...more } = {}) => ({
  must_notice,
  ...more,
  begin: ({ source }) => {
    source.mode = mode;
    if (cut) source.reset_clients();
  },
  end: ({ source }) => { source.mode = 'normal'; },
});
// Kills ffmpeg; the next one fails in this way.
const encoder_mode = (mode) => ({
  must_notice: true,
  begin: ({ encoder, kill_ffmpeg }) => {
    encoder.set(mode);
    kill_ffmpeg('SIGKILL');
  },
  end: ({ encoder }) => encoder.set('normal'),
});
const signal = (name) => ({ must_notice: false, begin: ({ kill_ffmpeg }) => kill_ffmpeg(name), end: () => {} });
// The source plays on in this way, which must harm no viewer.
const bends = (mode, seconds, more = {}) => source_mode(mode, { must_notice: false, lasting: true, seconds, ...more });
// The source continues with other content, which the viewers must receive.
const plays = (clip, offset = 0) => ({
  must_notice: false, seconds: 2, lasting: true,
  begin: ({ source }) => source.play(clip, offset),
  end: ({ source }) => source.play('a'),
});

// The source is a camera again; what has been read of it as a file is still played to its end.
const live_again = async ({ source }) => {
  source.mode = 'normal';
  const answered = source.answered;
  await until('the live source is opened', () => source.answered > answered, { seconds: 60 });
  await sleep(clip_seconds * 1000);
};

export const faults = {
  'refused': { must_notice: true, begin: ({ source }) => source.refuse(), end: ({ source }) => source.listen() },
  'reset': { must_notice: false, begin: ({ source }) => source.reset_clients(), end: () => {} },
  'ended': { must_notice: false, begin: ({ source }) => source.end_clients(), end: () => {} },
  'accepts, says nothing': source_mode('mute', { cut: true }),
  'hangs without data': { ...source_mode('silent', { cut: true }) },
  'hangs in mid-stream': source_mode('silent'),
  'audio stalls': source_mode('no-audio'),
  'picture stands, sound goes on': bends('no-video', 5),
  'sound begins late': plays('d'),
  'sound is slow': bends('slow-sound', 8),
  'sound cannot be decoded': bends('no-codec', 4),
  'sound cannot be decoded from the start': bends('no-codec', 4, { cut: true }),
  'first byte comes late': source_mode('late', { cut: true, lasting: true }),
  'hangs up each second': {
    ...source_mode('hangs-up', { cut: true, must_notice: false, seconds: 12, most_answers: 7 }),
    end: async ({ source }) => {
      source.mode = 'normal';
      const answered = source.answered;
      await until('one that stays is answered', () => source.answered > answered, { seconds: 20 });
    },
  },
  'a file without a length': {
    must_notice: false, seconds: 12, lasting: true, most_answers: 5,
    begin: async ({ source }) => {
      await source.serve_file('a');
      source.end_clients();
    },
    end: live_again,
  },
  'a looped file is replaced': {
    must_notice: false, seconds: 12, lasting: true, most_answers: 5,
    begin: async ({ source }) => {
      await source.serve_file('a');
      source.end_clients();
      await sleep(2000);
      await source.serve_file('b');
    },
    end: live_again,
  },
  'leads to a forbidden address': source_mode('forbidden', { cut: true, words: /SOURCE_ADDRESSES/ }),
  'garbage': source_mode('garbage'),
  'damaged packets': source_mode('noise', { must_notice: false }),
  '401': source_mode('401', { cut: true }),
  '404': source_mode('404', { cut: true }),
  '500': source_mode('500', { cut: true }),
  'times jump forward': plays('a', 7200),
  'times jump far forward': plays('a', 80_000),
  'times jump back': { must_notice: false, seconds: 2, lasting: true, begin: ({ source }) => source.play('a', 7200), end: ({ source }) => source.play('a', 10) },
  'another size': plays('b'),
  'another codec': plays('c'),
  'ffmpeg killed': signal('SIGKILL'),
  'ffmpeg terminated': signal('SIGTERM'),
  'ffmpeg crashes': signal('SIGSEGV'),
  'ffmpeg killed twice': {
    must_notice: false,
    begin: async ({ kill_ffmpeg }) => {
      kill_ffmpeg('SIGKILL');
      await sleep(150);
      kill_ffmpeg('SIGKILL');
    },
    end: () => {},
  },
  'ffmpeg stopped': { must_notice: true, begin: ({ kill_ffmpeg }) => kill_ffmpeg('SIGSTOP'), end: () => {} },
  // ffmpeg may run for half of the time only.
  'encoder too slow': {
    must_notice: false, seconds: 4,
    begin: (world) => {
      const step = async () => {
        while (world.throttling) {
          world.kill_ffmpeg('SIGSTOP');
          await sleep(140);
          world.kill_ffmpeg('SIGCONT');
          await sleep(20);
        }
      };
      world.throttling = true;
      world.throttled = step();
    },
    end: async (world) => {
      world.throttling = false;
      await world.throttled;
    },
  },
  'ffmpeg cannot be executed': {
    must_notice: true,
    begin: ({ encoder, kill_ffmpeg }) => {
      encoder.allow(false);
      kill_ffmpeg('SIGKILL');
    },
    end: ({ encoder }) => encoder.allow(true),
  },
  'ffmpeg fails at once': encoder_mode('fails'),
  'ffmpeg says and does nothing': encoder_mode('hangs'),
  'ffmpeg without standard output': encoder_mode('no-output'),
  'ffmpeg without memory': encoder_mode('no-memory'),
  'ffmpeg crashes at start': encoder_mode('crashes'),
  'ffmpeg floods its log': encoder_mode('talks'),
  'ffmpeg writes no FLV': encoder_mode('not-flv'),
  'no such host': encoder_mode('no-host'),
};
