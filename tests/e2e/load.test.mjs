// SPDX-License-Identifier: MIT
// Many webhook updates through 32 connections against the release build: none lost, each acknowledged only after its commit,
// little memory. 20,000 updates with --long (or CDSBOT_TEST_UPDATES=20000), fewer otherwise.

import { test, describe, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { LONG, RELEASE_BIN, World, assertSoundDatabase, waitUntil } from './harness.mjs';

const UPDATES = Number(process.env.CDSBOT_TEST_UPDATES) || (LONG ? 20000 : 6000);
const CONNECTIONS = 32;
const RSS_MAX_KB = 32 * 1024;

describe(`${UPDATES} webhook updates through ${CONNECTIONS} connections`, () => {
  let w, members;
  const count = (query) => w.sql(query)[0].n;

  before(async () => {
    w = await World.create({ name: 'load', webhook: true, bin: RELEASE_BIN, api: { retryScale: 0.02, keepCalls: false } });
    await w.up();
    await w.withAdminAndGroup();
    members = Array.from({ length: 100 }, (_, i) => w.bot.user(7000000 + i, `Cán bộ ${i}`));
    for (const u of members) {
      w.bot.say(u, u, '/dk ubnd h vu ban');
      w.bot.say(u, u, 'ĐỒNG Ý');
    }
    await waitUntil(() => count('SELECT count(*) AS n FROM member') === members.length + 1, { timeout: 60000, every: 100 });
    await w.bot.waitDrained();
    await waitUntil(() => count('SELECT count(*) AS n FROM delivery WHERE state < 2') === 0, { timeout: 60000, every: 100 });
    // The number of connections is the platform's choice; here it is what the bot is to bear.
    w.bot.forceWebhook({ url: `http://${w.listen}${w.webhookPath}`, secret: w.secret, maxConnections: CONNECTIONS });
  });
  after(() => w.down());

  test('none is lost, each has its effect once, memory stays small', { timeout: 600000 }, async (t) => {
    const items = count('SELECT count(*) AS n FROM item');
    const from = w.bot.sends.length;
    const ids = [];
    let shared = 0;
    let peak = 0;
    const watch = setInterval(() => { peak = Math.max(peak, w.daemon.memory().VmRSS); }, 100);
    const began = performance.now();
    try {
      // All at once: the platform's queue is full after an outage. Each person's updates keep their order, as Telegram does it.
      for (let i = 0; i < UPDATES; i++) {
        const u = members[i % members.length];
        const kind = Math.floor(i / members.length) % 4;
        if (kind === 0) {
          shared++;
          ids.push(w.bot.say(u, u, `/c Việc số ${i} của ${u.first_name} về chủ đề ${(i * 7919) % 10007}\nnd: nội dung thứ ${i}`).updateId);
        } else {
          ids.push(w.bot.say(u, u, kind === 1 ? `/t khongcogi${i}` : kind === 2 ? '/h' : `/x ${i + 100000}`).updateId);
        }
      }
      await w.bot.waitDrained({ timeout: 300000 });
      const acknowledged = performance.now() - began;
      await waitUntil(() => count('SELECT count(*) AS n FROM inbox WHERE state = 0') === 0, { timeout: 300000, every: 250 });
      await waitUntil(() => count('SELECT count(*) AS n FROM delivery WHERE state < 2') === 0, { timeout: 300000, every: 250,
        what: () => `deliveries; ${count('SELECT count(*) AS n FROM delivery WHERE state < 2')} are open` });
      const all = performance.now() - began;
      const memory = w.daemon.memory();
      t.diagnostic(`acknowledged in ${Math.round(acknowledged)} ms (${Math.round(UPDATES / acknowledged * 1000)}/s), all done in ${Math.round(all)} ms; ` +
        `resident at most ${memory.VmHWM} kB (sampled ${peak} kB)`);
      assert.ok(memory.VmHWM < RSS_MAX_KB, `${memory.VmHWM} kB resident at most`);
    } finally {
      clearInterval(watch);
    }
    const keys = new Set(w.sql("SELECT key FROM inbox WHERE adapter = 'telegram' AND state = 1").map((r) => String(r.key)));
    assert.equal(ids.filter((id) => !keys.has(String(id))).length, 0, 'every update is in the inbox and handled');
    assert.equal(count('SELECT count(*) AS n FROM item') - items, shared, 'one item each');
    assert.ok(w.bot.sends.length - from >= UPDATES, `${w.bot.sends.length - from} answers to ${UPDATES} updates`);
    assert.equal(count(`SELECT count(*) AS n FROM delivery WHERE state <> 2`), 0);
  });

  test('an acknowledged update is on the disk: killed in full flow, nothing acknowledged is missing', async (t) => {
    for (let round = 0; round < 5; round++) {
      const n = w.bot.acked.size;
      for (let i = 0; i < 600; i++) w.bot.say(members[i % members.length], members[i % members.length], '/h');
      await w.bot.until(() => w.bot.acked.size >= n + 150 + round * 40, { timeout: 30000, what: 'acknowledgements' });
      await w.daemon.kill9();
      await new Promise((resolve) => { setTimeout(resolve, 20); });
      const acknowledged = [...w.bot.acked.keys()];
      const keys = new Set(w.sql("SELECT key FROM inbox WHERE adapter = 'telegram'").map((r) => String(r.key)));
      assert.deepEqual(acknowledged.filter((id) => !keys.has(String(id))), []);
      t.diagnostic(`death ${round + 1}: ${acknowledged.length} acknowledged, ${keys.size} in the inbox, ${w.bot.queue.size} with the platform`);
      await w.up();
      await w.bot.waitDrained({ timeout: 60000 });
    }
    await waitUntil(() => count('SELECT count(*) AS n FROM inbox WHERE state = 0') === 0, { timeout: 60000, every: 100 });
    assertSoundDatabase(w.database);
  });
});
