// SPDX-License-Identifier: MIT
// Rubbish, half requests and smuggling on the webhook's port and on the status port: answered with an error or a closed
// connection, no effect, and honest callers are served all the while.

import { test, describe, before, after } from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import { World, get, rawExchange, sleep, waitUntil } from './harness.mjs';

describe('a hostile peer', () => {
  let w, port, statusPort, lan;
  const portOf = (address) => Number(address.split(':').at(-1));
  const head = (extra = '', path) => `POST ${path ?? w.webhookPath} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${extra}`;
  const secret = () => `X-Telegram-Bot-Api-Secret-Token: ${w.secret}\r\n`;
  const inbox = () => w.sql('SELECT count(*) AS n FROM inbox')[0].n;
  const body = () => JSON.stringify({ update_id: w.bot.nextUpdateId++, message: { message_id: 1, date: 1, text: '/h', from: lan, chat: { id: lan.id, type: 'private' } } });
  const honest = async () => assert.match(await w.ask(lan, '/h', /\/t/), /\/t/);

  before(async () => {
    w = await World.create({ name: 'hostile', webhook: true });
    await w.up();
    port = portOf(w.listen);
    statusPort = portOf(w.status);
    lan = w.bot.user(6200300400, 'Lan');
    await honest();
  });
  after(() => w.down());

  test('what is no HTTP at all', async () => {
    const rubbish = [Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]), Buffer.alloc(5000, 0), Buffer.alloc(100000, 0xff), 'GET\r\n\r\n', '\r\n\r\n\r\n',
      'POST /telegram\r\n\r\n', `${'A'.repeat(70000)}\r\n\r\n`, 'GET / HTTP/9.9\r\n\r\n', 'SSH-2.0-x\r\n', `POST ${'/x'.repeat(20000)} HTTP/1.1\r\nHost: x\r\n\r\n`];
    const rows = inbox();
    for (const p of [port, statusPort]) {
      for (const bytes of rubbish) {
        const { status } = await rawExchange(p, bytes, { timeout: 1500 });
        assert.ok(status === 0 || status >= 400, `${status} to ${bytes.toString('latin1').slice(0, 30)}`);
      }
    }
    assert.equal(inbox(), rows);
    await honest();
  });

  test('two lengths, a length beside chunks, odd transfer encodings: refused and closed, nothing of the tail is read as a request', async () => {
    const smuggled = () => `${head(secret())}Content-Length: 2\r\n\r\n{}`;
    const rows = inbox();
    for (const framing of [
      'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', 'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n',
      'Content-Length: 5\r\nContent-Length: 6\r\n', 'Content-Length: 5\r\nContent-Length: 5\r\n', 'Content-Length: 5, 6\r\n',
      'Transfer-Encoding: identity\r\n', 'Transfer-Encoding: gzip, chunked\r\n', 'Transfer-Encoding: chunked, gzip\r\n', 'Transfer-Encoding: xchunked\r\n',
      'Content-Length: -1\r\n', 'Content-Length: 0x10\r\n', 'Content-Length: 99999999999999999999\r\n', 'Content-Length: +5\r\n',
    ]) {
      const { text, status, how } = await rawExchange(port, `${head(secret())}${framing}\r\n0\r\n\r\n${smuggled()}`, { timeout: 4000, keepOpen: true });
      assert.ok(status === 0 || status >= 400, `${framing.trim()} -> ${status}`);
      assert.notEqual(how, 'timeout', `${framing.trim()}: the connection is closed`);
      assert.doesNotMatch(text, /HTTP\/1\.1 [123]/, `${framing.trim()}: nothing of it is accepted`);
    }
    assert.equal(inbox(), rows);
    await honest();
  });

  test('exactly "chunked" is understood', async () => {
    const text = body();
    const bytes = Buffer.from(text);
    const half = bytes.length >> 1;
    const chunk = (b) => Buffer.concat([Buffer.from(`${b.length.toString(16)}\r\n`), b, Buffer.from('\r\n')]);
    const { status } = await rawExchange(port, Buffer.concat([Buffer.from(`${head(secret())}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n`),
      chunk(bytes.subarray(0, half)), chunk(bytes.subarray(half)), Buffer.from('0\r\n\r\n')]), { keepOpen: true });
    assert.equal(status, 200);
  });

  test('too much: a body over 1 MiB, endless headers', async () => {
    const big = await rawExchange(port, Buffer.concat([Buffer.from(`${head(secret())}Content-Length: 3000000\r\n\r\n`), Buffer.alloc(3000000, 0x61)]), { timeout: 8000, keepOpen: true });
    assert.ok(big.status === 413 || big.status === 0 || big.status === 400, `${big.status}`);
    const many = await rawExchange(port, `${head(secret())}${Array.from({ length: 3000 }, (_, i) => `X-H${i}: ${'v'.repeat(50)}\r\n`).join('')}\r\n`, { timeout: 5000 });
    assert.ok(many.status === 0 || many.status >= 400, `${many.status}`);
    await honest();
  });

  test('JSON bombs with the right secret', async () => {
    const rows = inbox();
    for (const text of ['['.repeat(100000), `${'{"a":'.repeat(50000)}1${'}'.repeat(50000)}`, `{"update_id":${'9'.repeat(5000)}}`,
      '{"update_id":1e400,"message":{}}', `"${'\\u0000'.repeat(1000)}"`, `{"message":{"text":"${'a'.repeat(900000)}"}}`]) {
      const { status } = await get(`http://${w.listen}${w.webhookPath}`, { method: 'POST', body: text, headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': w.secret } });
      assert.ok(status === 200 || (status >= 400 && status < 500), `${status} to ${text.slice(0, 30)}`);
    }
    assert.equal(inbox(), rows);
    await honest();
  });

  test('other methods and paths', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])
      assert.ok((await get(`http://${w.listen}${w.webhookPath}`, { method })).status >= 400, method);
    for (const path of ['/', '/telegram/', '/telegram/..', '/%74elegram', '//telegram', '/healthz', '/metrics', '/telegram?x=1'])
      assert.ok((await get(`http://${w.listen}${path}`, { method: 'POST', body: '{}' })).status >= 400, path);
    assert.equal((await get(`http://${w.status}${w.webhookPath}`, { method: 'POST', body: '{}' })).status, 404);
  });

  test('a drip-feeder is closed after the whole request\'s time, whatever trickles in', { timeout: 40000 }, async () => {
    const socket = net.connect(port, '127.0.0.1');
    let closed = false;
    socket.on('close', () => { closed = true; });
    socket.on('error', () => {});
    socket.resume();
    const began = performance.now();
    socket.write(`${head(secret())}Content-Length: 5000\r\n\r\n`);
    while (!closed && performance.now() - began < 20000) {
      socket.write('a');
      await sleep(250);
    }
    socket.destroy();
    assert.ok(closed, 'still open after 20 s');
    assert.ok(performance.now() - began > 5000, 'a slow but honest caller has some seconds');
    await honest();
  });

  test('300 idle connections keep nobody out for long, and no descriptor is left behind', { timeout: 60000 }, async () => {
    const sockets = Array.from({ length: 300 }, () => {
      const s = net.connect(port, '127.0.0.1');
      s.on('error', () => {});
      s.write('POST /telegram HTTP/1.1\r\n');
      return s;
    });
    await sleep(500);
    assert.equal((await w.daemon.health()).status, 200, 'the status port is its own');
    const from = w.bot.sends.length;
    w.bot.say(lan, lan, '/h');
    await w.answer(lan, /\/t/, { from, timeout: 40000 });
    for (const s of sockets) s.destroy();
    await waitUntil(() => w.daemon.memory() && openFiles(w.daemon.pid) < 100, { timeout: 20000, what: () => `${openFiles(w.daemon.pid)} descriptors` });
  });

  test('callers that hang up before the answer', async () => {
    for (let i = 0; i < 50; i++) {
      const s = net.connect(port, '127.0.0.1');
      s.on('error', () => {});
      const text = body();
      s.write(`${head(secret())}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`, () => s.destroy());
    }
    await sleep(300);
    await honest();
    assert.equal(w.daemon.ended, false);
  });
});

function openFiles(pid) {
  return fs.readdirSync(`/proc/${pid}/fd`).length;
}
