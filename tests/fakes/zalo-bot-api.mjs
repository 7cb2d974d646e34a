// SPDX-License-Identifier: MIT
// A scripted stand-in for the Zalo Bot Platform and for the people who write to a bot, after the project's fact sheet on the platform. It
// keeps what bites a bot (one object a poll, no acknowledgement, idle as a failure with status 200, events of a group only by mention or
// reply, flat webhooks) and can be told to misbehave. What the sheet only guesses at (retries of a webhook) it does not have.
//
//   const api = await new ZaloBotApi().start();
//   const bot = api.addBot('1234:token', { name: 'Bot Sổ Trực' });
//   bot.say(bot.group('Tổ'), bot.user('An'), '@Bot Sổ Trực /tim abc');
//   const sent = await bot.waitForSend((s) => /abc/.test(s.text));

import http from 'node:http';
import { Waiter } from './bot-api.mjs';

const TEXT_MAX = 2000;
const IDLE = { ok: false, description: 'Request timeout', error_code: 408 };
const STYLE = /^(b|i|u|s|f_1[358]|f_20|c_[0-9a-f]{6}|lst_[12]|ind_[1-5])$/;
const TRIALS_A_DAY = 5;

class ApiError extends Error {
  constructor(code, description, { status = 200, field = 'error_code', headers = {} } = {}) {
    super(description);
    Object.assign(this, { code, status, field, headers });
  }
}

/** How an idle poll may look; name -> what goes over the wire. */
export const IDLE_VARIANTS = {
  'status 200, code 408': { status: 200, body: IDLE },
  'status 408 with the same body': { status: 408, body: IDLE },
  'status 408 without a body': { status: 408, body: '' },
  'status 504 with HTML': { status: 504, body: '<html>504</html>' },
  'code as errorCode': { status: 200, body: { ok: false, description: 'Request timeout', errorCode: 408 } },
  'result missing': { status: 200, body: { ok: true } },
  'result null': { status: 200, body: { ok: true, result: null } },
  'result {}': { status: 200, body: { ok: true, result: {} } },
  'result []': { status: 200, body: { ok: true, result: [] } },
};

let serial = 0x1000;
const hexId = (kind) => `${kind}${(serial++).toString(16).padStart(18, '0')}`;

export class ZaloBot {
  constructor(api, token, { id = token.split(':')[0], accountName = 'bot.SoTruc', name = 'Bot Sổ Trực', tellsName = true } = {}) {
    Object.assign(this, { api, token, id, accountName, name, tellsName });
    this.revoked = false;
    this.queue = []; // events not handed out yet
    this.handedOut = []; // events that left, in order: there is no way to get one again
    this.idle = IDLE_VARIANTS['status 200, code 408'];
    this.asArray = 0; // so many of the next events in one answer
    this.poll = null;
    this.polls = 0;
    this.pollTimes = [];
    this.webhook = { url: '', secret: '' };
    this.shape = 'flat';
    this.webhookAnswers = [];
    this.verification = { ok: true, outcome: 'webhook.ok', status_code: 200, hint: '' };
    this.trials = 0;
    this.chats = new Map();
    this.sends = [];
    this.calls = [];
    this.quota = Infinity; // sends until 429
    this.waiter = new Waiter();
  }

  // ---- people, groups and what they do

  user(name) {
    return { id: hexId('6b'), display_name: name, is_bot: false };
  }

  group(title) {
    const chat = { id: `zgr-${hexId('0f')}`, chat_type: 'GROUP', title };
    this.chats.set(chat.id, chat);
    return chat;
  }

  privateChat(user) {
    const chat = { id: user.id, chat_type: 'PRIVATE' };
    this.chats.set(chat.id, chat);
    return chat;
  }

