// SPDX-License-Identifier: MIT
// The command line: exit statuses, JSON for programs, sentences for people; import and export beside a running daemon;
// configuration mistakes; one daemon a database; a newer database; a full disk; reload.

import { test, describe, before, after } from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { BIN, LONG, Process, RELEASE_BIN, ROOT, World, assertSoundDatabase, freePort, get, run, sql, tempDir, waitUntil, writeConfig } from './harness.mjs';

const DB = 'cdsbot.db';
const jsonl = (rows) => `${rows.map((r) => (typeof r === 'string' ? r : JSON.stringify(r))).join('\n')}\n`;
const importInto = async (dir, rows, options) => {
  const file = path.join(tempDir('import'), 'items.jsonl');
  fs.writeFileSync(file, jsonl(rows));
  return run(['import', '--data', dir, file], options);
};
const search = async (dir, query, ...more) => {
  const r = await run(['search', '--data', dir, '--json', ...more, query]);
  assert.equal(r.code, 0, r.stderr);
  return JSON.parse(r.stdout);
};
const write = (dir, statement) => {
  const r = spawnSync('sqlite3', ['-cmd', '.timeout 5000', path.join(dir, DB), statement], { encoding: 'utf8' });
  assert.equal(r.status, 0, r.stderr);
};
/** Another program gets the write lock. */
const assertFree = (dir) => write(dir, 'BEGIN IMMEDIATE; ROLLBACK;');
const lines = (text) => text.split('\n').filter((l) => l !== '');

describe('use', () => {
  test('wrong use is status 2 with a hint on stderr and nothing on stdout', async () => {
    for (const args of [[], ['nothing'], ['--no-such-option'], ['run', '--no-such-option'], ['search'], ['import', '--data', tempDir()],
      ['search', '--data', tempDir(), '--limit', 'x', 'a'], ['search', '--data', tempDir(), '--limit', '-1', 'a'], ['admin'], ['admin', 'nothing'],
      ['deliveries', '--retry'], ['chat', 'extra', 'words'], ['run', '--config']]) {
      const { code, stdout, stderr } = await run(args);
      assert.equal(code, 2, `cdsbot ${args.join(' ')} -> ${code} ${stderr}`);
      assert.equal(stdout, '', args.join(' '));
      assert.notEqual(stderr, '', args.join(' '));
    }
  });

  test('help and version are status 0 on stdout', async () => {
    const help = await run(['--help']);
    assert.equal(help.code, 0);
    for (const word of ['run', 'chat', 'check', 'search', 'import', 'export', 'index', 'deliveries', 'admin']) assert.match(help.stdout, new RegExp(`\\b${word}\\b`));
    const version = await run(['--version']);
    assert.equal(version.code, 0);
    assert.match(version.stdout, /\d+\.\d+\.\d+/);
    assert.equal((await run(['search', '--help'])).code, 0);
  });

  test('what cannot be opened is named', async () => {
    for (const args of [['run', '--config', '/nonexistent/cdsbot.conf'], ['search', '--data', '/nonexistent/dir', 'x'], ['import', '--data', tempDir(), '/nonexistent/file.jsonl']]) {
      const { code, stderr } = await run(args);
      assert.ok(code === 1 || code === 2, `${args.join(' ')} -> ${code}`);
      assert.match(stderr, /nonexistent/);
    }
  });
});

