// SPDX-License-Identifier: MIT
// 500 members: an announcement to all of them and to the group at 30 a second, while others get their answers at once, and the
// count of receipts afterwards. Measured on the release build.

import { test, describe, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { RELEASE_BIN, World, waitUntil } from './harness.mjs';

const MEMBERS = 500;
const PER_SECOND = 30;

describe('an announcement to 500 members', () => {
  let w, members;

  before(async () => {
    w = await World.create({ name: 'pace', bin: RELEASE_BIN, config: { telegram: { concurrent: 32 } } });
    await w.up();
    await w.withAdminAndGroup();
    const units = w.sql("SELECT name FROM unit WHERE kind IN ('huyen', 'thanh_pho') ORDER BY position").map((r) => r.name);
    assert.ok(units.length >= 10, `${units.length} units of districts`);
    members = Array.from({ length: MEMBERS - 1 }, (_, i) => w.bot.user(7000000 + i, `Cán bộ ${i}`));
    members.forEach((u, i) => {
      w.bot.say(u, u, `/dk ${units[i % units.length]}`);
      w.bot.say(u, u, 'ĐỒNG Ý');
    });
    await waitUntil(() => w.sql('SELECT count(*) AS n FROM member')[0].n === MEMBERS, { timeout: 60000, every: 200,
      what: () => `${MEMBERS} members; there are ${w.sql('SELECT count(*) AS n FROM member')[0].n}` });
    await w.bot.waitDrained();
    await waitUntil(() => w.sql('SELECT count(*) AS n FROM delivery WHERE state < 2')[0].n === 0, { timeout: 60000 });
    // From here on at the pace in question.
    await w.stop();
    w.writeConfig({ telegram: { per_second: PER_SECOND, chat_per_second: 1, group_per_minute: 18 } });
    await w.up();
  });
  after(() => w.down());

  test('everybody gets it once, in time, and answers are not held up by it', async () => {
    const preview = await w.ask(w.admin, '/tb Đề nghị gửi số liệu chuyển đổi số trước thứ sáu\nden: tất cả', /ĐỒNG Ý/);
    assert.match(preview, /500/);
    const from = w.bot.sends.length;
    const began = performance.now();
    w.bot.say(w.admin, w.admin, 'ĐỒNG Ý');

    // Meanwhile somebody new asks once a second.
    const curious = w.bot.user(7999999, 'Người hỏi');
    const waits = [];
    const isAnnouncement = (s) => /Đề nghị gửi số liệu/.test(s.text) && s.chatId !== w.admin.id;
    const got = () => new Set(w.bot.sends.slice(from).filter((s) => /Đề nghị gửi số liệu/.test(s.text)).map((s) => s.chatId));
    let asked = 0;
    while (got().size < MEMBERS + 1) {
      assert.ok(performance.now() - began < 60000, `${got().size} of ${MEMBERS + 1} after a minute`);
      const at = performance.now();
      const before = w.bot.sends.length;
      w.bot.say(curious, curious, '/t dai truyen thanh');
      asked++;
      const answer = await w.answer(curious, /[^]/, { from: before });
      waits.push(answer.at - at);
      await waitUntil(() => performance.now() - at >= 1050 || got().size >= MEMBERS + 1, { every: 20 });
    }
    const sends = w.bot.sends.slice(from);
    const announced = sends.filter((s) => /Đề nghị gửi số liệu/.test(s.text));
    const took = Math.max(...announced.map((s) => s.at)) - began;
    const others = sends.length - announced.length;
    const allowed = ((MEMBERS + 1 + others) / PER_SECOND) * 1000 * 1.05;
    assert.equal(announced.filter((s) => s.chatId === w.group.id).length, 1, 'the group, once');
    assert.equal(announced.length, got().size, 'nobody twice');
    assert.ok(took <= allowed, `${Math.round(took)} ms for ${announced.length} and ${others} answers; allowed ${Math.round(allowed)}`);
    assert.ok(Math.max(...waits) < 1000, `answers took ${waits.map(Math.round)} ms`);
    assert.ok(asked >= 10);
    // Never faster than told, over any second.
    for (let i = 0; i < sends.length; i++) {
      const within = sends.filter((s) => s.at >= sends[i].at && s.at < sends[i].at + 1000).length;
      assert.ok(within <= PER_SECOND * 1.2 + 3, `${within} sends within a second`);
    }
    assert.ok(announced.some(isAnnouncement));
  });

  test('receipts in all their spellings are counted silently and the report is right', async () => {
    const words = ['đã nhận', 'Rõ', 'ok a', 'da nhan', 'rõ ạ', 'Đã nhận ạ.'];
    let from;
    const answering = members.filter((_, i) => i % 5 !== 0);
    // Some have a question of another command open; that must not swallow the receipt.
    for (const [i, u] of answering.slice(0, 4).entries())
      await w.ask(u, `/c Việc đang làm dở số ${i} ở xã ${i}\nnd: cách làm thứ ${i}`, /đã lưu/);
    from = w.bot.sends.length;
    answering.forEach((u, i) => w.bot.say(u, u, words[i % words.length]));
    w.bot.say(answering[0], answering[0], 'đã nhận'); // twice counts once
    await w.bot.waitDrained();
    await waitUntil(() => w.sql('SELECT count(*) AS n FROM receipt')[0].n >= answering.length, { timeout: 30000, every: 100 });
    await waitUntil(() => w.sql('SELECT count(*) AS n FROM inbox WHERE state = 0')[0].n + w.sql('SELECT count(*) AS n FROM delivery WHERE state < 2')[0].n === 0,
      { timeout: 30000, every: 100 });
    assert.equal(w.sql('SELECT count(*) AS n FROM receipt')[0].n, answering.length);
    assert.deepEqual(w.bot.sends.slice(from).filter((s) => s.chatId !== w.admin.id).map((s) => s.text), [], 'no answer to a receipt');
    const number = w.sql('SELECT max(number) AS n FROM announcement')[0].n;
    const report = await w.ask(w.admin, `/x TB${number}`, new RegExp(`TB${number}`));
    assert.match(report, new RegExp(`\\b${answering.length}\\b`), report);
    assert.match(report, new RegExp(`\\b${MEMBERS}\\b`), report);
  });
});
