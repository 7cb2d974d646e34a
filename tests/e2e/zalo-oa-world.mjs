// SPDX-License-Identifier: MIT
// An Official Account, its stand-in server, a configuration and the daemon on it; people write and wait for answers as they do on Zalo.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import assert from 'node:assert/strict';
import { ZaloOa } from '../fakes/zalo-oa-api.mjs';
import { BIN, Daemon, assertNoCrash, freePort, run, sql, tempDir, writeConfig } from './harness.mjs';

export class ZaloWorld {
  static async create({ name = 'zalo-oa', config = {}, oa = {}, bin = BIN } = {}) {
    const w = new ZaloWorld();
    w.bin = bin;
    w.dir = tempDir(name);
    w.oa = await new ZaloOa({ retryScale: 0.01, ...oa }).start();
    w.database = path.join(w.dir, 'cdsbot.db');
    w.marker = `${w.database}.zalo-oa-token`;
    w.status = `127.0.0.1:${await freePort()}`;
    w.listen = `127.0.0.1:${await freePort()}`;
    w.oa.webhook.url = `http://${w.listen}/zalo-oa`;
    const base = {
      bot: { quiet_hours: 'no', commands_per_minute: 1000 },
      store: { path: w.database },
      http: { listen: w.listen, status_listen: w.status },
      courier: { backoff_first: '200ms', backoff_max: '2s', confirmations_per_minute: 60 },
      'zalo-oa': {
        app_id: w.oa.appId, app_secret: w.oa.appSecret, oa_id: w.oa.oaId, oa_secret: w.oa.oaSecret, api_url: w.oa.url, oauth_url: w.oa.url,
        catch_up_every: '1s', per_minute: 0, chat_per_second: 0, group_per_minute: 0, private_per_month: 0,
      },
    };
    w.sections = { ...base };
    for (const [section, values] of Object.entries(config)) w.sections[section] = { ...base[section], ...values };
    w.configFile = path.join(w.dir, 'cdsbot.conf');
    writeConfig(w.configFile, w.sections);
    await w.cli(['admin', '--json', 'code']); // makes the database
    return w;
  }

  /** The pair as an earlier run of the program kept it: database and marker. */
  keepToken({ access = this.oa.access, refresh = this.oa.refresh, expiresMs = Date.now() + 86400e3, id = Date.now(), marker = id } = {}) {
    const value = JSON.stringify({ access, refresh, expires_ms: expiresMs, id, by_hand: false });
    const r = spawnSync('sqlite3', [this.database, `INSERT OR REPLACE INTO setting VALUES ('zalo-oa', 'token', '${value}')`], { encoding: 'utf8' });
    assert.equal(r.status, 0, r.stderr);
    if (marker) fs.writeFileSync(this.marker, `${marker}\n`);
    return this;
  }

  storedToken() {
    const rows = this.sql("SELECT value FROM setting WHERE scope = 'zalo-oa' AND key = 'token'");
    return rows.length ? JSON.parse(rows[0].value) : null;
  }

  async up(options = {}) {
    this.daemon = await Daemon.start({ config: this.configFile, status: this.status, bin: this.bin, ...options });
    return this.daemon;
  }

  /** For after(): ends everything, whatever state the test left it in; a crash still fails. */
  async down() {
    try {
      if (this.daemon && !this.daemon.ended) await this.daemon.stop();
      else if (this.daemon && this.daemon.signal !== 'SIGKILL') assertNoCrash(this.daemon.stderr, this.daemon.code, this.daemon.signal);
    } finally {
      await this.oa.close();
    }
  }

  cli(args, options) {
    return run([...args.slice(0, 1), '--config', this.configFile, ...args.slice(1)], { bin: this.bin, ...options });
  }

  sql(query) {
    return sql(this.database, query);
  }

  /** The next send to a person or group whose text matches. */
  answer(to, pattern, { from = 0, ...options } = {}) {
    return this.oa.waitForSend((s) => (s.userId ?? s.groupId) === to.id && pattern.test(s.text ?? ''), {
      from, what: `${pattern} to ${to.name}; the log ends\n${this.daemon?.stderr.slice(-1500) ?? ''}\n`, ...options,
    });
  }

  /** Writes privately and waits for the private answer. */
  async ask(user, text, pattern = /[^]/, options = {}) {
    const from = this.oa.sends.length;
    this.oa.sayPrivate(user, text);
    return (await this.answer(user, pattern, { from, ...options })).text;
  }

  async member(name, unit = 'ubnd h vu ban') {
    const user = this.oa.user(name);
    await this.ask(user, `/dk ${unit}`, /ĐỒNG Ý/);
    await this.ask(user, 'ĐỒNG Ý');
    return user;
  }

  /** A registered administrator, and a core group of that many further people. */
  async withAdminAndGroup({ people = 5, groupId = '4a9bdemo29cec09099df' } = {}) {
    this.admin = await this.member('Quản trị', 'so tttt');
    const { stdout } = await this.cli(['admin', '--json', 'code']);
    await this.ask(this.admin, `/nhanquyen ${JSON.parse(stdout).code}`);
    const members = [this.admin, ...Array.from({ length: people }, (_, i) => this.oa.user(`Cán bộ ${i}`))];
    this.group = this.oa.addGroup(groupId, 'Đội ngũ nòng cốt CĐS', { members });
    await this.core(this.group);
    return this;
  }

  async core(group) {
    const from = this.oa.sends.length;
    this.oa.say(group, this.admin, '/nhom nongcot');
    await this.oa.waitForSend((s) => s.groupId === group.id || s.userId === this.admin.id, { from, what: 'an answer to /nhom' });
  }

  count(query) {
    return this.sql(query)[0].n;
  }
}
