// SPDX-License-Identifier: MIT
// What an operator meets on the way from nothing to a running service, and after trouble: files made as root for the service's account,
// mistakes that `check` must name before the service dies of them, a start after an alarm.

import { test, describe, before, after } from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { World, freePort, run, tempDir, waitUntil, writeConfig } from './harness.mjs';

const ACCOUNT = 64321; // no such account is needed: the kernel knows numbers
const TOKEN = '700100200:AAEtest-token_0123456789abcdefghijk';
const isRoot = process.getuid() === 0;

/** A configuration with ports of its own, and what `check` says of it. */
async function check(sections, { offline = true, ...options } = {}) {
  const dir = tempDir('operator');
  const file = writeConfig(path.join(dir, 'cdsbot.conf'), {
    ...sections, store: { path: path.join(dir, 'cdsbot.db') }, http: { status_listen: `127.0.0.1:${await freePort()}`, ...sections.http },
  });
  return run(['check', ...(offline ? ['--offline'] : []), '--config', file], options);
}

describe('files made as root', { skip: !isRoot && 'only root makes files for others' }, () => {
  test('all that the command line and a run by hand leave behind belongs to the account of the folder', async () => {
    const w = await World.create({ name: 'operator-root' });
    fs.chownSync(w.dir, ACCOUNT, ACCOUNT);
    const code = await w.cli(['admin', 'code']);
    assert.equal(code.code, 0, code.stderr);
    await w.up();
    await w.stop();
    await w.api.close();
    const files = fs.readdirSync(w.dir).filter((name) => name.startsWith('cdsbot.db'));
    assert.ok(files.includes('cdsbot.db') && files.includes('cdsbot.db.lock'), `${files}`);
    for (const name of files) {
      const st = fs.statSync(path.join(w.dir, name));
      assert.deepEqual([name, st.uid, st.gid, st.mode & 0o777], [name, ACCOUNT, ACCOUNT, 0o600]);
    }
  });

  test('a secret that the account cannot read is named, with the command that mends it', async () => {
    const dir = tempDir('operator-secret');
    fs.chmodSync(dir, 0o755);
    const secret = path.join(dir, 'telegram.token');
    fs.writeFileSync(secret, TOKEN, { mode: 0o600 });
    const file = writeConfig(path.join(dir, 'cdsbot.conf'), { telegram: { token_file: secret } });
    fs.chmodSync(file, 0o644);
    const { code, stderr } = await run(['check', '--offline', '--config', file], { wrap: ['setpriv', '--reuid', `${ACCOUNT}`, '--regid', `${ACCOUNT}`, '--clear-groups'] });
    assert.equal(code, 2, stderr);
    assert.match(stderr, /token_file: .*telegram\.token: .*không có quyền đọc.*chown root:cdsbot .*telegram\.token && chmod 640/);
  });
});

test('without --config the service\'s own file is meant, as all sentences of the bot have it; chat keeps to itself', async () => {
  const dir = tempDir('operator-default');
  const file = writeConfig(path.join(dir, 'cdsbot.conf'), { store: { path: path.join(dir, 'cdsbot.db') }, http: { status_listen: `127.0.0.1:${await freePort()}` } });
  const env = { CDSBOT_CONFIG: file };
  const checked = await run(['check', '--offline'], { env });
  assert.equal(checked.code, 0, checked.stderr);
  assert.ok(checked.stdout.includes(file));
  assert.equal((await run(['admin', 'code'], { env })).code, 0);
  assert.ok(fs.existsSync(path.join(dir, 'cdsbot.db')));
  const elsewhere = tempDir('operator-data');
  assert.equal((await run(['admin', '--data', elsewhere, 'code'], { env })).code, 0);
  assert.ok(fs.existsSync(path.join(elsewhere, 'cdsbot.db')), '--data wins');
  const { stderr } = await run(['chat'], { env: { ...env, TMPDIR: elsewhere } });
  assert.match(stderr, /data in .*operator-data/);
  const none = await run(['admin', 'code'], { env: { CDSBOT_CONFIG: path.join(dir, 'nothing.conf') } });
  assert.equal(none.code, 2);
  assert.match(none.stderr, /--config FILE or --data DIR/);
});

