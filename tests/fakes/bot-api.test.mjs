// SPDX-License-Identifier: MIT
// The stand-in for the Bot API is itself held against the fact sheet, so that the program's tests can lean on it.

import { test, describe, beforeEach, afterEach } from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { BotApi, commandEntities } from './bot-api.mjs';

const TOKEN = '700100:test-token';
let api, bot, lan, group;

async function call(method, params = {}, token = TOKEN) {
  const response = await fetch(`${api.url}/bot${token}/${method}`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(params),
  });
  return { status: response.status, headers: response.headers, ...await response.json() };
}
const updates = async (params) => (await call('getUpdates', { timeout: 0, ...params })).result;
const ids = (list) => list.map((u) => u.update_id);

beforeEach(async () => {
  api = await new BotApi({ slowTightLoops: false, retryScale: 0.01 }).start();
  bot = api.addBot(TOKEN, { username: 'So_Tay_Bot', firstUpdateId: 500 });
  lan = bot.user(6200300400, 'Lan');
  group = bot.group(-1002233445566, 'Tổ CĐS');
});
afterEach(() => api.close());

describe('calls', () => {
  test('a method is found without regard to case, by query, form and JSON', async () => {
    bot.privateChat(lan);
    assert.equal((await call('GETME')).result.username, 'So_Tay_Bot');
    const query = await (await fetch(`${api.url}/bot${TOKEN}/sendMessage?chat_id=${lan.id}&text=m%E1%BB%99t`)).json();
    assert.equal(query.result.text, 'một');
    const form = await (await fetch(`${api.url}/bot${TOKEN}/sendMessage`, {
      method: 'POST', body: new URLSearchParams({ chat_id: lan.id, text: 'hai' }),
    })).json();
    assert.equal(form.result.chat.id, lan.id);
  });

  test('a wrong token is 401, an unknown method 404', async () => {
    assert.equal((await call('getMe', {}, '1:other')).error_code, 401);
    assert.equal((await call('getNothing')).error_code, 404);
    assert.equal((await call('constructor')).error_code, 404);
    bot.revoked = true;
    assert.equal((await call('getMe')).status, 401);
  });
});

