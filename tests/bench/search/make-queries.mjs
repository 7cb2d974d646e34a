// SPDX-License-Identifier: MIT
// Makes queries with judgements of the kinds of queries-dev.jsonl from documents that set does not use, so that a search tuned on it can be
// tried on words it has not seen. The same seed gives the same file.
// Two kinds cannot be made of documents alone (people's own questions): question-keywords and question-verbatim are here stretches of a
// sentence, without and with the words of a question.
//   node tests/bench/search/make-queries.mjs --out FILE [--corpus DIR] [--exclude FILE] [--parts LTPWX] [--per-kind N] [--seed N]
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { keystrokes, otherStyle, slip, toneApart, withoutMarks, withoutTone } from './spell.mjs';

const TRIES_MAX = 200000; // a kind that finds no more gives what it has
const MORE_ABBREVIATIONS = [
	['BLHS', 'bộ luật hình sự'], ['BLDS', 'bộ luật dân sự'], ['NHNN', 'ngân hàng nhà nước'], ['TNDN', 'thu nhập doanh nghiệp'],
	['BHTN', 'bảo hiểm thất nghiệp'], ['KCN', 'khu công nghiệp'], ['QPPL', 'quy phạm pháp luật'], ['DNNN', 'doanh nghiệp nhà nước'],
	['CQNN', 'cơ quan nhà nước'], ['ĐBQH', 'đại biểu quốc hội'], ['UBTVQH', 'ủy ban thường vụ quốc hội'], ['NSĐP', 'ngân sách địa phương'],
	['NSDLĐ', 'người sử dụng lao động'], ['HĐLĐ', 'hợp đồng lao động'], ['BCA', 'bộ công an'], ['BQP', 'bộ quốc phòng'],
];
const STOP = new Set('và của các có được cho là trong với theo về tại này đó khi để từ do bằng như ở đến thì mà một những'.split(' '));
const ASK = [(t) => `${t} là gì?`, (t) => `cho tôi hỏi về ${t}?`, (t) => `hãy giới thiệu về ${t}`, (t) => `quy định về ${t} như thế nào`,
	(t) => `muốn tìm hiểu ${t} thì xem ở đâu`, (t) => `làm thế nào khi ${t}?`];

// mulberry32: small, and the same everywhere.
class Chance {
	constructor(seed) {
		this.state = seed >>> 0;
	}
	next() {
		this.state = (this.state + 0x6d2b79f5) >>> 0;
		let t = this.state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	}
	below(n) {
		return Math.floor(this.next() * n);
	}
	pick(list) {
		return list[this.below(list.length)];
	}
	shuffled(list) {
		const out = [...list];
		for (let i = out.length - 1; i > 0; i--) {
			const j = this.below(i + 1);
			[out[i], out[j]] = [out[j], out[i]];
		}
		return out;
	}
}

// Stretches between punctuation, each a list of syllables.
function stretches(text) {
	return text.normalize('NFC').toLowerCase().split(/[^\p{L}\p{M}\p{N} ]+/u)
		.map((s) => s.split(' ').filter(Boolean)).filter((s) => s.length > 0);
}

class Corpus {
	constructor(docs) {
		this.docs = docs.map((d) => {
			const title = stretches(d.title), body = stretches(d.body);
			const line = (list) => ` ${list.flat().join(' ')} `;
			return { id: d.id, title, body, titleLine: line(title), line: `${line(title)}| ${line(body)}` };
		});
		this.byPair = new Map();
		this.spellings = new Map(); // pair without marks -> pairs with them
		this.docs.forEach((d, n) => {
			// Who types leaves the commas out: words on both sides of one stand together as well.
			for (const s of [d.title.flat(), d.body.flat()]) {
				for (let i = 0; i + 1 < s.length; i++)
					this.#pairAdd(`${s[i]} ${s[i + 1]}`, n);
			}
		});
		for (const pair of this.byPair.keys()) {
			const bare = withoutMarks(pair);
			this.spellings.set(bare, [...(this.spellings.get(bare) ?? []), pair]);
		}
	}
	#pairAdd(pair, n) {
		const list = this.byPair.get(pair);
		if (!list)
			this.byPair.set(pair, [n]);
		else if (list[list.length - 1] !== n)
			list.push(n);
	}
	holding(words, line = 'line') {
		let best = null;
		for (let i = 0; i + 1 < words.length; i++) {
			const list = this.byPair.get(`${words[i]} ${words[i + 1]}`) ?? [];
			best = !best || list.length < best.length ? list : best;
		}
		return (best ?? []).map((n) => this.docs[n]).filter((d) => d[line].includes(` ${words.join(' ')} `));
	}
	inTitle(words) {
		return this.holding(words, 'titleLine').map((d) => d.id);
	}
	anywhere(words) {
		return this.holding(words).map((d) => d.id);
	}
}

