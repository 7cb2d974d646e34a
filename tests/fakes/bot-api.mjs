// SPDX-License-Identifier: MIT
// A scripted stand-in for Telegram's Bot API server and for the people who write to a bot, after the project's fact sheet on
// the platform. It keeps the rules that bite a bot (offsets, conflicts, order per chat, retries, limits) and can be told to
// misbehave; it does not check rights, formatting by parse_mode, or anything else the bot does not use.
//
//   const api = await new BotApi().start();
//   const bot = api.addBot('1:token', { username: 'so_bot' });
//   bot.say(chat, user, '/tim abc');
//   const sent = await bot.waitForSend((s) => s.chatId === chat.id);

import http from 'node:http';

const MESSAGE_MAX = 4096;
const CAPTION_MAX = 1024;
const POLL_TIMEOUT_MAX_S = 50;
const OFFSET_SLACK = 10; // an offset further above the newest id than this means "from the beginning"
const ENTITY_TYPES = new Set(['mention', 'hashtag', 'cashtag', 'bot_command', 'url', 'email', 'phone_number', 'bold', 'italic',
  'underline', 'strikethrough', 'spoiler', 'blockquote', 'expandable_blockquote', 'code', 'pre', 'text_link', 'text_mention',
  'custom_emoji']);
const NOT_BY_DEFAULT = new Set(['chat_member', 'message_reaction', 'message_reaction_count']);

class ApiError extends Error {
  constructor(code, description, parameters) {
    super(description);
    this.code = code;
    this.parameters = parameters;
  }
}
const bad = (text, parameters) => new ApiError(400, `Bad Request: ${text}`, parameters);
const forbidden = (text) => new ApiError(403, `Forbidden: ${text}`);
const tooMany = (seconds) => new ApiError(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds });

/** Waits until something is so, however often it changes before. The one way of waiting of everything here. */
class Waiter {
  #waiting = new Set();

  poke() {
    for (const w of [...this.#waiting]) w();
  }

  /** Resolves to the first truthy value of look(), looked at now and after every poke. */
  until(look, { timeout = 10000, what = 'something' } = {}) {
    return new Promise((resolve, reject) => {
      let timer;
      const check = () => {
        let value;
        try {
          value = look();
        } catch (error) {
          clearTimeout(timer);
          this.#waiting.delete(check);
          reject(error);
          return;
        }
        if (!value) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(value);
      };
      timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`waited ${timeout} ms for ${typeof what === 'function' ? what() : what}`));
      }, timeout);
      this.#waiting.add(check);
      check();
    });
  }
}

/** One bot account: its queue, its poll or webhook, its chats, and everything it ever sent. */
export class Bot {
  constructor(api, token, options) {
    this.api = api;
    this.token = token;
    this.id = options.id ?? Number(token.split(':')[0]);
    this.username = options.username ?? 'thu_nghiem_bot';
    this.firstName = options.firstName ?? 'Sổ tay CĐS';
    this.privacy = options.privacy ?? false;
    this.nextUpdateId = options.firstUpdateId ?? 1000;
    /** Token revoked: everything answers 401. */
    this.revoked = false;

    this.queue = new Set(); // updates neither confirmed nor delivered, oldest first
    this.acked = new Map(); // update_id -> when it was confirmed or answered with 2xx
    this.handedOut = new Map(); // update_id -> how often it was given out
    this.allowed = null; // remembered allowed_updates
    this.poll = null; // the long poll that waits
    this.lastPoll = { offset: null, at: 0 };
    this.polls = 0; // getUpdates calls so far

    this.webhook = { url: '', secret: '', maxConnections: 40 };
    this.webhookSetAt = -Infinity;
    this.lastError = null;
    this.deliverer = null;

    this.chats = new Map(); // id -> chat
    this.files = new Map(); // file_id -> { kind }
    this.sends = []; // every send that was carried out: see #record
    this.calls = []; // every call: { method, params, at, code }
    this.menus = new Map(); // JSON of scope + language -> commands
    this.waiter = new Waiter();
    this.nextFile = 1;
  }

  // ---- people and chats ------------------------------------------------------------------------------------------------

  user(id, firstName = `Người ${id}`, more = {}) {
    return { id, is_bot: false, first_name: firstName, language_code: 'vi', ...more };
  }

  /** The private chat with a user; pressed Start already unless started is false. */
  privateChat(user, { started = true } = {}) {
    let chat = this.chats.get(user.id);
    if (!chat) {
      chat = this.#addChat({ id: user.id, type: 'private', first_name: user.first_name, username: user.username });
      chat.started = started;
    }
    return chat;
  }

  group(id, title = `Nhóm ${id}`, { type = 'supergroup', joined = true, topics = [] } = {}) {
    const chat = this.#addChat({ id, type, title });
    chat.joined = joined;
    chat.topics = new Set(topics);
    return chat;
  }

