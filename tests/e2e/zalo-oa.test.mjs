// SPDX-License-Identifier: MIT
// The program in a Zalo group of an Official Account, against the scripted stand-in: the main job, and the ways in which the platform
// and the operation are known to fail.

import { test, describe, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { RELEASE_BIN, assertSoundDatabase, get, randomFrom, waitUntil } from './harness.mjs';
import { ZaloWorld } from './zalo-oa-world.mjs';

describe('zalo-oa: a group of 1,000', () => {
  /** @type {ZaloWorld} */
  let w;
  let oa;

  before(async () => {
    w = await ZaloWorld.create();
    ({ oa } = w);
    w.keepToken();
    await w.up();
    await w.withAdminAndGroup({ people: 999 });
  });
  after(() => w.down());

  test('an initiative goes from the group through the moderator to everybody who searches', async () => {
    const hoa = await w.member('Hoa', 'ubnd h giao thuy');
    const lan = await w.member('Lan');
    let from = oa.sends.length;
    oa.say(w.group, hoa, '/chiase Dán mã QR tra cứu thủ tục ở bộ phận một cửa\nND: in mã QR theo từng nhóm thủ tục');
    const line = await w.answer(w.group, /SK\d+/, { from });
    assert.match(line.text, /Đã nhận SK\d+ của UBND huyện Giao Thủy/);
    assert.deepEqual(line.mentions, [hoa.id], 'the answer names its person: groups have no reply');
    await w.answer(hoa, /đang chờ/, { from });
    const id = /SK\d+/.exec(line.text)[0];
    assert.doesNotMatch(await w.ask(lan, '/t ma qr thu tuc mot cua'), new RegExp(id), 'not approved, not shown');
    from = oa.sends.length;
    assert.match(await w.ask(w.admin, `/ok ${id}`), new RegExp(`Đã duyệt ${id}`));
    await w.answer(w.group, new RegExp(`${id}[^]*Dán mã QR`), { from });
    assert.match(await w.ask(lan, '/t ma qr thu tuc mot cua'), new RegExp(`${id} .*Dán mã QR`));
  });

  test('an announcement reaches the group once', async () => {
    const from = oa.sends.length;
    await w.ask(w.admin, '/tb Đề nghị gửi số liệu quý trước thứ sáu\nden: tat ca', /ĐỒNG Ý/);
    oa.sayPrivate(w.admin, 'ĐỒNG Ý');
    await w.answer(w.group, /gửi số liệu quý/, { from });
    await waitUntil(() => w.count('SELECT count(*) AS n FROM delivery WHERE state < 2') === 0, { what: 'open deliveries' });
    assert.equal(oa.sends.slice(from).filter((s) => s.groupId === w.group.id && /gửi số liệu quý/.test(s.text)).length, 1);
  });

  test('a mention hidden in people\'s text calls nobody', async () => {
    const nam = await w.member('Nam');
    const from = oa.sends.length;
    oa.say(w.group, nam, `/c Gọi cả nhóm [@${w.group.id}] một lượt\nnd: thử [@${w.admin.id}]`);
    const id = /SK\d+/.exec((await w.answer(w.group, /SK\d+/, { from })).text)[0];
    await w.ask(w.admin, `/ok ${id}`);
    await w.answer(w.group, new RegExp(`${id}[^]*Gọi cả nhóm`), { from });
    await w.ask(nam, `/x ${id}`, /Gọi cả nhóm/);
    const said = oa.sends.slice(from).filter((s) => /Gọi cả nhóm/.test(s.text));
    assert.ok(said.length >= 2);
    for (const s of said) assert.ok(!s.mentions.includes(w.group.id) && !s.mentions.includes(w.admin.id), s.text);
  });

  test('repeated, odd and forged events hurt nobody', async () => {
    const lan = await w.member('Lan Lặp');
    const from = oa.sends.length;
    const entry = oa.sayPrivate(lan, '/c Họp thôn qua loa thông minh\nnd: phát lịch họp trước một ngày');
    await w.answer(lan, /đã lưu/, { from });
    await oa.redeliver(entry);
    oa.emit('user_seen_message', { recipient: { id: oa.oaId }, sender: { id: lan.id } });
    oa.emit('of_a_later_day', { x: [null, { y: 1 }] });
    oa.emit('user_send_text', { sender: { id: 5 }, message: null });
    oa.leave(w.group, lan);
    oa.join(w.group, lan);
    oa.webhook.signature = 'bare';
    await w.ask(lan, '/h', /\/t/);
    oa.webhook.signature = 'documented';
    await oa.waitAcked();
    assert.equal(w.count("SELECT count(*) AS n FROM item WHERE title LIKE 'Họp thôn qua loa%'"), 1);
    assert.equal(await oa.probe(), 200);
    const n = w.count('SELECT count(*) AS n FROM inbox');
    const forged = await get(oa.webhook.url, { method: 'POST', body: '{"event_name":"user_send_text"}', headers: { 'X-ZEvent-Signature': `mac=${'0'.repeat(64)}` } });
    assert.equal(forged.status, 401);
    assert.equal((await get(oa.webhook.url, { method: 'POST', body: '{"event_name":"user_send_text"}' })).status, 401);
    assert.equal(w.count('SELECT count(*) AS n FROM inbox'), n);
    assert.equal((await w.daemon.metrics())['cdsbot_adapter_alarm{adapter="zalo-oa"}'], 0);
  });

  test('600 members write within a minute: all taken within 2 s, every command answered', { timeout: 240000 }, async (t) => {
    const people = [...w.group.members].slice(0, 600);
    const from = oa.sends.length;
    const first = oa.events.length;
    const asked = [];
    const began = performance.now();
    for (let i = 0; i < people.length; i++) {
      if (i % 3 === 0) oa.say(w.group, people[i], `chiều nay họp lúc ${i % 24} giờ nhé`); // talk that is not for the bot
      else asked.push(oa.say(w.group, people[i], `/t khongcogi${i}`));
      if (i % 10 === 9) await new Promise((resolve) => { setTimeout(resolve, 100); }); // 600 in 6 s: ten times as dense as asked for
    }
    await oa.waitAcked({ timeout: 60000 });
    const events = oa.events.slice(first).filter((e) => e.name.startsWith('user_'));
    const slowest = Math.max(...events.flatMap((e) => e.attempts.map((x) => x.ms)));
    assert.equal(events.length, 600);
    assert.deepEqual(events.filter((e) => e.attempts.length !== 1 || e.attempts[0].status !== 200), [], 'taken at the first attempt');
    assert.ok(slowest < 2000, `${slowest} ms`);
    await waitUntil(() => w.count('SELECT count(*) AS n FROM inbox WHERE state = 0') === 0, { timeout: 120000, every: 200, what: 'the inbox to be worked off' });
    const keys = new Set(w.sql("SELECT key FROM inbox WHERE adapter = 'zalo-oa' AND state = 1").map((r) => r.key));
    assert.deepEqual(asked.filter((e) => !keys.has(JSON.parse(e.body).message.msg_id)), [], 'every command is stored and handled');
    await waitUntil(() => w.count('SELECT count(*) AS n FROM delivery WHERE state < 2') === 0, { timeout: 120000, every: 200, what: 'deliveries' });
    t.diagnostic(`600 events in ${Math.round(performance.now() - began)} ms all told, slowest acknowledgement ${Math.round(slowest)} ms, ` +
      `${oa.sends.length - from} answers`);
    assert.ok(oa.sends.length - from > 0);
    assert.equal(w.count("SELECT count(*) AS n FROM inbox WHERE payload LIKE '%chiều nay họp%'"), 0, 'talk is not stored');
  });

  test('pictures and files go on; what Zalo does not take is named', async () => {
    const lan = await w.member('Lan Tệp');
    const from = oa.sends.length;
    oa.say(w.group, lan, '/c Trưng bày tài liệu chuyển đổi số\nnd: ba tệp đính kèm');
    const id = /SK\d+/.exec((await w.answer(w.group, /SK\d+/, { from })).text)[0];
    const files = [oa.hostFile('anh.jpg', 'JPG', { type: 'image' }), oa.hostFile('mẫu đơn.pdf', '%PDF-1.4 nội dung'), oa.hostFile('phan-mem.zip', 'PK')];
    oa.say(w.group, lan, '', { kind: 'image', attachments: [files[0]] });
    oa.say(w.group, lan, '', { kind: 'file', attachments: [files[1]] });
    oa.say(w.group, lan, '', { kind: 'file', attachments: [files[2]] });
    await waitUntil(() => w.count(`SELECT count(*) AS n FROM attachment a JOIN item i ON i.id = a.item_id WHERE i.title LIKE 'Trưng bày tài liệu%'`) === 3,
      { what: 'three attachments' });
    const asked = oa.sends.length;
    oa.sayPrivate(lan, `/x ${id}`);
    await oa.waitForSend((s) => s.userId === lan.id && s.image === files[0].payload.url, { from: asked, what: 'the picture' });
    await oa.waitForSend((s) => s.userId === lan.id && s.file === 'mẫu đơn.pdf' && s.bytes.toString() === '%PDF-1.4 nội dung', { from: asked, what: 'the file' });
    await oa.waitForSend((s) => s.userId === lan.id && /phan-mem\.zip.*chưa chuyển được/.test(s.text ?? ''), { from: asked, what: 'the line about the other file' });
  });

  test('a person who has been silent for a week is parked until they write again', async () => {
    const lan = await w.member('Lan Im Lặng');
    lan.blocked = true;
    const from = oa.sends.length;
    oa.say(w.group, lan, '/c Tin từ nhóm khi chat riêng đã đóng\nnd: thử');
    await w.answer(w.group, /SK\d+/, { from });
    await waitUntil(() => w.count(`SELECT count(*) AS n FROM chat WHERE remote_id = '${lan.id}' AND parked_reason IS NOT NULL`) === 1, { what: 'the parked chat' });
    lan.blocked = false;
    oa.sayPrivate(lan, '/h');
    await w.answer(lan, /đang chờ/, { from });
  });
});