describe('check names, before the service starts', () => {
  const telegram = { token: TOKEN };
  const webhook = { ...telegram, mode: 'webhook', webhook_url: 'https://bot.tinh.example/telegram', webhook_secret: '0123456789abcdef' };
  const oa = { app_id: '1234567890123456789', app_secret: 'appsecret0123456789ab', oa_id: '9876543210987654321', oa_secret: 'oa-secret-demo' };

  test('a webhook with nowhere to listen, on each platform that has one', async () => {
    for (const sections of [{ telegram: webhook }, { 'zalo-bot': { ...webhook, token: '12345689:abc-xyz' } }, { 'zalo-oa': oa }]) {
      const { code, stdout } = await check(sections);
      assert.equal(code, 1, stdout);
      assert.match(stdout, /LỖI.*\[http\] listen[^]*listen = 127\.0\.0\.1:8080/);
      const good = await check({ ...sections, http: { listen: `127.0.0.1:${await freePort()}` } });
      assert.equal(good.code, 0, good.stdout);
    }
  });

  test('a webhook address that polling leaves unused', async () => {
    for (const [name, token] of [['telegram', TOKEN], ['zalo-bot', '12345689:abc-xyz']]) {
      const { stdout } = await check({ [name]: { token, webhook_url: 'https://bot.tinh.example/x' } });
      assert.match(stdout, /cảnh báo Có webhook_url nhưng mode = poll[^]*mode = webhook/);
      assert.doesNotMatch((await check({ [name]: { token } })).stdout, /webhook_url nhưng/);
    }
  });

  test('a port that another program has', async () => {
    const taken = net.createServer();
    await new Promise((resolve) => { taken.listen(0, '127.0.0.1', resolve); });
    const address = `127.0.0.1:${taken.address().port}`;
    for (const key of ['listen', 'status_listen']) {
      const { code, stdout } = await check({ telegram, http: { [key]: address } });
      assert.equal(code, 1, stdout);
      assert.match(stdout, new RegExp(`LỖI.*${address}.*chương trình khác[^]*${key}`));
    }
    await new Promise((resolve) => { taken.close(resolve); });
    assert.equal((await check({ telegram, http: { status_listen: address } })).code, 0);
  });

  test('a standing unit that is in no list', async () => {
    const { stdout } = await check({ telegram, bot: { standing_unit: 'KHONGCO' } });
    assert.match(stdout, /cảnh báo \[bot\] standing_unit = KHONGCO không có trong danh mục[^]*units\.csv/);
    assert.doesNotMatch((await check({ telegram })).stdout, /standing_unit/);
  });

  test('a wrong token once, not for every question that was to follow', async () => {
    const w = await World.create({ name: 'operator-token' });
    w.bot.revoked = true;
    const { code, stdout } = await w.cli(['check']);
    await w.api.close();
    assert.equal(code, 1, stdout);
    assert.equal(stdout.match(/không nhận token/g).length, 1, stdout);
    assert.match(stdout, /1 lỗi/);
  });
});

describe('a service that ended in trouble', () => {
  let w;
  before(async () => {
    w = await World.create({ name: 'operator-alarm' });
    w.bot.revoked = true;
    await w.up();
  });
  after(() => w.down());

  test('is seen running with its alarm, and may be started again: what it last said must not forbid it', async () => {
    let seen;
    await waitUntil(async () => /LỖI.*dịch vụ báo lúc/.test((seen = await w.cli(['check'])).stdout), { every: 200, what: () => `the alarm in\n${seen?.stdout}` });
    assert.equal(seen.code, 1);
    assert.match(seen.stdout, /đang chạy \(pid \d+: cdsbot run/);
    await w.stop();
    const start = await w.cli(['check', '--offline']); // the unit's ExecStartPre
    assert.match(start.stdout, /cảnh báo dịch vụ báo lúc/);
    assert.equal(start.code, 0, start.stdout);
    assert.match((await w.cli(['check'])).stdout, /Dịch vụ\n.*chưa chạy/);
  });
});
