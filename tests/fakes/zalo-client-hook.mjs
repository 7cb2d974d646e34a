// SPDX-License-Identifier: MIT
// For zalo-bot-api.test.mjs: lets npm @openclaw/zalo load without the host program it is a plugin of. See zalo-client-stub.mjs.
import { register } from 'node:module';

register(new URL('./zalo-client-stub.mjs', import.meta.url));
