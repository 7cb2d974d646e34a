// SPDX-License-Identifier: MIT
// The program in a Zalo group of an Official Account, against the scripted stand-in: the main job, and the ways in which the platform
// and the operation are known to fail.

import { test, describe, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { assertSoundDatabase, get, randomFrom, waitUntil } from './harness.mjs';
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
    await waitUntil(() => w.count('SELECT count(*) AS n FROM inbox WHERE state = 0') === 0, { what: 'the inbox to be handled' });
    // Apart from what the reading of the member list finds meanwhile.
    const rows = () => w.count("SELECT count(*) AS n FROM inbox WHERE key NOT LIKE 'join/%' AND key NOT LIKE 'leave/%'");
    const n = rows();
    const forged = await get(oa.webhook.url, { method: 'POST', body: '{"event_name":"user_send_text"}', headers: { 'X-ZEvent-Signature': `mac=${'0'.repeat(64)}` } });
    assert.equal(forged.status, 401);
    assert.equal((await get(oa.webhook.url, { method: 'POST', body: '{"event_name":"user_send_text"}' })).status, 401);
    assert.equal(rows(), n);
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
    const picture = Buffer.from('\xFF\xD8\xFF\xE0 một ảnh', 'latin1');
    files.push(oa.hostFile('anh-that.jpg', picture, { type: 'image' }));
    oa.say(w.group, lan, '', { kind: 'image', attachments: [files[3]] });
    await waitUntil(() => w.count(`SELECT count(*) AS n FROM attachment a JOIN item i ON i.id = a.item_id WHERE i.title LIKE 'Trưng bày tài liệu%'`) === 4,
      { what: 'four attachments' });
    const asked = oa.sends.length;
    oa.sayPrivate(lan, `/x ${id}`);
    await oa.waitForSend((s) => s.userId === lan.id && s.image === files[0].payload.url, { from: asked, what: 'the picture by its address: it is none that could be uploaded' });
    await oa.waitForSend((s) => s.userId === lan.id && /^ATT-/.test(s.image ?? '') && s.bytes.equals(picture), { from: asked, what: 'the picture by its upload' });
    await oa.waitForSend((s) => s.userId === lan.id && s.file === 'mẫu đơn.pdf' && s.bytes.toString() === '%PDF-1.4 nội dung', { from: asked, what: 'the file' });
    await oa.waitForSend((s) => s.userId === lan.id && /phan-mem\.zip.*chưa chuyển được/.test(s.text ?? ''), { from: asked, what: 'the line about the other file' });
  });

  test('a person who has been silent for a week is parked until they write again', async () => {
    const lan = await w.member('Lan Im Lặng');
    lan.blocked = true;
    const from = oa.sends.length;
    oa.say(w.group, lan, '/c Tin từ nhóm khi chat riêng đã đóng\nnd: thử');
    await w.answer(w.group, /SK\d+/, { from });
    await waitUntil(() => w.count(`SELECT count(*) AS n FROM chat WHERE remote_id = '${lan.id}' AND is_parked`) === 1, { what: 'the parked chat' });
    lan.blocked = false;
    await w.ask(lan, '/h', /\/t/);
    assert.equal(w.count(`SELECT count(*) AS n FROM chat WHERE remote_id = '${lan.id}' AND is_parked`), 0);
  });
});