  channel(id, title = `Kênh ${id}`) {
    const chat = this.#addChat({ id, type: 'channel', title });
    chat.joined = true;
    return chat;
  }

  #addChat(info) {
    const chat = {
      id: info.id, info, messages: new Map(), nextMessageId: 1, started: true, joined: true, blocked: false, movedTo: null,
      topics: new Set(), closedTopics: new Set(), readOnly: false,
    };
    this.chats.set(chat.id, chat);
    return chat;
  }

  #chat(chatOrUser) {
    if (chatOrUser.info) return chatOrUser;
    return this.privateChat(chatOrUser);
  }

  // ---- what people do --------------------------------------------------------------------------------------------------

  /** A person writes. chat: a chat, or the user itself for the private chat. Returns { updateId, messageId, message }. */
  say(chat, user, text, opts = {}) {
    return this.#post(chat, user, { text, entities: opts.entities ?? commandEntities(text) }, opts);
  }

  photo(chat, user, { caption, ...opts } = {}) {
    const n = this.nextFile++;
    const sizes = [90, 800].map((width, i) => this.#file('photo', `anh${n}`, i, { width, height: width, file_size: width * 100 }));
    return this.#post(chat, user, { photo: sizes, ...captionOf(caption) }, opts);
  }

  document(chat, user, { caption, fileName = 'mau.pdf', mime = 'application/pdf', ...opts } = {}) {
    const file = this.#file('document', `tep${this.nextFile++}`, 0, { file_name: fileName, mime_type: mime, file_size: 12345 });
    return this.#post(chat, user, { document: file, ...captionOf(caption) }, opts);
  }

  /** n pictures as separate updates with one media_group_id; the caption sits on the first. */
  album(chat, user, n, { caption, ...opts } = {}) {
    const id = String(13000000000000000n + BigInt(this.nextFile));
    return Array.from({ length: n }, (_, i) =>
      this.photo(chat, user, { caption: i === 0 ? caption : undefined, fields: { media_group_id: id }, ...opts }));
  }

  #file(kind, unique, size, fields) {
    const fileId = `AgACAgUAAx${unique}_${size}_${this.id}`;
    this.files.set(fileId, { kind });
    return { file_id: fileId, file_unique_id: `AQAD${unique}_${size}`, ...fields };
  }

  #post(chatOrUser, user, body, { replyTo, thread, date, forward = false, fields = {} }) {
    const chat = this.#chat(chatOrUser);
    if (chat.info.type === 'private') Object.assign(chat, { started: true, blocked: false });
    const message = this.#message(chat, { from: user, ...body });
    if (date !== undefined) message.date = date;
    if (replyTo !== undefined) {
      const original = chat.messages.get(replyTo);
      if (original) message.reply_to_message = { ...original, reply_to_message: undefined };
    }
    if (thread !== undefined) Object.assign(message, { message_thread_id: thread, is_topic_message: true });
    if (forward) message.forward_origin = { type: 'hidden_user', sender_user_name: 'Ai đó', date: message.date };
    Object.assign(message, fields);
    const updateId = this.push({ message });
    return { updateId, messageId: message.message_id, message };
  }

  #message(chat, body) {
    const message = { message_id: chat.nextMessageId++, chat: chat.info, date: Math.floor(Date.now() / 1000), ...body };
    chat.messages.set(message.message_id, message);
    return message;
  }

  edit(chatOrUser, messageId, text) {
    const chat = this.#chat(chatOrUser);
    const message = chat.messages.get(messageId);
    Object.assign(message, { text, entities: commandEntities(text), edit_date: Math.floor(Date.now() / 1000) });
    return this.push({ edited_message: { ...message } });
  }

  deleteMessage(chatOrUser, messageId) {
    this.#chat(chatOrUser).messages.delete(messageId); // a bot is not told
  }

  channelPost(chat, text) {
    const message = this.#message(chat, { sender_chat: chat.info, text });
    return this.push({ channel_post: message });
  }

  /** An anonymous administrator of a group writes. */
  sayAnonymously(chat, text) {
    const from = { id: 1087968824, is_bot: true, first_name: 'Group', username: 'GroupAnonymousBot' };
    return this.say(chat, from, text, { fields: { sender_chat: chat.info } });
  }

  callback(chatOrUser, user, messageId, data) {
    const chat = this.#chat(chatOrUser);
    return this.push({ callback_query: { id: String(2664000111222333444n + BigInt(this.nextUpdateId)), from: user,
      message: chat.messages.get(messageId), chat_instance: '-7000111222333', data } });
  }

  #ownStatus(chat, user, before, after) {
    const me = { id: this.id, is_bot: true, first_name: this.firstName, username: this.username };
    return this.push({ my_chat_member: { chat: chat.info, from: user, date: Math.floor(Date.now() / 1000),
      old_chat_member: { user: me, status: before }, new_chat_member: { user: me, status: after } } });
  }

  /** Somebody adds the bot to a group. */
  joinGroup(chat, user) {
    chat.joined = true;
    return this.#ownStatus(chat, user, 'left', 'member');
  }

  kick(chat, user) {
    chat.joined = false;
    return this.#ownStatus(chat, user, 'member', 'kicked');
  }

  block(user) {
    this.privateChat(user).blocked = true;
    return this.#ownStatus(this.privateChat(user), user, 'member', 'kicked');
  }

  unblock(user) {
    Object.assign(this.privateChat(user), { blocked: false, started: true });
    return this.#ownStatus(this.privateChat(user), user, 'kicked', 'member');
  }

  memberJoins(chat, user) {
    return this.push({ message: this.#message(chat, { from: user, new_chat_members: [user] }) });
  }

  memberLeaves(chat, user) {
    return this.push({ message: this.#message(chat, { from: user, left_chat_member: user }) });
  }

  /** The group becomes a supergroup with a new id. tell: which of the two service messages the bot gets. */
  migrate(chat, newId, { tell = ['to', 'from'] } = {}) {
    const fresh = this.group(newId, chat.info.title);
    chat.movedTo = newId;
    const from = { id: 1087968824, is_bot: true, first_name: 'Group', username: 'GroupAnonymousBot' };
    if (tell.includes('to')) this.push({ message: this.#message(chat, { from, migrate_to_chat_id: newId }) });
    if (tell.includes('from')) this.push({ message: this.#message(fresh, { from, migrate_from_chat_id: chat.id }) });
    return fresh;
  }

  /** Puts any update into the queue; returns its id. */
  push(content, { id = this.nextUpdateId } = {}) {
    this.nextUpdateId = Math.max(this.nextUpdateId, id + 1);
    const type = Object.keys(content)[0];
    const passes = this.allowed === null || this.allowed.length === 0 ? !NOT_BY_DEFAULT.has(type) : this.allowed.includes(type);
    if (!passes) return id;
    const update = { update_id: id, ...content };
    this.queue.add(update);
    if (this.deliverer) this.deliverer.add(update);
    else if (this.poll) this.poll.wake();
    return id;
  }

  /** Ids start again somewhere else, as after a quiet week. What waits keeps its id. */
  restartIdsAt(id) {
    this.nextUpdateId = id;
  }

  /** The server forgets that it was told (a restart from an old backup): this update comes again. */
  again(update) {
    this.queue.add(update);
    if (this.deliverer) this.deliverer.add(update);
    else if (this.poll) this.poll.wake();
  }

  get isDrained() {
    return this.queue.size === 0;
  }

  waitDrained(options = {}) {
    return this.waiter.until(() => this.isDrained, { what: () => `${this.queue.size} updates to be acknowledged`, ...options });
  }

  /** The first send (from index `from` on) that the function likes. */
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

  /** Any condition on this bot that changes with a call or an acknowledgement. */
  until(look, options) {
    return this.waiter.until(look, options);
  }

  sentTo(chatOrUser) {
    const id = chatOrUser.info ? chatOrUser.info.id : chatOrUser.id;
    return this.sends.filter((s) => s.chatId === id);
  }

  // ---- the methods -----------------------------------------------------------------------------------------------------

  methods = {
    getme: () => ({
      id: this.id, is_bot: true, first_name: this.firstName, username: this.username, can_join_groups: true,
      can_read_all_group_messages: !this.privacy, supports_inline_queries: false,
    }),
    getupdates: (p) => this.#getUpdates(p),
    setwebhook: (p) => this.#setWebhook(p),
    deletewebhook: (p) => {
      if (isTrue(p.drop_pending_updates)) this.queue.clear();
      this.#useWebhook({ url: '', secret: '', maxConnections: 40 });
      return true;
    },
    getwebhookinfo: () => ({
      url: this.webhook.url, has_custom_certificate: false, pending_update_count: this.queue.size,
      max_connections: this.webhook.maxConnections, ...(this.allowed ? { allowed_updates: this.allowed } : {}),
      ...(this.lastError ? { last_error_date: this.lastError.date, last_error_message: this.lastError.message } : {}),
    }),
    sendmessage: (p, call) => this.#sendMessage(p, call),
    sendphoto: (p, call) => this.#sendFile('photo', p, call),
    senddocument: (p, call) => this.#sendFile('document', p, call),
    sendvideo: (p, call) => this.#sendFile('video', p, call),
    sendvoice: (p, call) => this.#sendFile('voice', p, call),
    setmycommands: (p) => this.#setMyCommands(p),
    deletemycommands: (p) => {
      this.menus.delete(menuKey(p));
      return true;
    },
    getmycommands: (p) => this.menus.get(menuKey(p)) ?? [],
    answercallbackquery: () => true,
    sendchataction: (p) => {
      this.#target(p);
      return true;
    },
    getchat: (p) => this.#target(p).info,
    getchatmember: (p) => {
      this.#target(p);
      if (number(p.user_id) === this.id)
        return { status: 'member', user: this.methods.getme() };
      return { status: 'member', user: { id: number(p.user_id), is_bot: false, first_name: '?' } };
    },
    getchatmembercount: () => 501,
    leavechat: (p) => {
      this.#target(p).joined = false;
      return true;
    },
    deletemessage: (p) => {
      if (!this.#target(p).messages.delete(number(p.message_id))) throw bad('message to delete not found');
      return true;
    },
    editmessagetext: (p) => {
      const message = this.#target(p).messages.get(number(p.message_id));
      if (!message) throw bad('message to edit not found');
      const text = checkText(p.text, p.entities);
      if (message.text === text) throw bad('message is not modified');
      message.text = text;
      return message;
    },
  };

  #getUpdates(p) {
    if (this.webhook.url)
      throw new ApiError(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first");
    if (this.poll) this.poll.end('terminated by other getUpdates request; make sure that only one bot instance is running');
    this.polls++;
    if (p.allowed_updates !== undefined) this.allowed = asList(p.allowed_updates);

    let limit = clamp(number(p.limit) || 100, 1, 100);
    let timeoutMs = clamp(number(p.timeout) || 0, 0, POLL_TIMEOUT_MAX_S) * 1000;
    let offset = number(p.offset) || 0;
    const newest = this.nextUpdateId - 1;

    if (offset < 0) {
      this.#confirm([...this.queue].slice(0, Math.max(0, this.queue.size + offset)));
    } else if (offset > newest + OFFSET_SLACK) {
      offset = 0; // not an error: the queue from its beginning, nothing confirmed
    } else {
      this.#confirm([...this.queue].filter((u) => u.update_id < offset));
    }

    // A tight loop over one offset is slowed down.
    const now = performance.now();
    if (this.api.options.slowTightLoops && this.lastPoll.offset === offset && now - this.lastPoll.at < 3000) {
      timeoutMs = Math.max(timeoutMs, 3000);
      if (now - this.lastPoll.at < 500) limit = 1;
    }
    this.lastPoll = { offset, at: now };

    return new Promise((resolve, reject) => {
      const finish = () => {
        if (this.poll === poll) this.poll = null;
        clearTimeout(timer);
        clearTimeout(batching);
      };
      let batching;
      const poll = {
        wake: () => {
          batching ??= setTimeout(() => {
            finish();
            resolve(this.#take(limit));
          }, 2);
        },
        end: (why) => {
          finish();
          reject(new ApiError(409, `Conflict: ${why}`));
        },
      };
      const timer = setTimeout(() => {
        finish();
        resolve(this.#take(limit));
      }, timeoutMs);
      this.poll = poll;
      // Nobody looks whether the caller hangs up: its poll stays open until it ends by itself or by another, as at the real server.
      if (this.queue.size > 0) poll.wake();
      this.waiter.poke();
    });
  }

  #take(limit) {
    const some = [];
    for (const u of this.queue) {
      if (some.length === limit) break;
      some.push(u);
    }
    for (const u of some) this.handedOut.set(u.update_id, (this.handedOut.get(u.update_id) ?? 0) + 1);
    return some;
  }

  #confirm(updates) {
    if (updates.length === 0) return;
    for (const u of updates) {
      this.queue.delete(u);
      this.acked.set(u.update_id, performance.now());
    }
    this.waiter.poke();
  }

  #setWebhook(p) {
    const now = performance.now();
    if (now - this.webhookSetAt < 1000) throw tooMany(1);
    const url = String(p.url ?? '');
    if (!url) return this.methods.deletewebhook(p);
    if (!/^https:\/\//.test(url) && !/^http:\/\/(127\.|localhost|\[::1\])/.test(url))
      throw bad('bad webhook: An HTTPS URL must be provided for webhook');
    const secret = String(p.secret_token ?? '');
    if (secret && !/^[A-Za-z0-9_-]{1,256}$/.test(secret)) throw bad('secret token contains unallowed characters');
    if (p.allowed_updates !== undefined) this.allowed = asList(p.allowed_updates);
    if (isTrue(p.drop_pending_updates)) this.queue.clear();
    this.webhookSetAt = now;
    this.#useWebhook({ url, secret, maxConnections: clamp(number(p.max_connections) || 40, 1, 100) });
    return true;
  }

  #useWebhook(webhook) {
    if (this.poll && webhook.url) this.poll.end('terminated by setWebhook request');
    const same = JSON.stringify(webhook) === JSON.stringify(this.webhook);
    this.webhook = webhook;
    if (same) return;
    this.deliverer?.stop();
    this.deliverer = webhook.url ? new Deliverer(this) : null;
    for (const u of this.queue) this.deliverer?.add(u);
    this.waiter.poke();
  }

  /** For tests that want deliveries without the bot having asked for them. */
  forceWebhook(webhook) {
    this.#useWebhook({ url: '', secret: '', maxConnections: 40, ...webhook });
  }

  /** Called by the deliverer. */
  delivered(update) {
    this.#confirm([update]);
  }

  #target(p) {
    const id = number(p.chat_id);
    const chat = this.chats.get(id);
    if (!chat) throw bad('chat not found');
    if (chat.movedTo !== null)
      throw bad('group chat was upgraded to a supergroup chat', { migrate_to_chat_id: chat.movedTo });
    if (chat.info.type === 'private') {
      if (chat.blocked) throw forbidden('bot was blocked by the user');
      if (!chat.started) throw forbidden("bot can't initiate conversation with a user");
    } else if (!chat.joined) {
      throw forbidden(`bot was kicked from the ${chat.info.type} chat`);
    }
    return chat;
  }

  #limits(chat) {
    const { perSecond, chatPerSecond, groupPerMinute } = this.api.options.limits;
    const now = performance.now();
    const recent = (list, ms) => {
      let n = 0;
      for (let i = list.length - 1; i >= 0 && list[i].at > now - ms; i--) n++;
      return n;
    };
    if (perSecond && recent(this.sends, 1000) >= perSecond) throw tooMany(1);
    const own = this.sends.filter((s) => s.chatId === chat.id);
    if (chat.info.type === 'private') {
      if (chatPerSecond && recent(own, 1000) >= chatPerSecond) throw tooMany(1);
    } else if (groupPerMinute && recent(own, 60000) >= groupPerMinute) {
      throw tooMany(Math.ceil((60000 - (now - own[own.length - groupPerMinute].at)) / 1000));
    }
  }

  #prepare(p) {
    const chat = this.#target(p);
    if (chat.readOnly) throw bad('not enough rights to send text messages to the chat');
    const fields = {};
    const thread = number(p.message_thread_id);
    if (thread) {
      if (!chat.topics.has(thread)) throw bad('message thread not found');
      if (chat.closedTopics.has(thread)) throw bad('TOPIC_CLOSED');
      Object.assign(fields, { message_thread_id: thread, is_topic_message: true });
    }
    const reply = asObject(p.reply_parameters) ?? (p.reply_to_message_id ? { message_id: number(p.reply_to_message_id) } : null);
    if (reply) {
      const original = chat.messages.get(number(reply.message_id));
      if (original) fields.reply_to_message = { ...original, reply_to_message: undefined };
      else if (!isTrue(reply.allow_sending_without_reply)) throw bad('message to be replied not found');
    }
    return { chat, fields };
  }

  #record(method, chat, message, p, call) {
    const now = performance.now();
    this.sends.push({
      at: now, wall: Date.now(), method, chatId: chat.id, chatType: chat.info.type, messageId: message.message_id,
      text: message.text ?? message.caption ?? '', entities: asList(p.entities ?? p.caption_entities), params: p, call: call.number,
      replyTo: message.reply_to_message?.message_id ?? null, thread: message.message_thread_id ?? null,
      file: p.photo ?? p.document ?? p.video ?? p.voice ?? null,
    });
    this.waiter.poke();
    return message;
  }

  #sendMessage(p, call) {
    const { chat, fields } = this.#prepare(p);
    const text = checkText(p.text, p.entities, MESSAGE_MAX);
    this.#limits(chat);
    const message = this.#message(chat, { from: this.#self(), text, ...fields });
    return this.#record('sendMessage', chat, message, p, call);
  }

  #sendFile(kind, p, call) {
    const { chat, fields } = this.#prepare(p);
    const file = this.files.get(String(p[kind] ?? ''));
    if (!file) throw bad('wrong file identifier/HTTP URL specified');
    if (file.kind !== kind) throw bad(`can't use file of type ${file.kind} as ${kind}`);
    const caption = p.caption ? checkText(p.caption, p.caption_entities, CAPTION_MAX, 'message caption is too long') : undefined;
    this.#limits(chat);
    const body = kind === 'photo' ? [{ file_id: p[kind] }] : { file_id: p[kind] };
    const message = this.#message(chat, { from: this.#self(), [kind]: body, ...(caption ? { caption } : {}), ...fields });
    return this.#record(`send${kind[0].toUpperCase()}${kind.slice(1)}`, chat, message, p, call);
  }

  #self() {
    return { id: this.id, is_bot: true, first_name: this.firstName, username: this.username };
  }

  #setMyCommands(p) {
    const commands = asList(p.commands);
    if (commands.length > 100) throw bad('too much commands specified');
    for (const c of commands) {
      if (!/^[a-z0-9_]{1,32}$/.test(c.command ?? '')) throw bad('BOT_COMMAND_INVALID');
      const length = [...String(c.description ?? '')].length;
      if (length < 1 || length > 256) throw bad('BOT_COMMAND_DESCRIPTION_INVALID');
    }
    this.menus.set(menuKey(p), commands);
    return true;
  }
}