describe('getUpdates', () => {
  test('what was handed out comes again until a higher offset confirms it', async () => {
    const a = bot.say(group, lan, 'một');
    const b = bot.say(group, lan, 'hai');
    assert.deepEqual(ids(await updates()), [a.updateId, b.updateId]);
    assert.deepEqual(ids(await updates()), [a.updateId, b.updateId]);
    assert.deepEqual(ids(await updates({ offset: b.updateId })), [b.updateId]);
    assert.equal(bot.acked.has(a.updateId), true);
    assert.equal(bot.acked.has(b.updateId), false);
    assert.deepEqual(await updates({ offset: b.updateId + 1 }), []);
    assert.equal(bot.isDrained, true);
  });

  test('limit, and 100 at most', async () => {
    for (let i = 0; i < 130; i++) bot.say(group, lan, `tin ${i}`);
    assert.equal((await updates({ limit: 3 })).length, 3);
    const first = await updates({ limit: 1000 });
    assert.equal(first.length, 100);
    assert.equal((await updates({ offset: first[99].update_id + 1 })).length, 30);
  });

  test('a long poll answers as soon as something comes', async () => {
    const began = performance.now();
    const waiting = updates({ timeout: 20 });
    await bot.until(() => bot.poll);
    bot.say(group, lan, 'tới');
    assert.equal((await waiting)[0].message.text, 'tới');
    assert.ok(performance.now() - began < 2000);
  });

  test('a long poll without anything ends empty at its time', async () => {
    const began = performance.now();
    assert.deepEqual(await updates({ timeout: 1 }), []);
    assert.ok(performance.now() - began >= 990);
  });

  test('a second poller ends the first with 409', async () => {
    const first = call('getUpdates', { timeout: 20 });
    await bot.until(() => bot.poll);
    const second = call('getUpdates', { timeout: 20 });
    assert.equal((await first).error_code, 409);
    bot.say(group, lan, 'x');
    assert.equal((await second).result.length, 1);
  });

  test('409 while a webhook is set, and a poll under way is ended by setWebhook', async () => {
    const poll = call('getUpdates', { timeout: 20 });
    await bot.until(() => bot.poll);
    assert.equal((await call('setWebhook', { url: 'http://127.0.0.1:9/x' })).ok, true);
    assert.match((await poll).description, /terminated by setWebhook/);
    assert.equal((await call('getUpdates')).error_code, 409);
    assert.equal((await call('deleteWebhook')).result, true);
    assert.equal((await call('getUpdates')).ok, true);
  });

  test('an offset far too high gives the queue from its beginning and confirms nothing', async () => {
    const a = bot.say(group, lan, 'cũ');
    assert.deepEqual(ids(await updates({ offset: a.updateId + 5000 })), [a.updateId]);
    assert.deepEqual(ids(await updates({ offset: a.updateId + 5000 })), [a.updateId]);
    assert.equal(bot.acked.size, 0);
    assert.deepEqual(await updates({ offset: a.updateId + 2 }), []);
  });

  test('ids that start again lower are handed out too', async () => {
    bot.say(group, lan, 'trước');
    await updates({ offset: 501 });
    bot.restartIdsAt(7);
    const b = bot.say(group, lan, 'sau');
    assert.equal(b.updateId, 7);
    assert.deepEqual(ids(await updates({ offset: 501 })), [7]);
  });

  test('a negative offset keeps only the last ones', async () => {
    for (let i = 0; i < 5; i++) bot.say(group, lan, `${i}`);
    assert.equal((await updates({ offset: -2 })).length, 2);
    assert.equal(bot.acked.size, 3);
  });

  test('allowed_updates is remembered and does not touch what is queued', async () => {
    bot.say(group, lan, 'một');
    await updates({ allowed_updates: ['my_chat_member'] });
    bot.say(group, lan, 'bỏ qua');
    bot.kick(group, lan);
    assert.deepEqual((await updates()).map((u) => Object.keys(u)[1]), ['message', 'my_chat_member']);
  });

  test('a tight loop over one offset is slowed down', async () => {
    api.options.slowTightLoops = true;
    await updates({ offset: 3 });
    const began = performance.now();
    const slow = updates({ offset: 3 });
    await bot.until(() => bot.poll);
    await new Promise((resolve) => { setTimeout(resolve, 300); });
    assert.ok(bot.poll, 'the poll still waits');
    bot.say(group, lan, 'một');
    bot.say(group, lan, 'hai');
    assert.equal((await slow).length, 1, 'and the limit is one');
    assert.ok(performance.now() - began >= 290);
  });
});