  /** An event as the platform makes it. chat: a group, or the person for the private chat. */
  event(name, chat, user, fields, { drop = [], message: more = {} } = {}) {
    const where = chat.chat_type ? chat : this.privateChat(chat);
    const message = {
      message_id: hexId('5a'), date: Date.now(), from: user, chat: { id: where.id, chat_type: where.chat_type }, ...fields, ...more,
    };
    const event = { event_name: `message.${name}.received`, message };
    for (const field of drop) delete event[field];
    return event;
  }

  /** A person writes. In a group only what mentions the bot or answers it is delivered. Returns the event. */
  say(chat, user, text, options = {}) {
    const event = this.event('text', chat, user, { text }, options);
    if (chat.chat_type === 'GROUP' && !text.normalize('NFC').includes(`@${this.name}`) && !options.replyToBot) return event;
    return this.push(event);
  }

  photo(chat, user, { url = 'https://photo.example.vn/a.jpg', field = 'photo_url', caption } = {}) {
    return this.push(this.event('image', chat, user, { message_type: 'CHAT_PHOTO', [field]: url, ...(caption ? { caption } : {}) }));
  }

  /** Puts any event into the queue, or sends it to the webhook. */
  push(event) {
    this.queue.push(event);
    if (this.webhook.url) this.#deliver();
    else this.poll?.wake();
    return event;
  }

  /** The same event once more. */
  again(event) {
    return this.push(structuredClone(event));
  }