/** Webhook calls: one after another per chat, in parallel over chats, again until 2xx. */
class Deliverer {
  constructor(bot) {
    this.bot = bot;
    this.stopped = false;
    this.lines = new Map(); // chat -> { updates, tries, busy }
    this.ready = []; // lines with something to do and nobody at it
    this.running = 0;
    this.timers = new Set();
    this.url = new URL(bot.webhook.url);
    this.agent = new http.Agent({ keepAlive: true, maxSockets: bot.webhook.maxConnections });
  }

  stop() {
    this.stopped = true;
    for (const t of this.timers) clearTimeout(t);
    this.agent.destroy();
  }

  add(update) {
    const key = lineOf(update);
    let line = this.lines.get(key);
    if (!line) this.lines.set(key, line = { key, updates: [], tries: 0, busy: false });
    line.updates.push(update);
    if (!line.busy) {
      line.busy = true;
      this.ready.push(line);
      this.#go();
    }
  }

  #go() {
    while (!this.stopped && this.running < this.bot.webhook.maxConnections && this.ready.length > 0) {
      const line = this.ready.shift();
      this.running++;
      this.#deliver(line.updates[0]).then((outcome) => this.#settle(line, outcome));
    }
  }

  #settle(line, { ok, waitS }) {
    this.running--;
    if (this.stopped) return;
    if (ok) {
      this.bot.delivered(line.updates.shift());
      line.tries = 0;
      if (line.updates.length > 0) this.ready.push(line);
      else this.lines.delete(line.key);
    } else {
      // The first retry comes at once, then 2, 4, 8 ... s; Retry-After of the bot's own answer counts instead.
      const seconds = waitS ?? (line.tries === 0 ? 0 : Math.min(2 ** line.tries, 60));
      line.tries++;
      const timer = setTimeout(() => {
        this.timers.delete(timer);
        this.ready.push(line);
        this.#go();
      }, seconds * 1000 * this.bot.api.options.retryScale);
      this.timers.add(timer);
    }
    this.#go();
  }

  #deliver(update) {
    const body = Buffer.from(JSON.stringify(update));
    const headers = { 'content-type': 'application/json', 'content-length': body.length, 'accept-encoding': 'gzip, deflate' };
    if (this.bot.webhook.secret) headers['x-telegram-bot-api-secret-token'] = this.bot.webhook.secret;
    this.bot.handedOut.set(update.update_id, (this.bot.handedOut.get(update.update_id) ?? 0) + 1);
    return new Promise((resolve) => {
      const fail = (message, waitS) => {
        this.bot.lastError = { date: Math.floor(Date.now() / 1000), message };
        this.bot.waiter.poke();
        resolve({ ok: false, waitS });
      };
      const request = http.request(this.url, { method: 'POST', headers, agent: this.agent, timeout: 20000 }, (response) => {
        response.on('error', (error) => fail(error.message));
        response.on('aborted', () => fail('aborted'));
        response.resume();
        response.on('end', () => {
          if (response.statusCode >= 200 && response.statusCode < 300) {
            resolve({ ok: true });
          } else {
            const after = Number(response.headers['retry-after']);
            fail(`Wrong response from the webhook: ${response.statusCode}`, Number.isFinite(after) && after <= 3600 ? after : undefined);
          }
        });
      });
      request.on('timeout', () => request.destroy(new Error('Read timeout expired')));
      request.on('error', (error) => fail(error.message));
      request.end(body);
    });
  }
}

