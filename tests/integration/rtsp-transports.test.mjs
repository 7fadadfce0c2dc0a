// Each way in which an RTSP camera can send, asked for by RTSP_TRANSPORT or found after refusals.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import net from 'node:net';
import test from 'node:test';
import { cleanup } from '../lib/cleanup.mjs';
import { open_stream } from '../lib/http.mjs';
import { start_server } from '../lib/server.mjs';
import { free_port, start_ffmpeg, start_rtsp } from '../lib/sources.mjs';

// Whether a packet to a group comes back to this machine, which networks of containers may forbid.
async function has_multicast() {
  const receiver = createSocket({ type: 'udp4', reuseAddr: true });
  try {
    await new Promise((resolve) => receiver.bind(0, resolve));
    receiver.addMembership('239.255.77.10');
    return await new Promise((resolve, reject) => {
      receiver.on('message', () => resolve(true));
      receiver.on('error', reject);
      receiver.send('x', receiver.address().port, '239.255.77.10', (error) => error && reject(error));
      setTimeout(() => resolve(false), 1000);
    });
  } catch {
    return false;
  } finally {
    receiver.close();
  }
}

// A camera that sends to a group only. (GStreamer's server cannot share its port with a receiver on the same machine.)
async function start_multicast_camera(t) {
  const group = '239.255.77.1';
  const rtp_port = (await free_port('udp')) & ~1;
  start_ffmpeg(t, ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30', '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '15',
    '-pix_fmt', 'yuv420p', '-bsf:v', 'dump_extra', '-f', 'rtp', '-payload_type', '96', `rtp://${group}:${rtp_port}?ttl=1`]);
  const sdp = `v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 ${group}/1\r\nt=0 0\r\nm=video ${rtp_port} RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:track1\r\n`;
  const sockets = new Set();
  const listener = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      const answer = (line, headers = '', body = '') => socket.write(`RTSP/1.0 ${line}\r\nCSeq: ${/CSeq: (\d+)/i.exec(text)?.[1] ?? 0}\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`);
      if (text.startsWith('DESCRIBE')) return answer('200 OK', 'Content-Type: application/sdp\r\n', sdp);
      if (!text.startsWith('SETUP')) return answer('200 OK', 'Session: 1\r\n');
      if (!/^Transport:.*multicast/im.test(text)) return answer('461 Unsupported Transport');
      return answer('200 OK', `Transport: RTP/AVP;multicast;destination=${group};port=${rtp_port}-${rtp_port + 1};ttl=1\r\nSession: 1\r\n`);
    });
  });
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
  cleanup(t, () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => listener.close(resolve));
  });
  return `rtsp://127.0.0.1:${listener.address().port}/group`;
}

async function plays(t, url, setting, expected) {
  const env = { VIDEO_FILE: url, VIDEO_RESOLUTION: '320x180', ...(setting && { RTSP_TRANSPORT: setting }) };
  const server = await start_server(t, { env, ready: false });
  await server.wait_running(25);
  await open_stream(t, server).media(2, 20);
  const { arguments: argv } = server.ffmpeg();
  assert.equal(argv[argv.indexOf('-rtsp_transport') + 1], expected);
  return server;
}

test('RTSP transports', { concurrency: 4 }, async (t) => {
  const camera = await start_rtsp(t);
  const multicast = (await has_multicast()) ? false : 'no multicast on this machine';
  const group = multicast ? '' : await start_multicast_camera(t);
  await Promise.all([
    ['a camera that allows all is asked for TCP', '/any', '', 'tcp'],
    ['tcp', '/any', 'tcp', 'tcp'],
    ['udp', '/any', 'udp', 'udp'],
    ['http', '/any', 'http', 'http'],
    ['multicast', group, 'multicast', 'udp_multicast', multicast],
    ['a camera that allows UDP alone (461) is asked for UDP by itself', '/udp', 'auto', 'udp'],
    ['a camera that allows multicast alone is asked for multicast by itself', group, 'auto', 'udp_multicast', multicast],
  ].map(([name, path, setting, expected, skip = false]) => t.test(name, { skip }, (t) => plays(t, path.startsWith('rtsp:') ? path : camera.url(path), setting, expected))));
});
