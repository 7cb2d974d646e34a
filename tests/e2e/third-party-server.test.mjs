// SPDX-License-Identifier: MIT
// The program against a Bot API server that this project did not write: telegram-test-api. It has no long poll, no offset, no
// groups, answers null where Telegram answers a message, and HTTP 500 to what it does not know; the program must live with that.

import { test, describe, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Daemon, freePort, get, sleep, sql, tempDir, waitUntil, writeConfig } from './harness.mjs';

const TelegramServer = createRequire(import.meta.url)('telegram-test-api');
const TOKEN = '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw';

describe('telegram-test-api 4.2.1', () => {
  let server, url, daemon, dir, database;
  let nextMessage = 1;

  const user = (path, body) => get(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const message = (from, text, more) => ({ botToken: TOKEN, message_id: nextMessage++, date: Math.floor(Date.now() / 1000), text,
    from: { id: from, first_name: `Người ${from}` }, chat: { id: from, type: 'private', first_name: `Người ${from}` }, ...more });
  const say = async (from, text, more) => {
    const { status, body } = await user('/sendMessage', message(from, text, more));
    assert.equal(status, 200, body);
  };
  /** What the bot has sent to this chat so far. */
  const sent = async (chat) => {
    const { body } = await user('/getUpdatesHistory', { token: TOKEN });
    return JSON.parse(body).result.filter((u) => String(u.message.chat_id) === String(chat)).map((u) => u.message.text ?? '');
  };
  const ask = async (from, text, pattern) => {
    const before = (await sent(from)).length;
    await say(from, text);
    return waitUntil(async () => (await sent(from)).slice(before).find((t) => pattern.test(t)),
      { every: 100, timeout: 20000, what: () => `${pattern} after "${text}":\n${daemon.stderr.slice(-1500)}` });
  };

  before(async () => {
    server = new TelegramServer({ port: await freePort(), host: '127.0.0.1', storeTimeout: 600 });
    await server.start();
    url = server.config.apiURL;
    dir = tempDir('third-party');
    database = `${dir}/cdsbot.db`;
    const status = `127.0.0.1:${await freePort()}`;
    const config = writeConfig(`${dir}/cdsbot.conf`, {
      bot: { quiet_hours: 'no' },
      store: { path: database },
      http: { status_listen: status },
      telegram: { token: TOKEN, api_url: url, poll_timeout: '3s', per_second: 0, chat_per_second: 0 },
    });
    daemon = await Daemon.start({ config, status });
  });
  after(async () => {
    try {
      await daemon?.stop();
    } finally {
      await server.stop();
    }
  });

  test('a question is answered', async () => {
    assert.match(await ask(4001, '/h', /\/t/), /\/c/);
  });

  test('registration, an initiative, and a search that is not yet to find it', async () => {
    assert.match(await ask(4002, '/dk ubnd h vu ban, can bo vhxh', /ĐỒNG Ý/), /UBND huyện Vụ Bản/);
    await ask(4002, 'ĐỒNG Ý', /[^]/);
    const reply = await ask(4002, '/c Loa thông minh báo lịch cắt điện\nnd: nối loa với lịch của điện lực', /SK\d+ đã lưu/);
    assert.equal(sql(database, `SELECT title FROM item WHERE kind = 0 AND number = ${/SK(\d+)/.exec(reply)[1]}`)[0].title, 'Loa thông minh báo lịch cắt điện');
  });

  test('every update is handled once although the server knows no offset', async () => {
    for (let i = 0; i < 20; i++) await say(4100 + i, '/h');
    for (let i = 0; i < 20; i++)
      await waitUntil(async () => (await sent(4100 + i)).length > 0, { every: 50, what: `an answer to ${4100 + i}` });
    await sleep(500);
    for (let i = 0; i < 20; i++) assert.equal((await sent(4100 + i)).length, 1);
  });

  test('a supergroup with Vietnamese text passes through', async () => {
    await say(4002, '/c@TestNameBot Góc học tập số ở nhà văn hóa\nnd: hai máy tính cũ', {
      chat: { id: -1002233445566, type: 'supergroup', title: 'Đội ngũ nòng cốt CĐS' },
      entities: [{ type: 'bot_command', offset: 0, length: 14 }],
    });
    await waitUntil(() => sql(database, "SELECT 1 FROM item WHERE title = 'Góc học tập số ở nhà văn hóa'").length === 1);
  });

  test('the empty polls that come back at once make no hot loop', async () => {
    const used = () => {
      const [, ...f] = / \((?:.*)\) (.*)/.exec(readFileSync(`/proc/${daemon.pid}/stat`, 'utf8'))[1].split(' ');
      return (Number(f[10]) + Number(f[11])) * 10; // ms at 100 ticks a second
    };
    const begin = used();
    await sleep(2000);
    assert.ok(used() - begin < 500, `${used() - begin} ms of processor time in 2 s of silence`);
  });

  test('what the server does not know (HTTP 500) is not fatal', async () => {
    assert.equal((await daemon.health()).status, 200);
    assert.equal(daemon.ended, false);
  });
});
