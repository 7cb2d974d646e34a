// SPDX-License-Identifier: MIT
// One process, the Official Account's group and a Telegram group: what is shared in one is announced in both, one line in a group for an
// action, everything else in private chat.

import { test, describe, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { World, sleep } from './harness.mjs';
import { ZaloWorld } from './zalo-oa-world.mjs';

const GROUP_LINE_MAX = 200; // domain.md §5.1

describe('the Zalo group and the Telegram group in one process', () => {
  let z, t, tgAdmin, tgGroup;

  before(async () => {
    t = await World.create({ name: 'with-zalo' }); // its stand-in alone: the process is the other's
    z = await ZaloWorld.create({ name: 'with-telegram', config: { telegram: t.sections.telegram } });
    z.keepToken();
    t.daemon = await z.up();
    await z.withAdminAndGroup();
    tgAdmin = t.bot.user(6200999000, 'Quản trị');
    const code = /\/lienket ([A-Z0-9]{8})/.exec(await z.ask(z.admin, '/lienket', /\/lienket [A-Z0-9]{8}/))[1];
    await t.ask(tgAdmin, `/lienket ${code}`, /KHÔNG/);
    await t.ask(tgAdmin, 'đồng ý', /Đã liên kết/);
    tgGroup = t.bot.group(-1002233445566, 'Đội ngũ nòng cốt CĐS');
    t.bot.joinGroup(tgGroup, tgAdmin);
    t.bot.say(tgGroup, tgAdmin, `/nhom@${t.bot.username} nongcot`);
    await t.bot.waitForSend((s) => s.chatId === tgGroup.id || (s.chatId === tgAdmin.id && /nhóm/i.test(s.text)));
  });
  after(async () => {
    try {
      await z.down();
    } finally {
      await t.api.close();
    }
  });

  const inZaloGroup = (from) => z.oa.sends.slice(from).filter((s) => s.groupId === z.group.id).map((s) => s.text);
  const inTelegramGroup = (from) => t.bot.sends.slice(from).filter((s) => s.chatId === tgGroup.id).map((s) => s.text);
  const oneLineEach = (lines, n) => {
    assert.equal(lines.length, n, JSON.stringify(lines));
    for (const line of lines) assert.ok(!line.includes('\n') && [...line].length <= GROUP_LINE_MAX, JSON.stringify(line));
  };

  test('shared in the Zalo group, approved on Telegram, announced in both', async () => {
    const lan = await z.member('Lan');
    const [zFrom, tFrom] = [z.oa.sends.length, t.bot.sends.length];
    z.oa.say(z.group, lan, '/c Bảng điện tử báo thủ tục\nnd: bảng đặt trước cửa phòng một cửa');
    const id = /SK\d+/.exec((await z.answer(z.group, /Đã nhận SK\d+/, { from: zFrom })).text)[0];
    t.bot.say(tgAdmin, tgAdmin, `/ok ${id}`);
    await t.answer(tgAdmin, new RegExp(`Đã duyệt ${id}`), { from: tFrom });
    await t.answer(tgGroup, new RegExp(`${id}[^]*Bảng điện tử`), { from: tFrom });
    await z.answer(z.group, new RegExp(`Mới: ${id}[^]*Bảng điện tử`), { from: zFrom });
    await sleep(500); // anything more would have come
    oneLineEach(inZaloGroup(zFrom), 2); // received; announced
    oneLineEach(inTelegramGroup(tFrom), 1);
  });

  test('shared in the Telegram group, approved on Zalo, announced in both', async () => {
    const hoa = t.bot.user(6200300401, 'Hoa');
    await t.register(hoa, 'ubnd h giao thuy');
    const [zFrom, tFrom] = [z.oa.sends.length, t.bot.sends.length];
    t.bot.say(tgGroup, hoa, `/c@${t.bot.username} Xe buýt đưa cán bộ đi học số\nnd: mỗi tuần một chuyến về xã xa`);
    const id = /SK\d+/.exec((await t.answer(tgGroup, /Đã nhận SK\d+/, { from: tFrom })).text)[0];
    assert.match(await z.ask(z.admin, `/ok ${id}`, /Đã duyệt/), new RegExp(id));
    await z.answer(z.group, new RegExp(`Mới: ${id}[^]*Xe buýt`), { from: zFrom });
    await t.answer(tgGroup, new RegExp(`Mới: ${id}[^]*Xe buýt`), { from: tFrom });
    await sleep(500);
    oneLineEach(inZaloGroup(zFrom), 1);
    oneLineEach(inTelegramGroup(tFrom), 2);
    assert.match(await t.ask(hoa, '/t bang dien tu thu tuc', /SK\d+/), /Bảng điện tử/);
  });

  test('an error of somebody in a group goes to private chat, on either side', async () => {
    const mai = await z.member('Mai');
    const hung = t.bot.user(6200300402, 'Hùng');
    await t.register(hung, 'ubnd h y yen');
    const [zFrom, tFrom] = [z.oa.sends.length, t.bot.sends.length];
    z.oa.say(z.group, mai, '/x SK999');
    t.bot.say(tgGroup, hung, `/x@${t.bot.username} SK999`);
    await z.answer(mai, /Không có SK999/, { from: zFrom });
    await t.answer(hung, /Không có SK999/, { from: tFrom });
    await sleep(500);
    assert.deepEqual(inZaloGroup(zFrom), []);
    assert.deepEqual(inTelegramGroup(tFrom), []);
  });
});
