// SPDX-License-Identifier: MIT
// kill -9 at random moments under a load of updates and an announcement to 500 chats. Afterwards: what was acknowledged had its
// effect exactly once, everybody got the announcement at least once, and twice only where the process died between send and settle.

import { test, describe } from 'node:test';
import assert from 'node:assert/strict';
import { Daemon, DELIVERY, LONG, World, assertSoundDatabase, randomFrom, sleep, waitUntil } from './harness.mjs';

const MEMBERS = 500;
const KILLS = LONG ? 150 : 27; // twice: by webhook and by polling
const SEED = Number(process.env.CDSBOT_TEST_SEED) || Date.now() % 1000000;

const SYLLABLES = 'ban bien canh chu dat den duong gac hang keo lua mai muon nghe ong phan quay rung sao tam the trai uom vang xe yen'.split(' ');

for (const webhook of [true, false]) {
  describe(`kill -9 by ${webhook ? 'webhook' : 'polling'} (CDSBOT_TEST_SEED=${SEED})`, () => {
    test(`${KILLS} times`, { timeout: LONG ? 1200000 : 240000 }, async (t) => {
      const random = randomFrom(SEED + (webhook ? 1 : 2));
      const words = (n) => Array.from({ length: n }, () => SYLLABLES[Math.floor(random() * SYLLABLES.length)]).join(' ');
      const w = await World.create({ name: 'crash', webhook, api: { retryScale: 0.02, slowTightLoops: false } });
      try {
        await w.up();
        await w.withAdminAndGroup();
        const members = Array.from({ length: MEMBERS - 1 }, (_, i) => w.bot.user(7000000 + i, `Cán bộ ${i}`));
        for (const u of members) {
          w.bot.say(u, u, '/dk ubnd h vu ban');
          w.bot.say(u, u, 'ĐỒNG Ý');
        }
        const counted = (query) => w.sql(query)[0].n;
        await waitUntil(() => counted('SELECT count(*) AS n FROM member') === MEMBERS, { timeout: 90000, every: 200,
          what: () => `${MEMBERS} members; there are ${counted('SELECT count(*) AS n FROM member')}` });
        await w.bot.waitDrained();
        await waitUntil(() => counted('SELECT count(*) AS n FROM delivery WHERE state < 2') === 0, { timeout: 90000, every: 100 });
        await w.stop();

        // Slow enough for the announcement to last through many deaths.
        w.writeConfig({ telegram: { per_second: 40, burst: 5, concurrent: 16 } });
        // And with answers slow enough for deaths to fall between a send and its answer.
        w.api.options.sendAnswerMs = () => random() * 80;
        await w.up();
        await w.ask(w.admin, '/tb Báo cáo gấp trong ngày hôm nay\nden: tất cả', /ĐỒNG Ý/);
        w.bot.say(w.admin, w.admin, 'ĐỒNG Ý');
        await w.bot.waitForSend((s) => /Báo cáo gấp/.test(s.text) && s.chatId !== w.admin.id);

        const sharing = new Map(); // title -> { updateId, userId }
        const receipts = new Map(); // user id -> update id
        const inflight = new Map(); // chat id -> at how many deaths something was in flight there
        let serial = 0;
        const share = () => {
          const u = members[Math.floor(random() * members.length)];
          const title = `Sáng kiến ${words(4)} số hiệu ${++serial}`;
          const { updateId } = w.bot.say(u, u, `/c ${title}\nnd: ${words(12)} lần ${serial}`);
          sharing.set(title, { updateId, userId: u.id });
        };
        const receive = () => {
          // Only who has it can have received it.
          const has = w.bot.sends.filter((s) => /Báo cáo gấp/.test(s.text) && s.chatType === 'private' && !receipts.has(s.chatId) && s.chatId !== w.admin.id);
          if (has.length === 0) return;
          const pick = has[Math.floor(random() * has.length)];
          const u = members.find((m) => m.id === pick.chatId);
          assert.ok(u, JSON.stringify(pick));
          receipts.set(u.id, w.bot.say(u, u, 'đã nhận').updateId);
        };

        let died = 0;
        const started = performance.now();
        while (died < KILLS) {
          const life = random() < 0.4 ? random() * 400 : 300 + random() * 900;
          const until = performance.now() + life;
          while (performance.now() < until) {
            share();
            if (random() < 0.3) receive();
            await sleep(Math.min(20 + random() * 60, Math.max(0, until - performance.now())));
          }
          await w.daemon.kill9();
          assert.equal(w.daemon.signal, 'SIGKILL', `it ended by itself (${w.daemon.code}):\n${w.daemon.stderr.slice(-3000)}`);
          died++;
          await sleep(5); // answers that were on the wire reach the fake

          const keys = new Set(w.sql("SELECT key FROM inbox WHERE adapter = 'telegram'").map((r) => String(r.key)));
          const lost = [...w.bot.acked.keys()].filter((id) => !keys.has(String(id)));
          assert.deepEqual(lost, [], `acknowledged and not in the inbox after death ${died}`);
          for (const r of w.sql(`SELECT DISTINCT c.remote_id AS id FROM delivery d JOIN chat c ON c.id = d.chat_id WHERE d.state = ${DELIVERY.INFLIGHT}`))
            inflight.set(r.id, (inflight.get(r.id) ?? 0) + 1);

          // The next life begins; sometimes it is killed before it is ready.
          w.daemon = new Daemon(w.bin, ['run', '--config', w.configFile]);
          w.daemon.status = w.status;
          w.daemon.child.stdin.end();
        }
        const killing = performance.now() - started;
        assert.ok(inflight.size > 0, 'no death met a send in flight: this run showed nothing');
        await w.daemon.ready(60000);

        // Everything comes to rest.
        await w.bot.waitDrained({ timeout: 90000 });
        await waitUntil(() => counted('SELECT count(*) AS n FROM inbox WHERE state = 0') === 0, { timeout: 60000, every: 100,
          what: () => `the inbox to be handled:\n${w.daemon.stderr.slice(-2000)}` });
        // A row that died three times in its turn is set aside, by design; it can be revived and then counts as any other.
        const aside = counted('SELECT count(*) AS n FROM inbox WHERE state = 2');
        if (aside > 0) {
          const revive = await w.cli(['admin', 'inbox', '--retry', 'all']);
          assert.equal(revive.code, 0, revive.stderr);
          await waitUntil(() => counted('SELECT count(*) AS n FROM inbox WHERE state <> 1') === 0, { timeout: 30000, every: 100 });
        }
        await waitUntil(() => counted('SELECT count(*) AS n FROM delivery WHERE state < 2') === 0, { timeout: 60000, every: 100,
          what: () => `deliveries to be settled; ${counted('SELECT count(*) AS n FROM delivery WHERE state < 2')} are open` });
        await w.stop();

        // Effects, exactly once.
        const items = new Map(w.sql("SELECT title, count(*) AS n, min(number) AS number FROM item WHERE title LIKE 'Sáng kiến %' GROUP BY title")
          .map((r) => [r.title, r]));
        for (const [title, { updateId, userId }] of sharing) {
          assert.ok(w.bot.acked.has(updateId), `update ${updateId} was acknowledged in the end`);
          assert.equal(items.get(title)?.n, 1, `update ${updateId}: ${title}`);
          const told = w.bot.sends.filter((s) => s.chatId === userId && new RegExp(`SK${items.get(title).number} đã lưu`).test(s.text)).length;
          assert.ok(told >= 1, `the author of SK${items.get(title).number} was told`);
          assert.ok(told <= 1 + (inflight.get(String(userId)) ?? 0), `the author of SK${items.get(title).number} was told ${told} times`);
        }
        assert.equal(items.size, sharing.size, 'and nothing that nobody wrote');
        const numbers = w.sql('SELECT number FROM item WHERE kind = 0 ORDER BY number').map((r) => r.number);
        assert.equal(new Set(numbers).size, numbers.length, 'no number twice');
        const counts = new Set(w.sql('SELECT i.user_id AS id FROM receipt r JOIN identity i ON i.member_id = r.member_id').map((r) => Number(r.id)));
        for (const id of receipts.keys())
          assert.ok(counts.has(id), `the receipt of ${id} counts; he was told ${JSON.stringify(w.bot.sends.filter((s) => s.chatId === id).slice(-4).map((s) => s.text))}`);
        assert.equal(counts.size, receipts.size, 'no receipt that nobody gave');

        // The announcement: at least once each, more only where a death explains it.
        const got = new Map();
        for (const s of w.bot.sends.filter((x) => /Báo cáo gấp/.test(x.text))) got.set(s.chatId, (got.get(s.chatId) ?? 0) + 1);
        let twice = 0;
        for (const chat of [...members, w.group]) {
          const n = got.get(chat.id) ?? 0;
          assert.ok(n >= 1, `${chat.id} got the announcement`);
          assert.ok(n <= 1 + (inflight.get(String(chat.id)) ?? 0), `${chat.id} got it ${n} times and died in flight ${inflight.get(String(chat.id)) ?? 0} times`);
          if (n > 1) twice++;
        }
        assertSoundDatabase(w.database);
        t.diagnostic(`${died} deaths in ${Math.round(killing)} ms, ${sharing.size} initiatives, ${receipts.size} receipts, ` +
          `${w.bot.acked.size} updates acknowledged, ${aside} set aside and revived, ${inflight.size} chats with something in flight at a death, ${twice} of ${MEMBERS + 1} chats got it more than once`);
      } finally {
        await w.down();
      }
    });
  });
}
