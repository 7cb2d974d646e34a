// SPDX-License-Identifier: MIT
// A scripted stand-in for Zalo's Official Account OpenAPI, its token server and its webhook sender, after the project's fact sheet. It
// keeps the rules that bite: application errors with HTTP 200, refresh tokens that work once, seven days for private messages, pages,
// retries of events. What it merely assumes together with the program (see the sheet's marks) it cannot prove.
//
//   const oa = await new ZaloOa().start();
//   const group = oa.addGroup('4a9b…', 'Tổ CĐS', { max: 1000 });
//   oa.say(group, user, '/t loa');
//   await oa.waitForSend((s) => s.groupId === group.id);

import crypto from 'node:crypto';
import http from 'node:http';
import { Waiter } from './bot-api.mjs';

const TEXT_MAX = 2000;
const FILE_MAX = 5 * 1024 * 1024;
const IMAGE_MAX = 1024 * 1024;
const DAY_MS = 86400e3;
const ACK_WITHIN_MS = 2000; // a webhook must answer in this time
const RETRIES_MS = [30e3, 300e3, 900e3, 1800e3, 3600e3];

class Refusal extends Error {
  constructor(error, message, status = 200) {
    super(message);
    this.error = error;
    this.status = status;
  }
}

const readBody = (request) => new Promise((resolve, reject) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => resolve(Buffer.concat(parts)));
  request.on('error', reject);
});

/** The one file of a multipart body: { name, mime, bytes }, or null. */
function readMultipart(type, body) {
  const boundary = /boundary=("?)([^";]+)\1/.exec(type ?? '')?.[2];
  if (!boundary) return null;
  const head = body.indexOf('\r\n\r\n');
  const end = body.lastIndexOf(`\r\n--${boundary}--`);
  const lines = body.subarray(0, head).toString();
  if (head < 0 || end < head || !lines.startsWith(`--${boundary}\r\n`) || !/name="file"/.test(lines)) return null;
  return { name: /filename="([^"]*)"/.exec(lines)?.[1] ?? '', mime: /Content-Type: (.*)/i.exec(lines)?.[1] ?? '', bytes: body.subarray(head + 4, end) };
}

