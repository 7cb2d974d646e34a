// SPDX-License-Identifier: MIT
// The program on the scripted Zalo Bot Platform: the main job in a group by mention, through polling and through the webhook, and every way
// in which the platform is known to surprise a bot. Each test uses people of its own.

import { test, describe, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ZaloBotApi, IDLE_VARIANTS } from '../fakes/zalo-bot-api.mjs';
import { BIN, Daemon, assertNoCrash, freePort, run, sleep, sql, tempDir, waitUntil, writeConfig } from './harness.mjs';

const TOKEN = '12345689012345678:test-token_0123456789';
const SECRET = 'bi-mat_cua-webhook-1234';

function sqlRun(database, statement) {
  const r = spawnSync('sqlite3', [database, statement], { encoding: 'utf8' });
  assert.equal(r.status, 0, r.stderr);
}

/** The stand-in, one bot, a configuration and (after up()) the daemon on it. */
class ZaloWorld {
  static async create({ name = 'zalo-bot', webhook = false, api = {}, bot = {}, config = {} } = {}) {
    const w = new ZaloWorld();
    w.dir = tempDir(name);
    w.api = await new ZaloBotApi({ pollSeconds: 20, ...api }).start();
    w.bot = w.api.addBot(TOKEN, bot);
    w.database = path.join(w.dir, 'cdsbot.db');
    w.status = `127.0.0.1:${await freePort()}`;
    w.listen = `127.0.0.1:${await freePort()}`;
    w.sections = {
      bot: { quiet_hours: 'no', commands_per_minute: 1000, log_level: 'debug' },
      store: { path: w.database },
      http: { listen: webhook ? w.listen : undefined, status_listen: w.status },
      courier: { backoff_first: '200ms', backoff_max: '2s', confirmations_per_minute: 60 },
      'zalo-bot': {
        token: TOKEN,
        api_url: w.api.url,
        mode: webhook ? 'webhook' : 'poll',
        webhook_url: webhook ? `http://${w.listen}/zalo-bot` : undefined,
        webhook_secret: webhook ? SECRET : undefined,
        per_second: 0,
        ...config,
      },
    };
    w.configFile = writeConfig(path.join(w.dir, 'cdsbot.conf'), w.sections);
    return w;
  }

  async up() {
    this.daemon = await Daemon.start({ config: this.configFile, status: this.status, bin: BIN });
    // The first poll or the webhook: from here on the platform knows where to go.
    await this.bot.until(() => this.bot.poll || this.bot.webhook.url || this.bot.revoked, { timeout: 20000 });
    // Calls before it knows who it is are answered 503, and this platform is not known to repeat them.
    if (this.bot.webhook.url)
      await waitUntil(async () => (await this.bot.post({ event_name: 'ready', message: {} })).status === 200, { timeout: 10000 });
  }

  async down() {
    try {
      if (this.daemon && !this.daemon.ended) await this.daemon.stop();
      else if (this.daemon && this.daemon.signal !== 'SIGKILL') assertNoCrash(this.daemon.stderr, this.daemon.code, this.daemon.signal);
    } finally {
      await this.api.close();
    }
  }

  cli(args) {
    return run([...args.slice(0, 1), '--config', this.configFile, ...args.slice(1)], { bin: BIN });
  }

  sql(query) {
    return sql(this.database, query);
  }

  answer(chat, pattern, { from = 0, ...options } = {}) {
    return this.bot.waitForSend((s) => s.chatId === chat.id && pattern.test(s.text), {
      from, timeout: 20000,
      what: () => `${pattern} to ${chat.id}; sent were ${JSON.stringify(this.bot.sends.slice(from).slice(-5).map((s) => [s.chatId, s.text]))}` +
        `\n${this.daemon?.stderr.slice(-1500) ?? ''}`,
      ...options,
    });
  }

  async ask(user, text, pattern = /[^]/, options = {}) {
    const from = this.bot.sends.length;
    this.bot.say(user, user, text);
    return (await this.answer(user, pattern, { from, ...options })).text;
  }