function lineOf(update) {
  if (update.callback_query) return `user ${update.callback_query.from.id}`;
  const content = Object.values(update).find((v) => v && typeof v === 'object');
  return `chat ${content?.chat?.id}`;
}

const DEFAULTS = {
  slowTightLoops: true,
  retryScale: 1, // how long a second of a webhook's retry pause lasts
  limits: {}, // { perSecond, chatPerSecond, groupPerMinute }: above them a send gets 429
  keepCalls: true,
  sendAnswerMs: null, // () => ms between carrying out a send and answering it
};

export class BotApi {
  constructor(options = {}) {
    this.options = { ...DEFAULTS, ...options };
    this.bots = new Map();
    this.rules = [];
    this.calls = 0;
    this.sockets = new Set();
    this.hung = new Set();
  }

  addBot(token, options = {}) {
    const bot = new Bot(this, token, options);
    this.bots.set(token, bot);
    return bot;
  }

  /** What `api_url` of the program is set to. */
  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(port = this.port ?? 0) {
    this.server = http.createServer((request, response) => this.#answer(request, response));
    this.server.keepAliveTimeout = 60000;
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    await new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', resolve);
    });
    this.port = this.server.address().port;
    return this;
  }

  /** Nobody answers any more (connections are refused) until start() again; queues stay. */
  async stop() {
    const server = this.server;
    if (!server) return;
    this.server = null;
    for (const bot of this.bots.values()) bot.poll?.end('restart');
    const closed = new Promise((resolve) => { server.close(resolve); });
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** The end: also no more webhook calls. */
  async close() {
    for (const bot of this.bots.values()) bot.deliverer?.stop();
    await this.stop();
  }

  /**
   * The next `times` calls of a method (of `bot`, for `chat` when given) go wrong. kind:
   *   429            retryAfter seconds; bare: without parameters, header: also or only as a header ('only')
   *   400 401 403 404 409 500   with description
   *   migrate        to: the new chat id
   *   hang           no answer; after: the call is carried out first
   *   reset          connection closed without an answer; after: carried out first
   *   html502        an HTML page
   *   truncated      half of the right answer, Content-Length of the whole
   *   notjson        200 with rubbish; after: carried out first
   *   null           carried out, answered with result null
   *   delay          ms, then carried out
   * Returns the rule; rule.hits counts, rule.stop() ends it.
   */
  failNext(method, kind, { times = 1, bot = null, chat = null, ...more } = {}) {
    const rule = { method: method.toLowerCase(), kind: String(kind), left: times, hits: 0, bot, chatId: chat?.info?.id ?? chat?.id ?? null,
      ...more, stop: () => { rule.left = 0; } };
    this.rules.push(rule);
    return rule;
  }

  #rule(bot, method, p) {
    const rule = this.rules.find((r) => r.left > 0 && (r.method === '*' || r.method === method) && (!r.bot || r.bot === bot) &&
      (r.chatId === null || r.chatId === number(p.chat_id)));
    if (!rule) return null;
    rule.left--;
    rule.hits++;
    return rule;
  }

  /** Ends every call that hangs on purpose. */
  releaseHung() {
    for (const response of this.hung) response.destroy();
    this.hung.clear();
  }

  async #answer(request, response) {
    const at = performance.now();
    let body;
    try {
      body = await readAll(request);
    } catch {
      return;
    }
    const url = new URL(request.url, 'http://x');
    const [, token, name] = /^\/bot([^/]+)\/(\w+)$/.exec(url.pathname) ?? [];
    const call = { number: ++this.calls, response, at };
    const bot = token && this.bots.get(decodeURIComponent(token));
    const method = name?.toLowerCase();

    let p;
    try {
      if (!name) throw new ApiError(404, 'Not Found');
      if (!bot || bot.revoked) throw new ApiError(401, 'Unauthorized');
      p = readParams(url, request.headers['content-type'] ?? '', body);
      const entry = { method, params: p, at, wall: Date.now(), code: 0 };
      if (this.options.keepCalls) bot.calls.push(entry);
      const rule = this.#rule(bot, method, p);
      if (rule) {
        await this.#misbehave(rule, bot, method, p, call, entry);
        bot.waiter.poke();
        return;
      }
      const result = await this.#perform(bot, method, p, call);
      entry.code = 200;
      if (this.options.sendAnswerMs && method.startsWith('send'))
        await new Promise((resolve) => { setTimeout(resolve, this.options.sendAnswerMs()); });
      reply(response, 200, { ok: true, result });
    } catch (error) {
      this.#replyError(response, error);
    }
    bot?.waiter.poke();
  }

  #perform(bot, method, p, call) {
    const run = Object.hasOwn(bot.methods, method) ? bot.methods[method] : null;
    if (!run) throw new ApiError(404, 'Not Found: method not found');
    return run(p, call);
  }

  #replyError(response, error) {
    if (!(error instanceof ApiError)) {
      reply(response, 500, { ok: false, error_code: 500, description: `Internal Server Error: ${error.stack}` });
      return;
    }
    const headers = error.parameters?.retry_after ? { 'retry-after': String(error.parameters.retry_after) } : {};
    reply(response, error.code, { ok: false, error_code: error.code, description: error.message,
      ...(error.parameters ? { parameters: error.parameters } : {}) }, headers);
  }

  async #misbehave(rule, bot, method, p, call, entry) {
    const { response } = call;
    const carriedOut = rule.after || rule.kind === 'truncated' || rule.kind === 'null' ?
      await this.#perform(bot, method, p, call) : null;
    entry.code = rule.kind;
    switch (rule.kind) {
    case '429': {
      const s = rule.retryAfter ?? 1;
      const answer = { ok: false, error_code: 429, description: `Too Many Requests: retry after ${s}` };
      if (!rule.bare && rule.header !== 'only') answer.parameters = { retry_after: s };
      reply(response, 429, answer, rule.bare ? {} : { 'retry-after': String(s) });
      return;
    }
    case 'migrate':
      this.#replyError(response, bad('group chat was upgraded to a supergroup chat', { migrate_to_chat_id: rule.to }));
      return;
    case 'hang':
      this.hung.add(response);
      response.on('close', () => this.hung.delete(response));
      return;
    case 'reset':
      response.socket.resetAndDestroy?.() ?? response.socket.destroy();
      return;
    case 'html502':
      reply(response, 502, '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>', { 'content-type': 'text/html' });
      return;
    case 'notjson':
      reply(response, 200, 'không phải JSON {');
      return;
    case 'null':
      reply(response, 200, { ok: true, result: null });
      return;
    case 'truncated': {
      const whole = Buffer.from(JSON.stringify({ ok: true, result: carriedOut }));
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length });
      response.write(whole.subarray(0, whole.length >> 1), () => response.socket.destroy());
      return;
    }
    case 'delay':
      await new Promise((resolve) => { setTimeout(resolve, rule.ms); });
      reply(response, 200, { ok: true, result: await this.#perform(bot, method, p, call) });
      return;
    default: {
      const code = Number(rule.kind);
      if (!(code >= 400 && code <= 599)) throw new Error(`no such failure: ${rule.kind}`);
      const text = rule.description ?? { 400: 'Bad Request: chat not found', 401: 'Unauthorized',
        403: 'Forbidden: bot was blocked by the user', 404: 'Not Found: method not found',
        409: 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
        413: 'Request Entity Too Large', 500: 'Internal Server Error: restart', 502: 'Bad Gateway' }[code] ?? 'Failed';
      this.#replyError(response, new ApiError(code, text));
    }
    }
  }
}