describe('configuration', () => {
  const check = async (text) => {
    const file = path.join(tempDir('conf'), 'cdsbot.conf');
    fs.writeFileSync(file, text);
    const r = await run(['check', '--config', file]);
    return { ...r, all: r.stdout + r.stderr };
  };

  for (const [name, text, ...expected] of [
    ['an unknown section', '[bot]\n[telegramm]\ntoken = x\n', /telegramm/, /:2|dòng 2|line 2/],
    ['an unknown key', '[bot]\ntimezon = x\n', /timezon/, /:2|dòng 2|line 2/],
    ['a number out of range', '[store]\n\nreaders = 99\n', /readers/, /8/, /:3|dòng 3|line 3/],
    ['a word where a number belongs', '[store]\nreaders = many\n', /readers/],
    ['a repeated key', '[bot]\nlog_level = info\nlog_level = warn\n', /log_level/, /:3|dòng 3|line 3/],
    ['a repeated section', '[bot]\nlog_level = info\n[store]\n[bot]\npending = 1h\n', /bot/, /:4|dòng 4|line 4/],
    ['a duration without a unit', '[bot]\npending = 5\n', /pending/],
    ['a bad choice', '[bot]\nuncertain = perhaps\n', /uncertain/, /resend/],
    ['a missing token', '[telegram]\nmode = poll\n', /telegram/, /token/],
    ['plain http to another host', '[telegram]\ntoken = 1:aaaaaaaaaa\napi_url = http://example.org\n', /api_url/, /https/],
    ['a webhook without an address', '[telegram]\ntoken = 1:aaaaaaaaaa\nmode = webhook\nwebhook_secret = abcdefgh\n', /webhook_url|listen/],
    ['no section at all before a key', 'x = 1\n', /:1|dòng 1|line 1/],
    ['a line that is nothing', '[bot]\nlog_level\n', /:2|dòng 2|line 2/],
    ['a zone that does not exist', '[bot]\ntimezone = Mars/Olympus\n', /timezone/],
  ]) {
    test(`${name} is found, with its place`, async () => {
      const { code, all } = await check(text);
      assert.ok(code === 1 || code === 2, all);
      for (const pattern of expected) assert.match(all, pattern);
    });
  }

  test('all problems are listed at once', async () => {
    const { all } = await check('[bot]\ntimezon = x\nuncertain = perhaps\n[store]\nreaders = 99\n[what]\n');
    for (const word of ['timezon', 'uncertain', 'readers', 'what']) assert.match(all, new RegExp(word));
  });

  test('a daemon with a bad configuration does not start and says the same', async () => {
    const file = path.join(tempDir('conf'), 'cdsbot.conf');
    fs.writeFileSync(file, '[bot]\ntimezon = x\n');
    const { code, stderr } = await run(['run', '--config', file]);
    assert.ok(code === 1 || code === 2, `${code}`);
    assert.match(stderr, /timezon/);
  });

  test('a secret from a file and from the environment; never printed', async () => {
    const dir = tempDir('conf');
    const secret = '700100200:AAAAsecret_from_a_file_0123456789';
    fs.writeFileSync(path.join(dir, 'token'), `${secret}\n`);
    const api = `http://127.0.0.1:${await freePort()}`;
    const file = writeConfig(path.join(dir, 'cdsbot.conf'), { telegram: { token_file: 'token', api_url: api } });
    const a = await run(['check', '--config', file]);
    assert.ok(!(a.stdout + a.stderr).includes(secret));
    assert.doesNotMatch(a.stdout + a.stderr, /token.*(thiếu|chưa có)/);
    const other = writeConfig(path.join(dir, 'other.conf'), { telegram: { api_url: api } });
    const b = await run(['check', '--config', other], { env: { CDSBOT_TELEGRAM_TOKEN: secret } });
    assert.ok(!(b.stdout + b.stderr).includes(secret));
    assert.doesNotMatch(b.stdout + b.stderr, /token.*(thiếu|chưa có)/);
  });

  test('the example file holds every option and is valid but for what only the operator knows', async () => {
    const text = fs.readFileSync(path.join(ROOT, 'config/cdsbot.conf.example'), 'utf8');
    for (const word of ['[bot]', '[store]', '[http]', '[courier]', '[telegram]', 'quiet_from', 'token', 'per_second', 'webhook_secret']) assert.ok(text.includes(word), word);
  });
});

describe('import of copied talk', () => {
  const talk = [
    'Nhóm Đội ngũ nòng cốt CĐS',
    '[10:15, 24/11/2026] Nguyễn Văn A: Mô hình: Chợ 4.0 ở UBND huyện Vụ Bản',
    'tiểu thương dán mã, khách quét trả tiền',
    '[10:16, 24/11/2026] Trần B: hay quá ạ',
    '[10:17, 24/11/2026] Trần B: Thẻ từ',
    'nd: số căn cước 036099001234',
    'Lê C, 10:20',
    'Dán mã QR tra cứu thủ tục',
    'ND: in mã theo nhóm thủ tục',
    'ĐV: UBND huyện Giao Thủy',
  ].join('\n');
  const dir = tempDir('talk');
  const file = path.join(dir, 'nhom.txt');
  const database = path.join(dir, 'cdsbot.db');
  before(() => fs.writeFileSync(file, talk));

  test('shows what it would keep, names what it did not understand, and stores nothing', async () => {
    const { code, stdout, stderr } = await run(['import', '--data', dir, '--text', file]);
    assert.equal(code, 1);
    assert.match(stdout, /dòng 2: Chợ 4\.0[^]*Nguyễn Văn A, 2026-11-24 · UBND huyện Vụ Bản[^]*dòng 7: Dán mã QR[^]*4 tin: thấy 2 sáng kiến, 2 lỗi\. Chưa lưu gì/);
    assert.match(stderr, /nhom\.txt:1: before the first line[^]*nhom\.txt:5: secrecy stamp or ID number/);
    assert.deepEqual(sql(database, 'SELECT count(*) AS n FROM item'), [{ n: 0 }]);
  });

  test('with --yes they wait for approval, once', async () => {
    for (const expected of [{ new: 2, same: 0 }, { new: 0, same: 2 }]) {
      const { code, stdout } = await run(['import', '--data', dir, '--json', '--text', '--yes', file]);
      const r = JSON.parse(stdout);
      assert.equal(code, 1);
      assert.deepEqual({ new: r.new, same: r.same }, expected);
      assert.equal(r.items.length, expected.new);
    }
    assert.deepEqual(sql(database, 'SELECT number, status, unit, source FROM item ORDER BY number'), [
      { number: 1, status: 1, unit: 'VUBAN', source: 'chép từ nhóm khác' },
      { number: 2, status: 1, unit: 'GIAOTHUY', source: 'chép từ nhóm khác' },
    ]);
  });

  test('wrong use and files that are not there', async () => {
    assert.equal((await run(['import', '--data', dir, '--yes', file])).code, 2);
    assert.equal((await run(['import', '--data', dir, '--text', '/nonexistent/x.txt'])).code, 1);
    const clean = path.join(dir, 'sach.txt');
    fs.writeFileSync(clean, talk.split('\n').slice(1, 4).join('\n'));
    assert.equal((await run(['import', '--data', dir, '--text', clean])).code, 0);
  });
});