  async member(name, unit = 'ubnd h vu ban') {
    const user = this.bot.user(name);
    await this.ask(user, `/dk ${unit}`, /ĐỒNG Ý/);
    await this.ask(user, 'ĐỒNG Ý');
    return user;
  }

  async withAdminAndGroup() {
    this.admin = await this.member('Quản trị', 'so tttt');
    const { code, stdout, stderr } = await this.cli(['admin', '--json', 'code']);
    assert.equal(code, 0, stderr);
    await this.ask(this.admin, `/nhanquyen ${JSON.parse(stdout).code}`);
    this.group = this.bot.group('Đội ngũ nòng cốt CĐS');
    const from = this.bot.sends.length;
    this.bot.say(this.group, this.admin, `@${this.bot.name} /nhom nongcot`);
    await this.bot.waitForSend((s) => s.chatId === this.group.id || s.chatId === this.admin.id, { from });
    return this;
  }

  items(like) {
    return this.sql(`SELECT count(*) AS n FROM item WHERE title LIKE '${like}%'`)[0].n;
  }

  /** Everything that came in is handled and answered. */
  settled() {
    return waitUntil(() => this.sql('SELECT (SELECT count(*) FROM inbox WHERE state = 0) + (SELECT count(*) FROM delivery WHERE state < 2) AS n')[0].n === 0,
      { timeout: 30000, every: 50 });
  }
}