describe('webhook', () => {
  let receiver, seen, answer, active, most;
  const hook = (more = {}) => call('setWebhook', { url: `http://127.0.0.1:${receiver.address().port}/tg`, ...more });

  beforeEach(async () => {
    seen = [];
    active = most = 0;
    answer = () => 200;
    receiver = http.createServer((request, response) => {
      let body = '';
      active++;
      most = Math.max(most, active);
      request.on('data', (part) => { body += part; });
      request.on('end', () => setTimeout(() => {
        const update = JSON.parse(body);
        seen.push({ id: update.update_id, chat: update.message.chat.id, secret: request.headers['x-telegram-bot-api-secret-token'] });
        active--;
        const status = answer(update);
        response.writeHead(status, status === 503 ? { 'retry-after': '1' } : {});
        response.end();
      }, 10));
    });
    await new Promise((resolve) => { receiver.listen(0, '127.0.0.1', resolve); });
  });
  afterEach(() => new Promise((resolve) => {
    api.close().then(() => receiver.close(resolve));
    receiver.closeIdleConnections?.();
  }));

  test('what waited and what comes is delivered with the secret, once', async () => {
    bot.say(group, lan, 'trước');
    await hook({ secret_token: 'bi-mat_1' });
    bot.say(group, lan, 'sau');
    await bot.waitDrained();
    assert.deepEqual(seen.map((s) => [s.id, s.secret]), [[500, 'bi-mat_1'], [501, 'bi-mat_1']]);
    assert.equal(bot.acked.size, 2);
  });

  test('one after another in a chat, side by side over chats, no more than max_connections', async () => {
    await hook({ max_connections: 3 });
    const people = [1, 2, 3, 4, 5, 6].map((i) => bot.user(i));
    for (let round = 0; round < 3; round++) for (const u of people) bot.say(u, u, `${round}`);
    await bot.waitDrained();
    assert.equal(most, 3);
    for (const u of people) {
      const mine = seen.filter((s) => s.chat === u.id).map((s) => s.id);
      assert.deepEqual(mine, [...mine].sort((a, b) => a - b));
    }
  });

  test('an update that fails blocks its chat and is tried again until 2xx', async () => {
    let fails = 3;
    answer = (u) => (u.message.chat.id === group.id && fails-- > 0 ? 500 : 204);
    await hook();
    bot.say(group, lan, 'hỏng');
    bot.say(group, lan, 'chờ');
    bot.say(lan, lan, 'khác');
    await bot.waitDrained();
    const inGroup = seen.filter((s) => s.chat === group.id).map((s) => s.id);
    assert.deepEqual(inGroup, [500, 500, 500, 500, 501]);
    assert.equal(bot.handedOut.get(500), 4);
    assert.match((await call('getWebhookInfo')).result.last_error_message, /500/);
  });

  test('Retry-After of the bot is honoured', async () => {
    api.options.retryScale = 0.3;
    let fails = 1;
    answer = () => (fails-- > 0 ? 503 : 200);
    await hook();
    const began = performance.now();
    bot.say(group, lan, 'chờ');
    await bot.waitDrained();
    assert.ok(performance.now() - began >= 290);
  });

  test('a refused connection is tried again', async () => {
    const { port } = receiver.address();
    await new Promise((resolve) => { receiver.close(resolve); });
    bot.forceWebhook({ url: `http://127.0.0.1:${port}/tg` });
    bot.say(group, lan, 'x');
    await bot.until(() => bot.lastError);
    await new Promise((resolve) => { receiver.listen(port, '127.0.0.1', resolve); });
    await bot.waitDrained();
    assert.equal(seen.filter((s) => s.id === 500).length, 1);
  });

  test('setWebhook too often is 429; plain http only to loopback; the secret has an alphabet', async () => {
    assert.equal((await call('setWebhook', { url: 'http://example.org/' })).error_code, 400);
    assert.equal((await hook({ secret_token: 'có dấu' })).error_code, 400);
    assert.equal((await hook()).ok, true);
    const again = await hook();
    assert.equal(again.error_code, 429);
    assert.equal(again.parameters.retry_after, 1);
  });
});