describe('zalo-oa: tokens', () => {
  const worlds = [];
  const world = async (options) => {
    const w = await ZaloWorld.create(options);
    worlds.push(w);
    return w;
  };
  after(async () => { for (const w of worlds) await w.down(); });
  const alarm = async (w) => (await w.daemon.metrics())['cdsbot_adapter_alarm{adapter="zalo-oa"}'];

  test('a token near its end is refreshed ahead of it, committed, marked', async () => {
    for (const expiresIn of ['90000', 90000, undefined]) {
      const w = await world();
      const first = w.oa.refresh;
      w.oa.expiresIn = expiresIn;
      w.keepToken({ expiresMs: Date.now() + 60e3, id: 1000 });
      await w.up();
      await waitUntil(() => w.storedToken().id > 1000, { what: 'the new pair in the database' });
      const stored = w.storedToken();
      assert.deepEqual([stored.access, stored.refresh], [w.oa.access, w.oa.refresh]);
      assert.ok(Math.abs(stored.expires_ms - Date.now() - 90000e3) < 60e3);
      await waitUntil(() => Number(fs.readFileSync(w.marker, 'utf8')) === stored.id, { what: 'the marker' });
      assert.deepEqual(w.oa.tokenCalls.map((c) => c.refresh), [first], 'once');
      assert.equal(w.oa.calls.filter((c) => c.error === -216).length, 0, 'nobody met a dead token');
      await w.daemon.stop();
    }
  });

  test('the first pair is given by hand beside the running program', async () => {
    const w = await world();
    await w.up();
    await waitUntil(async () => await alarm(w) === 1, { what: 'the alarm that there is no token' });
    assert.match((await w.daemon.health()).body, /cdsbot admin zalo-oa token/);
    const wrong = await w.cli(['admin', 'zalo-oa', 'token'], { input: w.oa.access });
    assert.notEqual(wrong.code, 0);
    assert.match(wrong.stderr, /API Explorer/);
    assert.ok(!wrong.stderr.includes(w.oa.access), 'the text is not repeated');
    const first = w.oa.refresh;
    const given = await w.cli(['admin', 'zalo-oa', 'token'], { input: `${w.oa.access}\n${first}\n` });
    assert.equal(given.code, 0, given.stderr);
    // How old the pair is nobody knows: it is refreshed at once, while the operator looks on.
    await waitUntil(() => w.oa.refreshes === 1 && w.storedToken().refresh === w.oa.refresh, { timeout: 30000, what: 'the first refresh' });
    assert.deepEqual(w.oa.tokenCalls.map((c) => c.refresh), [first]);
    await waitUntil(async () => await alarm(w) === 0, { timeout: 30000, what: 'the end of the alarm' });
    await w.ask(w.oa.user('Lan'), '/h', /\/t/);
    assert.ok(!w.daemon.stderr.includes(first) && !w.daemon.stderr.includes(w.oa.access), 'no token in the log');
    await w.daemon.stop();
  });

  test('two refreshers at once make one request: the second waits for the lease and takes what the first saved', async () => {
    const w = await world();
    w.keepToken({ expiresMs: Date.now() + 60e3, id: 1000 });
    const write = (statement) => assert.equal(spawnSync('sqlite3', ['-cmd', '.timeout 10000', w.database, statement], { encoding: 'utf8' }).status, 0);
    // Another holder is at it already (a second process on this database).
    write(`INSERT INTO errand VALUES ('zalo-oa', 'refresh', 'another', ${Date.now() + 20e3}, ${Date.now()})`);
    await w.up();
    await w.daemon.until(() => /another process is at it/.test(w.daemon.stderr), { what: () => `the daemon to wait:\n${w.daemon.stderr}` });
    assert.equal(w.oa.tokenCalls.length, 0);
    const pair = await (await fetch(`${w.oa.url}/v4/oa/access_token`, {
      method: 'POST', headers: { secret_key: w.oa.appSecret },
      body: new URLSearchParams({ refresh_token: w.oa.refresh, app_id: w.oa.appId, grant_type: 'refresh_token' }),
    })).json();
    const saved = JSON.stringify({ access: pair.access_token, refresh: pair.refresh_token, expires_ms: Date.now() + 90000e3, id: Date.now(), by_hand: false });
    write(`UPDATE setting SET value = '${saved}' WHERE scope = 'zalo-oa' AND key = 'token'; UPDATE errand SET holder = NULL, until_ms = 0`);
    await w.ask(w.oa.user('Lan'), '/h', /\/t/);
    await waitUntil(() => w.oa.calls.some((c) => c.path.endsWith('/getgroupsofoa') && c.token === pair.access_token), { what: 'calls with the other\'s token' });
    assert.equal(w.oa.tokenCalls.length, 1, 'one request');
    assert.equal(w.storedToken().refresh, w.oa.refresh, 'the living pair is what is kept');
    await w.daemon.stop();
  });

  test('check tells in Vietnamese what is so and where to act, and refreshes nothing', async () => {
    const w = await world();
    w.keepToken({ expiresMs: Date.now() - 1000 });
    w.oa.addGroup('4a9bdemo29cec09099df', 'Đội ngũ nòng cốt CĐS');
    const good = await w.cli(['check']);
    for (const words of [/Token dùng được; nhóm của OA: Đội ngũ nòng cốt CĐS/, /gmf1000: 1 đang dùng/, /developers\.zalo\.me/, /user_send_group_text/])
      assert.match(good.stdout + good.stderr, words);
    w.oa.expireAccess();
    const refused = await w.cli(['check']);
    assert.match(refused.stdout + refused.stderr, /-216/);
    assert.equal(w.oa.tokenCalls.length, 0);
    assert.ok(!(good.stdout + good.stderr).includes(w.oa.appSecret));
  });

  test('refused in the middle of a broadcast: one refresh, every group gets it once', async () => {
    const w = await world({ config: { 'zalo-oa': { concurrent: 4 } } });
    w.keepToken();
    await w.up();
    await w.withAdminAndGroup();
    for (let i = 1; i < 30; i++) await w.core(w.oa.addGroup(`4a9bdemo29cec0909${String(i).padStart(3, '0')}`, `Nhóm ${i}`));
    await waitUntil(() => w.count('SELECT count(*) AS n FROM delivery WHERE state < 2') === 0, { what: 'open deliveries' });
    w.oa.sendDelay = 20;
    const from = w.oa.sends.length;
    await w.ask(w.admin, '/tb Mất quyền giữa chừng vẫn phải đến đủ\nden: tat ca', /ĐỒNG Ý/);
    w.oa.sayPrivate(w.admin, 'ĐỒNG Ý');
    const got = () => w.oa.sends.slice(from).filter((s) => s.groupId && /Mất quyền giữa chừng/.test(s.text));
    await w.oa.waiter.until(() => got().length >= 8, { what: 'the first groups' });
    w.oa.expireAccess();
    await waitUntil(() => w.count('SELECT count(*) AS n FROM delivery WHERE state < 2') === 0, { timeout: 30000, what: 'the rest of the broadcast' });
    assert.equal(new Set(got().map((s) => s.groupId)).size, 30);
    assert.equal(got().length, 30, 'none twice');
    assert.equal(w.oa.refreshes, 1);
    assert.equal(await alarm(w), 0);
    await w.daemon.stop();
  });

  test('a refresh token that is used up is the operator\'s: alarm, nothing lost', async () => {
    const w = await world();
    w.keepToken();
    await w.up();
    await w.member('Lan');
    w.oa.expireAccess();
    w.oa.refresh = 'RT-given-to-another';
    const lan = w.oa.user('Nam');
    const from = w.oa.sends.length;
    w.oa.sayPrivate(lan, '/h');
    await waitUntil(async () => await alarm(w) === 1, { what: 'the alarm' });
    assert.match((await w.daemon.health()).body, /cdsbot admin zalo-oa token/);
    assert.match(w.daemon.stderr, /-14020/);
    assert.equal(w.oa.tokenCalls.length, 1, 'not asked again and again');
    assert.equal(w.oa.sends.length, from);
    assert.equal(w.count('SELECT count(*) AS n FROM delivery WHERE state < 2'), 1, 'the answer waits');
    await w.daemon.stop();
  });

  test('a database restored from a backup does not use its refresh token', async () => {
    const w = await world();
    w.keepToken({ access: 'AT-of-yesterday', refresh: 'RT-of-yesterday', id: 1000, marker: 2000 });
    await w.up();
    await waitUntil(async () => await alarm(w) === 1, { what: 'the alarm' });
    assert.match((await w.daemon.health()).body, /bản sao lưu/);
    assert.equal(w.oa.tokenCalls.length, 0);
    await w.daemon.stop();
  });
});

