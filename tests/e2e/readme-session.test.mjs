// SPDX-License-Identifier: MIT
// The session that README shows is typed into the demo and must come out as printed there; so must the main job as one line
// of shell, and what the console promises to scripts.

import { test, describe } from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { BIN, ROOT, chat, replies, tempDir } from './harness.mjs';

const demo = (input, options) => chat(['--demo', '--data', tempDir('demo')], input, options);

/** The first fenced block after a heading that speaks of a session. */
function sessionOf(readme) {
  const lines = readme.split('\n');
  const heading = lines.findIndex((l) => /^#+ .*(session|phiên|buổi)/i.test(l));
  assert.notEqual(heading, -1, 'README has a heading with "session"');
  const open = lines.findIndex((l, i) => i > heading && l.startsWith('```'));
  const close = lines.findIndex((l, i) => i > open && l.startsWith('```'));
  assert.ok(open > heading && close > open, 'a fenced block follows it');
  return lines.slice(open + 1, close);
}

describe('demo', () => {
  test('the session of README comes out as printed', async () => {
    const lines = sessionOf(fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8')).filter((l) => !l.startsWith('$ '));
    // Replies look like `name> …`, their further lines are indented; everything else was typed.
    const isReply = (l) => /^[\p{L}\p{N}_]+(@[\p{L}\p{N}_]+)?> /u.test(l) || l.startsWith('    ');
    const typed = lines.filter((l) => l !== '' && !isReply(l));
    const printed = lines.filter((l) => l !== '' && isReply(l));
    assert.ok(typed.length >= 3 && printed.length >= 3, `${typed.length} typed, ${printed.length} printed`);
    const { code, stdout, stderr } = await demo(`${typed.join('\n')}\n`);
    assert.equal(code, 0, stderr);
    assert.deepEqual(stdout.split('\n').filter((l) => l !== ''), printed);
  });

  test('the main job from a shell: found, recorded, approved and announced, found', async () => {
    const script = String.raw`printf '>lan@group\n/tim dai truyen thanh thong minh\n>hoa@group\n/Chia se Dan ma QR tra cuu thu tuc o 1 cua\\\nDV: ubnd h. giao thuỷ\\\nND: in mã QR theo từng nhóm TTHC\n>quantri\n/ok 14\n>lan\n/t ma qr thu tuc\n' | "$BIN" chat --demo --data "$DIR"`;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8', env: { ...process.env, BIN, DIR: tempDir('demo') }, timeout: 60000 });
    assert.equal(status, 0, stderr);
    const all = replies(stdout);
    const at = (to, pattern, from = 0) => {
      const i = all.findIndex((r, n) => n >= from && r.to === to && pattern.test(r.text));
      assert.notEqual(i, -1, `${to}: ${pattern} in\n${stdout}`);
      return i;
    };
    const found = all.findIndex((r) => /^lan/.test(r.to) && /SK13/.test(r.text));
    assert.notEqual(found, -1, stdout);
    const line = at('hoa@group', /^Đã nhận SK14 của UBND huyện Giao Thủy/, found);
    at('hoa', /^SK14 đã lưu/, found);
    const approved = at('quantri', /^Đã duyệt SK14/, line);
    const announced = all.findIndex((r, n) => n > line && /group/.test(r.to) && /SK14[^]*ma QR/.test(r.text));
    assert.notEqual(announced, -1, `announced to the group in\n${stdout}`);
    at('lan', /SK14 Dan ma QR/, approved);
    assert.equal(all.filter((r) => /SK14 đã lưu/.test(r.text)).length, 1);
  });

  test('who is there, who may what', async () => {
    const { code, stdout } = await demo('>>\n>moi\n/c Thử khi chưa đăng ký\n>lan\n/ok 1\n');
    assert.equal(code, 0);
    for (const name of ['quantri', 'lan', 'hoa', 'moi']) assert.match(stdout, new RegExp(`\\b${name}\\b`));
    assert.match(stdout, /moi> .*\/dk/);
    assert.match(stdout, /lan> /);
  });

  test('a long answer is turned page by page, in the group and in private, and in the next sitting', async () => {
    const dir = tempDir('demo');
    const first = replies((await chat(['--demo', '--data', dir], '>lan@group\n/t nam dinh loai: sang kien\n>lan\n/tiep\n8\n')).stdout).filter((r) => r.to === 'lan');
    assert.match(first[0].text, /^13 kết quả cho “nam định” theo loại sáng kiến:\n1\. SK/);
    assert.match(first[0].text, /Gõ 1, 2, 3, 4, 5 để xem; còn 8 kết quả, gõ \/tiep để xem tiếp/);
    assert.match(first[1].text, /^Kết quả 6–10 trong 13 cho “nam định” theo loại sáng kiến:\n6\. SK/);
    assert.ok(first[2].text.startsWith(/8\. (SK\d+ .*)/.exec(first[1].text)[1]), first[2].text);
    const second = replies((await chat(['--demo', '--data', dir], '>lan\ntiếp\n/tiep\n>hoa\n/tiep\n')).stdout);
    assert.match(second[0].text, /^Kết quả 11–13 trong 13 [^]*Đã hết kết quả\.$/);
    assert.match(second[1].text, /^Đã hết kết quả cho “nam dinh loai: sáng kiến”/);
    assert.match(second.at(-1).text, /^Chưa có gì để xem tiếp\. Đồng chí tìm trước/);
    const shown = [first[0], first[1], second[0]].flatMap((r) => [...r.text.matchAll(/^\d+\. (SK\d+)/gm)].map((m) => m[1]));
    assert.equal(new Set(shown).size, 13, shown.join(' '));
  });

  test('Windows line ends, no final line end, blank lines, unknown people', async () => {
    const { code, stdout } = await demo('>lan\r\n\r\n/t dai truyen thanh\r\n>ai_do_la\n>lan\n/h');
    assert.equal(code, 0);
    assert.match(stdout, /SK13/);
    assert.doesNotMatch(stdout, /\r/);
    assert.match(stdout, /lan> [^]*\/t/);
  });

  test('a line of 100,000 characters, NUL bytes and invalid UTF-8 do no harm', async () => {
    const input = Buffer.concat([Buffer.from(`>lan\n/c ${'a'.repeat(100000)}\n/c x`), Buffer.from([0, 0xff, 0xfe, 0xc3]), Buffer.from('\n/h\n')]);
    const { code, stdout } = await demo(input);
    assert.equal(code, 0);
    assert.match(stdout, /\/t/);
  });

  test('what was said in one sitting is there in the next', async () => {
    const dir = tempDir('demo');
    const first = await chat(['--demo', '--data', dir], '>hoa\n/c Ghi nhớ qua lần khởi động\\\nnd: thử\n');
    const id = /SK\d+/.exec(first.stdout)[0];
    const second = await chat(['--demo', '--data', dir], `>hoa\n/x ${id}\n`);
    assert.equal(second.code, 0);
    assert.match(second.stdout, /Ghi nhớ qua lần khởi động/);
  });

  test('no words at all: ends at once', async () => {
    const { code, stdout } = await demo('');
    assert.equal(code, 0);
    assert.equal(stdout, '');
  });
});