describe('import of copied talk into a pager', () => {
  test('that nobody reads on in holds nobody up, and shows only what is stored', { timeout: 120000 }, async () => {
    const dir = tempDir('pager');
    const file = path.join(dir, 'nhom.txt');
    const pipe = path.join(dir, 'pipe');
    const title = 'Mô hình điểm thực hiện chuyển đổi số ở thôn xóm, tổ dân phố của đơn vị';
    const count = () => sql(path.join(dir, DB), 'SELECT count(*) AS n FROM item')[0].n;
    fs.writeFileSync(file, Array.from({ length: 1200 }, (_, i) => `[10:15, 24/11/2026] Nguyễn Văn A: Sáng kiến: ${i} ${title}\nND: cách làm thứ ${i}`).join('\n'));
    assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
    // Opened both ways it neither waits for the other end nor ends with it.
    const fd = fs.openSync(pipe, 'r+');
    const child = spawn(BIN, ['import', '--data', dir, '--text', '--yes', file], { stdio: ['ignore', fd, 'inherit'] });
    const exited = new Promise((resolve) => { child.on('close', resolve); });
    try {
      // The first batch is more than a pipe holds.
      await waitUntil(() => fs.existsSync(path.join(dir, DB)) && /item/.test(spawnSync('sqlite3', ['-readonly', path.join(dir, DB), '.tables'], { encoding: 'utf8' }).stdout) && count() > 0,
        { timeout: 60000, every: 100, what: 'the first batch' });
      assertFree(dir);
      assert.equal(count(), 500);
    } finally {
      const reader = spawn('cat', [pipe], { stdio: ['ignore', 'pipe', 'inherit'] });
      let shown = '';
      reader.stdout.setEncoding('utf8');
      reader.stdout.on('data', (part) => { shown += part; });
      const read = new Promise((resolve) => { reader.on('close', resolve); });
      assert.equal(await exited, 0);
      fs.closeSync(fd);
      await read;
      assert.match(shown, /1200 tin: 1200 sáng kiến mới chờ duyệt/);
    }
    assert.equal(count(), 1200);
  });
});

