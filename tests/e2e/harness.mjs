// SPDX-License-Identifier: MIT
// What every end-to-end test needs: folders, configuration files, the program as a process, its console, its database.
// Nothing here sleeps for a guessed time: everything waits for a condition with a deadline.

import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import assert from 'node:assert/strict';
import { BotApi, Waiter } from '../fakes/bot-api.mjs';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const BIN = process.env.CDSBOT_BIN || path.join(ROOT, 'build-test/cdsbot');
export const RELEASE_BIN = process.env.CDSBOT_RELEASE_BIN || path.join(ROOT, 'build/cdsbot');
export const LONG = Boolean(process.env.CDSBOT_TEST_LONG);

export const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Asks again and again until look() gives something truthy; for what tells nobody when it changes. */
export async function waitUntil(look, { timeout = 15000, every = 25, what = 'something' } = {}) {
  const deadline = performance.now() + timeout;
  for (;;) {
    const value = await look();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`waited ${timeout} ms for ${typeof what === 'function' ? what() : what}`);
    await sleep(every);
  }
}

// ---- folders, ports, files ---------------------------------------------------------------------------------------------------

const folders = new Set();
const children = new Set();
process.on('exit', () => {
  for (const child of children) {
    try {
      process.kill(child.pid, 'SIGKILL');
    } catch { /* gone by itself */ }
  }
  if (process.env.CDSBOT_TEST_KEEP) return;
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

export function tempDir(name = 'test') {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `cdsbot-${name}-`));
  folders.add(folder);
  return folder;
}

