// SPDX-License-Identifier: MIT
// The program against the scripted Bot API: the main job by polling and by webhook, and every way in which the platform is known
// to misbehave. One world a mode; each test uses people of its own, so that they do not meet.

import { test, describe, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { World, DELIVERY, get, waitUntil, sleep } from './harness.mjs';

let nextUser = 6300000000;

for (const webhook of [false, true]) {
  describe(webhook ? 'telegram by webhook' : 'telegram by polling', () => {
    /** @type {World} */
    let w;
    let bot, api;
    const person = (name) => bot.user(nextUser++, name);
    const member = async (name, unit = 'ubnd h vu ban') => {
      const u = person(name);
      await w.register(u, unit);
      return u;
    };

    before(async () => {
      w = await World.create({ name: 'telegram', webhook });
      ({ bot, api } = w);
      await w.up();
      await w.withAdminAndGroup();
    });
    after(() => w.down());

    test('an initiative goes from the group through the moderator to everybody who searches', async () => {
      const hoa = await member('Hoa', 'ubnd h giao thuy');
      const lan = await member('Lan');
      let from = bot.sends.length;
      bot.say(w.group, hoa, `/chiase@${bot.username} Dán mã QR tra cứu thủ tục ở bộ phận một cửa\nND: in mã QR theo từng nhóm thủ tục`);
      const line = await w.answer(w.group, /SK\d+/, { from });
      assert.match(line.text, /Đã nhận SK\d+ của UBND huyện Giao Thủy/);
      assert.ok(!line.text.includes('\n') && [...line.text].length <= 200, 'one short line in a group');
      await w.answer(hoa, /đang chờ/, { from });
      const id = /SK\d+/.exec(line.text)[0];

      assert.doesNotMatch(await w.ask(lan, '/t ma qr thu tuc mot cua'), new RegExp(id), 'not approved, not shown');
      from = bot.sends.length;
      assert.match(await w.ask(w.admin, `/ok ${id}`), new RegExp(`Đã duyệt ${id}`));
      await w.answer(w.group, new RegExp(`${id}[^]*Dán mã QR`), { from });
      assert.match(await w.ask(lan, '/t ma qr thu tuc mot cua'), new RegExp(`${id} .*Dán mã QR`));
      assert.match(await w.ask(lan, `/x ${id.slice(2)}`), /in mã QR theo từng nhóm thủ tục/);
    });

    test('found words are bold, pages go on after a restart, a number of any page opens its hit', async () => {
      const file = path.join(w.dir, 'pages.jsonl');
      fs.writeFileSync(file, Array.from({ length: 7 }, (_, i) => `${JSON.stringify({ ref: `page-${i}`, title: `😀 Trạm khí tượng mini số ${i + 1}`, body: 'Đặt ở hợp tác xã.\n  Nông dân xem khí  tượng trên điện thoại.' })}\n`).join(''));
      assert.equal((await w.cli(['import', file])).code, 0);
      const lan = await member('Lan');
      let from = bot.sends.length;
      const first = await w.answer(bot.say(lan, lan, '/t khi tuong mini').message.chat, /7 kết quả cho “khí tượng mini”:/, { from });
      const bold = (send) => (send.params.entities ? (typeof send.params.entities === 'string' ? JSON.parse(send.params.entities) : send.params.entities) : [])
        .filter((e) => e.type === 'bold').map((e) => send.text.slice(e.offset, e.offset + e.length));
      assert.deepEqual(bold(first), Array(5).fill('khí tượng mini'), 'offsets are UTF-16, also behind an emoji');
      assert.match(first.text, /Gõ 1, 2, 3, 4, 5 để xem; còn 2 kết quả, gõ \/tiep/);
      await bot.waitDrained();
      await w.stop();
      await w.up();
      const next = await w.ask(lan, 'tiếp', /6–7/);
      assert.match(next, /^Kết quả 6–7 trong 7 cho “khí tượng mini”:\n6\. SK\d+ .*\n7\. SK\d+ .*\nGõ 6, 7 để xem\. Đã hết kết quả\.$/);
      assert.match(await w.ask(lan, '7'), new RegExp(/7\. (SK\d+ .*)/.exec(next)[1]));
      assert.match(await w.ask(lan, '2'), new RegExp(/2\. (SK\d+ .*)/.exec(first.text)[1]));
      assert.match(await w.ask(lan, '/tiep'), /Đã hết kết quả/);
      // What stands in the body is shown with its place.
      from = bot.sends.length;
      const inBody = await w.answer(bot.say(lan, lan, '/t nong dan khi tuong').message.chat, /kết quả/, { from });
      assert.match(inBody.text, /\n1\. SK\d+ .*\n {3}.*Nông dân xem khí tượng trên điện thoại\.\n/);
      assert.ok(bold(inBody).includes('Nông dân'));
    });

    test('an abbreviation that an admin adds in the chat is searched with, both ways, and is there after a restart and an import', async () => {
      const lan = await member('Lan');
      const file = path.join(w.dir, 'briefs.jsonl');
      fs.writeFileSync(file, [['written-out', 'Quỹ xanh ven sông của thôn', 'trồng cây bên bờ'], ['short', 'Ra mắt mô hình QXVS ở xã', 'cả xã cùng làm']]
        .map(([ref, title, body]) => `${JSON.stringify({ ref, title, body })}\n`).join(''));
      assert.equal((await w.cli(['import', file])).code, 0);
      await waitUntil(async () => /Quỹ xanh ven sông/.test(await w.ask(lan, '/t quy xanh ven song')), { every: 200 });
      assert.doesNotMatch(await w.ask(lan, '/t QXVS'), /Quỹ xanh ven sông/);
      assert.match(await w.ask(lan, '/viettat QXVS = quỹ xanh ven sông'), /dành cho quản trị/);
      assert.match(await w.ask(w.admin, '/viettat qxvs = quỹ xanh ven sông'), /Đã thêm vào bảng viết tắt: QXVS = quỹ xanh ven sông\./);
      // Few items hold it: the very next question finds them, and hears nothing of an index that lacks something.
      const next = await w.ask(lan, '/t quỹ xanh ven sông');
      assert.match(next, /Ra mắt mô hình QXVS/);
      assert.doesNotMatch(next, /sắp xếp lại/);
      const both = async () => {
        await waitUntil(async () => /Quỹ xanh ven sông của thôn/.test(await w.ask(lan, '/t qxvs')), { every: 200 });
        await waitUntil(async () => /Ra mắt mô hình QXVS/.test(await w.ask(lan, '/t quỹ xanh ven sông')), { every: 200 });
      };
      await both();
      await bot.waitDrained();
      await w.stop();
      assert.equal((await w.cli(['import', file])).code, 0);
      await w.up();
      await both();
      assert.match(await w.ask(lan, '/viettat qxvs'), /^QXVS: quỹ xanh ven sông\.$/);
      // And gone again.
      assert.match(await w.ask(w.admin, '/viettat bo QXVS'), /Đã xóa QXVS/);
      assert.doesNotMatch(await w.ask(lan, '/t quỹ xanh ven sông'), /Ra mắt mô hình QXVS|sắp xếp lại/);
      await waitUntil(async () => !/Quỹ xanh ven sông của thôn/.test(await w.ask(lan, '/t qxvs')), { every: 200 });
    });

    test('a repeated update has one effect and one answer', async () => {
      const nam = await member('Nam');
      const from = bot.sends.length;
      const { message } = bot.say(nam, nam, '/c Họp thôn qua loa thông minh buổi sáng\nnd: phát lịch họp trước một ngày');
      await w.answer(nam, /đã lưu/, { from });
      await bot.waitDrained();
      bot.again({ update_id: bot.nextUpdateId - 1, message });
      bot.say(nam, nam, '/h');
      await w.answer(nam, /\/chiase|\/c /, { from: from + 1 });
      assert.equal(bot.sends.slice(from).filter((s) => s.chatId === nam.id && /đã lưu/.test(s.text)).length, 1);
      assert.equal(w.sql("SELECT count(*) AS n FROM item WHERE title LIKE 'Họp thôn qua loa%'")[0].n, 1);
    });

    test('a command for another bot is not ours; our own name in any case is', async () => {
      const nam = person('Nam');
      bot.privateChat(nam);
      const from = bot.sends.length;
      bot.say(w.group, nam, '/tim@Other_bot loa');
      bot.say(w.group, nam, `/tim@${bot.username.toUpperCase()} xyzkhongco`);
      await bot.waitForSend((s) => s.chatId === nam.id || s.chatId === w.group.id, { from });
      await bot.waitDrained();
      await w.ask(nam, '/h');
      assert.equal(bot.sends.slice(from).filter((s) => /loa/.test(s.text) && s.chatId === w.group.id).length, 0);
    });

    test('group talk that is not for the bot leaves no trace and no answer', async () => {
      const talker = person('Người nói chuyện');
      const from = bot.sends.length;
      bot.say(w.group, talker, 'chiều nay họp lúc 15h nhé các đồng chí, ai đi cùng Zulu không');
      await bot.waitDrained();
      await w.ask(person('Khác'), '/h');
      assert.equal(bot.sends.slice(from).filter((s) => s.chatId === w.group.id).length, 0);
      assert.equal(w.sql("SELECT count(*) AS n FROM inbox WHERE payload LIKE '%Zulu%'")[0].n, 0);
    });

    test('odd updates are confirmed and hurt nobody', async () => {
      const nam = person('Nam');
      bot.channelPost(bot.channel(-1009988776655), 'Mẫu CT01 bản mới');
      bot.sayAnonymously(w.group, 'chào các đồng chí');
      bot.push({ some_new_kind: { id: 1, x: [null, { y: 'z' }] } });
      bot.push({ message: { message_id: 77, date: 1, chat: { id: nam.id, type: 'private' } } });
      bot.push({ message: { message_id: '77', date: 'x', chat: { id: 'abc', type: 5 }, from: [], text: { a: 1 } } });
      bot.push({ message: null });
      bot.push({ edited_message: { message_id: 999999, date: 1, edit_date: 2, chat: { id: nam.id, type: 'private' }, from: nam, text: 'chưa thấy bao giờ' } });
      bot.say(nam, nam, '/h', { entities: [{ type: 'bot_command', offset: -5, length: 9999999 }, { type: 3 }, null] });
      bot.callback(nam, nam, 1, 'a:1:2');
      bot.memberJoins(w.group, nam);
      bot.memberLeaves(w.group, nam);
      await bot.waitDrained();
      assert.match(await w.ask(nam, '/h'), /\/t/);
      assert.equal(w.daemon.ended, false);
    });

    test('ids beyond 32 bits come back exactly', async () => {
      const big = bot.user(4503599627370497, 'Bảo');
      await w.ask(big, '/h');
    });

    test('a topic gets its answer in the topic', async () => {
      const lan = await member('Lan');
      const forum = bot.group(-1005550001, 'Diễn đàn', { topics: [41] });
      bot.joinGroup(forum, w.admin);
      const from = bot.sends.length;
      bot.say(forum, lan, `/c@${bot.username} Trả lời đúng chủ đề trong diễn đàn\nnd: thử chủ đề`, { thread: 41 });
      const s = await w.answer(forum, /SK\d+/, { from });
      assert.equal(s.thread, 41);
    });

    test('an edit while waiting changes the item', async () => {
      const lan = await member('Lan');
      const from = bot.sends.length;
      const { messageId } = bot.say(lan, lan, '/c Sửa tin khi còn chờ duyệt\nnd: bản thứ nhất');
      const id = /SK\d+/.exec((await w.answer(lan, /SK\d+ đã lưu/, { from })).text)[0];
      bot.edit(lan, messageId, '/c Sửa tin khi còn chờ duyệt\nnd: bản thứ hai dài hơn');
      await bot.waitDrained();
      await waitUntil(() => w.sql(`SELECT body FROM item WHERE title LIKE 'Sửa tin khi%'`)[0]?.body.includes('bản thứ hai'),
        { what: () => `the edited body; it is ${JSON.stringify(w.sql("SELECT body FROM item WHERE title LIKE 'Sửa tin khi%'"))}` });
      assert.match(await w.ask(lan, `/x ${id}`, /bản thứ hai/), new RegExp(id));
    });

    test('an album and a document join the initiative and are sent on by their ids', async () => {
      const lan = await member('Lan');
      const from = bot.sends.length;
      bot.album(lan, lan, 3, { caption: '/c Trưng bày ba ảnh một bộ\nnd: ảnh chụp tại xã' });
      const id = /SK\d+/.exec((await w.answer(lan, /SK\d+ đã lưu/, { from })).text)[0];
      bot.document(lan, lan, { fileName: 'mau-don.pdf' });
      await bot.waitDrained();
      const count = () => w.sql(`SELECT count(*) AS n FROM attachment a JOIN item i ON i.id = a.item_id WHERE i.title LIKE 'Trưng bày ba ảnh%'`)[0].n;
      await waitUntil(() => count() === 4, { what: () => `four attachments, there are ${count()}` });
      assert.equal(bot.sends.slice(from).filter((s) => /SK\d+ đã lưu/.test(s.text)).length, 1, 'one item for the album');
      const asked = bot.sends.length;
      await w.ask(lan, `/x ${id}`, new RegExp(id));
      await bot.waitForSend((s) => s.file !== null && s.chatId === lan.id, { from: asked, what: 'a kept file to be sent on' });
    });

    test('a long announcement comes in parts that fit, in order, none missing', async () => {
      const lan = await member('Lan Dài');
      const words = Array.from({ length: 1100 }, (_, i) => `đoạn${i}`);
      const body = words.join(' ').replace(/(đoạn\d*00) /g, '$1\n\n');
      const from = bot.sends.length;
      assert.match(await w.ask(w.admin, `/tb ${body}\nden: tat ca`, /ĐỒNG Ý/), /ĐỒNG Ý/);
      bot.say(w.admin, w.admin, 'ĐỒNG Ý');
      await w.answer(lan, /đoạn1099/, { from, timeout: 20000 });
      const parts = bot.sends.slice(from).filter((s) => s.chatId === lan.id);
      assert.ok(parts.length >= 3, `${parts.length} parts`);
      assert.ok(parts.every((s) => s.text.length <= 4096));
      assert.deepEqual(parts.map((s) => s.text).join(' ').match(/đoạn\d+/g), words);
    });

    // ---- sending goes wrong

    const sendOnce = async (kind, options, { wait = 20000 } = {}) => {
      const u = person(`Gửi ${kind}`);
      bot.privateChat(u);
      const from = bot.sends.length;
      const rule = api.failNext('sendMessage', kind, { chat: u, ...options });
      const began = performance.now();
      bot.say(u, u, '/h');
      const s = await w.answer(u, /\/t/, { from, timeout: wait });
      await bot.until(() => rule.left === 0, { what: 'the failure to be used up' });
      // Nothing may follow: what is known to be sent is not sent again.
      await waitUntil(() => w.sql(`SELECT count(*) AS n FROM delivery d JOIN chat c ON c.id = d.chat_id WHERE c.remote_id = '${u.id}' AND d.state <> ${DELIVERY.SENT}`)[0].n === 0,
        { what: `the delivery to ${u.id} to be settled`, timeout: wait });
      return { took: s.at - began, sends: bot.sends.slice(from).filter((x) => x.chatId === u.id), u };
    };

    for (const [name, options] of [['parameters', {}], ['the header alone', { header: 'only' }]]) {
      test(`429 with retry_after in ${name}: waits that long, sends once`, async () => {
        const { took, sends } = await sendOnce(429, { retryAfter: 2, ...options });
        assert.ok(took >= 2000, `sent after ${took} ms`);
        assert.equal(sends.length, 1);
      });
    }

    test('429 without any number: waits by itself, sends once', async () => {
      assert.equal((await sendOnce(429, { bare: true })).sends.length, 1);
    });

    for (const kind of ['500', 'html502']) {
      test(`${kind} to a send: tried again, sent once`, async () => {
        assert.equal((await sendOnce(kind, { times: 2 })).sends.length, 1);
      });
    }

    test('a connection closed before the message was taken: sent in the end', async () => {
      assert.ok((await sendOnce('reset', {})).sends.length >= 1);
    });

    test('a message taken whose answer is lost: sent again, since at least once is promised', async () => {
      const { sends } = await sendOnce('reset', { after: true });
      assert.ok(sends.length >= 1 && sends.length <= 2);
    });

    test('an answer cut in half, rubbish, or a null result does not stop the line', async () => {
      for (const [kind, options] of [['truncated', {}], ['notjson', { after: true }], ['null', {}]]) {
        const { u } = await sendOnce(kind, options);
        assert.match(await w.ask(u, '/h'), /\/t/, kind);
      }
    });

    test('one chat that must wait does not hold the others', async () => {
      const slow = person('Chậm');
      const quick = person('Nhanh');
      api.failNext('sendMessage', 429, { chat: slow, retryAfter: 5 });
      const from = bot.sends.length;
      bot.say(slow, slow, '/h');
      await bot.until(() => bot.calls.some((c) => c.code === '429' && c.params.chat_id == slow.id)); // eslint-disable-line eqeqeq
      const began = performance.now();
      await w.ask(quick, '/h');
      assert.ok(performance.now() - began < 3000);
      const s = await w.answer(slow, /\/t/, { from });
      assert.ok(s.at - began > 4000);
    });

    test('a blocked chat is left alone until the person comes back', async () => {
      const lan = await member('Lan Chặn');
      bot.block(lan);
      await bot.waitDrained();
      const before = bot.calls.length;
      const from = bot.sends.length;
      await w.ask(w.admin, '/tb Thử chặn\nden: ubnd h vu ban', /ĐỒNG Ý/);
      bot.say(w.admin, w.admin, 'ĐỒNG Ý');
      await w.answer(w.admin, /TB\d+/, { from });
      await sleep(500);
      assert.ok(bot.calls.slice(before).filter((c) => String(c.params.chat_id) === String(lan.id)).length <= 1, 'no drumming on a closed door');
      bot.unblock(lan);
      assert.match(await w.ask(lan, '/h', /\/t/), /\/t/);
    });

    test('403 on a send parks the chat; a message from there opens it', async () => {
      const u = person('Khóa');
      bot.privateChat(u);
      const from = bot.sends.length;
      api.failNext('sendMessage', 403, { chat: u, times: 1 });
      bot.say(u, u, '/h');
      await bot.until(() => bot.calls.some((c) => c.code === '403' && String(c.params.chat_id) === String(u.id)));
      assert.match(await w.ask(u, '/h', /\/t/, { from }), /\/t/);
    });

    test('a group that became a supergroup is followed, whoever tells it first', async () => {
      for (const [i, tell] of [[1, []], [2, ['to']], [3, ['from']], [4, ['to', 'from']]]) {
        const old = bot.group(-40 - i, `Tổ ${i}`, { type: 'group' });
        bot.joinGroup(old, w.admin);
        let from = bot.sends.length;
        bot.say(old, w.admin, `/nhom@${bot.username} nongcot`);
        await bot.waitForSend((s) => s.chatId === old.id || s.chatId === w.admin.id, { from });
        const fresh = bot.migrate(old, -100700000 - i, { tell });
        await bot.waitDrained();
        from = bot.sends.length;
        await w.ask(w.admin, `/c Chuyển nhóm lần ${i} bằng cách ${['không', 'cũ', 'mới', 'cả hai'][i - 1]}\nnd: thử`, /SK\d+ đã lưu|đã lưu/);
        const id = /SK\d+/.exec(bot.sends.slice(from).find((s) => s.chatId === w.admin.id && /SK\d+/.test(s.text)).text)[0];
        bot.say(w.admin, w.admin, `/ok ${id}`);
        await w.answer(fresh, new RegExp(id), { from });
        assert.equal(w.sql(`SELECT count(*) AS n FROM chat WHERE remote_id = '${old.id}'`)[0].n, 0, `the old id is gone (${tell})`);
        from = bot.sends.length;
        bot.say(fresh, w.admin, `/nhom@${bot.username} bo`);
        await bot.waitForSend((s) => s.chatId === fresh.id || s.chatId === w.admin.id, { from });
      }
    });

    test('a question that was deleted still gets its answer', async () => {
      const lan = await member('Lan Xóa');
      const from = bot.sends.length;
      const { messageId } = bot.say(w.group, lan, `/c@${bot.username} Tin bị xóa trước khi có trả lời\nnd: thử`);
      bot.deleteMessage(w.group, messageId);
      await w.answer(w.group, /SK\d+/, { from });
    });

    test('a removed bot says nothing more in that group; added again it does', async () => {
      const other = bot.group(-1005550002, 'Nhóm khác');
      bot.joinGroup(other, w.admin);
      bot.say(other, w.admin, `/nhom@${bot.username} nongcot`);
      await bot.waitDrained();
      bot.kick(other, w.admin);
      await bot.waitDrained();
      const calls = bot.calls.length;
      const lan = await member('Lan Đuổi');
      const text = await w.ask(lan, '/c Nhóm đã đuổi bot\nnd: thử', /SK\d+/);
      await w.ask(w.admin, `/ok ${/SK\d+/.exec(text)[0]}`, /Đã duyệt/);
      await w.answer(w.group, new RegExp(/SK\d+/.exec(text)[0]));
      await sleep(300);
      assert.ok(bot.calls.slice(calls).filter((c) => String(c.params.chat_id) === String(other.id)).length <= 1);
      const from = bot.sends.length;
      bot.joinGroup(other, w.admin);
      bot.say(other, w.admin, `/nhom@${bot.username} bo`);
      await bot.waitForSend((s) => s.chatId === other.id || s.chatId === w.admin.id, { from });
    });

    // ---- the platform as a whole

    test('an outage of the whole platform: what waits is handled after it, once', async () => {
      const lan = await member('Lan Mất Mạng');
      await api.stop();
      const from = bot.sends.length;
      for (let i = 0; i < 5; i++) bot.say(lan, lan, `/c Mất mạng lần thứ ${['nhất', 'nhì', 'ba', 'tư', 'năm'][i]} tại xã ${i}\nnd: nội dung ${i} riêng`);
      await sleep(700);
      await api.start();
      await waitUntil(() => bot.sends.slice(from).filter((s) => s.chatId === lan.id && /SK\d+ đã lưu/.test(s.text)).length === 5,
        { timeout: 60000, what: () => `five answers; there are ${JSON.stringify(bot.sends.slice(from).map((s) => s.text))}` });
      assert.equal(w.sql("SELECT count(*) AS n FROM item WHERE title LIKE 'Mất mạng lần thứ%'")[0].n, 5);
    });

    test('after a long absence the group hears one line at most; whoever can be written to is answered privately', async () => {
      const lan = await member('Lan Đọc Muộn');
      const nam = await member('Nam Đọc Muộn');
      const waiting = /SK\d+/.exec(await w.ask(lan, '/c Chờ duyệt từ trước lúc vắng mặt\nnd: gửi đúng hẹn', /SK\d+ đã lưu/))[0];
      bot.block(nam); // nobody can write to him
      await bot.waitDrained();
      await w.stop();
      const from = bot.sends.length;
      const date = Math.floor(Date.now() / 1000) - 40 * 60;
      for (const what of ['Trạm bơm', 'Sổ hộ tịch', 'Bến đò']) {
        bot.say(w.group, lan, `/c ${what} do Lan trực tuyến\nnd: ghi chép về ${what}`, { date });
        bot.say(w.group, nam, `/c ${what} do Nam số hóa\nnd: cách làm với ${what}`, { date });
      }
      bot.say(w.group, nam, '/t xyzkhongco', { date });
      bot.say(w.group, w.admin, `/ok ${waiting}`, { date });
      await w.up();
      const toGroup = () => bot.sends.slice(from).filter((s) => s.chatId === w.group.id).map((s) => s.text);
      await waitUntil(() => bot.sends.slice(from).filter((s) => s.chatId === lan.id && /được đọc muộn[^]*SK\d+ đã lưu/.test(s.text)).length === 3,
        { what: () => `three private answers; there are ${JSON.stringify(bot.sends.slice(from).map((s) => s.text))}` });
      await w.answer(w.admin, new RegExp(`được đọc muộn[^]*Đã duyệt ${waiting}`), { from });
      assert.match(w.daemon.stderr, /on telegram is answered late: it is 2[34]\d\d s old by this server's clock/);
      await w.answer(w.group, /Chờ duyệt từ trước lúc vắng mặt/, { from }); // news is no answer
      assert.equal(w.sql("SELECT count(*) AS n FROM item WHERE title LIKE '% do Lan trực tuyến' OR title LIKE '% do Nam số hóa'")[0].n, 6);
      // The line waits for its minute, and whatever else comes for it; here the minute is made short.
      await w.stop();
      assert.equal(toGroup().length, 1, JSON.stringify(toGroup()));
      assert.equal(spawnSync('sqlite3', [w.database, 'UPDATE delivery SET due_ms = 1 WHERE class = 3 AND state = 0']).status, 0);
      await w.up();
      await w.answer(w.group, /Đã nhận thêm 3 mục: SK\d+, SK\d+ và SK\d+/, { from });
      await w.ask(lan, '/h');
      assert.equal(toGroup().length, 2, JSON.stringify(toGroup()));
    });

    test('ids that start again lower are handled, not dropped', async () => {
      await bot.waitDrained();
      bot.restartIdsAt(12);
      const lan = person('Lan Số Thấp');
      await w.ask(lan, '/h');
      await w.ask(lan, '/h');
      bot.restartIdsAt(2000000);
      await w.ask(lan, '/h');
    });

    if (!webhook) {
      for (const [kind, options] of [['409', { times: 2 }], ['500', { times: 2 }], ['html502', { times: 2 }], ['429', { retryAfter: 2 }],
        ['reset', { times: 2 }], ['reset', { after: true }], ['truncated', {}], ['notjson', {}]]) {
        test(`getUpdates fails with ${kind} ${JSON.stringify(options)}: the next poll goes on, nothing is lost or doubled`, async () => {
          const u = person(`Nhận ${kind}`);
          bot.privateChat(u);
          const rule = api.failNext('getUpdates', kind, options);
          // The poll under way ends, so that the next one meets the failure.
          await w.ask(person('Đánh thức'), '/h', /[^]/, { timeout: 60000 });
          const from = bot.sends.length;
          bot.say(u, u, '/h');
          await w.answer(u, /\/t/, { from, timeout: 60000 });
          assert.equal(rule.left, 0);
          await bot.waitDrained({ timeout: 60000 });
          assert.equal(bot.sends.slice(from).filter((s) => s.chatId === u.id).length, 1);
        });
      }

      test('a webhook left by another deployment is removed and its queue kept', async () => {
        bot.forceWebhook({ url: 'http://127.0.0.1:9/nobody' });
        const u = person('Webhook cũ');
        const from = bot.sends.length;
        bot.say(u, u, '/h');
        await w.answer(u, /\/t/, { from, timeout: 60000 });
        assert.equal(bot.webhook.url, '');
      });

      test('an idle poll is long, and the list of wanted updates is always sent', async () => {
        const polls = bot.polls;
        await sleep(1500);
        assert.ok(bot.polls - polls <= 1, `${bot.polls - polls} polls in 1.5 s of silence`);
        const last = bot.calls.filter((c) => c.method === 'getupdates').at(-1).params;
        const allowed = typeof last.allowed_updates === 'string' ? JSON.parse(last.allowed_updates) : last.allowed_updates;
        for (const kind of ['message', 'edited_message', 'my_chat_member']) assert.ok(allowed.includes(kind), kind);
      });
    } else {
      const post = (body, headers = { 'x-telegram-bot-api-secret-token': w.secret }) => get(`http://${w.listen}${w.webhookPath}`, {
        method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body,
      });
      const updateOf = (u, text) => ({ update_id: bot.nextUpdateId++, message: { message_id: 900000 + bot.nextUpdateId, date: Math.floor(Date.now() / 1000),
        chat: { id: u.id, type: 'private', first_name: u.first_name }, from: u, text } });

      test('a wrong or missing secret is 401 and leaves no trace but a counter', async () => {
        const u = person('Giả mạo');
        bot.privateChat(u);
        const rows = w.sql('SELECT count(*) AS n FROM inbox')[0].n;
        const from = bot.sends.length;
        for (const headers of [{}, { 'x-telegram-bot-api-secret-token': 'sai' }, { 'x-telegram-bot-api-secret-token': `${w.secret}x` },
          { 'x-telegram-bot-api-secret-token': w.secret.slice(0, -1) }, { 'x-telegram-bot-api-secret-token': '' }])
          assert.equal((await post(JSON.stringify(updateOf(u, '/h')), headers)).status, 401);
        assert.equal(w.sql('SELECT count(*) AS n FROM inbox')[0].n, rows);
        assert.equal(bot.sends.slice(from).filter((s) => s.chatId === u.id).length, 0);
        assert.ok(Object.entries(await w.daemon.metrics()).some(([k, v]) => /reject/.test(k) && v >= 5), 'the counter');
      });

      test('two equal calls at once: both acknowledged, one effect', async () => {
        const u = await member('Hai Lần');
        const body = JSON.stringify(updateOf(u, '/c Hai cuộc gọi cùng một lúc\nnd: chỉ một sáng kiến'));
        const answers = await Promise.all(Array.from({ length: 8 }, () => post(body)));
        assert.deepEqual(new Set(answers.map((a) => a.status)), new Set([200]));
        await w.ask(u, '/h');
        assert.equal(w.sql("SELECT count(*) AS n FROM item WHERE title LIKE 'Hai cuộc gọi cùng%'")[0].n, 1);
      });

      test('invalid UTF-8 and half a surrogate pair are stored as something readable', async () => {
        const u = person('Chữ hỏng');
        bot.privateChat(u);
        const from = bot.sends.length;
        const text = JSON.stringify(updateOf(u, '/h QQQQ'));
        const [head, tail] = text.split('QQQQ');
        assert.equal((await post(Buffer.concat([Buffer.from(head), Buffer.from([0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80]), Buffer.from(tail)]))).status, 200);
        assert.equal((await post(JSON.stringify(updateOf(u, '/h QQQQ')).replace('QQQQ', '\\ud83d\\ude00 \\udc00'))).status, 200);
        await waitUntil(() => bot.sends.slice(from).filter((s) => s.chatId === u.id).length >= 1);
      });

      test('what is no update at all is answered once and for all, not retried for a day', async () => {
        for (const body of ['', '{}', '[]', 'null', '{"update_id":5', 'xin chào', '{"update_id":"a"}']) {
          const { status } = await post(body);
          assert.ok(status === 200 || (status >= 400 && status < 500), `${JSON.stringify(body)} -> ${status}`);
        }
        assert.equal((await w.daemon.health()).status, 200);
      });

      test('the webhook was set with the secret, the list of updates and a number of connections', () => {
        const call = bot.calls.filter((c) => c.method === 'setwebhook').at(-1).params;
        assert.equal(call.secret_token, w.secret);
        assert.ok(String(call.allowed_updates).includes('message'));
        assert.notEqual(call.drop_pending_updates, true);
      });
    }

    test('the command menu is made of Latin names and not sent again when nothing changed', async () => {
      const menus = () => bot.calls.filter((c) => c.method === 'setmycommands');
      assert.ok(menus().length >= 1);
      assert.ok([...bot.menus.values()].some((list) => list.some((c) => c.command === 'tim')));
      await w.stop();
      const n = menus().length;
      await w.up();
      await w.ask(person('Sau khi khởi động lại'), '/h', /\/t/, { timeout: 30000 });
      assert.equal(menus().length, n);
    });

    test('the token and the secret are in no log line', () => {
      assert.ok(!w.daemon.stderr.includes(w.token));
      assert.ok(!w.daemon.stderr.includes(w.token.split(':')[1]));
      assert.ok(!w.daemon.stderr.includes(w.secret));
    });

    test('metrics are Prometheus text', async () => {
      const { status, body, headers } = await get(`http://${w.status}/metrics`);
      assert.equal(status, 200);
      assert.match(headers['content-type'], /^text\/plain/);
      for (const line of body.trimEnd().split('\n'))
        assert.match(line, /^(# (HELP|TYPE) [a-zA-Z_:][\w:]* .+|[a-zA-Z_:][\w:]*(\{[a-zA-Z_]\w*="[^"]*"(,[a-zA-Z_]\w*="[^"]*")*\})? [-+]?[\d.]+(e[-+]?\d+)?)$/);
    });

    test('SIGTERM loses nothing: what was accepted is handled after the next start', async () => {
      const lan = await member('Lan Tắt Máy');
      const from = bot.sends.length;
      for (let i = 0; i < 10; i++) bot.say(lan, lan, `/c Tắt máy giữa chừng ${'abcdefghij'[i].repeat(4)}\nnd: nội dung riêng ${i} ${'klmnopqrst'[i].repeat(6)}`);
      w.daemon.signalWith('SIGTERM');
      await w.daemon.end();
      assert.equal(w.daemon.code, 0);
      await w.up();
      await waitUntil(() => bot.sends.slice(from).filter((s) => s.chatId === lan.id && /SK\d+ đã lưu/.test(s.text)).length >= 10,
        { timeout: 30000, what: () => `ten answers; there are ${bot.sends.slice(from).filter((s) => s.chatId === lan.id).length}` });
      assert.equal(w.sql("SELECT count(*) AS n FROM item WHERE title LIKE 'Tắt máy giữa chừng%'")[0].n, 10);
      assert.equal(bot.sends.slice(from).filter((s) => s.chatId === lan.id && /SK\d+ đã lưu/.test(s.text)).length, 10, 'a drained stop makes no doubles');
    });
  });
}

describe('stopping', () => {
  test('in the middle of much to send: ends in time, the rest goes out after the next start', { timeout: 120000 }, async () => {
    const w = await World.create({ name: 'stop', webhook: true, api: { sendAnswerMs: () => 40 } });
    try {
      await w.up();
      w.bot.forceWebhook({ url: `http://${w.listen}${w.webhookPath}`, secret: w.secret, maxConnections: 32 });
      const people = Array.from({ length: 50 }, (_, i) => w.bot.user(7000000 + i, `Người ${i}`));
      for (let i = 0; i < 1500; i++) w.bot.say(people[i % 50], people[i % 50], '/h');
      for (const after of [300, 1500, 4000]) {
        const sent = w.bot.sends.length;
        // A fast machine may be through before the last stop: then that one stops an idle program.
        await w.bot.until(() => w.bot.sends.length > sent || w.bot.sends.length >= 1500, { timeout: 20000 });
        await sleep(after);
        const began = performance.now();
        await w.stop();
        assert.ok(performance.now() - began < 12000, `it took ${Math.round(performance.now() - began)} ms`);
        await w.up();
      }
      await w.bot.waitDrained({ timeout: 60000 });
      await waitUntil(() => w.sql('SELECT (SELECT count(*) FROM inbox WHERE state <> 1) + (SELECT count(*) FROM delivery WHERE state < 2) AS n')[0].n === 0,
        { timeout: 60000, every: 200 });
      assert.equal(w.bot.sends.length, 1500, 'every answer once');
    } finally {
      await w.down();
    }
  });
});

describe('telegram credentials and rights', () => {
  test('a revoked token: the program stays up, says so, and does not hammer', async () => {
    const w = await World.create({ name: 'revoked' });
    w.bot.revoked = true;
    try {
      await w.up();
      const calls = w.api.calls;
      await sleep(2500);
      assert.ok(w.api.calls - calls < 10, `${w.api.calls - calls} calls in 2.5 s`);
      assert.equal(w.daemon.ended, false);
      assert.match(w.daemon.stderr, /401|Unauthorized|token/i);
      const check = await w.cli(['check']);
      assert.equal(check.code, 1, check.stdout);
      assert.match(check.stdout, /token/i);
    } finally {
      await w.down();
    }
  });

  test('privacy mode is reported with the place where to change it', async () => {
    const w = await World.create({ name: 'privacy', bot: { privacy: true } });
    try {
      const { stdout } = await w.cli(['check']);
      assert.match(stdout, /BotFather/);
    } finally {
      await w.api.close();
    }
  });

  test('a poll that ends early is followed by a pause, not by a hot loop', async () => {
    const w = await World.create({ name: 'early', api: { slowTightLoops: false }, config: { telegram: { poll_timeout: '20s' } } });
    try {
      await w.up();
      w.api.failNext('getUpdates', 'null', { times: 1000000 });
      w.bot.say(w.bot.user(1, 'A'), w.bot.user(1, 'A'), 'x');
      await waitUntil(() => w.bot.polls >= 1);
      const before = w.api.calls;
      await sleep(2000);
      assert.ok(w.api.calls - before <= 25, `${w.api.calls - before} calls in 2 s`);
    } finally {
      w.api.rules.length = 0;
      await w.down();
    }
  });
});
