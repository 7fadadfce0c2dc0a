// Real proxies with TLS and HTTP/2 in front of a server, and nginx as it comes, which passes no WebSockets.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { start_helper } from './process.mjs';
import { temporary_directory } from './server.mjs';
import { free_port } from './sources.mjs';
import { until } from './wait.mjs';

// name: [program, arguments, its configuration]; each gets {directory, port, target, certificate, key, both}.
const proxies = {
  nginx: {
    command: ({ directory }) => ['nginx', ['-p', directory, '-c', join(directory, 'conf')]],
    conf: ({ directory, port, target, certificate, key }) => `daemon off; master_process off; pid ${directory}/pid; error_log stderr warn;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path ${directory}; proxy_temp_path ${directory}; fastcgi_temp_path ${directory}; uwsgi_temp_path ${directory}; scgi_temp_path ${directory};
  server {
    listen 127.0.0.1:${port} ssl http2; ssl_certificate ${certificate}; ssl_certificate_key ${key};
    location / { proxy_pass http://127.0.0.1:${target}; proxy_http_version 1.1; }
  }
}
`,
  },
  haproxy: {
    command: ({ directory }) => ['haproxy', ['-db', '-f', join(directory, 'conf')]],
    conf: ({ port, target, both }) => `defaults
  mode http
  timeout connect 5s
  timeout client 1m
  timeout server 1m
frontend tls
  bind 127.0.0.1:${port} ssl crt ${both} alpn h2,http/1.1
  default_backend server
backend server
  server one 127.0.0.1:${target}
`,
  },
  caddy: {
    command: ({ directory }) => ['caddy', ['run', '--adapter', 'caddyfile', '--config', join(directory, 'conf')]],
    conf: ({ port, target, certificate, key }) => `{
  admin off
  auto_https off
  default_sni localhost
}
https://127.0.0.1:${port}, https://localhost:${port} {
  bind 127.0.0.1
  tls ${certificate} ${key}
  reverse_proxy 127.0.0.1:${target}
}
`,
  },
};

export const h2_proxies = Object.keys(proxies);

const answers = (port) => new Promise((resolve) => {
  const socket = net.connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
  socket.on('error', () => resolve(false));
});

// The proxy `name` with HTTP/2 in front of the server on port `target`: {url}. The browser needs ignoreHTTPSErrors.
export async function start_h2_proxy(t, name, target) {
  const directory = temporary_directory(t);
  const [certificate, key, both] = ['certificate', 'key', 'both'].map((file) => join(directory, `${file}.pem`));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  writeFileSync(both, readFileSync(certificate, 'utf8') + readFileSync(key, 'utf8'));
  const port = await free_port();
  const place = { directory, port, target, certificate, key, both };
  const { command, conf } = proxies[name];
  writeFileSync(join(directory, 'conf'), conf(place));
  const helper = start_helper(t, ...command(place), { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin`, HOME: directory, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory } });
  await until(`${name} listens: ${helper.output}`, () => answers(port));
  return { port, url: `https://localhost:${port}` };
}