/** A port nobody listens on, from below the range that outgoing connections use. */
export async function freePort() {
  for (;;) {
    const port = 20000 + Math.floor(Math.random() * 10000);
    const free = await new Promise((resolve) => {
      const server = net.createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

/** { section: { key: value } } as the program's configuration file; undefined values are left out. */
export function writeConfig(file, sections) {
  const lines = [];
  for (const [name, values] of Object.entries(sections)) {
    lines.push(`[${name}]`);
    for (const [key, value] of Object.entries(values)) if (value !== undefined) lines.push(`${key} = ${value}`);
    lines.push('');
  }
  fs.writeFileSync(file, lines.join('\n'), { mode: 0o600 });
  return file;
}

// ---- the program ---------------------------------------------------------------------------------------------------------------

const SANITIZER = /AddressSanitizer|LeakSanitizer|runtime error:|GLib(-\w+)?-CRITICAL|CRITICAL \*\*/;

/** A crash or a leak is a failure whatever the test was about. */
export function assertNoCrash(stderr, code, signal) {
  assert.doesNotMatch(stderr, SANITIZER);
  assert.notEqual(code, 99, `a sanitizer ended the program:\n${stderr.slice(-3000)}`);
  assert.ok(!['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGTRAP'].includes(signal), `${signal}:\n${stderr.slice(-3000)}`);
}

/** Where the threads of a process that hangs are, if gdb is at hand. */
function stacksOf(pid) {
  const r = spawnSync('gdb', ['-q', '-p', String(pid), '-batch', '-ex', 'thread apply all bt 12'], { encoding: 'utf8', timeout: 20000 });
  return (r.stdout ?? '').split('\n').filter((l) => /^(#|Thread)/.test(l)).join('\n');
}

export class Process {
  constructor(bin, args, { env = {}, cwd, wrap = [] } = {}) {
    assert.ok(fs.existsSync(bin), `${bin} is not built: run scripts/test`);
    this.args = args;
    this.stdout = '';
    this.stderr = '';
    this.waiter = new Waiter();
    const [command, ...before] = [...wrap, bin];
    this.child = spawn(command, [...before, ...args], { stdio: ['pipe', 'pipe', 'pipe'], cwd, // A busy machine makes no answer partial; what partial answers look like has tests of its own.
      env: { CDSBOT_TEST_SEARCH_US: '60000000', ...process.env, ...env },
    });
    children.add(this.child);
    this.child.stdin.on('error', () => {}); // it may end before it has read everything
    for (const name of ['stdout', 'stderr']) {
      this.child[name].setEncoding('utf8');
      this.child[name].on('data', (part) => {
        this[name] += part;
        if (this[name].length > 8e6) this[name] = this[name].slice(-4e6);
        this.waiter.poke();
      });
    }
    this.code = null;
    this.signal = null;
    this.ended = false;
    this.exited = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        children.delete(this.child);
        Object.assign(this, { code, signal, ended: true });
        this.waiter.poke();
        resolve();
      });
      this.child.on('error', (error) => {
        children.delete(this.child);
        this.stderr += `\n${error}`;
        this.ended = true;
        this.waiter.poke();
        resolve();
      });
    });
  }

  get pid() {
    return this.child.pid;
  }

  until(look, options) {
    return this.waiter.until(look, options);
  }

  signalWith(signal) {
    if (!this.ended) process.kill(this.pid, signal);
  }

  /** Waits for the end; kills and fails after the time. */
  async end(timeout = 30000) {
    let where = '';
    const timer = setTimeout(() => {
      where = stacksOf(this.pid);
      this.child.kill('SIGKILL');
    }, timeout);
    await this.exited;
    clearTimeout(timer);
    if (this.signal === 'SIGKILL')
      throw new Error(`${this.args.join(' ')} did not end in ${timeout} ms:\n${this.stdout.slice(-1500)}\n${this.stderr.slice(-1500)}\n${where}`);
    assertNoCrash(this.stderr, this.code, this.signal);
    return this;
  }
}

/** Runs a command to its end: { code, stdout, stderr }. */
export async function run(args, { input = '', timeout = 60000, bin = BIN, ...options } = {}) {
  const p = new Process(bin, args, options);
  p.child.stdin.end(input);
  await p.end(timeout);
  return { code: p.code, signal: p.signal, stdout: p.stdout, stderr: p.stderr };
}

/** The daemon: `cdsbot run --config FILE`, ready when its status address answers. */
export class Daemon extends Process {
  static async start({ config, status, bin = BIN, timeout = 30000, ...options }) {
    const d = new Daemon(bin, ['run', '--config', config], options);
    d.status = status;
    d.child.stdin.end();
    await d.ready(timeout);
    return d;
  }

  async ready(timeout = 30000) {
    await waitUntil(async () => {
      if (this.ended) throw new Error(`the daemon ended at once (${this.code ?? this.signal}):\n${this.stderr.slice(-3000)}`);
      return (await get(`http://${this.status}/healthz`).catch(() => null)) !== null;
    }, { timeout, every: 10, what: () => `the daemon to listen on ${this.status}:\n${this.stderr.slice(-2000)}` });
  }

  async health() {
    return get(`http://${this.status}/healthz`);
  }

  /** Metric name (with its labels as written) -> value. */
  async metrics() {
    const { body } = await get(`http://${this.status}/metrics`);
    const found = {};
    for (const line of body.split('\n')) {
      const m = /^([a-zA-Z_:][\w:]*(?:\{.*\})?) ([-+.\deEinfNa]+)/.exec(line);
      if (m) found[m[1]] = Number(m[2]);
    }
    return found;
  }

  /** SIGTERM, the drain, exit status 0. */
  async stop(timeout = 30000) {
    if (!this.ended) this.signalWith('SIGTERM');
    await this.end(timeout);
    assert.equal(this.code, 0, `after SIGTERM (${this.signal}):\n${this.stderr.slice(-3000)}`);
  }

  /** No farewell. */
  async kill9() {
    this.signalWith('SIGKILL');
    await this.exited;
    if (this.signal !== 'SIGKILL') assertNoCrash(this.stderr, this.code, this.signal);
  }

  /** kB of the process as the kernel counts them: { VmRSS, VmHWM, RssAnon, ... }. */
  memory() {
    const text = fs.readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Object.fromEntries([...text.matchAll(/^(\w+):\s+(\d+) kB$/gm)].map((m) => [m[1], Number(m[2])]));
  }
}

/** `cdsbot chat` as a conversation. */
export class Console extends Process {
  static start(args, { bin = BIN, ...options } = {}) {
    return new Console(bin, ['chat', ...args], options);
  }

  type(...lines) {
    for (const line of lines) this.child.stdin.write(`${line}\n`);
  }

  /** Types and waits until something new of stdout matches; returns what came since. */
  async ask(line, pattern, options = {}) {
    const from = this.stdout.length;
    this.type(line);
    await this.until(() => {
      if (this.ended && !pattern.test(this.stdout.slice(from)))
        throw new Error(`the console ended (${this.code ?? this.signal}) before ${pattern}:\n${this.stdout.slice(from)}\n${this.stderr.slice(-2000)}`);
      return pattern.test(this.stdout.slice(from));
    }, { what: () => `${pattern} after "${line}"; there is:\n${this.stdout.slice(from)}\n${this.stderr.slice(-1000)}`, ...options });
    return this.stdout.slice(from);
  }

  async finish(timeout = 30000) {
    this.child.stdin.end();
    await this.end(timeout);
    assert.equal(this.code, 0, this.stderr.slice(-3000));
    return this;
  }
}

/** A whole conversation through a pipe. */
export async function chat(args, input, options = {}) {
  return run(['chat', ...args], { input, ...options });
}

/** What the console printed, one entry a reply: { to, text }, text with its further lines. */
export function replies(stdout) {
  const found = [];
  for (const line of stdout.split('\n')) {
    const m = /^(\S+?)> (.*)$/.exec(line);
    if (m) found.push({ to: m[1], text: m[2] });
    else if (found.length > 0 && line.startsWith('    ')) found.at(-1).text += `\n${line.slice(4)}`;
    else if (line !== '') throw new Error(`neither a reply nor a further line of one: ${JSON.stringify(line)}`);
  }
  return found;
}

// ---- HTTP by hand ----------------------------------------------------------------------------------------------------------------

export function get(url, { method = 'GET', headers = {}, body, timeout = 10000, agent } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers, timeout, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => { text += part; });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text }));
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error(`no answer from ${url} in ${timeout} ms`)));
    request.on('error', reject);
    request.end(body);
  });
}