// ---- small things ----------------------------------------------------------------------------------------------------------

function reply(response, status, body, headers = {}) {
  if (response.destroyed || response.writableEnded) return;
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length, ...headers });
  response.end(bytes);
}

function readAll(request) {
  return new Promise((resolve, reject) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => resolve(Buffer.concat(parts)));
    request.on('error', reject);
    request.on('aborted', () => reject(new Error('aborted')));
  });
}

function readParams(url, type, body) {
  const p = Object.fromEntries(url.searchParams);
  if (body.length === 0) return p;
  if (type.startsWith('application/json')) {
    let parsed;
    try {
      parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    } catch {
      throw bad("can't parse request: strings must be encoded in UTF-8");
    }
    return { ...p, ...(parsed && typeof parsed === 'object' && !Array.isArray(parsed) ? parsed : {}) };
  }
  if (type.startsWith('application/x-www-form-urlencoded'))
    return { ...p, ...Object.fromEntries(new URLSearchParams(body.toString('utf8'))) };
  throw bad(`this stand-in does not read ${type}`);
}

const number = (v) => (typeof v === 'number' ? v : typeof v === 'string' && v.trim() !== '' ? Number(v) : NaN);
const isTrue = (v) => v === true || v === 'true' || v === 'True' || v === '1';
const clamp = (v, low, high) => Math.min(high, Math.max(low, v));

