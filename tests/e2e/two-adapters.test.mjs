// SPDX-License-Identifier: MIT
// One process, two platforms: the console and Telegram run the same core at the same time. What is shared on one is announced
// on both, and found from both.

import { test, describe, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Console, World, sql, waitUntil } from './harness.mjs';

describe('console and telegram in one process', () => {
  let w, con;

  before(async () => {
    w = await World.create({ name: 'two' });
    // The console is the process; it answers for the daemon in the helpers.
    con = Console.start(['--config', w.configFile]);
    w.daemon = con;
    w.admin = w.bot.user(6200999000, 'Quản trị');
    await w.register(w.admin, 'so tttt');
    await w.claimAdmin(w.admin);
    w.group = w.bot.group(-1002233445566, 'Đội ngũ nòng cốt CĐS');
    w.bot.joinGroup(w.group, w.admin);
    w.bot.say(w.group, w.admin, `/nhom@${w.bot.username} nongcot`);
    await w.bot.waitForSend((s) => s.chatId === w.group.id || (s.chatId === w.admin.id && /nhóm/i.test(s.text)));
  });
  after(async () => {
    try {
      await con.finish();
    } finally {
      await w.api.close();
    }
  });

  test('people of the console register and make their group a core group', async () => {
    await con.ask('>lan\n/dk ubnd h vu ban', /lan> [^]*ĐỒNG Ý/);
    await con.ask('ĐỒNG Ý', /lan> /);
    await con.ask('>truong\n/dk so tttt', /truong> [^]*ĐỒNG Ý/);
    await con.ask('ĐỒNG Ý', /truong> /);
    await con.ask(`/nhanquyen ${await w.adminCode()}`, /truong> /);
    await con.ask('>truong@group\n/nhom nongcot', /truong(@group)?> /);
  });

  test('shared on the console, approved on Telegram, announced on both', async () => {
    const text = await con.ask('>lan@group\n/c Bảng điện tử báo thủ tục\\\nnd: bảng đặt trước cửa phòng', /SK\d+/);
    const id = /SK\d+/.exec(text)[0];
    const printed = con.stdout.length;
    const from = w.bot.sends.length;
    w.bot.say(w.admin, w.admin, `/ok ${id}`);
    await w.answer(w.admin, new RegExp(`Đã duyệt ${id}`), { from });
    await w.answer(w.group, new RegExp(`${id}[^]*Bảng điện tử`), { from });
    await con.until(() => new RegExp(`group> [^]*${id}[^]*Bảng điện tử`).test(con.stdout.slice(printed)), { what: `${id} on the console` });
  });

  test('shared on Telegram, approved on the console, announced on both', async () => {
    const hoa = w.bot.user(6200300401, 'Hoa');
    await w.register(hoa, 'ubnd h giao thuy');
    let from = w.bot.sends.length;
    w.bot.say(w.group, hoa, `/c@${w.bot.username} Xe buýt đưa cán bộ đi học số\nnd: mỗi tuần một chuyến`);
    const id = /SK\d+/.exec((await w.answer(w.group, /SK\d+/, { from })).text)[0];
    from = w.bot.sends.length;
    const text = await con.ask(`>truong\n/ok ${id}`, new RegExp(`Đã duyệt ${id}[^]*group> [^]*${id}|group> [^]*${id}[^]*Đã duyệt ${id}`));
    assert.match(text, /Xe buýt đưa cán bộ/);
    await w.answer(w.group, new RegExp(`${id}[^]*Xe buýt`), { from });
    assert.match(await con.ask('>lan\n/t xe buyt can bo', /lan> /), new RegExp(id));
    assert.match(await w.ask(hoa, '/t bang dien tu', /SK\d+/), /Bảng điện tử/);
  });

  test('one person on both is one member: linked by a code, reached once, where he was last', async () => {
    const lan = w.bot.user(6200300402, 'Lan');
    const code = /\/lienket ([A-Z0-9]{8})/.exec(await con.ask('>lan\n/lienket', /lan> Mã liên kết[^]*quyền/))[1];
    assert.match(await w.ask(lan, `/lienket ${code}`, /trả lời KHÔNG/), /do lan \(UBND huyện Vụ Bản\) tạo/i);
    await w.ask(lan, 'đồng ý', /Đã liên kết/);
    await con.until(() => /lan> Tài khoản “Lan” ở nền tảng khác vừa được liên kết/.test(con.stdout), { what: 'the notice on the console' });
    // No registration there, and yet the console's item is his.
    const shared = await w.ask(lan, '/c Xếp hàng lấy số qua tin nhắn\nnd: nhắn tin trước khi đến', /SK\d+/);
    assert.match(shared, /UBND huyện Vụ Bản/);
    assert.deepEqual(sql(w.database, 'SELECT count(*) AS n, count(DISTINCT member_id) AS members FROM identity WHERE lower(name) = \'lan\''), [{ n: 2, members: 1 }]);
    const printed = con.stdout.length;
    await w.ask(w.admin, '/tb Mời dự họp CĐS\nđến: UBND huyện Vụ Bản', /ĐỒNG Ý/);
    const from = w.bot.sends.length;
    w.bot.say(w.admin, w.admin, 'ĐỒNG Ý');
    await w.answer(lan, /Mời dự họp CĐS/, { from });
    w.bot.say(lan, lan, 'đã nhận');
    await waitUntil(() => sql(w.database, 'SELECT count(*) AS n FROM receipt')[0].n === 1, { what: 'the receipt' });
    assert.doesNotMatch(con.stdout.slice(printed), /lan> [^]*Mời dự họp/);
    // The code is spent.
    assert.match(await w.ask(lan, `/lienket ${code}`), /Mã không đúng/);
  });

  test('text copied from a group where the bot is not: pasted first, saved with /luu', async () => {
    const tu = w.bot.user(6200300403, 'Tú');
    await w.register(tu, 'ubnd h truc ninh');
    const paste = '[10:15, 24/11/2026] Tú: Loa thông minh báo lịch cấp nước\nhẹn giờ phát theo từng xóm, đổi lịch bằng điện thoại';
    assert.match(await w.ask(tu, paste), /gõ \/luu trong 15 phút tới/);
    const saved = await w.ask(tu, '/luu', /SK\d+ đã lưu/);
    assert.match(await w.ask(tu, `/x ${/SK\d+/.exec(saved)[0]}`), /Loa thông minh báo lịch cấp nước[^]*hẹn giờ phát/);
    // It is taken: nothing is left to save.
    assert.match(await w.ask(tu, '/luu'), /Hãy dán tin cần lưu/);
  });

  test('a paste beside an open item is that item\'s no addition, and is saved once', async () => {
    const vinh = w.bot.user(6200300404, 'Vinh');
    await w.register(vinh, 'ubnd h truc ninh');
    const first = /SK\d+/.exec(await w.ask(vinh, '/c Bản đồ số các điểm sửa xe\nnd: ghim từng điểm lên bản đồ', /SK\d+ đã lưu/))[0];
    assert.match(await w.ask(vinh, 'Sổ khám thai điện tử\nND: trạm y tế nhập, mẹ xem trên điện thoại'), new RegExp(`nên chưa ghi vào ${first}[^]*gõ /luu`));
    const second = /SK\d+/.exec(await w.ask(vinh, '/luu', /SK\d+ đã lưu/))[0];
    assert.notEqual(second, first);
    assert.match(await w.ask(vinh, `/x ${first}`), /ghim từng điểm lên bản đồ/);
    assert.match(await w.ask(vinh, `/x ${second}`), /Sổ khám thai điện tử[^]*mẹ xem trên điện thoại/);
    // A text that answered a question has found its place.
    assert.match(await w.ask(vinh, '/c Tủ sách số ở nhà văn hóa', /nhắn thêm vài câu/), /Tủ sách số/);
    await w.ask(vinh, 'mỗi xóm một tủ sách\nquét mã mượn sách tại chỗ', /SK\d+ đã lưu/);
    assert.match(await w.ask(vinh, '/luu'), /Hãy dán tin cần lưu/);
  });
});