function run(list, least, most, chance) {
	const s = chance.pick(list);
	if (!s || s.length < least)
		return null;
	const n = Math.min(s.length, least + chance.below(most - least + 1));
	const at = chance.below(s.length - n + 1);
	return s.slice(at, at + n);
}

// Words and who holds them, by the judgement of the corpus's README; null where too many do.
function judged(corpus, doc, words, fromTitle) {
	if (!words)
		return null;
	const ids = fromTitle ? corpus.inTitle(words) : corpus.anywhere(words);
	return ids.length >= 1 && ids.length <= (fromTitle ? 2 : 1) && ids.includes(doc.id) ? { words, relevant: ids } : null;
}

function pickRun(corpus, doc, chance, least = 3, most = 7) {
	const fromTitle = chance.next() < 0.5;
	return judged(corpus, doc, run(fromTitle ? doc.title : doc.body, least, most, chance), fromTitle);
}

// Changes the words of a run; null where nothing changed.
function changed(change) {
	return (corpus, doc, chance) => {
		const r = pickRun(corpus, doc, chance);
		const text = r && change(r.words, chance);
		return r && text && text !== r.words.join(' ') ? { text, relevant: r.relevant } : null;
	};
}

// People move words, and most words are of two syllables.
function chunks(words, chance) {
	const out = [];
	for (let at = 0; at < words.length;) {
		const n = chance.next() < 0.7 ? 2 : 1;
		out.push(words.slice(at, at + n));
		at += n;
	}
	return out;
}

function keys(style) {
	return changed((words, chance) => {
		const atEnd = chance.next() < 0.5;
		return words.map((w) => keystrokes(w, style, atEnd)).join(' ');
	});
}

// Few documents hold a long form: they are looked for instead of waited for.
function abbreviated(table, usable) {
	const mine = new Set(usable.map((d) => d.id)), holders = new Map();
	return (corpus, any, chance) => {
		const [brief, long] = chance.pick(table), parts = long.split(' ');
		if (!holders.has(brief))
			holders.set(brief, corpus.holding(parts).filter((d) => mine.has(d.id)));
		const doc = chance.pick(holders.get(brief));
		const s = (doc && chance.pick([...doc.title, ...doc.body])) ?? [];
		const at = s.findIndex((w, i) => parts.every((p, k) => s[i + k] === p));
		if (at < 0)
			return null;
		const from = Math.max(0, at - chance.below(4)), to = Math.min(s.length, at + parts.length + chance.below(4));
		const r = judged(corpus, doc, s.slice(from, to), false);
		if (!r || to - from === parts.length)
			return null;
		const style = chance.below(3), head = s.slice(from, at), tail = s.slice(at + parts.length, to);
		const short = style === 0 ? brief : brief.toLowerCase();
		const text = [...head, short, ...tail].join(' ');
		return { text: style === 2 ? withoutMarks(text) : text, relevant: r.relevant };
	};
}

function question(corpus, doc, chance) {
	const [head, law] = doc.title;
	const r = head && judged(corpus, doc, head.slice(0, 12), true);
	if (!r || head.length < 2)
		return null;
	const isLaw = law && law[0] === 'luật';
	const text = isLaw ? `${law.join(' ')} nói gì về ${r.words.join(' ')}?` : chance.pick(ASK)(r.words.join(' '));
	return { text: chance.next() < 0.3 ? withoutMarks(text) : text, relevant: isLaw ? [doc.id] : r.relevant };
}

function sentenceWords(corpus, doc, chance, asQuestion) {
	const r = judged(corpus, doc, run(doc.body, 9, 16, chance), false);
	if (!r)
		return null;
	const kept = asQuestion ? r.words : r.words.filter((w) => !STOP.has(w) && chance.next() < 0.75);
	if (kept.length < 3)
		return null;
	return { text: asQuestion ? `${chance.pick(['Vì sao', 'Khi nào', 'Ai', 'Cơ quan nào'])} ${kept.join(' ')}?` : kept.join(' '),
		relevant: r.relevant };
}