describe('import and search', () => {
  let dir;
  const rows = [
    { ref: 'a-1', title: 'Đài truyền thanh thông minh ở xã Hải Hậu', body: 'Lắp loa không dây, phát theo lịch.', unit: 'HAIHAU', field: 'truyen-thanh', date: '2023-05-02', source: 'Báo' },
    { id: 'a-2', title: 'Một cửa điện tử', body: 'Quét mã QR để tra cứu thủ tục hành chính.', extra: { ignored: [1, 2] } },
    { seq: 3, title: 'Chợ 4.0 ở thị trấn', body: 'Tiểu thương nhận tiền bằng mã QR.' },
  ];
  before(async () => {
    dir = tempDir('data');
    const { code, stderr } = await importInto(dir, rows);
    assert.equal(code, 0, stderr);
  });

  test('imported items are approved and found, folded, as JSON objects with the promised keys', async () => {
    const found = await search(dir, 'dai truyen thanh thong minh');
    assert.ok(found.length >= 1);
    for (const key of ['id', 'ref', 'title', 'kind', 'unit', 'field', 'score', 'snippet']) assert.ok(key in found[0], key);
    assert.match(found[0].id, /^SK\d+$/);
    assert.equal(found[0].ref, 'a-1');
    assert.equal((await search(dir, 'một cửa'))[0].ref, 'a-2');
    assert.equal((await search(dir, 'cho 4.0'))[0].ref, '3');
  });

  test('the same again changes nothing; other content under the same ref is an update and is reported', async () => {
    const count = () => sql(path.join(dir, DB), 'SELECT count(*) AS n FROM item')[0].n;
    const n = count();
    await importInto(dir, rows);
    assert.equal(count(), n);
    const r = await importInto(dir, [{ ...rows[0], title: 'Đài truyền thanh đổi tên' }]);
    assert.equal(r.code, 0);
    assert.match(r.stdout + r.stderr, /1/);
    assert.equal(count(), n);
    assert.equal((await search(dir, 'dai truyen thanh doi ten'))[0].ref, 'a-1');
    await importInto(dir, rows);
  });

  test('bad lines are named by number and the rest goes in', async () => {
    const { code, stdout, stderr } = await importInto(dir, [
      { ref: 'b-1', title: 'Dòng tốt thứ nhất', body: 'x' }, '{ not json', { ref: 'b-3', body: 'không có tên' }, '', { ref: 'b-5', title: 'Dòng tốt thứ hai', body: 'y' }, '[1]',
      { ref: 'b-7', title: 5, body: 'z' }, '\u0000\u0001']);
    const all = stdout + stderr;
    assert.equal(code, 1, 'some lines failed');
    for (const n of [2, 3, 6, 7, 8]) assert.match(all, new RegExp(`(dòng |line |:)${n}\\b`), all);
    assert.equal((await search(dir, 'dong tot thu nhat'))[0].ref, 'b-1');
    assert.equal((await search(dir, 'dong tot thu hai'))[0].ref, 'b-5');
  });

  test('limit, and one query a line with --stdin', async () => {
    assert.equal((await search(dir, 'ma qr', '--limit', '1')).length, 1);
    const { code, stdout } = await run(['search', '--data', dir, '--json', '--stdin', '--limit', '3'], { input: 'một cửa\n\nkhongcogi\ncho\n' });
    assert.equal(code, 0);
    const answers = stdout.trimEnd().split('\n').map((l) => JSON.parse(l));
    assert.equal(answers.length, 4);
    assert.ok(answers.every(Array.isArray));
    assert.equal(answers[0][0].ref, 'a-2');
    assert.deepEqual([answers[1], answers[2]], [[], []]);
  });

  test('no query can be more than words', async () => {
    for (const q of ['"', '""', "'", '*', 'a*', 'NEAR(a b)', 'title:chợ', 'chợ OR cửa', '(', ')', '-chợ', '^chợ', 'chợ AND', '{a b}: c', "'; DROP TABLE item; --", '\\', '%', '_',
      'a'.repeat(5000), '😀', '\u0301', '​', 'ＡＢＣ', '1'.repeat(300), '+ + +']) {
      const r = await run(['search', '--data', dir, '--json', '--', q]);
      assert.equal(r.code, 0, `${q.slice(0, 40)}: ${r.stderr}`);
      assert.ok(Array.isArray(JSON.parse(r.stdout)), q.slice(0, 40));
    }
    assertSoundDatabase(path.join(dir, DB));
  });

  test('filters in any order and half right, near queries, notes on standard error', async () => {
    const ask = async (query, env) => run(['search', '--data', dir, '--json', '--', query], { env });
    const refs = async (query) => JSON.parse((await ask(query)).stdout).map((h) => h.ref);
    assert.deepEqual(await refs('dv: hai hau thong minh'), ['a-1']);
    assert.deepEqual(await refs('nam: 23 lv: truyền thanh'), ['a-1']);
    assert.deepEqual(await refs('loai: giai phap, mot cua dien tu'), ['a-2']);
    assert.deepEqual(await refs('Loại: địa chỉ đỏ; mot cua dien tu'), []);
    assert.deepEqual(await refs('tt: đã duyệt mot cua dien tu'), ['a-2']);
    assert.deepEqual(await refs('tt: chờ duyệt'), []);
    const unclear = await ask('mot cua dv: zzz nam: 2023');
    assert.equal(unclear.code, 0, 'any text is a query');
    assert.deepEqual(JSON.parse(unclear.stdout), []);
    assert.match(unclear.stderr, /Chưa rõ đơn vị “zzz” sau dv:\. .*Ví dụ: \/t mot cua dv: Vụ Bản nam: 2023\nĐã hiểu: năm 2023\./);
    const mended = await ask('ddaif truyeenf thanh');
    assert.equal(JSON.parse(mended.stdout)[0].ref, 'a-1');
    assert.match(mended.stderr, /Đã tìm “đài truyền thanh”\./);
    assert.equal((await ask('dai truyen thanh')).stderr, '');
  });

  test('an answer that time did not suffice for says so, to people and to programs', async () => {
    const ask = (env) => run(['search', '--data', dir, '--json', 'thong minh dai truyen'], { env });
    const late = await ask({ CDSBOT_TEST_SEARCH_US: '0' });
    assert.equal(late.code, 0, late.stderr);
    assert.ok(JSON.parse(late.stdout).length > 0);
    assert.ok(JSON.parse(late.stdout).every((h) => h.partial === true), late.stdout);
    assert.match(late.stderr, /chưa đầy đủ/);
    const all = await ask({});
    assert.ok(JSON.parse(all.stdout).every((h) => h.partial === false), all.stdout);
    assert.equal(all.stderr, '');
  });

  test('without --json a person can read it', async () => {
    const { code, stdout } = await run(['search', '--data', dir, 'mot cua']);
    assert.equal(code, 0);
    assert.match(stdout, /SK\d+.*Một cửa điện tử/);
  });

  test('export gives what import takes', async () => {
    const { code, stdout } = await run(['export', '--data', dir]);
    assert.equal(code, 0);
    const out = lines(stdout).map((l) => JSON.parse(l));
    assert.ok(out.length >= 5);
    assert.ok(out.some((i) => i.title === 'Một cửa điện tử' && /mã QR/.test(i.body)));
    const copy = tempDir('copy');
    const again = await importInto(copy, out);
    assert.equal(again.code, 0, again.stderr);
    assert.equal((await search(copy, 'mot cua dien tu'))[0].title, 'Một cửa điện tử');
    assert.equal(sql(path.join(copy, DB), 'SELECT count(*) AS n FROM item')[0].n, out.length);
  });

  test('waiting for a slow pipe it holds nobody up', async () => {
    const slow = tempDir('slow');
    const p = new Process(BIN, ['import', '--data', slow, '-']);
    p.child.stdin.write(jsonl([{ ref: 's1', title: 'Dòng đầu', body: 'một' }, 'no JSON']));
    await p.until(() => /^-:2: /m.test(p.stderr), { what: () => `word of line 2; there is: ${p.stderr}` });
    assertFree(slow);
    p.child.stdin.end(jsonl([{ ref: 's2', title: 'Dòng cuối', body: 'hai' }]));
    await p.end();
    assert.equal(p.code, 1);
    assert.match(p.stdout, /3 dòng: 2 mới, 0 cập nhật, 0 không đổi, 1 lỗi/);
    assert.equal(sql(path.join(slow, DB), 'SELECT count(*) AS n FROM item')[0].n, 2);
  });

  test('an index that cannot be put in order afterwards is no failed import', async () => {
    const odd = tempDir('odd');
    assert.equal((await importInto(odd, rows.slice(0, 1))).code, 0);
    // Taken out are only rows that have been merged.
    write(odd, "CREATE TRIGGER told_to BEFORE DELETE ON search_index_data BEGIN SELECT RAISE(ABORT, 'told to'); END");
    const r = await importInto(odd, Array.from({ length: 1500 }, (_, i) => ({ ref: `o${i}`, title: `Sáng kiến o${i}`, body: `cách làm thứ ${i}` })));
    assert.equal(r.code, 0, r.stderr);
    assert.match(r.stderr, /everything is stored, but the search index could not be put in order: constraint failed/);
    assert.match(r.stdout, /1500 dòng: 1500 mới/);
    assert.equal(sql(path.join(odd, DB), "SELECT count(*) AS n FROM audit WHERE action = 'import'")[0].n, 2);
  });

  const MANY = LONG ? 100000 : 10000;
  test(`${MANY} lines of 1 KB in time`, { timeout: 200000 }, async (t) => {
    const big = tempDir('big');
    const file = path.join(tempDir('import'), 'big.jsonl');
    const out = fs.createWriteStream(file);
    const filler = 'nội dung giải pháp chuyển đổi số của đơn vị, cách làm và hiệu quả '.repeat(12);
    for (let i = 0; i < MANY; i++) out.write(`${JSON.stringify({ ref: `x${i}`, title: `Sáng kiến thứ ${i} về chủ đề ${i % 97}`, body: filler.slice(0, 900) })}\n`);
    await new Promise((resolve) => { out.end(resolve); });
    const began = performance.now();
    const r = await run(['import', '--data', big, file], { timeout: 180000, bin: RELEASE_BIN });
    const took = performance.now() - began;
    assert.equal(r.code, 0, r.stderr.slice(-500));
    t.diagnostic(`${Math.round(took)} ms, ${Math.round(MANY / took * 1000)} lines a second`);
    // How fast it is, tests/bench and the line above say; a busy machine decides nothing. This catches a collapse alone (an import
    // that is quadratic, or commits line by line): about ten times what a machine under load takes.
    assert.ok(took < (LONG ? 170000 : 60000), `${took} ms`);
    assert.equal((await search(big, 'sang kien thu 777', '--limit', '1')).length, 1);
  });
});

