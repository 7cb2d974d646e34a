// SPDX-License-Identifier: MIT
// For zalo-bot-api.test.mjs: what npm @openclaw/zalo makes of the stand-in at ZALO_API_URL, as JSON. Arguments: token, chat id.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [token, chat] = process.argv.slice(2);
const file = path.join(process.env.ZDIST, fs.readdirSync(process.env.ZDIST).find((f) => f.startsWith('send-') && f.endsWith('.mjs')));
const module = await import(pathToFileURL(file));
// The letters it exports under change from version to version; the names stand behind them in its last line.
const [, list] = /export \{([^}]*)\};?\s*$/.exec(fs.readFileSync(file, 'utf8'));
const z = Object.fromEntries([...list.matchAll(/(\w+) as (\w+)/g)].map(([, name, letter]) => [name, module[letter]]));

const failure = async (promise) => {
  try {
    return await promise;
  } catch (error) {
    return { name: error.name, code: error.errorCode ?? error.status, ...(error.isPollingTimeout ? { isPollingTimeout: true } : {}) };
  }
};
const r = {};
r.getMe = await failure(z.getMe(token, 5000));
r.badToken = await failure(z.getMe('1:other', 5000));
r.getUpdates = await failure(z.getUpdates(token, { timeout: 1 }));
r.idle = await failure(z.getUpdates(token, { timeout: 1 }));
r.sendMessage = await failure(z.sendMessage(token, { chat_id: chat, text: 'Đã ghi nhận' }));
r.sendPhoto = await failure(z.sendPhoto(token, { chat_id: chat, photo: 'https://photo.example.vn/a.jpg', caption: 'ảnh' }));
r.sendChatAction = await failure(z.sendChatAction(token, { chat_id: chat, action: 'typing' }));
r.setWebhook = await failure(z.setWebhook(token, { url: 'https://hook.example.vn/zalo', secret_token: 'bi-mat-1234' }));
r.getWebhookInfo = await failure(z.getWebhookInfo(token));
r.deleteWebhook = await failure(z.deleteWebhook(token));
r.noWebhook = await failure(z.getWebhookInfo(token));
process.stdout.write(JSON.stringify(r));