describe('sending', () => {
  test('text is counted in UTF-16 units', async () => {
    bot.privateChat(lan);
    assert.equal((await call('sendMessage', { chat_id: lan.id, text: 'ế'.repeat(4096) })).ok, true);
    assert.match((await call('sendMessage', { chat_id: lan.id, text: 'ế'.repeat(4097) })).description, /too long/);
    assert.match((await call('sendMessage', { chat_id: lan.id, text: `${'a'.repeat(4095)}😀` })).description, /too long/);
    assert.match((await call('sendMessage', { chat_id: lan.id, text: ' \n ' })).description, /empty/);
  });

  test('entities must lie in the text and cut no surrogate pair', async () => {
    bot.privateChat(lan);
    const send = (entities) => call('sendMessage', { chat_id: lan.id, text: 'a😀b', entities });
    assert.equal((await send([{ type: 'bold', offset: 1, length: 2 }])).ok, true);
    for (const e of [{ type: 'bold', offset: 1, length: 1 }, { type: 'bold', offset: 0, length: 9 }, { type: 'bold', offset: 0, length: 0 },
      { type: 'blink', offset: 0, length: 1 }])
      assert.match((await send([e])).description, /can't parse entities/, JSON.stringify(e));
  });

  test('chats the bot cannot reach', async () => {
    assert.match((await call('sendMessage', { chat_id: 42, text: 'x' })).description, /chat not found/);
    bot.privateChat(lan, { started: false });
    assert.equal((await call('sendMessage', { chat_id: lan.id, text: 'x' })).error_code, 403);
    bot.block(lan);
    assert.match((await call('sendMessage', { chat_id: lan.id, text: 'x' })).description, /blocked/);
    bot.unblock(lan);
    assert.equal((await call('sendMessage', { chat_id: lan.id, text: 'x' })).ok, true);
    bot.kick(group, lan);
    assert.match((await call('sendMessage', { chat_id: group.id, text: 'x' })).description, /kicked from the supergroup/);
    const old = bot.group(-77, 'Cũ', { type: 'group' });
    const fresh = bot.migrate(old, -100777);
    assert.equal((await call('sendMessage', { chat_id: -77, text: 'x' })).parameters.migrate_to_chat_id, -100777);
    assert.equal((await call('sendMessage', { chat_id: fresh.id, text: 'x' })).ok, true);
  });

  test('replies and topics', async () => {
    const { messageId } = bot.say(group, lan, 'hỏi');
    const to = (id, more) => call('sendMessage', { chat_id: group.id, text: 'x', reply_parameters: { message_id: id, ...more } });
    assert.equal((await to(messageId)).result.reply_to_message.message_id, messageId);
    assert.match((await to(999)).description, /replied not found/);
    assert.equal((await to(999, { allow_sending_without_reply: true })).result.reply_to_message, undefined);
    assert.match((await call('sendMessage', { chat_id: group.id, text: 'x', message_thread_id: 5 })).description, /thread not found/);
  });

  test('files by id', async () => {
    const { message } = bot.photo(group, lan, { caption: '/luu ảnh' });
    assert.equal(message.caption_entities[0].type, 'bot_command');
    const fileId = message.photo.at(-1).file_id;
    assert.equal((await call('sendPhoto', { chat_id: group.id, photo: fileId, caption: 'ảnh' })).ok, true);
    assert.match((await call('sendDocument', { chat_id: group.id, document: fileId })).description, /can't use file/);
    assert.match((await call('sendPhoto', { chat_id: group.id, photo: 'abc' })).description, /wrong file/);
    assert.match((await call('sendPhoto', { chat_id: group.id, photo: fileId, caption: 'a'.repeat(1025) })).description, /caption is too long/);
    const album = bot.album(group, lan, 3, { caption: 'ba ảnh' });
    assert.equal(new Set(album.map((a) => a.message.media_group_id)).size, 1);
    assert.deepEqual(album.map((a) => a.message.caption), ['ba ảnh', undefined, undefined]);
  });

  test('every send is recorded with its time, and limits answer 429', async () => {
    bot.privateChat(lan);
    api.options.limits = { perSecond: 3, groupPerMinute: 2 };
    for (let i = 0; i < 2; i++) assert.equal((await call('sendMessage', { chat_id: group.id, text: `${i}` })).ok, true);
    const refused = await call('sendMessage', { chat_id: group.id, text: 'quá' });
    assert.equal(refused.error_code, 429);
    assert.ok(refused.parameters.retry_after > 50);
    assert.equal(refused.headers.get('retry-after'), String(refused.parameters.retry_after));
    await call('sendMessage', { chat_id: lan.id, text: 'a' });
    assert.equal((await call('sendMessage', { chat_id: lan.id, text: 'b' })).parameters.retry_after, 1);
    assert.deepEqual(bot.sends.map((s) => s.text), ['0', '1', 'a']);
    assert.ok(bot.sends.every((s, i) => i === 0 || s.at >= bot.sends[i - 1].at));
  });

  test('setMyCommands takes Latin names only', async () => {
    assert.equal((await call('setMyCommands', { commands: [{ command: 'tìm', description: 'x' }] })).description, 'Bad Request: BOT_COMMAND_INVALID');
    await call('setMyCommands', { commands: [{ command: 'tim', description: 'Tìm sáng kiến' }] });
    assert.equal((await call('getMyCommands')).result[0].command, 'tim');
    await call('setMyCommands', {});
    assert.deepEqual((await call('getMyCommands')).result, []);
  });
});

describe('failures on order', () => {
  const send = (chat = lan.id) => call('sendMessage', { chat_id: chat, text: 'x' });
  beforeEach(() => bot.privateChat(lan));

  test('so many, of one method, for one chat', async () => {
    const rule = api.failNext('sendMessage', 500, { times: 2, chat: lan });
    assert.equal((await send(group.id)).ok, true);
    assert.equal((await call('getMe')).ok, true);
    assert.deepEqual([(await send()).status, (await send()).status, (await send()).status], [500, 500, 200]);
    assert.equal(rule.hits, 2);
  });

  test('429 with parameters, as a header only, and bare', async () => {
    api.failNext('sendMessage', 429, { retryAfter: 17 });
    const full = await send();
    assert.deepEqual([full.parameters.retry_after, full.headers.get('retry-after')], [17, '17']);
    api.failNext('sendMessage', 429, { retryAfter: 17, header: 'only' });
    const headerOnly = await send();
    assert.deepEqual([headerOnly.parameters, headerOnly.headers.get('retry-after')], [undefined, '17']);
    api.failNext('sendMessage', 429, { bare: true });
    const bare = await send();
    assert.deepEqual([bare.status, bare.parameters, bare.headers.get('retry-after')], [429, undefined, null]);
  });

  test('HTML 502, rubbish, null, truncated, reset, hang', async () => {
    const raw = () => fetch(`${api.url}/bot${TOKEN}/sendMessage?chat_id=${lan.id}&text=x`, { signal: AbortSignal.timeout(300) });
    api.failNext('sendMessage', 'html502');
    assert.match(await (await raw()).text(), /^<html>/);
    api.failNext('sendMessage', 'notjson');
    await assert.rejects((await raw()).json());
    assert.equal(bot.sends.length, 0);
    api.failNext('sendMessage', 'null');
    assert.equal((await (await raw()).json()).result, null);
    assert.equal(bot.sends.length, 1);
    api.failNext('sendMessage', 'truncated');
    await assert.rejects(async () => (await raw()).text());
    assert.equal(bot.sends.length, 2);
    api.failNext('sendMessage', 'reset');
    await assert.rejects(raw());
    assert.equal(bot.sends.length, 2);
    api.failNext('sendMessage', 'reset', { after: true });
    await assert.rejects(raw());
    assert.equal(bot.sends.length, 3);
    api.failNext('sendMessage', 'hang', { after: true });
    await assert.rejects(raw());
    assert.equal(bot.sends.length, 4);
  });

  test('delay, migrate, and nobody there at all', async () => {
    api.failNext('sendMessage', 'delay', { ms: 200 });
    const began = performance.now();
    assert.equal((await send()).ok, true);
    assert.ok(performance.now() - began >= 195);
    api.failNext('sendMessage', 'migrate', { to: -1005 });
    assert.equal((await send()).parameters.migrate_to_chat_id, -1005);
    await api.stop();
    await new Promise((resolve) => {
      net.connect(api.port, '127.0.0.1').on('error', (error) => {
        assert.equal(error.code, 'ECONNREFUSED');
        resolve();
      });
    });
    await api.start();
    assert.equal((await send()).ok, true);
  });
});

describe('what people do', () => {
  test('commands get entities only where Telegram sees one', () => {
    assert.deepEqual(commandEntities('/hoi@So_Tay_Bot gia hạn'), [{ type: 'bot_command', offset: 0, length: 15 }]);
    assert.deepEqual(commandEntities('/tạm_trú'), []);
    assert.deepEqual(commandEntities('và/hoặc 10/10'), []);
    assert.deepEqual(commandEntities('😀 /t x'), [{ type: 'bot_command', offset: 3, length: 2 }]);
  });

  test('edits, replies, forwards, topics, anonymous administrators, channels', async () => {
    const first = bot.say(group, lan, 'bài');
    bot.say(group, lan, '/luu', { replyTo: first.messageId });
    bot.edit(group, first.messageId, 'bài đã sửa');
    bot.say(group, lan, '/ok', { forward: true });
    bot.say(group, lan, 'chủ đề', { thread: 9 });
    bot.sayAnonymously(group, '/tb x');
    bot.channelPost(bot.channel(-1009), 'tin');
    bot.memberJoins(group, lan);
    const [, reply, edit, forward, topic, anonymous, post, joined] = await updates();
    assert.equal(reply.message.reply_to_message.text, 'bài');
    assert.equal(edit.edited_message.text, 'bài đã sửa');
    assert.ok(edit.edited_message.edit_date);
    assert.ok(forward.message.forward_origin);
    assert.deepEqual([topic.message.message_thread_id, topic.message.is_topic_message], [9, true]);
    assert.deepEqual([anonymous.message.from.id, anonymous.message.sender_chat.id], [1087968824, group.id]);
    assert.equal(post.channel_post.from, undefined);
    assert.equal(joined.message.new_chat_members[0].id, lan.id);
  });
});
