// SPDX-License-Identifier: MIT
// What each step of the search is worth: takes one out after the other in a copy of the sources, builds that and asks the queries again. Prints the
// mean MRR@10 over the kinds with everything, and what is lost without each step, with the kinds that lose most.
//   node tests/bench/search/steps.mjs [--corpus DIR] [--queries FILE] [--only TEXT]
// From the root of the sources; a few minutes. A step whose text is not found any more ends the run: the list below is then out of date.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const KINDS_SHOWN = 3;
const zero = (name) => [`#define ${name} `, `#define ${name} 0 * `];
const STEPS = [
	['Telex and VNI are decoded', 'store/search/spell.c', '!keystrokes_read(db, p, ret_changed, error) || ', ''],
	['slips are mended', 'store/search/spell.c', 'if (is_slip(word_at(p, i), n_items) &&', 'if (false && is_slip(word_at(p, i), n_items) &&'],
	['a word that may be a slip', 'store/search/sums.c', '(k == 0 && n_full == 0 && !spell_doubt(r->db, p, r->error))', '(k == 0 && n_full == 99999)'],
	["the register's abbreviations", 'store/search/search.c', '\tquery_expand(p, r);\n', ''],
	['abbreviations mined from the items', 'store/search/search.c', '!initialism_expand(db, p, r, error) || ', ''],
	['frames of questions are grammar', 'store/search/query.c', '\tframes_mark(l);\n', ''],
	['all pairs of the line are asked for', 'store/search/sums.c', '!ask_full(a))', 'a->n[0] < -1)'],
	['some pairs are asked for', 'store/search/sums.c', 'if (a->n_full == 0 && !ask_pairs(a))', 'if (a->n_full == 99999 && !ask_pairs(a))'],
	['all words are asked for', 'store/search/sums.c', '(a->n_full < WORDS_ROWS_BESIDES && !ask_words(a))', '(a->n_full == 99999 && !ask_words(a))'],
	['pairs of titles are asked for', 'store/search/sums.c', '!ask_title_pairs(a))', 'a->n[0] < -1)'],
	['words with rare marks are asked for', 'store/search/sums.c', '!ask_marks(a))', 'a->n[0] < -1)'],
	['rare words are asked for', 'store/search/sums.c', 'if (!any_with_all(a) && !ask_loose(a))', 'if (a->n[0] < -1 && !ask_loose(a))'],
	['the best are ranked by their texts', 'store/search/retrieve.c', '#define RANKED_MAX 24', '#define RANKED_MAX 0'],
	['rank: a word often', 'store/search/rank.c', ...zero('WORD_OFTEN')],
	['rank: a word in the title', 'store/search/rank.c', ...zero('WORD_TITLE')],
	['rank: marks of words', 'store/search/rank.c', ...zero('WORD_MARKS')],
	['rank: pairs', 'store/search/rank.c', ...zero('PAIR_THERE')],
	['rank: pairs in the title', 'store/search/rank.c', ...zero('PAIR_TITLE')],
	['rank: pairs with words between', 'store/search/rank.c', ...zero('PAIR_NEAR')],
	['rank: marks of pairs', 'store/search/rank.c', ...zero('PAIR_MARKS')],
	['rank: pairs as typed', 'store/search/rank.c', ...zero('PAIR_LITERAL')],
	['rank: marks of one word or two', 'store/search/rank.c', 'return weight * (l->n == 1 ? MARKS_OF_ONE : l->n == 2 ? MARKS_OF_TWO : 1);', 'return weight;'],
	['rank: all marks together', 'store/search/rank.c', 'l->has_marks[i] = w->exact != NULL;', 'l->has_marks[i] = false;'],
	['rank: nearness', 'store/search/rank.c', ...zero('NEARNESS')],
	['rank: the title is in the question', 'store/search/rank.c', ...zero('TITLE_COVERED')],
	['rank: the line as it stands', 'store/search/rank.c', ...zero('LINE_WHOLE')],
];

const root = process.cwd();
const { values: args } = parseArgs({ options: { corpus: { type: 'string' }, queries: { type: 'string' }, only: { type: 'string' } } });
const corpus = args.corpus ?? join(root, '..', 'shared', 'data', 'vi-corpus');
const dir = mkdtempSync(join(tmpdir(), 'cdsbot-steps-'));
const [source, build, database] = ['source', 'build', 'database'].map((name) => join(dir, name));
const bench = join(build, 'tests/bench/search/bench-search');
const run = (command, ...rest) => execFileSync(command, rest, { encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, CDSBOT_SOURCE: source } });

function ask() {
	run('ninja', '-C', build, 'tests/bench/search/bench-search');
	return JSON.parse(run(bench, '--keep', database, '--json', '--corpus', corpus, ...(args.queries ? ['--queries', args.queries] : [])))[0];
}

function lost(from, to) {
	return Object.keys(from.kinds)
		.map((kind) => [kind, to.kinds[kind].mrr10 - from.kinds[kind].mrr10])
		.filter(([, change]) => change < -0.0005)
		.sort((a, b) => a[1] - b[1])
		.slice(0, KINDS_SHOWN)
		.map(([kind, change]) => `${kind} ${change.toFixed(3)}`)
		.join(', ');
}

try {
	for (const file of run('git', 'ls-files').trim().split('\n')) {
		mkdirSync(dirname(join(source, file)), { recursive: true });
		cpSync(join(root, file), join(source, file));
	}
	mkdirSync(database);
	run('meson', 'setup', build, source, '--buildtype=release', '-Dtests=true', '-Dwerror=false');
	const whole = ask();
	console.log(`with everything: mean MRR@10 ${whole.mrr10.toFixed(4)}, median ${whole.p50_ms.toFixed(2)} ms`);
	for (const [name, file, from, to] of STEPS.filter(([name]) => name.includes(args.only ?? ''))) {
		const path = join(source, file), text = readFileSync(path, 'utf8');
		if (!text.includes(from))
			throw new Error(`${file}: "${from}" is not there (step "${name}")`);
		writeFileSync(path, text.replace(from, to));
		const without = ask();
		console.log(`without "${name}": ${(without.mrr10 - whole.mrr10).toFixed(4)}  ${lost(whole, without)}`);
		writeFileSync(path, text);
	}
} finally {
	rmSync(dir, { recursive: true });
}