function asObject(v) {
  if (typeof v !== 'string') return v ?? null;
  try {
    return JSON.parse(v);
  } catch {
    throw bad("can't parse an object argument");
  }
}

function asList(v) {
  const list = asObject(v);
  return Array.isArray(list) ? list : [];
}

function menuKey(p) {
  return JSON.stringify([asObject(p.scope) ?? { type: 'default' }, p.language_code ?? '']);
}

function captionOf(caption) {
  return caption === undefined ? {} : { caption, caption_entities: commandEntities(caption) };
}

/** `/` + [A-Za-z0-9_]{1,64}, optional @name; no letter, digit or slash before it, no letter with a diacritic right after it. */
export function commandEntities(text) {
  const found = [];
  for (const m of text.matchAll(/(?<![\p{L}\p{N}_/])\/[A-Za-z0-9_]{1,64}(@[A-Za-z0-9_]{3,32})?(?![\p{L}\p{M}\p{N}_/])/gu))
    found.push({ type: 'bot_command', offset: m.index, length: m[0].length });
  return found;
}

/** The text as the server would keep it, or the error it would answer with. */
function checkText(value, rawEntities, max = MESSAGE_MAX, tooLong = 'message is too long') {
  if (typeof value !== 'string') throw bad('message text is empty');
  if (/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(value))
    throw bad('strings must be encoded in UTF-8');
  const text = value.trim();
  if (text === '') throw bad('message text is empty');
  if (text.length > max) throw bad(tooLong);
  for (const e of asList(rawEntities)) {
    if (!ENTITY_TYPES.has(e.type)) throw bad(`can't parse entities: unknown type ${e.type}`);
    if (!Number.isInteger(e.offset) || !Number.isInteger(e.length) || e.offset < 0 || e.length < 1 ||
        e.offset + e.length > value.length)
      throw bad('can\'t parse entities: entity outside of the text');
    const cuts = (i) => i > 0 && i < value.length && /[\uDC00-\uDFFF]/.test(value[i]);
    if (cuts(e.offset) || cuts(e.offset + e.length)) throw bad('can\'t parse entities: entity in the middle of a UTF-16 symbol');
  }
  return text;
}

export { Waiter };