/** Sends bytes as they are; resolves to everything that came back until the peer closed (or the time was over). */
export function rawExchange(port, bytes, { timeout = 3000, keepOpen = false } = {}) {
  return new Promise((resolve) => {
    let text = '';
    const socket = net.connect(port, '127.0.0.1', () => {
      if (bytes !== null) socket.write(bytes);
      if (!keepOpen) socket.end();
    });
    const finish = (how) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, how, status: Number(/^HTTP\/1\.[01] (\d+)/.exec(text)?.[1] ?? 0) });
    };
    const timer = setTimeout(() => finish('timeout'), timeout);
    socket.on('data', (part) => { text += part.toString('latin1'); });
    socket.on('error', (error) => finish(error.code));
    socket.on('close', () => finish('closed'));
  });
}

// ---- the database ----------------------------------------------------------------------------------------------------------------

/** delivery.state as the database holds it. */
export const DELIVERY = { QUEUED: 0, INFLIGHT: 1, SENT: 2, DEAD: 3, ASKED: 4, CANCELLED: 5 };

/** Rows of a query, read by the sqlite3 tool beside whoever else has the file open. */
export function sql(database, query) {
  const r = spawnSync('sqlite3', ['-readonly', '-json', '-cmd', '.timeout 10000', database, query], { encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(r.status, 0, `${query}: ${r.stderr}`);
  return r.stdout.trim() === '' ? [] : JSON.parse(r.stdout);
}

export function assertSoundDatabase(database) {
  assert.deepEqual(sql(database, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
  assert.deepEqual(sql(database, 'PRAGMA foreign_key_check'), []);
}

// ---- a whole world -----------------------------------------------------------------------------------------------------------------

/**
 * The fake Bot API with one bot, a data folder, a configuration and (after up()) the daemon on it.
 * config: sections merged over the defaults; webhook: true listens for updates instead of asking for them.
 */
export class World {
  static async create({ name = 'world', config = {}, webhook = false, api = {}, bot = {}, bin = BIN } = {}) {
    const w = new World();
    w.bin = bin;
    w.dir = tempDir(name);
    w.api = await new BotApi({ retryScale: 0.05, ...api }).start();
    w.token = '700100200:AAEtest-token_0123456789abcdefghijk';
    w.bot = w.api.addBot(w.token, { username: 'so_tay_bot', ...bot });
    w.database = path.join(w.dir, 'cdsbot.db');
    w.status = `127.0.0.1:${await freePort()}`;
    w.listen = `127.0.0.1:${await freePort()}`;
    w.secret = 'bi-mat_cua-webhook-1234';
    w.webhookPath = '/telegram';
    const base = {
      bot: { quiet_hours: 'no', commands_per_minute: 1000 },
      store: { path: w.database },
      http: { listen: webhook ? w.listen : undefined, status_listen: w.status },
      courier: { backoff_first: '200ms', backoff_max: '2s', confirmations_per_minute: 60 },
      telegram: {
        token: w.token,
        api_url: w.api.url,
        mode: webhook ? 'webhook' : 'poll',
        poll_timeout: webhook ? undefined : '20s',
        webhook_url: webhook ? `http://${w.listen}${w.webhookPath}` : undefined,
        webhook_path: webhook ? w.webhookPath : undefined,
        webhook_secret: webhook ? w.secret : undefined,
        per_second: 0,
        chat_per_second: 0,
        group_per_minute: 0,
      },
    };
    w.sections = { ...base };
    for (const [section, values] of Object.entries(config)) w.sections[section] = { ...base[section], ...values };
    w.configFile = path.join(w.dir, 'cdsbot.conf');
    w.writeConfig();
    return w;
  }

  writeConfig(changes = {}) {
    for (const [section, values] of Object.entries(changes)) this.sections[section] = { ...this.sections[section], ...values };
    writeConfig(this.configFile, this.sections);
  }

  async up(options = {}) {
    this.daemon = await Daemon.start({ config: this.configFile, status: this.status, bin: this.bin, ...options });
    return this.daemon;
  }

  async stop() {
    await this.daemon.stop();
  }

  /** For after(): ends everything, whatever state the test left it in; a crash still fails. */
  async down() {
    try {
      if (this.daemon && !this.daemon.ended) await this.daemon.stop();
      else if (this.daemon && this.daemon.signal !== 'SIGKILL') assertNoCrash(this.daemon.stderr, this.daemon.code, this.daemon.signal);
    } finally {
      await this.api.close();
    }
  }

  cli(args, options) {
    return run([...args.slice(0, 1), '--config', this.configFile, ...args.slice(1)], { bin: this.bin, ...options });
  }

  sql(query) {
    return sql(this.database, query);
  }

  /** Writes privately and waits for the private answer. */
  async ask(user, text, pattern = /[^]/, options = {}) {
    const from = this.bot.sends.length;
    this.bot.say(user, user, text);
    return (await this.answer(user, pattern, { from, ...options })).text;
  }

  /** The next send to a person or chat whose text matches. */
  answer(chatOrUser, pattern, { from = 0, ...options } = {}) {
    const id = chatOrUser.info?.id ?? chatOrUser.id;
    return this.bot.waitForSend((s) => s.chatId === id && pattern.test(s.text), {
      from,
      what: () => `${pattern} to ${id}; sent were ${JSON.stringify(this.bot.sends.slice(from).slice(-5).map((s) => [s.chatId, s.text]))}` +
        `\n${this.daemon?.stderr.slice(-1500) ?? ''}`,
      ...options,
    });
  }

  /** Registers a person as somebody of a unit, by the dialogue that people have. */
  async register(user, unit) {
    await this.ask(user, `/dk ${unit}`, /ĐỒNG Ý/);
    return this.ask(user, 'ĐỒNG Ý');
  }

  /** A fresh code from the command line. */
  async adminCode() {
    const { code, stdout, stderr } = await this.cli(['admin', '--json', 'code']);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout).code;
  }

  /** Makes a registered person an administrator. */
  async claimAdmin(user) {
    return this.ask(user, `/nhanquyen ${await this.adminCode()}`);
  }

  /** An administrator who is registered, and a core group the bot is in. */
  async withAdminAndGroup({ unit = 'so tttt', groupId = -1002233445566 } = {}) {
    this.admin = this.bot.user(6200999000, 'Quản trị', { username: 'quan_tri' });
    await this.register(this.admin, unit);
    await this.claimAdmin(this.admin);
    this.group = this.bot.group(groupId, 'Đội ngũ nòng cốt CĐS');
    this.bot.joinGroup(this.group, this.admin);
    const from = this.bot.sends.length;
    this.bot.say(this.group, this.admin, `/nhom@${this.bot.username} nongcot`);
    await this.bot.waitForSend((s) => s.chatId === this.group.id || s.chatId === this.admin.id, { from });
    return this;
  }
}

/** A small table of random numbers that comes out the same for the same seed. */
export function randomFrom(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}