describe('zalo-oa: upkeep', () => {
  /** @type {ZaloWorld} */
  let w;
  let oa;

  before(async () => {
    w = await ZaloWorld.create({ oa: { pageMax: 10 } });
    ({ oa } = w);
    w.group = oa.addGroup('4a9bdemo29cec09099df', 'Đội ngũ nòng cốt CĐS', { members: Array.from({ length: 137 }, (_, i) => oa.user(`Cán bộ ${i}`)) });
    w.keepToken();
    await w.up();
  });
  after(() => w.down());

  test('groups and their members are read into the register, by pages', async () => {
    await waitUntil(() => w.count('SELECT count(*) AS n FROM group_member') === 137, { what: 'the members' });
    assert.equal(w.count("SELECT count(*) AS n FROM chat WHERE adapter = 'zalo-oa' AND kind = 1 AND title = 'Đội ngũ nòng cốt CĐS'"), 1);
    const gone = [...w.group.members][0];
    oa.leave(w.group, gone);
    await waitUntil(() => w.count('SELECT count(*) AS n FROM group_member') === 136, { what: 'the one that left' });
    // Others came and went while the program was away.
    await w.daemon.stop();
    const [second, third] = [...w.group.members];
    w.group.members.delete(second);
    w.group.members.delete(third);
    const fresh = oa.user('Mới vào');
    w.group.members.add(fresh);
    await w.up();
    const ids = () => new Set(w.sql('SELECT user_id FROM group_member').map((r) => String(r.user_id)));
    await waitUntil(() => ids().has(fresh.id) && !ids().has(second.id) && !ids().has(third.id) && ids().size === 135, { what: 'the register to follow' });
  });

  test('a 40-minute outage of the webhook: what was asked is answered once, in order, from the history', async () => {
    const lan = await w.member('Lan');
    await waitUntil(() => w.count("SELECT count(*) AS n FROM setting WHERE scope = 'zalo-oa' AND key = 'heard_ms'") === 1, { what: 'the first pass of the history' });
    await w.daemon.stop();
    // The program was away for 40 minutes, and the platform has given up on its events.
    spawnSync('sqlite3', [w.database, `UPDATE setting SET value = '${Date.now() - 40 * 60e3}' WHERE scope = 'zalo-oa' AND key = 'heard_ms'`]);
    oa.webhook.down = true;
    oa.retryScale = Infinity;
    const from = oa.sends.length;
    for (let i = 0; i < 40; i++) {
      const at = Date.now() - (40 - i) * 60e3 + 1000;
      oa.say(w.group, lan, i % 4 === 1 ? `/c Sáng kiến trong lúc mất sóng số ${i}\nnd: nội dung ${i}` : `nói chuyện ${i}`, { at });
    }
    oa.webhook.down = false;
    await w.up();
    await waitUntil(() => w.count("SELECT count(*) AS n FROM item WHERE title LIKE 'Sáng kiến trong lúc mất sóng%'") === 10, { what: 'ten items' });
    const titles = w.sql("SELECT title FROM item WHERE title LIKE 'Sáng kiến trong lúc mất sóng%' ORDER BY number").map((r) => Number(/\d+/.exec(r.title)[0]));
    assert.deepEqual(titles, [...titles].sort((a, b) => a - b), 'in the order in which they were written');
    assert.ok(oa.calls.filter((c) => c.path.endsWith('/conversation') && Number(c.query.offset) >= 30).length > 0, 'page by page');
    // The platform brings one of them by webhook after all.
    const late = oa.events.find((e) => /mất sóng số 5/.test(e.body));
    await oa.redeliver(late);
    assert.equal(late.attempts.at(-1).status, 200);
    await w.ask(lan, '/h', /\/t/, { from });
    assert.equal(w.count("SELECT count(*) AS n FROM item WHERE title LIKE 'Sáng kiến trong lúc mất sóng%'"), 10);
  });

  test('a webhook that went dead while the program runs is made good', async () => {
    const nam = await w.member('Nam');
    oa.webhook.down = true;
    oa.say(w.group, nam, '/c Webhook chết lúc đang chạy\nnd: vẫn phải nhận');
    await waitUntil(() => w.count("SELECT count(*) AS n FROM item WHERE title LIKE 'Webhook chết%'") === 1, { what: 'the item' });
    oa.webhook.down = false;
  });

  test('a group that is about to be dissolved is an alarm in time', async () => {
    w.group.autoDelete = String(Date.now() + 6 * 86400e3);
    oa.emit('update_group_info', { group_id: w.group.id });
    await waitUntil(async () => (await w.daemon.metrics())['cdsbot_adapter_alarm{adapter="zalo-oa"}'] === 1, { timeout: 70000, every: 200, what: 'the alarm' });
    assert.match((await w.daemon.health()).body, /sẽ bị Zalo giải tán/);
  });
});