describe('beside a running daemon', () => {
  let w;
  before(async () => {
    w = await World.create({ name: 'beside' });
    await w.up();
    await w.withAdminAndGroup();
  });
  after(() => w.down());

  test('import, then people find it without a restart', async () => {
    const file = path.join(w.dir, 'in.jsonl');
    fs.writeFileSync(file, jsonl(Array.from({ length: 2000 }, (_, i) => ({ ref: `n${i}`, title: `Máy bay không người lái số ${i}`, body: 'gieo sạ lúa' }))));
    const asked = w.ask(w.admin, '/h');
    const { code, stderr } = await w.cli(['import', file]);
    assert.equal(code, 0, stderr);
    await asked;
    await waitUntil(async () => /Máy bay không người lái/.test(await w.ask(w.admin, '/t may bay khong nguoi lai')), { every: 200 });
  });

  test('a second daemon is refused and told who is there', async () => {
    for (const args of [['run'], ['chat']]) {
      const { code, stderr } = await w.cli(args);
      assert.equal(code, 1, stderr);
      assert.match(stderr, new RegExp(`run|${w.daemon.pid}`), stderr);
    }
    assert.equal(w.daemon.ended, false);
    await w.ask(w.admin, '/h');
  });

  test('a lock left by a killed daemon holds nobody up', async () => {
    await w.daemon.kill9();
    await w.up();
    await w.ask(w.admin, '/h');
  });

  test('deliveries: listed, dead ones named, revived', async () => {
    const u = w.bot.user(6200300444, 'Thư chết');
    w.bot.privateChat(u);
    const rule = w.api.failNext('sendMessage', 400, { chat: u, times: 1000, description: 'Bad Request: chat not found' });
    w.bot.say(u, u, '/h');
    await waitUntil(() => rule.hits > 0);
    const listed = async (...more) => {
      const r = await w.cli(['deliveries', '--json', ...more]);
      assert.equal(r.code, 0, r.stderr);
      const text = r.stdout.trim();
      return text.startsWith('[') ? JSON.parse(text) : lines(text).map((l) => JSON.parse(l));
    };
    await waitUntil(async () => (await listed('--dead')).length === 1, { every: 200, what: async () => JSON.stringify(await listed()) });
    const [dead] = await listed('--dead');
    assert.match(JSON.stringify(dead), /chat not found/);
    const text = await w.cli(['deliveries', '--dead']);
    assert.match(text.stdout, /chat not found/);
    rule.stop();
    const from = w.bot.sends.length;
    const revived = await w.cli(['deliveries', '--retry', 'all']);
    assert.equal(revived.code, 0, revived.stderr);
    await w.answer(u, /\/t/, { from, timeout: 20000 });
    assert.equal((await listed('--dead')).length, 0);
    assert.equal((await w.cli(['deliveries', '--retry', '999999'])).code, 1);
  });

  test('the code of the first administrator works once, in private, and stands in no log', async () => {
    const code = await w.adminCode();
    const u = w.bot.user(6200300445, 'Trưởng phòng');
    await w.register(u, 'so tttt');
    const wrong = await w.ask(u, '/nhanquyen SAISAISAI');
    assert.equal(w.sql(`SELECT m.role FROM member m JOIN identity i ON i.member_id = m.id WHERE i.user_id = '${u.id}'`)[0].role, 1, wrong);
    await w.ask(u, `/nhanquyen ${code}`);
    assert.equal(w.sql(`SELECT m.role FROM member m JOIN identity i ON i.member_id = m.id WHERE i.user_id = '${u.id}'`)[0].role, 4);
    const v = w.bot.user(6200300446, 'Người đến sau');
    await w.register(v, 'so tttt');
    await w.ask(v, `/nhanquyen ${code}`);
    assert.equal(w.sql(`SELECT m.role FROM member m JOIN identity i ON i.member_id = m.id WHERE i.user_id = '${v.id}'`)[0].role, 1);
    assert.ok(!w.daemon.stderr.includes(code));
  });

  test('SIGHUP takes over what can be, keeps the old on a mistake, and says what needs a restart', async () => {
    const from = () => w.daemon.stderr.length;
    const said = (pattern, since) => w.daemon.until(() => pattern.test(w.daemon.stderr.slice(since)), { what: () => `${pattern} in ${w.daemon.stderr.slice(since)}` });
    let since = from();
    w.writeConfig({ bot: { log_level: 'debug' } });
    w.daemon.signalWith('SIGHUP');
    await said(/reload|đọc lại|cấu hình/i, since);
    await w.ask(w.admin, '/h');
    await said(/debug/, since);

    since = from();
    w.writeConfig({ bot: { log_level: 'loud' } });
    w.daemon.signalWith('SIGHUP');
    await said(/log_level/, since);
    await w.ask(w.admin, '/h');
    assert.equal(w.daemon.ended, false);

    since = from();
    w.writeConfig({ bot: { log_level: 'info' }, store: { readers: 3 } });
    w.daemon.signalWith('SIGHUP');
    await said(/store\.readers|readers/, since);
    w.writeConfig({ store: { readers: undefined } });
    w.daemon.signalWith('SIGHUP');
  });

  test('check on a running installation: every finding with a remedy', async () => {
    const { code, stdout, stderr } = await w.cli(['check']);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /telegram/i);
    assert.match(stdout, /so_tay_bot/);
  });

  test('a database of a newer program is refused in a clear sentence and left as it is', async () => {
    await w.stop();
    const [{ user_version: version }] = sql(w.database, 'PRAGMA user_version');
    const set = (v) => assert.equal(spawnSync('sqlite3', [w.database, `PRAGMA user_version = ${v}`]).status, 0);
    set(version + 1);
    for (const args of [['run'], ['search', 'x'], ['admin', 'code'], ['check']]) {
      const { code, stdout, stderr } = await w.cli(args);
      assert.equal(code, 1, args.join(' '));
      assert.match(stdout + stderr, /mới hơn|newer/, args.join(' '));
    }
    assert.equal(sql(w.database, 'PRAGMA user_version')[0].user_version, version + 1);
    set(version);
    await w.up();
  });
});