for (const webhook of [false, true]) {
  describe(webhook ? 'zalo-bot by webhook' : 'zalo-bot by polling', () => {
    /** @type {ZaloWorld} */
    let w;
    let bot, api;

    before(async () => {
      w = await ZaloWorld.create({ webhook });
      ({ bot, api } = w);
      await w.up();
      await w.withAdminAndGroup();
    });
    after(() => w.down());

    test('register, share in the group by mention, approve, search', async () => {
      const hoa = await w.member('Hoa', 'ubnd h giao thuy');
      const lan = await w.member('Lan');
      let from = bot.sends.length;
      bot.say(w.group, hoa, `@${bot.name} /chiase Dán mã QR tra cứu thủ tục ở bộ phận một cửa\nND: in mã QR theo từng nhóm thủ tục`);
      const line = await w.answer(w.group, /SK\d+/, { from });
      assert.match(line.text, /Đã nhận SK\d+ của UBND huyện Giao Thủy/);
      const id = /SK\d+/.exec(line.text)[0];
      from = bot.sends.length;
      bot.say(w.admin, w.admin, `/ok ${id}`);
      await w.answer(w.group, new RegExp(`${id}[^]*Dán mã QR`), { from });
      from = bot.sends.length;
      bot.say(w.group, lan, `@${bot.name} /tim ma qr thu tuc`);
      await bot.waitForSend((s) => (s.chatId === w.group.id || s.chatId === lan.id) && s.text.includes(id), { from });
      assert.match(await w.ask(lan, `/x ${id.slice(2)}`), /in mã QR theo từng nhóm thủ tục/);
      assert.equal(w.sql(`SELECT title FROM item WHERE number = ${id.slice(2)} AND kind = 0`)[0].title, 'Dán mã QR tra cứu thủ tục ở bộ phận một cửa');
    });

    test('the mention in every spelling, in front or in the middle, never becomes part of what was said', async () => {
      const nam = await w.member('Nam');
      const spellings = [
        [`@${bot.name}, /chiase Loa một`, 'Loa một'],
        [`@${bot.name.normalize('NFD')} /chiase Loa hai`, 'Loa hai'],
        [`@${bot.name.replaceAll(' ', '\u00a0')} /chiase Loa ba`, 'Loa ba'],
        [`/chiase @${bot.name} Loa bốn`, 'Loa bốn'],
        [`/chiase Loa năm @${bot.name}`, 'Loa năm'],
      ];
      for (const [text, title] of spellings) {
        const from = bot.sends.length;
        bot.push(bot.event('text', w.group, nam, { text: `${text}\nnd: nội dung riêng của ${title}` }));
        await w.answer(w.group, /SK\d+/, { from });
        assert.equal(w.sql(`SELECT count(*) AS n FROM item WHERE title = '${title}'`)[0].n, 1, title);
      }
    });

    test('decomposed Vietnamese is understood and stored composed', async () => {
      const lan = await w.member('Lan NFD');
      await w.ask(lan, '/chiase Truyền thanh thông minh ở xã\nnd: phát tự động'.normalize('NFD'), /SK\d+/);
      assert.equal(w.items('Truyền thanh thông minh ở xã'.normalize('NFC')), 1);
    });

    test('a repeated event has one effect and one answer', async () => {
      const nam = await w.member('Nam Hai Lần');
      const from = bot.sends.length;
      const event = bot.say(nam, nam, '/c Họp thôn qua loa thông minh\nnd: phát lịch họp trước một ngày');
      await w.answer(nam, /đã lưu/, { from });
      bot.again(event);
      await w.ask(nam, '/h', /\/t/);
      assert.equal(bot.sends.slice(from).filter((s) => /đã lưu/.test(s.text)).length, 1);
      assert.equal(w.items('Họp thôn qua loa'), 1);
    });

    test('pictures by either field, seconds, missing event names, odd events', async () => {
      const u = await w.member('Ảnh');
      const from = bot.sends.length;
      bot.photo(u, u, { field: 'photo', caption: '/c Ảnh theo trường cũ\nnd: một' });
      bot.photo(u, u, { field: 'photo_url', caption: '/c Ảnh theo trường mới\nnd: hai' });
      bot.push(bot.event('text', u, u, { text: '/c Không tên sự kiện\nnd: ba' }, { drop: ['event_name'], message: { date: Math.floor(Date.now() / 1000) } }));
      bot.push(bot.event('reaction', u, u, { text: '/c Sự kiện lạ\nnd: bốn' }));
      bot.push({ event_name: 'message.text.received', message: null });
      bot.push({ event_name: 7 });
      bot.push(bot.event('text', u, { ...u, is_bot: true }, { text: '/c Bot khác viết\nnd: năm' }));
      for (let i = 0; i < 3; i++) await w.answer(u, /đã lưu/, { from });
      await waitUntil(() => w.items('Ảnh theo trường') === 2 && w.items('Không tên sự kiện') === 1);
      await w.ask(u, '/h', /\/t/);
      assert.equal(w.items('Sự kiện lạ') + w.items('Bot khác viết'), 0);
      const id = `SK${w.sql("SELECT number FROM item WHERE title = 'Ảnh theo trường mới'")[0].number}`;
      const asked = bot.sends.length;
      bot.say(u, u, `/x ${id}`);
      const picture = await bot.waitForSend((s) => s.method === 'sendPhoto' && s.chatId === u.id, { from: asked });
      assert.equal(picture.photo, 'https://photo.example.vn/a.jpg', 'a kept picture is sent on by its address');
    });

    test('what the platform cannot carry: a short answer in private, silence in a group', async () => {
      const u = bot.user('Gửi tệp');
      let from = bot.sends.length;
      bot.push(bot.event('unsupported', u, u, {}));
      await w.answer(u, /chỉ đọc được chữ/, { from });
      from = bot.sends.length;
      bot.push(bot.event('unsupported', w.group, u, {}));
      await w.ask(u, '/h', /\/t/);
      assert.equal(bot.sends.slice(from).filter((s) => s.chatId === w.group.id).length, 0);
    });

    test('an announcement longer than 2,000 units comes in parts that fit, in order, none missing', async () => {
      const lan = await w.member('Lan Dài');
      const words = Array.from({ length: 500 }, (_, i) => `đoạn${i}😀`);
      const from = bot.sends.length;
      await w.ask(w.admin, `/tb ${words.join(' ')}\nden: tat ca`, /ĐỒNG Ý/);
      bot.say(w.admin, w.admin, 'ĐỒNG Ý');
      await w.answer(lan, /đoạn499😀/, { from });
      const parts = bot.sends.slice(from).filter((s) => s.chatId === lan.id).map((s) => s.text);
      assert.ok(parts.length >= 3, `${parts.length} parts`);
      assert.ok(parts.every((t) => t.length <= 2000 && !/[\uD800-\uDBFF]$|^[\uDC00-\uDFFF]/.test(t)));
      assert.deepEqual(parts.join(' ').match(/đoạn\d+😀/g), words);
      await w.settled();
    });

    test('found words are bold in styles; filters and pages in a private chat', async () => {
      const file = path.join(w.dir, 'pages.jsonl');
      fs.writeFileSync(file, Array.from({ length: 6 }, (_, i) => `${JSON.stringify({ ref: `page-${i}`, title: `Cảm biến độ mặn số ${i + 1} 😀`, body: 'Đặt ở cống', kind: 'mô hình' })}\n`).join(''));
      assert.equal((await w.cli(['import', file])).code, 0);
      const lan = bot.user('Lan tìm');
      const from = bot.sends.length;
      bot.say(lan, lan, '/tim cam bien do man loai: mo hinh');
      const send = await w.answer(lan, /^6 kết quả cho “cảm biến độ mặn” theo loại mô hình:/, { from });
      assert.deepEqual(send.styles.map((s) => send.text.slice(s.start, s.start + s.len)), Array(5).fill('Cảm biến độ mặn'));
      assert.match(await w.ask(lan, '/tiep'), /^Kết quả 6–6 trong 6 cho “cảm biến độ mặn” theo loại mô hình:\n6\. SK\d+ /);
      assert.match(await w.ask(lan, '/t cam bien loai: cau chuyen'), /Không kể bộ lọc thì có kết quả: \/t cam bien/);
    });

    test('bold text travels as styles, not as markup', () => {
      const styled = bot.sends.filter((s) => s.styles?.length > 0);
      assert.ok(styled.length > 0);
      assert.ok(bot.sends.every((s) => s.params.parse_mode === undefined));
    });

    test('a connection dropped after the send was accepted is uncertain, and sent again by default', async () => {
      const u = bot.user('Đứt mạng');
      const from = bot.sends.length;
      const rule = api.failNext('sendMessage', { kind: 'drop' });
      bot.say(u, u, '/h');
      await waitUntil(() => bot.sends.slice(from).filter((s) => s.chatId === u.id).length === 2, { timeout: 15000 });
      assert.equal(rule.hits, 1);
      await w.settled();
      assert.equal(bot.sends.slice(from).filter((s) => s.chatId === u.id).length, 2);
    });

    test('ok without a message id is a success', async () => {
      const u = bot.user('Không số');
      const from = bot.sends.length;
      api.failNext('sendMessage', { kind: 'bare' });
      bot.say(u, u, '/h');
      await w.settled();
      await waitUntil(() => bot.sends.slice(from).length === 1);
      await sleep(500);
      assert.equal(bot.sends.slice(from).filter((s) => s.chatId === u.id).length, 1);
    });

    test('403 is passing trouble: the answer still comes, once', async () => {
      const u = bot.user('Ba không ba');
      const from = bot.sends.length;
      api.failNext('sendMessage', { code: 403, description: 'Internal server error', times: 2 });
      bot.say(u, u, '/h');
      await w.answer(u, /\/t/, { from });
      await w.settled();
      assert.equal(bot.sends.slice(from).filter((s) => s.chatId === u.id).length, 1);
    });

    test('429 holds the whole bot for a while, loses nothing', async () => {
      const [a, b] = [bot.user('Một'), bot.user('Hai')];
      const from = bot.sends.length;
      const began = performance.now();
      api.failNext('sendMessage', { code: 429, description: 'Quota exceeded' });
      bot.say(a, a, '/h');
      await bot.until(() => bot.calls.some((c) => c.at > began && c.code === 429));
      const refusedAt = bot.calls.find((c) => c.at > began && c.code === 429).at;
      bot.say(b, b, '/h');
      const first = await bot.waitForSend(() => true, { from });
      await w.answer(a, /\/t/, { from });
      await w.answer(b, /\/t/, { from });
      assert.ok(first.at - refusedAt >= 1900, `${Math.round(first.at - refusedAt)} ms after the refusal`);
    });

    if (!webhook) {
      for (const [name, variant] of Object.entries(IDLE_VARIANTS)) {
        test(`idle poll (${name}) is silence: no back-off, no line above debug`, async () => {
          const logged = w.daemon.stderr.length;
          bot.idle = variant;
          api.options.pollSeconds = 0.3;
          bot.poll?.end();
          const polls = bot.polls;
          await bot.until(() => bot.polls >= polls + 4, { timeout: 10000, what: 'four more polls' });
          const times = bot.pollTimes.slice(-3);
          assert.ok(times[2] - times[0] < 2500, `two idle rounds took ${Math.round(times[2] - times[0])} ms`);
          assert.ok(times[2] - times[0] > 500, 'and are no hot loop');
          api.options.pollSeconds = 20;
          const u = bot.user(`Sau ${name}`);
          await w.ask(u, '/h', /\/t/);
          const lines = w.daemon.stderr.slice(logged).split('\n').filter((l) => /^(error|warn|info) .*poll/.test(l));
          assert.deepEqual(lines, []);
          assert.equal((await w.daemon.metrics())['cdsbot_adapter_alarm{adapter="zalo-bot"}'], 0);
        });
      }

      test('an array of three is three events', async () => {
        const u = await w.member('Mảng');
        const from = bot.sends.length;
        bot.idle = IDLE_VARIANTS['status 200, code 408'];
        for (const n of ['một', 'hai', 'ba']) bot.queue.push(bot.event('text', u, u, { text: `/c Trong mảng ${n} riêng\nnd: nội dung ${n} ${n}` }));
        bot.asArray = 3;
        bot.poll.wake();
        await waitUntil(() => bot.sends.slice(from).filter((s) => /đã lưu/.test(s.text)).length === 3, { timeout: 15000 });
        assert.equal(w.items('Trong mảng'), 3);
      });

      test('a webhook set elsewhere is removed, and polling goes on', async () => {
        bot.forceWebhook('http://127.0.0.1:9/nobody', 'xxxxxxxx');
        await bot.until(() => bot.webhook.url === '' && bot.poll, { timeout: 20000 });
        await w.ask(bot.user('Sau webhook lạ'), '/h', /\/t/);
      });

      test('killed right after the poll was answered and stored: handled once after the restart', async () => {
        const u = await w.member('Bị giết');
        const from = bot.sends.length;
        // No send gets through, so the death falls between the stored update and its answer.
        const rule = api.failNext('sendMessage', { kind: 'delay', ms: 60000, times: 1000 });
        bot.say(u, u, '/c Sống qua cái chết\nnd: chỉ một lần');
        // Stored; or handled already, which empties the row: then its answer still waits in the outbox.
        await waitUntil(() => w.items('Sống qua cái chết') === 1 ||
          w.sql("SELECT count(*) AS n FROM inbox WHERE payload LIKE '%Sống qua cái chết%'")[0].n === 1, { every: 2 });
        await w.daemon.kill9();
        rule.left = 0;
        await w.up();
        await w.answer(u, /SK\d+ đã lưu/, { from, timeout: 30000 });
        await w.settled();
        assert.equal(w.items('Sống qua cái chết'), 1);
      });
    } else {
      test('flat and wrapped bodies, and 200 for each', async () => {
        const u = bot.user('Bọc');
        bot.shape = 'wrapped';
        await w.ask(u, '/h', /\/t/);
        bot.shape = 'flat';
        await w.ask(u, '/h', /\/t/);
        assert.ok(bot.webhookAnswers.every((a) => a.status === 200), JSON.stringify(bot.webhookAnswers.find((a) => a.status !== 200)));
      });

      test('the empty probe is 200 without effect, with or without the secret; a wrong secret is 401', async () => {
        const rows = w.sql('SELECT count(*) AS n FROM inbox')[0].n;
        assert.equal((await bot.post('', { secret: '' })).status, 200);
        assert.equal((await bot.post('')).status, 200);
        const body = bot.event('text', bot.user('Giả'), bot.user('Giả'), { text: '/h' });
        for (const secret of ['', 'sai', `${SECRET}x`, SECRET.slice(0, -1)]) assert.equal((await bot.post(body, { secret })).status, 401, secret);
        assert.equal(w.sql('SELECT count(*) AS n FROM inbox')[0].n, rows);
      });

      test('the same event in eight calls at once has one effect', async () => {
        const u = await w.member('Tám cuộc');
        const event = bot.event('text', u, u, { text: '/c Tám cuộc gọi cùng lúc\nnd: chỉ một' });
        const answers = await Promise.all(Array.from({ length: 8 }, () => bot.post(event)));
        assert.ok(answers.every((a) => a.status === 200));
        await w.settled();
        await waitUntil(() => w.items('Tám cuộc gọi') === 1);
        await w.ask(u, '/h', /\/t/);
        assert.equal(w.items('Tám cuộc gọi'), 1);
      });

      test('the webhook is set once; a restart does not set it again', async () => {
        const calls = () => bot.calls.filter((c) => c.method === 'setWebhook').length;
        assert.equal(calls(), 1);
        await w.daemon.stop();
        await w.up();
        await w.ask(bot.user('Sau khi khởi động lại'), '/h', /\/t/);
        assert.equal(calls(), 1);
      });

      test('check tells why the platform cannot reach the webhook', async () => {
        bot.verification = { ok: false, outcome: 'webhook.http.403', status_code: 403, hint: '' };
        const { code, stdout } = await w.cli(['check']);
        assert.equal(code, 1, stdout);
        assert.match(stdout, /webhook\.http\.403/);
        assert.match(stdout, /CDN/);
      });
    }

    test('no token and no secret in the log', () => {
      assert.ok(!w.daemon.stderr.includes(TOKEN) && !w.daemon.stderr.includes(TOKEN.split(':')[1]));
      assert.ok(!w.daemon.stderr.includes(SECRET));
    });
  });
}