describe('zalo-oa: killed at random moments', () => {
  let w;
  before(async () => {
    w = await ZaloWorld.create();
    w.keepToken();
    await w.up();
  });
  after(() => w.down());

  test('whatever was acknowledged has its effect once', { timeout: 240000 }, async () => {
    const random = randomFrom(20261124);
    await w.withAdminAndGroup();
    const lan = await w.member('Lan');
    let n = 0;
    for (let round = 0; round < 6; round++) {
      for (let i = 0; i < 10; i++) w.oa.say(w.group, lan, `/c Chết bất ngờ lần thứ ${n++} vẫn còn\nnd: nội dung ${n}`);
      await new Promise((resolve) => { setTimeout(resolve, 5 + random() * 120); });
      await w.daemon.kill9();
      await w.up();
    }
    await w.oa.waitAcked({ timeout: 60000 });
    await waitUntil(() => w.count('SELECT count(*) AS n FROM inbox WHERE state = 0') === 0, { timeout: 60000, what: 'the inbox to be handled' });
    // A row that died three times in its turn is set aside, by design; it can be revived and then counts as any other.
    if (w.count('SELECT count(*) AS n FROM inbox WHERE state = 2') > 0) assert.equal((await w.cli(['admin', 'inbox', '--retry', 'all'])).code, 0);
    await waitUntil(() => w.count("SELECT count(*) AS n FROM item WHERE title LIKE 'Chết bất ngờ%'") === n, { timeout: 60000,
      what: () => `${n} items; there are ${w.count("SELECT count(*) AS n FROM item WHERE title LIKE 'Chết bất ngờ%'")}` });
    assert.equal(w.count("SELECT count(DISTINCT title) AS n FROM item WHERE title LIKE 'Chết bất ngờ%'"), n);
    assertSoundDatabase(w.database);
  });
});