  async #deliver() {
    while (this.queue.length > 0) {
      const event = this.queue.shift();
      this.handedOut.push(event);
      const answer = await this.post(this.shape === 'wrapped' ? { ok: true, result: event } : event);
      this.webhookAnswers.push({ event, ...answer });
      this.waiter.poke();
    }
  }

  /** One call of the webhook; body: an object, or text as it is. Resolves to { status, body } or { error }. */
  post(body, { secret = this.webhook.secret, headers = {} } = {}) {
    const text = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const all = { 'user-agent': 'Java/1.8.0_192', 'content-length': text.length, ...(text.length ? { 'content-type': 'application/json' } : {}),
      ...(secret ? { 'x-bot-api-secret-token': secret } : {}), ...headers };
    return new Promise((resolve) => {
      const request = http.request(this.webhook.url, { method: 'POST', headers: all, timeout: 10000 }, (response) => {
        let got = '';
        response.on('data', (part) => { got += part; });
        response.on('end', () => resolve({ status: response.statusCode, body: got }));
        response.on('error', (error) => resolve({ error: error.message }));
      });
      request.on('timeout', () => request.destroy(new Error('timeout')));
      request.on('error', (error) => resolve({ error: error.message }));
      request.end(text);
    });
  }

  forceWebhook(url, secret) {
    this.webhook = { url, secret };
    if (this.poll) this.poll.end();
  }

  // ---- what tests wait for

  until(look, options) {
    return this.waiter.until(look, options);
  }

  waitForSend(like, { from = 0, ...options } = {}) {
    let next = from;
    return this.waiter.until(() => {
      while (next < this.sends.length) {
        const s = this.sends[next++];
        if (like(s)) return s;
      }
      return null;
    }, { what: () => `a send; the last were ${JSON.stringify(this.sends.slice(-3).map((s) => [s.chatId, s.text]))}`, ...options });
  }

  // ---- the methods; names are case sensitive

  methods = {
    getMe: () => ({ id: this.id, account_name: this.accountName, account_type: 'BASIC', can_join_groups: false,
      ...(this.tellsName ? { display_name: this.name } : {}) }),
    getUpdates: (p, call) => this.#getUpdates(p, call),
    setWebhook: (p) => {
      if (!/^https:|^http:\/\/127\.0\.0\.1/.test(p.url ?? '')) throw new ApiError(400, 'Bad request: url');
      if (!(String(p.secret_token ?? '').length >= 8 && p.secret_token.length <= 256)) throw new ApiError(400, 'Bad request: secret_token');
      this.webhook = { url: p.url, secret: p.secret_token }; // kept even if the trial fails
      if (this.poll) this.poll.end();
      return { url: p.url, updated_at: Date.now(), verification: { url: p.url, ...this.verification } };
    },
    deleteWebhook: () => {
      this.webhook = { url: '', secret: '' };
      return { url: '', updated_at: Date.now() };
    },
    getWebhookInfo: () => {
      if (!this.webhook.url) throw new ApiError(404, 'Not found');
      return { url: this.webhook.url, updated_at: Date.now() };
    },
    testWebhook: () => {
      if (this.trials++ >= TRIALS_A_DAY) throw new ApiError(426, 'Upgrade Required', { field: 'errorCode' });
      return { url: this.webhook.url, latency_ms: 12, ...this.verification };
    },
    sendMessage: (p) => this.#send('sendMessage', p, { text: this.#text(p.text), styles: this.#styles(p) }),
    sendPhoto: (p) => {
      if (!/^https?:\/\//.test(p.photo ?? '')) throw new ApiError(400, 'Bad request: photo');
      return this.#send('sendPhoto', p, { text: p.caption === undefined ? '' : this.#text(p.caption), photo: p.photo });
    },
    sendSticker: (p) => this.#send('sendSticker', p, { text: '', sticker: p.sticker }),
    sendVoice: (p) => {
      // With a group id it says ok and delivers nothing.
      if (String(p.chat_id).startsWith('zgr-')) return { message_id: hexId('9c'), date: Date.now() };
      return this.#send('sendVoice', p, { text: '', voice: p.voice_url });
    },
    sendChatAction: (p) => {
      this.#chat(p);
      return undefined;
    },
  };

  #chat(p) {
    const chat = this.chats.get(String(p.chat_id));
    if (!chat) throw new ApiError(400, 'Bad request: chat not found');
    return chat;
  }

  #text(text) {
    if (typeof text !== 'string' || text.length < 1 || text.length > TEXT_MAX) throw new ApiError(400, 'Bad request: text length');
    return text;
  }

  #styles({ text, text_styles: styles = [] }) {
    for (const { start, len, st } of styles) {
      const fits = Number.isInteger(start) && Number.isInteger(len) && start >= 0 && len > 0 && start + len <= text.length;
      if (!fits || !Array.isArray(st) || !st.every((s) => STYLE.test(s))) throw new ApiError(400, 'Bad request: text_styles');
    }
    return styles;
  }

  #send(method, p, content) {
    const chat = this.#chat(p);
    if (this.quota <= 0) throw new ApiError(429, 'Quota exceeded');
    this.quota--;
    const sent = { method, chatId: chat.id, group: chat.chat_type === 'GROUP', messageId: hexId('9c'), at: performance.now(), params: p, ...content };
    this.sends.push(sent);
    return { message_id: sent.messageId, date: Date.now() };
  }

  #getUpdates(p, call) {
    if (this.webhook.url) throw new ApiError(409, 'Conflict: webhook is set');
    this.polls++;
    this.pollTimes.push(performance.now());
    const seconds = Number(p.timeout ?? 30); // a string by the documentation's table, a number in its example
    if (!Number.isFinite(seconds)) throw new ApiError(400, 'Bad request: timeout');
    this.poll?.end();
    return new Promise((resolve) => {
      let timer;
      const poll = {
        wake: () => {
          if (this.queue.length === 0) return;
          poll.end(this.#take());
        },
        end: (answer = { raw: this.idle }) => {
          clearTimeout(timer);
          if (this.poll === poll) this.poll = null;
          resolve(answer);
        },
      };
      this.poll = poll;
      timer = setTimeout(() => poll.end(), (this.api.options.pollSeconds ?? seconds) * 1000);
      call.request.socket.once('close', () => poll.end());
      poll.wake();
      this.waiter.poke();
    });
  }

  /** Gone with the answer, whether it arrives or not. */
  #take() {
    const n = Math.max(1, Math.min(this.asArray, this.queue.length));
    const some = this.queue.splice(0, n);
    this.handedOut.push(...some);
    const result = this.asArray > 0 ? some : some[0];
    if (this.asArray > 0) this.asArray = 0;
    return { result };
  }
}