describe('the search index', () => {
  const N = 6000;
  let w;
  const state = () => w.sql('SELECT phase, next_items, items FROM search_state')[0];
  const index = async (...args) => w.cli(['index', ...args], { timeout: 120000 });
  const startRebuild = () => {
    const child = spawn(w.bin, ['index', '--config', w.configFile, '--rebuild'], { stdio: 'ignore' });
    return { child, exited: new Promise((resolve) => { child.on('close', (code, signal) => resolve({ code, signal })); }) };
  };
  const isBuilding = () => state().phase === 2 && state().next_items > 0;
  before(async () => {
    w = await World.create({ name: 'index' });
    await w.up();
    await w.withAdminAndGroup();
    const file = path.join(w.dir, 'in.jsonl');
    fs.writeFileSync(file, jsonl(Array.from({ length: N }, (_, i) => ({ ref: `q${i}`, title: `Trạm quan trắc mốc${i}`, body: 'đo độ mặn ở cửa sông' }))));
    const { code, stderr } = await w.cli(['import', file]);
    assert.equal(code, 0, stderr);
  });
  after(() => w.down());

  test('says that it is whole', async () => {
    const r = await index('--json');
    assert.equal(r.code, 0, r.stderr);
    const said = JSON.parse(r.stdout);
    assert.deepEqual([said.items, said.findable, said.missing, said.outdated, said.rebuilding], [N, N, 0, false, false]);
    assert.match((await index('--check')).stdout, /nguyên vẹn/);
    assert.equal((await index('--check', '--rebuild')).code, 2);
    const refused = await index('--json', '--rebuild');
    assert.equal(refused.code, 2);
    assert.ok(refused.stderr.includes('[[--json] [--check] | --rebuild]'), refused.stderr);
  });

  test('rebuilt beside a daemon that takes items and searches; killed half way; one at a time', { timeout: 180000 }, async () => {
    const first = startRebuild();
    await waitUntil(isBuilding);
    const second = await index('--rebuild');
    assert.equal(second.code, 1);
    assert.match(second.stderr, /being rebuilt by another cdsbot \(pid \d+: cdsbot index --rebuild\)/);
    assert.match(await w.ask(w.admin, '/t moc4321'), /mốc4321/);
    await w.ask(w.admin, '/chiase Cầu phao tự nổi zqmot\nND: ghép phao nhựa', /Đã nhận|đã lưu|SK/);
    first.child.kill('SIGKILL');
    assert.equal((await first.exited).signal, 'SIGKILL');
    assert.equal(state().phase, 2);
    // The old one is still there, and what was written meanwhile is in it.
    assert.match(await w.ask(w.admin, '/t moc4321'), /mốc4321/);
    assert.match(await w.ask(w.admin, '/t zqmot'), /zqmot/);
    // The daemon may have taken over what the dead one left; then this has to wait for it.
    await waitUntil(async () => (await index('--rebuild')).code === 0, { timeout: 120000, every: 200 });
    assert.match(await w.ask(w.admin, '/t zqmot'), /zqmot/);
    assert.match(await w.ask(w.admin, '/t moc4321'), /mốc4321/);
    const r = await index('--json');
    assert.equal(r.code, 0, r.stdout + r.stderr);
    assert.equal(JSON.parse(r.stdout).items, N + 1);
  });

  test('an index of other rules is replaced by the daemon itself, which answers meanwhile', { timeout: 120000 }, async () => {
    await w.stop();
    assert.equal(spawnSync('sqlite3', [w.database, 'UPDATE search_state SET tokenizer = 999']).status, 0);
    assert.match((await w.cli(['search', 'moc4321'])).stderr, /cdsbot index --rebuild/);
    await w.up();
    const meanwhile = await w.ask(w.admin, '/t moc4321');
    assert.match(meanwhile, /mốc4321/);
    if (w.sql('SELECT tokenizer FROM search_state')[0].tokenizer === 999) assert.match(meanwhile, /Kho đang được sắp xếp lại/);
    await w.daemon.until(() => /search index is up to date/.test(w.daemon.stderr), { timeout: 60000, what: () => w.daemon.stderr.slice(-1000) });
    const after = await w.ask(w.admin, '/t moc4321');
    assert.match(after, /mốc4321/);
    assert.doesNotMatch(after, /sắp xếp lại/);
    const r = await index();
    assert.equal(r.code, 0, r.stdout + r.stderr);
    await w.stop();
    assertSoundDatabase(w.database);
  });
});

