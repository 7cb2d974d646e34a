// SPDX-License-Identifier: MIT
// What fingers and phones do to Vietnamese words: marks left off, raw keystrokes, the other style, a wrong key. Every function takes
// syllables in lower case and NFC and a source of chance.

const TONE_KEYS = { telex: { '\u0300': 'f', '\u0301': 's', '\u0309': 'r', '\u0303': 'x', '\u0323': 'j' },
	vni: { '\u0300': '2', '\u0301': '1', '\u0309': '3', '\u0303': '4', '\u0323': '5' } };
const TONES = /[\u0300\u0301\u0309\u0303\u0323]/g;
const SHAPES = /[\u0302\u0306\u031b]/g;
const VNI_SHAPES = { '\u0302': '6', '\u031b': '7', '\u0306': '8' };
// Neighbours on the keyboard, the likely slip of each letter.
const BESIDE = { q: 'w', w: 'e', e: 'r', r: 't', t: 'y', y: 'u', u: 'i', i: 'o', o: 'p', p: 'o', a: 's', s: 'd', d: 'f', f: 'g', g: 'h',
	h: 'j', j: 'k', k: 'l', l: 'k', z: 'x', x: 'c', c: 'v', v: 'b', b: 'n', n: 'm', m: 'n' };

export function withoutMarks(s) {
	return s.normalize('NFD').replace(/\p{M}/gu, '').replace(/đ/g, 'd');
}

export function withoutTone(s) {
	return s.normalize('NFD').replace(TONES, '').normalize('NFC');
}

// The tone apart from its letter, the shape of the letter kept: how some keyboards send it.
export function toneApart(s) {
	return [...s].map((c) => {
		const tone = c.normalize('NFD').match(TONES);
		return tone ? withoutTone(c) + tone[0] : c;
	}).join('');
}

// One letter as keys, without its tone.
function letterKeys(c, style) {
	if (c === 'đ')
		return style === 'telex' ? 'dd' : 'd9';
	const apart = c.normalize('NFD').replace(TONES, '');
	const base = apart.replace(SHAPES, ''), shape = apart.match(SHAPES)?.[0];
	if (!shape)
		return base;
	if (style === 'vni')
		return base + VNI_SHAPES[shape];
	return shape === '\u0302' ? base + base : `${base}w`;
}

// The tone key stands behind its vowel or at the end.
export function keystrokes(syllable, style, atEnd) {
	let keys = '', late = '';
	for (const c of syllable) {
		const tone = c.normalize('NFD').match(TONES);
		keys += letterKeys(c, style);
		if (tone && atEnd)
			late = TONE_KEYS[style][tone[0]];
		else if (tone)
			keys += TONE_KEYS[style][tone[0]];
	}
	return keys + late;
}

// hòa -> hoà, thuỷ -> thủy, kỹ -> kĩ, lí -> lý; the syllable itself where there is no other style.
export function otherStyle(s) {
	const apart = s.normalize('NFD');
	const moved = apart.replace(/^((?!q)[^aeiouy]*)(o|u)([\u0300\u0301\u0309\u0303\u0323]?)(a|e|y)([\u0300\u0301\u0309\u0303\u0323]?)$/,
		(all, head, first, tone, second, late) =>
			((first === 'o') === (second !== 'y') && tone !== late) ? head + first + late + second + tone : all);
	if (moved !== apart)
		return moved.normalize('NFC');
	return apart.replace(/^([hklmst])([iy])([\u0300\u0301\u0309\u0303\u0323]?)$/,
		(all, head, vowel, tone) => head + (vowel === 'i' ? 'y' : 'i') + tone).normalize('NFC');
}

// One slip in one of the syllables, or two of them run together.
export function slip(syllables, chance) {
	const out = [...syllables], kind = chance.below(5);
	const long = out.map((s, i) => i).filter((i) => out[i].length >= 3);
	if (kind === 4 || long.length === 0) {
		const at = chance.below(out.length - 1);
		out.splice(at, 2, out[at] + out[at + 1]);
		return out;
	}
	const at = chance.pick(long), s = [...out[at]], i = chance.below(s.length - 1);
	if (kind === 0)
		s.splice(i + 1, 1);
	else if (kind === 1)
		s.splice(i, 0, s[i]);
	else if (kind === 2 && s[i] !== s[i + 1])
		[s[i], s[i + 1]] = [s[i + 1], s[i]];
	else
		s[i] = BESIDE[withoutMarks(s[i])] ?? 'h';
	out[at] = s.join('');
	return out;
}
