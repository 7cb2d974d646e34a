/* SPDX-License-Identifier: MIT */
/* Receipts, yes and no, choices: whole messages that are nothing but an answer. What they answer is not known here. */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

#include "reader_impl.h"

#define RECEIPT_WORDS_MAX 16
#define ANSWER_WORDS_MAX 8
/* Words that change nothing: address, politeness. */
#define POLITE                                                                                                                     \
	"a ah aj e em anh chi ac c bac co chu thay sep ad admin nhe nha nhes dong d dc duoc roi r day cam on tks thanks thank "    \
	"day du"

static bool begins(char **words, const char *phrase)
{
	g_auto(GStrv) parts = g_strsplit(phrase, " ", 0);

	for (unsigned i = 0; parts[i]; i++) {
		if (!words[i] || strcmp(words[i], parts[i]) != 0)
			return false;
	}
	return true;
}

/* Number of words of the longest phrase that the words begin with; 0 = none. phrases: separated by commas. */
static unsigned begins_with_one(char **words, const char *phrases)
{
	g_auto(GStrv) list = g_strsplit(phrases, ",", 0);
	unsigned best = 0;

	for (unsigned i = 0; list[i]; i++) {
		unsigned n = 1;

		for (const char *p = list[i]; *p; p++)
			n += *p == ' ';
		if (n > best && begins(words, list[i]))
			best = n;
	}
	return best;
}

/* "UBND xã Giao Hải đã nhận", "Sở Y tế đã nhận": the unit first. */
static char **skip_unit(char **words)
{
	if (!words[0] ||
	    !reader_is_in(words[0], "ubnd hdnd so xa huyen tp thanh phuong thi tt ttr phong ban vp van cong truong doan hoi benh "
				    "bv don dv trung to bch ubmttq mttq svhttdl"))
		return words;
	for (unsigned i = 1; i < 9 && words[i]; i++) {
		if (begins(words + i, "da nhan") || begins(words + i, "da tiep nhan") || begins(words + i, "nhan roi") ||
		    begins(words + i, "nhan du") || begins(words + i, "nhan duoc"))
			return words + i;
	}
	return words;
}

static bool is_thumb(const char *text)
{
	static const char *const thumbs[] = { "👍", "👌", "🆗", "✅", "🫡" };

	for (size_t i = 0; i < ARRAY_SIZE(thumbs); i++) {
		if (g_str_has_prefix(text, thumbs[i]))
			return true;
	}
	return false;
}

static bool is_about_id(const char *word, bool is_bare_allowed)
{
	const char *prefix, *rest;
	int64_t number;

	return reader_id(word, is_bare_allowed ? "TB" : NULL, &prefix, &number, &rest) && !*rest;
}

bool reader_is_receipt(const char *text)
{
	static const char received[] =
		"da nhan,nhan,da tiep nhan,tiep nhan,da ro,ro,da hieu,hieu,da xem,da doc,da nam,da biet,ok,oke,okie,okay,oki,"
		"okela,okla,okey,okk,okee,vang,da,vg,d nhan,nhan dc,nhan duoc,nhan du,da nhan duoc,da n";
	static const char about[] =
		"thong bao,tb,van ban,vb,cv,cong van,tin,tin nhan,noi dung,chi dao,thong tin,lich,giay moi,nhiem vu,va,"
		"se trien khai,se thuc hien,xin thuc hien,trien khai ngay,thuc hien ngay,ngay";
	g_auto(GStrv) all = NULL;
	char **words;
	unsigned n_received = 0;
	bool is_number_due = false; /* "tb 7" */

	text = reader_skip_space(text);
	if (strlen(text) > 200 || strchr(text, '?') || strchr(text, '\n') || *text == '/' || *text == '\\')
		return false;
	all = reader_words(text, RECEIPT_WORDS_MAX);
	if (!all)
		return false;
	if (!all[0])
		return is_thumb(text);
	for (words = skip_unit(all); *words;) {
		unsigned n = begins_with_one(words, received);

		n_received += n > 0;
		if (n == 0 && is_about_id(*words, is_number_due))
			n = 1;
		if (n == 0) {
			n = begins_with_one(words, about);
			is_number_due = n > 0;
		}
		if (n == 0 && reader_is_in(*words, POLITE " minh toi xin"))
			n = 1;
		if (n == 0)
			return false;
		words += n;
	}
	return n_received > 0;
}

enum reader_answer reader_yes_no(const char *text)
{
	static const char yes[] =
		"dong y,dongy,dy,y,yes,co,ok,oke,okie,okay,oki,okela,okey,vang,u,uh,um,uhm,nhat tri,xac nhan,duoc,dc,chuan";
	static const char no[] =
		"khong,ko,kg,k,khg,hok,hong,no,n,thoi,huy,khong dong y,ko dong y,k dong y,khong co,ko co,chua dong y,chua,"
		"khong duoc,ko dc,ko duoc,k dc,thoi khoi,khoi,tu choi";
	g_auto(GStrv) all = NULL;
	g_autofree char *lower = g_utf8_strdown(text, -1);
	enum reader_answer answer = ANSWER_OTHER;

	if (strchr(text, '?'))
		return ANSWER_OTHER;
	all = reader_words(text, ANSWER_WORDS_MAX);
	for (char **words = all; words && *words;) {
		unsigned n_no = begins_with_one(words, no), n_yes = begins_with_one(words, yes);

		/* "Đúng" and "đừng" fold to one word and mean the contrary. */
		if (strcmp(*words, "dung") == 0) {
			n_yes = strstr(lower, "đúng") ? 1 : 0;
			n_no = strstr(lower, "đừng") ? 1 : 0;
		}
		if (n_no > 0 && answer != ANSWER_YES)
			answer = ANSWER_NO;
		else if (n_yes > 0 && answer != ANSWER_NO)
			answer = ANSWER_YES;
		else if (!reader_is_in(*words, POLITE " da minh toi xin hoan toan"))
			return ANSWER_OTHER;
		words += MAX(MAX(n_no, n_yes), 1);
	}
	return answer;
}

unsigned reader_choice(const char *text, unsigned max)
{
	g_auto(GStrv) words = reader_words(text, ANSWER_WORDS_MAX);
	guint64 choice = 0;

	if (!words || strchr(text, '?') || strchr(text, '-'))
		return 0;
	for (unsigned i = 0; words[i]; i++) {
		guint64 n;

		if (reader_is_in(words[i], POLITE " da chon so cai y phuong an pa muc dap toi minh lay la"))
			continue;
		if (choice > 0 || !g_ascii_string_to_unsigned(words[i], 10, 1, max, &n, NULL))
			return 0;
		choice = n;
	}
	return (unsigned)choice;
}