export class ZaloOa {
  constructor({ appId = '1234567890123456789', appSecret = 'appsecret0123456789ab', oaId = '9876543210987654321', oaSecret = 'oa-secret-demo',
    oaName = 'CĐS tỉnh', retryScale = 1, pageMax = 50, historyPageMax = 10 } = {}) {
    Object.assign(this, { appId, appSecret, oaId, oaSecret, oaName, retryScale, pageMax, historyPageMax });
    this.access = 'AT-first-0001';
    this.refresh = 'RT-first-0001';
    this.usedRefresh = new Set();
    this.expiresIn = '90000'; // string, number, or undefined: left out
    this.refreshes = 0;
    this.tokenCalls = [];
    this.refreshDelay = 0; // ms before the token server answers

    this.users = new Map();
    this.groups = new Map();
    this.files = new Map();
    this.uploads = new Map(); // token -> file
    this.sends = [];
    this.calls = []; // { path, token, error, at }
    this.scripted = [];
    this.perMinute = 0; // 0: no limit
    this.minute = { at: 0, n: 0 };
    this.assets = [{ asset_id: 'as1', status: 'used', valid_through: '31/12/2027', auto_renew: true, product: 'gmf1000' }];
    this.sendDelay = 0;

    this.webhook = { url: '', down: false, signature: 'documented' };
    this.echoes = true;
    this.events = []; // { event, attempts: [{ at, ms, status }], done }
    this.timers = new Set();
    this.next = 1;
    this.waiter = new Waiter();
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 100 });
  }

  async start() {
    this.server = http.createServer((request, response) => {
      this.#answer(request, response).catch((error) => {
        response.statusCode = 500;
        response.end(String(error.stack));
      });
    });
    await new Promise((resolve) => { this.server.listen(0, '127.0.0.1', resolve); });
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  async close() {
    for (const timer of this.timers) clearTimeout(timer);
    this.agent.destroy();
    this.server.closeAllConnections();
    await new Promise((resolve) => { this.server.close(resolve); });
  }

  // ---- people and groups ---------------------------------------------------------------------------------------------------------

  user(name = `Người ${this.next}`) {
    const user = { id: `55100000000${String(10000000 + this.next++)}`, name, lastWrote: 0, blocked: false };
    this.users.set(user.id, user);
    return user;
  }

  addGroup(id, name, { max = 1000, members = [], autoDelete = '' } = {}) {
    const group = { id, name, max, members: new Set(members), status: 'enabled', autoDelete, history: [] };
    this.groups.set(id, group);
    return group;
  }

  // ---- webhook ---------------------------------------------------------------------------------------------------------------------

  say(group, user, text, { kind = 'text', attachments, at = Date.now(), quote } = {}) {
    const message = { msg_id: this.#id(), ...(text ? { text } : {}), ...(attachments ? { attachments } : {}), ...(quote ? { quote_msg: quote } : {}) };
    group.history.unshift({
      src: 1, time: at, type: kind === 'image' ? 'photo' : kind, message: text ?? '', message_id: message.msg_id, from_id: user.id,
      from_display_name: user.name, group_id: group.id, ...(attachments ? { url: attachments[0].payload.url } : {}),
    });
    return this.emit(`user_send_group_${kind}`, { sender: { id: user.id }, recipient: { id: group.id }, message }, at);
  }

  sayPrivate(user, text, { kind = 'text', attachments } = {}) {
    user.lastWrote = Date.now();
    const message = { msg_id: this.#id(), ...(text ? { text } : {}), ...(attachments ? { attachments } : {}) };
    return this.emit(`user_send_${kind}`, { sender: { id: user.id }, recipient: { id: this.oaId }, message, user_id_by_app: `by-app-${user.id}` });
  }

  join(group, user) {
    group.members.add(user);
    return this.emit('user_join_group', { group_id: group.id, sender: { id: user.id } });
  }

  leave(group, user) {
    group.members.delete(user);
    return this.emit('user_out_group', { group_id: group.id, sender: { id: user.id } });
  }

  /** Any event; delivered at once and again until it is acknowledged (or the retries are over). */
  emit(name, fields, at = Date.now()) {
    const event = { app_id: this.appId, event_name: name, ...fields, timestamp: String(at) };
    return this.deliver(JSON.stringify(event), event.timestamp, name);
  }

  deliver(body, timestamp, name = '') {
    const entry = { name, body, timestamp, attempts: [], done: false };
    this.events.push(entry);
    if (this.webhook.url && !this.webhook.down) this.#post(entry);
    else if (this.webhook.url) this.#again(entry, 0);
    return entry;
  }

  /** The same event once more, as a retry whose first answer was lost. */
  redeliver(entry) {
    entry.done = false;
    return this.#post(entry);
  }

  sign(body, timestamp) {
    return crypto.createHash('sha256').update(this.appId + body + timestamp + this.oaSecret).digest('hex');
  }

  /** What the console sends when the address is saved: unsigned, `{}`. Resolves to the status. */
  probe() {
    return this.#send('{}', {}).then((r) => r.status);
  }

  #headers(entry) {
    const mac = this.sign(entry.body, entry.timestamp);
    if (this.webhook.signature === 'bare') return { 'X-ZEvent-Signature': mac.toUpperCase() };
    if (this.webhook.signature === 'wrong') return { 'X-ZEvent-Signature': `mac=${'0'.repeat(64)}` };
    return { 'X-ZEvent-Signature': `mac=${mac}`, 'X-ZEvent-Timestamp': entry.timestamp };
  }

  #send(body, headers) {
    const started = performance.now();
    return new Promise((resolve) => {
      const request = http.request(this.webhook.url, {
        method: 'POST', agent: this.agent, timeout: ACK_WITHIN_MS,
        headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), ...headers },
      }, (response) => {
        response.resume();
        response.on('end', () => resolve({ status: response.statusCode, ms: performance.now() - started }));
      });
      request.on('timeout', () => request.destroy(new Error('no answer in time')));
      request.on('error', () => resolve({ status: 0, ms: performance.now() - started }));
      request.end(body);
    });
  }

  async #post(entry) {
    const n = entry.attempts.length;
    const result = this.webhook.down ? { status: 0, ms: 0 }
      : await this.#send(entry.body, { ...this.#headers(entry), ...(n > 0 ? { num_retry: String(n) } : {}) });
    entry.attempts.push({ at: Date.now(), ...result });
    if (result.status === 200) entry.done = true;
    else this.#again(entry, n);
    this.waiter.poke();
    return entry;
  }

  #again(entry, n) {
    if (n >= RETRIES_MS.length || !Number.isFinite(this.retryScale)) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.#post(entry);
    }, RETRIES_MS[n] * this.retryScale);
    this.timers.add(timer);
  }

  waitAcked({ timeout = 15000 } = {}) {
    return this.waiter.until(() => this.events.every((e) => e.done), {
      timeout, what: () => `all events to be taken; ${this.events.filter((e) => !e.done).length} of ${this.events.length} are not`,
    });
  }

  // ---- calls -----------------------------------------------------------------------------------------------------------------------

  /** The next `times` calls whose path contains `match` get this instead: { error, message, status, raw, after }. after: it is carried
   * out first (an answer that gets lost or lies). */
  fail(match, { times = 1, ...how }) {
    this.scripted.push({ match, times, ...how });
  }

  waitForSend(match, { from = 0, timeout = 15000, what = 'a send' } = {}) {
    return this.waiter.until(() => this.sends.slice(from).find(match), {
      timeout, what: () => `${what}; sent were:\n${this.sends.slice(from).map((s) => `${s.groupId ?? s.userId}: ${s.text ?? s.file}`).join('\n').slice(-2000)}`,
    });
  }

  /** From now on the access token is refused, as when another app was authorised or its time is over. */
  expireAccess() {
    this.access = `AT-unknown-${this.next++}`;
  }

  #id() {
    return `96d3demo${String(this.next++).padStart(10, '0')}`;
  }

  async #answer(request, response) {
    const url = new URL(request.url, this.url);
    const body = await readBody(request);
    const call = { method: request.method, path: url.pathname, query: Object.fromEntries(url.searchParams), token: request.headers.access_token, at: Date.now() };
    this.calls.push(call);
    const script = this.scripted.find((s) => s.times > 0 && request.url.includes(s.match));
    if (script) script.times -= 1;
    let status = 200;
    let answer;
    try {
      if (script && !script.after) throw new Refusal(script.error ?? 0, script.message ?? 'scripted', script.status ?? 200);
      answer = await this.#route(request, url, body, call);
      if (script) throw new Refusal(script.error ?? 0, script.message ?? 'scripted', script.status ?? 200);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      status = error.status;
      answer = { error: error.error, message: error.message };
    }
    call.error = answer?.error ?? 0;
    this.waiter.poke();
    if (script?.hang) return; // never answered
    if (this.perMinute) {
      response.setHeader('X-RateLimit-Limit', this.perMinute);
      response.setHeader('X-RateLimit-Remain', Math.max(0, this.perMinute - this.minute.n));
    }
    response.statusCode = status;
    if (Buffer.isBuffer(answer)) response.end(answer);
    else {
      response.setHeader('Content-Type', 'application/json');
      response.end(script?.raw ?? JSON.stringify(answer));
    }
  }

  #countMinute() {
    const now = Math.floor(Date.now() / 60000);
    if (this.minute.at !== now) this.minute = { at: now, n: 0 };
    this.minute.n += 1;
    if (this.perMinute && this.minute.n > this.perMinute) throw new Refusal(-32, 'OA reached rate limit per minute');
  }

  async #route(request, url, body, call) {
    const path = url.pathname;
    if (path === '/v4/oa/access_token') return this.#token(request, body);
    if (path.startsWith('/files/')) {
      const file = this.files.get(path.slice('/files/'.length));
      if (!file) throw new Refusal(-404, 'gone', 404);
      return file.bytes;
    }
    if (request.headers.access_token !== this.access) throw new Refusal(-216, 'Access token is invalid');
    this.#countMinute();
    const q = call.query;
    switch (path.replace('/v3.0/oa/', '').replace('/v2.0/oa/', '')) {
      case 'group/message': return this.#groupMessage(JSON.parse(body));
      case 'message/cs': return this.#privateMessage(JSON.parse(body));
      case 'group/getgroupsofoa': return this.#page([...this.groups.values()].map((g) => this.#groupRow(g)), q, 5, 'groups');
      case 'group/getgroup': return { error: 0, data: { group_info: this.#groupRow(this.#group(q.group_id)), group_setting: {} } };
      case 'group/listmember': {
        const rows = [{ oa_id: this.oaId, name: this.oaName, avatar: '' }, ...[...this.#group(q.group_id).members].map((u) => ({ user_id: u.id, name: u.name, avatar: '' }))];
        return this.#page(rows, q, 5, 'members');
      }
      case 'group/conversation': return this.#history(this.#group(q.group_id), q);
      case 'quota/group': {
        const wanted = JSON.parse(body);
        return { error: 0, data: this.assets.filter((a) => a.product === wanted.product_type) };
      }
      case 'upload/file': return this.#upload(request, body);
      case 'upload/image': return this.#uploadImage(request, body);
      default: throw new Refusal(-404, 'unknown api', 404);
    }
  }

  #group(id) {
    const group = this.groups.get(id);
    if (!group) throw new Refusal(-403, 'OA is not in group');
    return group;
  }

  #groupRow(g) {
    return { group_id: g.id, name: g.name, group_link: `https://zalo.me/g/${g.id}`, status: g.status, total_member: g.members.size, max_member: String(g.max), auto_delete_date: g.autoDelete };
  }

  #page(rows, q, dflt, name) {
    const offset = Number(q.offset ?? 0);
    const count = Number(q.count ?? dflt);
    if (count > this.pageMax) throw new Refusal(-210, 'count is over limit');
    return { error: 0, data: { [name]: rows.slice(offset, offset + count), total: rows.length } };
  }

  #history(group, q) {
    const offset = Number(q.offset ?? 0);
    const count = Number(q.count ?? 5);
    if (count > this.historyPageMax) throw new Refusal(-210, 'count is over limit');
    return { error: 0, data: group.history.slice(offset, offset + count) };
  }

  async #token(request, body) {
    const form = new URLSearchParams(body.toString());
    this.tokenCalls.push({ refresh: form.get('refresh_token'), at: Date.now() });
    if (this.refreshDelay) await new Promise((resolve) => { setTimeout(resolve, this.refreshDelay); });
    const refuse = (error, name) => ({ error, error_name: name, error_reason: '', error_description: '', ref_doc: '' });
    if (!/^application\/x-www-form-urlencoded/.test(request.headers['content-type'] ?? '')) return refuse(-14001, 'Invalid content type');
    if (request.headers.secret_key !== this.appSecret) return refuse(-14004, 'Invalid secret key');
    if (form.get('app_id') !== this.appId) return refuse(-14002, 'Invalid app id');
    if (form.get('grant_type') !== 'refresh_token' || form.get('refresh_token') !== this.refresh) return refuse(-14020, 'Invalid refresh token');
    this.usedRefresh.add(this.refresh);
    this.refreshes += 1;
    this.access = `AT-new-${String(this.next++).padStart(6, '0')}`;
    this.refresh = `RT-new-${String(this.next++).padStart(6, '0')}`;
    return { access_token: this.access, refresh_token: this.refresh, ...(this.expiresIn === undefined ? {} : { expires_in: this.expiresIn }) };
  }

  // ---- messages ---------------------------------------------------------------------------------------------------------------------

  #checkMessage(message) {
    const { text, attachment } = message;
    if (text === undefined && !attachment) throw new Refusal(-201, 'message is invalid');
    if (text !== undefined) {
      if (typeof text !== 'string' || !text.trim()) throw new Refusal(-201, 'text is invalid');
      if (text !== text.normalize('NFC')) throw new Refusal(-201, 'text is not NFC (a rule of the stand-in)');
      if (text.length > TEXT_MAX) throw new Refusal(-210, 'text is over limit');
    }
    if (!attachment) return { text };
    if (attachment.type === 'file') {
      const file = this.uploads.get(attachment.payload?.token);
      if (!file) throw new Refusal(-100, 'attachment id is expired');
      return { file: file.name, bytes: file.bytes };
    }
    const element = attachment.payload?.elements?.[0];
    if (attachment.type !== 'template' || attachment.payload.template_type !== 'media' || !element) throw new Refusal(-201, 'attachment is invalid');
    if (Boolean(element.url) === Boolean(element.attachment_id)) throw new Refusal(-201, 'url or attachment_id');
    if (element.url) return { text, image: element.url };
    const picture = this.uploads.get(element.attachment_id);
    if (!picture) throw new Refusal(-100, 'attachment id is expired');
    return { text, image: element.attachment_id, bytes: picture.bytes };
  }

  async #record(send) {
    const id = this.#id();
    if (this.sendDelay) await new Promise((resolve) => { setTimeout(resolve, this.sendDelay); });
    this.sends.push({ id, at: Date.now(), mentions: [...(send.text ?? '').matchAll(/\[@([^\]]*)\]/g)].map((m) => m[1]), ...send });
    if (this.echoes && this.webhook.url)
      this.emit(send.groupId ? 'oa_send_group_text' : 'oa_send_text', {
        sender: { id: this.oaId, admin_id: '1' }, recipient: { id: send.groupId ?? send.userId }, message: { text: send.text ?? '', msg_id: id },
      });
    return id;
  }

  async #groupMessage({ recipient, message }) {
    const group = this.#group(recipient?.group_id);
    if (group.status !== 'enabled') throw new Refusal(-237, 'group is disabled');
    const send = { groupId: group.id, ...this.#checkMessage(message) };
    const id = await this.#record(send);
    group.history.unshift({ src: 0, time: Date.now(), type: 'text', message: send.text ?? '', message_id: id, from_id: this.oaId, from_display_name: this.oaName, group_id: group.id });
    return { data: { message_id: id, group_id: group.id }, error: 0 }; // some group answers have no `message`
  }

  async #privateMessage({ recipient, message }) {
    const user = this.users.get(recipient?.user_id);
    if (!user) throw new Refusal(-201, 'user_id is invalid');
    if (user.blocked) throw new Refusal(-213, 'user has not followed OA');
    if (Date.now() - user.lastWrote > 7 * DAY_MS) throw new Refusal(-230, 'user has not interacted with the OA in the past 7 days');
    const id = await this.#record({ userId: user.id, ...this.#checkMessage(message) });
    return { error: 0, message: 'Success', data: { message_id: id, user_id: user.id } };
  }

  // ---- files --------------------------------------------------------------------------------------------------------------------------

  /** A file as people's events carry it: the attachment with an address on this server. */
  hostFile(name, bytes, { type = 'file', size = bytes.length } = {}) {
    const id = String(this.next++);
    this.files.set(id, { name, bytes: Buffer.from(bytes) });
    return { type, payload: { url: `${this.url}/files/${id}`, ...(type === 'file' ? { name, size: String(size) } : { thumbnail: `${this.url}/files/${id}` }) } };
  }

  #uploadImage(request, body) {
    const file = readMultipart(request.headers['content-type'], body);
    const head = file?.bytes.subarray(0, 4).toString('latin1') ?? '';
    if (!/^\xFF\xD8\xFF|^\x89PNG/.test(head)) throw new Refusal(-201, 'image is invalid');
    if (file.bytes.length > IMAGE_MAX) throw new Refusal(-210, 'image is over limit');
    const id = `ATT-${this.next++}`;
    this.uploads.set(id, file);
    return { error: 0, message: 'Success', data: { attachment_id: id } };
  }

  #upload(request, body) {
    const file = readMultipart(request.headers['content-type'], body);
    if (!file) throw new Refusal(-201, 'file is invalid');
    if (!/\.(pdf|doc|docx|csv)$/i.test(file.name)) throw new Refusal(-201, 'file type is not supported');
    if (file.bytes.length > FILE_MAX) throw new Refusal(-210, 'file is over limit');
    const token = `UT-${this.next++}`;
    this.uploads.set(token, file);
    return { error: 0, message: 'Success', data: { token } };
  }
}