describe('a full disk', () => {
  test('nothing is acknowledged while it lasts, nothing is lost, and it goes on by itself', { timeout: 120000 }, async (t) => {
    const mount = tempDir('small');
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', mount]).status !== 0) {
      t.skip('no small file system can be made here');
      return;
    }
    const w = await World.create({ name: 'full', webhook: true, config: { store: { path: path.join(mount, DB) } } });
    w.database = path.join(mount, DB);
    try {
      await w.up();
      const lan = w.bot.user(6200300400, 'Lan');
      await w.register(lan, 'ubnd h vu ban');
      // Everything that is left, to the last page.
      const filler = fs.openSync(path.join(mount, 'filler'), 'w');
      for (const size of [65536, 4096, 512]) {
        for (;;) {
          try {
            fs.writeSync(filler, Buffer.alloc(size, 1));
          } catch (error) {
            assert.equal(error.code, 'ENOSPC');
            break;
          }
        }
      }
      fs.closeSync(filler);
      for (let i = 0; i < 40; i++) w.bot.say(lan, lan, `/c Đĩa đầy lần ${i}\nnd: ${'nội dung '.repeat(400)} ${i}`);
      await waitUntil(async () => (await w.daemon.health()).status === 503, { timeout: 30000, every: 100, what: () => `/healthz to say so:\n${w.daemon.stderr.slice(-1500)}` });
      const { status, headers } = await get(`http://${w.listen}${w.webhookPath}`, { method: 'POST', headers: { 'x-telegram-bot-api-secret-token': w.secret },
        body: JSON.stringify({ update_id: 999999, message: { message_id: 1, date: 1, text: '/h', from: lan, chat: { id: lan.id, type: 'private' } } }) });
      assert.equal(status, 503);
      assert.ok(Number(headers['retry-after']) > 0);
      assert.equal(w.daemon.ended, false);
      fs.rmSync(path.join(mount, 'filler'));
      await waitUntil(async () => (await w.daemon.health()).status === 200, { timeout: 30000, every: 100, what: () => `/healthz to be well again:\n${w.daemon.stderr.slice(-1500)}` });
      await w.bot.waitDrained({ timeout: 60000 });
      await waitUntil(() => w.sql("SELECT count(*) AS n FROM item WHERE title LIKE 'Đĩa đầy%'")[0].n === 40, { timeout: 30000, every: 100,
        what: () => `40 items; there are ${w.sql("SELECT count(*) AS n FROM item WHERE title LIKE 'Đĩa đầy%'")[0].n}` });
      assert.equal(w.sql('SELECT count(*) AS n FROM inbox WHERE state = 2')[0].n, 0, 'disk trouble is not the fault of a turn');
      await w.stop();
      assertSoundDatabase(w.database);
    } finally {
      await w.down();
      spawnSync('umount', ['-l', mount]);
    }
  });
});
