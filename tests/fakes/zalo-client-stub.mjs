// SPDX-License-Identifier: MIT
// Module hook: every import of the host's SDK gets stand-ins for the names the client's bundle asks for. The few that its API calls go
// through do what their names say; the rest is a value that survives any use. Nothing of the package is copied here.
import fs from 'node:fs';
import path from 'node:path';

const HOST = 'openclaw/plugin-sdk/';
const wanted = new Map(); // module -> names imported from it

for (const file of fs.readdirSync(process.env.ZDIST).filter((f) => f.endsWith('.mjs'))) {
  const text = fs.readFileSync(path.join(process.env.ZDIST, file), 'utf8');
  for (const [, names, from] of text.matchAll(/import \{([^}]*)\} from "([^"]+)"/g)) {
    if (!from.startsWith(HOST)) continue;
    if (!wanted.has(from)) wanted.set(from, new Set());
    for (const name of names.split(',')) wanted.get(from).add(name.trim().split(' as ')[0]);
  }
}

const meant = {
  resolveTimerTimeoutMs: '(value, dflt) => (Number.isFinite(value) && value > 0 ? value : dflt)',
  // Like the real one: another kind of error than the API's own, for any status but 2xx.
  assertOkOrThrowProviderError: 'async (response, label) => { if (!response.ok) throw Object.assign(new Error(label), { status: response.status }); }',
  readProviderJsonResponse: '(response) => response.json()',
  resolvePinnedHostnameWithPolicy: 'async () => ({})',
};
const anything = `new Proxy(function () {}, {
  get: (target, key) => (key === 'then' ? undefined : key === Symbol.toPrimitive ? () => '' : anything), apply: () => anything, construct: () => anything,
})`;

export async function resolve(specifier, context, next) {
  return specifier.startsWith(HOST) ? { url: `stub:${specifier}`, shortCircuit: true } : next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.startsWith('stub:')) return next(url, context);
  const names = [...wanted.get(url.slice('stub:'.length)) ?? []];
  const source = [`const anything = ${anything};`, ...names.map((n) => `export const ${n} = ${meant[n] ?? 'anything'};`)].join('\n');
  return { format: 'module', source, shortCircuit: true };
}
