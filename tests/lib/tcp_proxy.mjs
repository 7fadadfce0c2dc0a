// A proxy between a browser and a server that can cut, reset and corrupt the connections.
import net from 'node:net';
import { cleanup } from './cleanup.mjs';

// {port, url, cut(), heal(), reset(), foul(bytes), target}. While cut, no byte passes in either direction and new connections
// hang, as if packets were lost; bytes sent during the cut arrive after heal().
export async function start_tcp_proxy(t, port_of_server) {
  const pairs = new Set();
  const proxy = { target: port_of_server, is_cut: false, fouling: null };
  const flow = (pair) => {
    for (const socket of [pair.client, pair.upstream]) {
      if (proxy.is_cut) socket.pause();
      else socket.resume();
    }
  };
  const server = net.createServer((client) => {
    const upstream = net.connect(proxy.target, '127.0.0.1');
    const pair = { client, upstream };
    pairs.add(pair);
    const end = () => {
      client.destroy();
      upstream.destroy();
      pairs.delete(pair);
    };
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      // Only into the long response, which is the stream.
      if (proxy.fouling && upstream.bytesRead > 100_000) {
        client.write(proxy.fouling);
        proxy.fouling = null;
      }
      client.write(bytes);
    });
    flow(pair);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup(t, () => new Promise((resolve) => {
    for (const pair of pairs) { pair.client.destroy(); pair.upstream.destroy(); }
    server.close(resolve);
  }));
  proxy.port = server.address().port;
  proxy.url = `http://127.0.0.1:${proxy.port}`;
  proxy.cut = () => { proxy.is_cut = true; pairs.forEach(flow); };
  proxy.heal = () => { proxy.is_cut = false; pairs.forEach(flow); };
  proxy.reset = () => { for (const { client } of pairs) client.resetAndDestroy(); };
  proxy.foul = (bytes) => { proxy.fouling = bytes; };
  return proxy;
}
