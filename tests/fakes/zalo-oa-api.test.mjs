// SPDX-License-Identifier: MIT
// The stand-in for the Official Account's API is itself held against the fact sheet, so that the program's tests can lean on it.

import { test, describe, beforeEach, afterEach } from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import { ZaloOa } from './zalo-oa-api.mjs';

let oa, group, lan;

async function call(path, { body, token = oa.access, headers = {}, method = body === undefined ? 'GET' : 'POST' } = {}) {
  const json = body !== undefined && typeof body === 'object' && !(body instanceof FormData) && !(body instanceof URLSearchParams);
  const response = await fetch(oa.url + path, {
    method, headers: { ...(token ? { access_token: token } : {}), ...(json ? { 'content-type': 'application/json' } : {}), ...headers }, body: json ? JSON.stringify(body) : body,
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, ...(text.startsWith('{') ? JSON.parse(text) : { text }) };
}
const toGroup = (text, more = {}) => call('/v3.0/oa/group/message', { body: { recipient: { group_id: group.id }, message: { text } }, ...more });
const refresh = (token = oa.refresh, { secret = oa.appSecret, app = oa.appId } = {}) => call('/v4/oa/access_token', {
  token: null, headers: { secret_key: secret }, body: new URLSearchParams({ refresh_token: token, app_id: app, grant_type: 'refresh_token' }),
});

beforeEach(async () => {
  oa = await new ZaloOa({ retryScale: 0.001 }).start();
  group = oa.addGroup('4a9bdemo29cec09099df', 'Tổ CĐS');
  lan = oa.user('Lan');
});
afterEach(() => oa.close());

describe('calls', () => {
  test('errors come with HTTP 200; Bearer is no token', async () => {
    assert.deepEqual([(await toGroup('x')).error, oa.sends.length], [0, 1]);
    const bad = await toGroup('x', { token: 'AT-nonsense' });
    assert.deepEqual([bad.status, bad.error], [200, -216]);
    assert.equal((await toGroup('x', { token: null, headers: { authorization: `Bearer ${oa.access}` } })).error, -216);
  });

  test('text limits, unknown groups, mentions', async () => {
    assert.equal((await toGroup('x'.repeat(2000))).error, 0);
    assert.equal((await toGroup('x'.repeat(2001))).error, -210);
    assert.equal((await toGroup('')).error, -201);
    assert.equal((await call('/v3.0/oa/group/message', { body: { recipient: { group_id: 'none' }, message: { text: 'x' } } })).error, -403);
    await toGroup('[@123] và [@456]');
    assert.deepEqual(oa.sends.at(-1).mentions, ['123', '456']);
    group.status = 'disabled';
    assert.equal((await toGroup('x')).error, -237);
  });

  test('private messages need a word within seven days', async () => {
    const send = () => call('/v3.0/oa/message/cs', { body: { recipient: { user_id: lan.id }, message: { text: 'x' } } });
    assert.equal((await send()).error, -230);
    lan.lastWrote = Date.now() - 6 * 86400e3;
    assert.equal((await send()).error, 0);
    lan.blocked = true;
    assert.equal((await send()).error, -213);
  });

  test('the minute is counted and shown', async () => {
    oa.perMinute = 2;
    const answers = [await toGroup('1'), await toGroup('2'), await toGroup('3')];
    assert.deepEqual(answers.map((a) => a.error), [0, 0, -32]);
    assert.equal(answers[2].headers.get('x-ratelimit-limit'), '2');
    assert.equal(answers[2].headers.get('x-ratelimit-remain'), '0');
  });

  test('scripted failures, before or after the deed', async () => {
    oa.fail('/group/message', { error: -200, times: 2 });
    assert.deepEqual([(await toGroup('a')).error, (await toGroup('a')).error, (await toGroup('a')).error], [-200, -200, 0]);
    oa.fail('/group/message', { status: 502, raw: '<html>', after: true });
    assert.equal((await toGroup('b')).status, 502);
    assert.equal(oa.sends.at(-1).text, 'b');
    oa.fail('/group/message', { status: 401, error: -216 });
    assert.equal((await toGroup('c')).status, 401);
  });
});

describe('tokens', () => {
  test('a refresh token works once; failures come with HTTP 200', async () => {
    const first = oa.refresh;
    const pair = await refresh(first);
    assert.equal(pair.expires_in, '90000');
    assert.equal(pair.access_token, oa.access);
    const again = await refresh(first);
    assert.deepEqual([again.status, again.error], [200, -14020]);
    assert.equal((await refresh(oa.refresh, { secret: 'x' })).error, -14004);
    assert.equal((await refresh(oa.refresh, { app: '1' })).error, -14002);
    assert.equal(oa.refreshes, 1);
  });

  test('expires_in as string, number, missing', async () => {
    for (const value of ['3600', 3600, undefined]) {
      oa.expiresIn = value;
      assert.equal((await refresh()).expires_in, value);
    }
  });

  test('the old access token is refused after a refresh', async () => {
    const old = oa.access;
    await refresh();
    assert.equal((await toGroup('x', { token: old })).error, -216);
  });
});

describe('lists', () => {
  test('groups, members and history in pages', async () => {
    for (let i = 0; i < 12; i++) group.members.add(oa.user());
    const page = await call(`/v3.0/oa/group/listmember?group_id=${group.id}&offset=10&count=10`);
    assert.deepEqual([page.data.members.length, page.data.total], [3, 13]);
    assert.equal((await call(`/v3.0/oa/group/listmember?group_id=${group.id}&offset=0&count=51`)).error, -210);
    assert.equal((await call('/v3.0/oa/group/getgroupsofoa?offset=0&count=10')).data.groups[0].name, 'Tổ CĐS');
    for (let i = 0; i < 12; i++) oa.say(group, lan, `tin ${i}`);
    const rows = (await call(`/v3.0/oa/group/conversation?group_id=${group.id}&offset=0&count=10`)).data;
    assert.deepEqual([rows.length, rows[0].message, rows[9].message], [10, 'tin 11', 'tin 2']);
    assert.equal((await call(`/v3.0/oa/group/conversation?group_id=${group.id}&offset=0&count=11`)).error, -210);
  });
});

describe('files', () => {
  test('an upload gives a token that a message can carry', async () => {
    const upload = (name, bytes) => {
      const form = new FormData();
      form.append('file', new Blob([bytes], { type: 'application/pdf' }), name);
      return call('/v2.0/oa/upload/file', { body: form });
    };
    const { data } = await upload('a.pdf', '%PDF \r\n\r\n x');
    const sent = await call('/v3.0/oa/group/message', { body: { recipient: { group_id: group.id }, message: { attachment: { type: 'file', payload: { token: data.token } } } } });
    assert.equal(sent.error, 0);
    assert.equal(oa.sends.at(-1).bytes.toString(), '%PDF \r\n\r\n x');
    oa.uploads.clear();
    assert.equal((await call('/v3.0/oa/group/message', { body: { recipient: { group_id: group.id }, message: { attachment: { type: 'file', payload: { token: data.token } } } } })).error, -100);
    assert.equal((await upload('a.zip', 'x')).error, -201);
    assert.equal((await upload('a.pdf', Buffer.alloc(5 * 1024 * 1024 + 1))).error, -210);
    const hosted = oa.hostFile('b.csv', 'một,hai');
    assert.equal((await call(hosted.payload.url.slice(oa.url.length), { token: null })).text, 'một,hai');
  });
});

describe('webhook', () => {
  let server, got, answers;
  beforeEach(async () => {
    got = [];
    answers = [];
    server = http.createServer((request, response) => {
      const parts = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        got.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
        response.statusCode = answers.shift() ?? 200;
        response.end();
      });
    });
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    oa.webhook.url = `http://127.0.0.1:${server.address().port}/zalo-oa`;
  });
  afterEach(() => { server.closeAllConnections(); server.close(); });

  test('events are signed over their bytes; ids are strings', async () => {
    oa.say(group, lan, 'Báo cáo ngày');
    await oa.waitAcked();
    const event = JSON.parse(got[0].body);
    assert.equal(event.recipient.id, group.id);
    assert.equal(typeof event.sender.id, 'string');
    assert.equal(got[0].headers['x-zevent-signature'], `mac=${oa.sign(got[0].body, event.timestamp)}`);
  });

  test('the sheet\'s vector', () => {
    const body = '{"app_id":"1234567890123456789","event_name":"user_send_group_text","sender":{"id":"5510000000000000001"},"recipient":{"id":"4a9bdemo29cec09099df"},"message":{"text":"Báo cáo ngày","msg_id":"96d3demo0150460909"},"timestamp":"1795485467338"}';
    assert.equal(oa.sign(body, '1795485467338'), 'f3c9a405d504dab7d78cb47eecc3e8dc959b32719d20451bcf39804f643ef1a1');
  });

  test('what is not taken comes again, counted, with the same id', async () => {
    answers.push(503, 503);
    oa.say(group, lan, 'x');
    await oa.waitAcked();
    assert.equal(got.length, 3);
    assert.deepEqual(got.map((g) => g.headers.num_retry), [undefined, '1', '2']);
    assert.equal(new Set(got.map((g) => g.body)).size, 1);
  });

  test('while it is down events wait; own messages come back; the probe is unsigned', async () => {
    oa.webhook.down = true;
    oa.say(group, lan, 'x');
    assert.equal(got.length, 0);
    oa.webhook.down = false;
    await oa.waitAcked();
    await toGroup('y');
    await oa.waitAcked();
    assert.equal(JSON.parse(got.at(-1).body).event_name, 'oa_send_group_text');
    assert.equal(await oa.probe(), 200);
    assert.deepEqual([got.at(-1).body, got.at(-1).headers['x-zevent-signature']], ['{}', undefined]);
  });
});