export class ZaloBotApi {
  constructor(options = {}) {
    /** pollSeconds: how long an idle poll really takes, whatever was asked for. */
    this.options = options;
    this.bots = new Map();
    this.rules = [];
    this.sockets = new Set();
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  addBot(token, options) {
    const bot = new ZaloBot(this, token, options);
    this.bots.set(token, bot);
    return bot;
  }

  async start() {
    this.server = http.createServer((request, response) => this.#answer(request, response));
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    await new Promise((resolve) => { this.server.listen(0, '127.0.0.1', resolve); });
    this.port = this.server.address().port;
    return this;
  }

  async close() {
    for (const bot of this.bots.values()) bot.poll?.end();
    const closed = new Promise((resolve) => { this.server.close(resolve); });
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /**
   * The next `times` calls of a method go wrong. code: an error code in the body; status: the HTTP status (200 by default); field: how the
   * code is spelt; headers. Or kind: 'drop' (carried out, connection closed), 'html' (a page with `status`), 'bare' (ok without a result,
   * carried out), 'delay' (ms, then carried out). Returns the rule; rule.hits counts.
   */
  failNext(method, { times = 1, ...how }) {
    const rule = { method, left: times, hits: 0, ...how };
    this.rules.push(rule);
    return rule;
  }

  async #answer(request, response) {
    const parts = [];
    for await (const part of request) parts.push(part);
    const url = new URL(request.url, 'http://x');
    const [, token, method] = /^\/bot([^/]+)\/(\w+)$/.exec(url.pathname) ?? [];
    const bot = this.bots.get(decodeURIComponent(token ?? ''));
    const entry = { method, at: performance.now(), code: 200 };
    try {
      if (!bot || bot.revoked) throw new ApiError(401, 'Unauthorized');
      entry.params = readParams(url, request.headers['content-type'] ?? '', Buffer.concat(parts));
      bot.calls.push(entry);
      if (!Object.hasOwn(bot.methods, method)) throw new ApiError(404, 'Not found');
      await this.#perform(bot, method, entry, { request, response });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      entry.code = error.code;
      reply(response, error.status, { ok: false, description: error.message, [error.field]: error.code }, error.headers);
    }
    bot?.waiter.poke();
  }

  async #perform(bot, method, entry, call) {
    const rule = this.rules.find((r) => r.left > 0 && r.method === method);
    if (rule) {
      rule.left--;
      rule.hits++;
      entry.code = rule.code ?? rule.kind;
      if (rule.code) throw new ApiError(rule.code, rule.description ?? 'Failed', rule);
    }
    if (rule?.kind === 'html') {
      reply(call.response, rule.status, '<html>blocked</html>', { 'content-type': 'text/html' });
      return;
    }
    if (rule?.kind === 'delay') await new Promise((resolve) => { setTimeout(resolve, rule.ms); });
    const result = await bot.methods[method](entry.params, call);
    if (rule?.kind === 'drop') call.response.socket.destroy();
    else if (rule?.kind === 'bare' || result === undefined) reply(call.response, 200, { ok: true });
    else if (method === 'getUpdates' && result.raw) reply(call.response, result.raw.status, result.raw.body);
    else reply(call.response, 200, { ok: true, result: method === 'getUpdates' ? result.result : result });
  }
}

function reply(response, status, body, headers = {}) {
  if (response.destroyed || response.writableEnded) return;
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length, ...headers });
  response.end(bytes);
}

/** Query, form or JSON; a call without parameters has an empty body, with or without a content type, or {}. */
function readParams(url, type, body) {
  const p = Object.fromEntries(url.searchParams);
  if (body.length === 0) return p;
  if (type.startsWith('application/x-www-form-urlencoded')) return { ...p, ...Object.fromEntries(new URLSearchParams(body.toString('utf8'))) };
  try {
    return { ...p, ...JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) };
  } catch {
    throw new ApiError(400, 'Bad request: body');
  }
}