describe('zalo-bot as a whole', () => {
  test('a reset token: the program stays up, says so, does not hammer, and check names the console', async () => {
    const w = await ZaloWorld.create({ name: 'zalo-revoked' });
    w.bot.revoked = true;
    try {
      await w.up();
      await waitUntil(() => /Zalo không nhận token/.test(w.daemon.stderr), { timeout: 10000, what: () => w.daemon.stderr });
      await sleep(1500);
      assert.equal(w.daemon.ended, false);
      assert.equal((await w.daemon.metrics())['cdsbot_adapter_alarm{adapter="zalo-bot"}'], 1);
      const { code, stdout } = await w.cli(['check']);
      assert.equal(code, 1);
      assert.match(stdout, /Zalo Bot Creator/);
    } finally {
      await w.down();
    }
  });

  test('a token reset while running stops both directions with an alarm', async () => {
    const w = await ZaloWorld.create({ name: 'zalo-reset' });
    try {
      await w.up();
      await w.ask(w.bot.user('Trước'), '/h', /\/t/);
      w.bot.revoked = true;
      w.bot.poll?.end();
      await waitUntil(() => /Zalo không nhận token/.test(w.daemon.stderr), { timeout: 10000 });
      assert.equal((await w.daemon.metrics())['cdsbot_adapter_alarm{adapter="zalo-bot"}'], 1);
      const polls = w.bot.polls;
      await sleep(2000);
      assert.ok(w.bot.polls - polls <= 1, `${w.bot.polls - polls} polls after the reset`);
    } finally {
      await w.down();
    }
  });

  test('three refusals within five minutes: nothing is sent during the long pause, then everything', async () => {
    const w = await ZaloWorld.create({ name: 'zalo-flood', config: { flood_pause: '9s' } });
    try {
      await w.up();
      const u = w.bot.user('Dồn');
      w.api.failNext('sendMessage', { code: 429, times: 3 });
      w.bot.say(u, u, '/h');
      await waitUntil(() => w.bot.calls.filter((c) => c.code === 429).length === 3, { timeout: 15000 });
      const third = w.bot.calls.filter((c) => c.code === 429)[2].at;
      w.bot.say(w.bot.user('Khác'), w.bot.user('Khác'), '/h');
      const sent = await w.bot.waitForSend((s) => s.chatId === u.id, { timeout: 30000 });
      assert.ok(sent.at - third >= 8900, `${Math.round(sent.at - third)} ms`);
      assert.equal(w.bot.calls.filter((c) => c.method === 'sendMessage' && c.at > third && c.at < sent.at - 1000).length, 0);
    } finally {
      await w.down();
    }
  });

  test('sends keep the distance of the configuration, one at a time', async () => {
    const w = await ZaloWorld.create({ name: 'zalo-pace', config: { per_second: 2 } });
    try {
      await w.up();
      for (let i = 0; i < 6; i++) {
        const u = w.bot.user(`Người ${i}`);
        w.bot.say(u, u, '/h');
      }
      await w.bot.until(() => w.bot.sends.length >= 6, { timeout: 20000 });
      const gaps = w.bot.sends.slice(1).map((s, i) => s.at - w.bot.sends[i].at);
      assert.ok(Math.min(...gaps) >= 400, `gaps ${gaps.map(Math.round)}`);
    } finally {
      await w.down();
    }
  });

  // 40 messages a day: the admins hear at 32, notices stop at 36, answers at 40 (digests at 28: tests/unit/bot/courier-budget.c).
  test('the message budget: forecast, warning, who stops first, over a restart, and nothing is dropped', { timeout: 180000 }, async () => {
    const w = await ZaloWorld.create({ name: 'zalo-budget', config: { day_budget: 40, month_budget: 400 } });
    // Both are rows of what is counted today and this month, in the province's calendar.
    const periods = () => { const day = new Date(Date.now() + 7 * 3600e3).toISOString().slice(0, 10); return [day, day.slice(0, 7)]; };
    const used = () => periods().map((p) => w.sql(`SELECT coalesce(sum(used), 0) AS n FROM budget WHERE adapter = 'zalo-bot' AND period = '${p}'`)[0].n);
    const waiting = (like) => w.sql(`SELECT count(*) AS n FROM delivery d JOIN post p ON p.id = d.post_id WHERE d.state = 0 AND p.text LIKE '%${like}%'`)[0].n;
    const sentTo = (pattern, from = 0) => w.bot.sends.slice(from).filter((s) => pattern.test(s.text)).length;
    const announce = async (text, forecast) => {
      assert.match(await w.ask(w.admin, `/tb ${text}\nden: tat ca`, /ĐỒNG Ý/), forecast);
      w.bot.say(w.admin, w.admin, 'ĐỒNG Ý');
    };
    try {
      await w.up();
      await w.withAdminAndGroup();
      const people = [];
      for (let i = 0; i < 5; i++) people.push(await w.member(`Người ${i}`));
      await w.settled();
      const spent = used()[0];
      assert.equal(spent, w.bot.sends.length, 'every message counts, groups too, and no other');
      assert.deepEqual(used(), [spent, spent]);

      // Those who are reached privately, and the group; what is said is what the platform still allows before this very answer.
      const reached = (await w.sql("SELECT count(*) AS n FROM chat WHERE adapter = 'zalo-bot' AND is_parked = 0"))[0].n;
      await announce('Gửi số liệu tuần này', new RegExp(`Hạn mức zalo-bot: cần ${reached} tin, còn ${40 - spent}\\.`));
      await waitUntil(() => sentTo(/Gửi số liệu tuần này/) >= reached, { what: () => `${sentTo(/Gửi số liệu tuần này/)} of ${reached}` });
      await w.settled();
      assert.equal(used()[0], w.bot.sends.length);

      // Talk until the warning at 80 %, said once.
      for (let i = 0; used()[0] < 32; i++) await w.ask(people[i % 5], '/donvi vu ban');
      await w.answer(w.admin, /đã dùng 3\d\/40 tin được phép gửi hôm nay/, { timeout: 30000 });
      await waitUntil(() => used()[0] === w.bot.sends.length);
      assert.ok(used()[0] < 36, `${used()[0]} used`);

      // A second announcement does not fit any more: the forecast says how much goes now, the rest waits, answers go on.
      const left = 40 - used()[0];
      await announce('Họp giao ban sáng mai', new RegExp(`cần ${reached} tin, còn ${left}, phải giữ 4 tin cho trả lời riêng: ${Math.max(left - 4, 0)} tin gửi ngay, ` +
        `${reached - Math.max(left - 4, 0)} tin chờ, gửi tiếp từ 0 giờ ngày mai\\. Không tin nào bị bỏ`));
      await w.bot.until(() => used()[0] >= 36, { timeout: 30000 });
      const held = waiting('Họp giao ban sáng mai');
      assert.ok(held > 0, 'notices wait');
      await w.ask(people[0], '/donvi truc ninh');
      assert.ok(waiting('Họp giao ban sáng mai') >= held, 'and wait on while an answer goes');

      // Counted in rows: killed and started again, it still knows; and then even answers stop, at the limit and not beyond.
      await w.daemon.kill9();
      await w.up();
      for (const u of people) w.bot.say(u, u, '/donvi nghia hung');
      await waitUntil(() => used()[0] >= 40 && w.sql('SELECT count(*) AS n FROM inbox WHERE state = 0')[0].n === 0, { timeout: 30000, what: () => `40 used, there are ${used()}` });
      await sleep(1500);
      assert.equal(w.bot.sends.length, 40, 'not one more than the limit');
      assert.ok(w.sql('SELECT count(*) AS n FROM delivery WHERE state = 0')[0].n > 0, 'the rest waits');
      assert.equal(w.sql('SELECT count(*) AS n FROM delivery WHERE state IN (3, 5)')[0].n, 0, 'and is not dropped');
      assert.equal(sentTo(/đã dùng 3\d\/40 tin/), 1, 'the warning came once, over the restart too');

      // The next day: what waited goes. The rows of today become yesterday's.
      const [day] = periods();
      await w.daemon.stop();
      sqlRun(w.database, `UPDATE budget SET period = '2020-01-01' WHERE period = '${day}'`);
      await w.up();
      const arrived = () => w.sql("SELECT count(DISTINCT chat_id) AS n FROM delivery d JOIN post p ON p.id = d.post_id WHERE d.class = 1 AND d.state = 2 AND p.text LIKE '%Họp giao ban sáng mai%'")[0].n;
      await waitUntil(() => arrived() === reached, { timeout: 30000, what: () => `${arrived()} of ${reached} reached` });
      await w.settled();
      assert.equal(used()[1], w.bot.sends.length, 'the month has counted all of it');
    } finally {
      await w.down();
    }
  });

  test('a bot whose name the platform does not tell is still understood', async () => {
    const w = await ZaloWorld.create({ name: 'zalo-nameless', bot: { name: 'Bot Tên Riêng', tellsName: false } });
    try {
      await w.up();
      const group = w.bot.group('Tổ');
      const u = w.bot.user('An');
      const from = w.bot.sends.length;
      w.bot.say(group, u, '@Bot Tên Riêng /trogiup');
      await w.bot.waitForSend((s) => s.chatId === group.id || s.chatId === u.id, { from });
    } finally {
      await w.down();
    }
  });
});