function ambiguous(corpus, doc, chance) {
	const words = run([...doc.title, ...doc.body], 2, 2, chance);
	const pair = words?.join(' ');
	if (!pair || pair === withoutMarks(pair))
		return null;
	const ids = corpus.anywhere(words);
	const others = corpus.spellings.get(withoutMarks(pair)).filter((p) => p !== pair && p !== withoutMarks(pair));
	return ids.length >= 1 && ids.length <= 3 && others.length > 0 ? { text: pair, relevant: ids } : null;
}

const KINDS = {
	'exact': (corpus, doc, chance) => {
		const r = pickRun(corpus, doc, chance);
		return r && { text: r.words.join(' '), relevant: r.relevant };
	},
	'no-diacritics': changed((words) => withoutMarks(words.join(' '))),
	'partial-diacritics': changed((words, chance) => words.map((w) => {
		const how = chance.below(4);
		return how === 0 ? withoutMarks(w) : how === 1 ? withoutTone(w) : w;
	}).join(' ')),
	'telex': keys('telex'),
	'vni': keys('vni'),
	'tone-placement': changed((words) => words.map(otherStyle).join(' ')),
	'nfd': changed((words, chance) => (chance.next() < 0.5 ? words.join(' ').normalize('NFD') : words.map(toneApart).join(' '))),
	'typo': changed((words, chance) => {
		const text = slip(words, chance).join(' ');
		return chance.next() < 0.5 ? withoutMarks(text) : text;
	}),
	'reorder': (corpus, doc, chance) => {
		const r = pickRun(corpus, doc, chance, 5, 8); // the development queries have four words or more
		const moved = r && chance.shuffled(chunks(r.words, chance)).flat();
		if (!r || moved.join(' ') === r.words.join(' '))
			return null;
		moved.splice(chance.below(moved.length), 1);
		const text = moved.join(' ');
		return { text: chance.next() < 0.4 ? withoutMarks(text) : text, relevant: r.relevant };
	},
	'abbreviation': null, // needs the table
	'question': question,
	'question-keywords': (corpus, doc, chance) => sentenceWords(corpus, doc, chance, false),
	'question-verbatim': (corpus, doc, chance) => sentenceWords(corpus, doc, chance, true),
	'diacritic-ambiguity': ambiguous,
};

function jsonl(text) {
	return text.split('\n').filter(Boolean).map((l) => JSON.parse(l));
}

function make(corpus, usable, table, perKind, chance) {
	const out = [], kinds = { ...KINDS, abbreviation: abbreviated(table, usable) };
	for (const [kind, one] of Object.entries(kinds)) {
		const seen = new Set();
		for (let tries = 0; seen.size < perKind && tries < TRIES_MAX; tries++) {
			const q = one(corpus, chance.pick(usable), chance);
			if (!q || seen.has(q.text))
				continue;
			seen.add(q.text);
			out.push({ qid: `g${String(out.length).padStart(4, '0')}`, query: q.text, relevant: q.relevant, kind });
		}
		if (seen.size < perKind)
			console.error(`${kind}: only ${seen.size} of ${perKind} found`);
	}
	return out;
}

const { values: arg } = parseArgs({ options: {
	out: { type: 'string' },
	corpus: { type: 'string', default: join(import.meta.url.replace('file://', ''), '../../../../../shared/data/vi-corpus') },
	exclude: { type: 'string' },
	parts: { type: 'string', default: 'LTPWX' },
	'per-kind': { type: 'string', default: '75' },
	seed: { type: 'string', default: '1' },
} });
if (!arg.out) {
	console.error('usage: make-queries.mjs --out FILE [--corpus DIR] [--exclude FILE] [--parts LTPWX] [--per-kind N] [--seed N]');
	process.exit(2);
}
const docs = jsonl(gunzipSync(readFileSync(join(arg.corpus, 'corpus.jsonl.gz'))).toString());
const used = new Set(jsonl(readFileSync(arg.exclude ?? join(arg.corpus, 'queries-dev.jsonl'), 'utf8')).flatMap((q) => q.relevant));
const table = readFileSync(join(arg.corpus, 'abbreviations.tsv'), 'utf8').split('\n').filter(Boolean).map((l) => l.split('\t'));
const corpus = new Corpus(docs);
const usable = corpus.docs.filter((d) => arg.parts.includes(d.id[0]) && !used.has(d.id));
const queries = make(corpus, usable, [...table, ...MORE_ABBREVIATIONS], Number(arg['per-kind']), new Chance(Number(arg.seed)));
writeFileSync(arg.out, queries.map((q) => `${JSON.stringify(q)}\n`).join(''));
console.log(`${queries.length} queries from ${usable.length} documents`);
