/* SPDX-License-Identifier: MIT */
/* In private chat the slash may be left out. Many short forms and names are also how ordinary sentences begin ("a ơi", "k có gì",
 * "h này", "đơn vị em", "kết quả 5 hộ"), so here stands what must follow for a command to be meant. In doubt it is ordinary text:
 * the person can still type the slash. What only reads asks for less, because a misreading costs nothing. */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

#include "reader_impl.h"

enum {
	ALONE = 1 << 0,     /* nothing follows */
	ID = 1 << 1,        /* an id; a bare number only if it counts nothing ("5 hộ") */
	ID_STRICT = 1 << 2, /* an id with its letters, or a bare number and then nothing or one of the `first` words */
	WORDS = 1 << 3,     /* any words, but no question and none of `no` first */
	LONG = 1 << 4,      /* with the others: only if the word that was typed has six letters or more */
	FIRST = 1 << 5,     /* one of the `first` words */
	PERIOD = 1 << 6,    /* tháng, quý, năm, tuần or a year */
	LINK = 1 << 7,      /* an address */
	LABELS = 1 << 8,    /* a line with a known label */
	CODE = 1 << 9,      /* one word with a digit in it */
	COMMAND = 1 << 10   /* a command's word */
};

struct fit {
	const char *name;
	unsigned by_name, by_brief, by_other;
	const char *first; /* folded */
	const char *no;    /* lower case as typed, with and without diacritics */
};

#define TALK "ơi oi ạ à này nay đang đã sẽ cũng không ko k thấy chưa nghĩ biết bảo vừa mới có đc dc"

/* Commands without a row: an id if they take one, else alone. */
static const struct fit fits[] = {
	{ "apdung", ID, ID_STRICT, ID, "tham thamkhao hoc hoctap ap apdung", NULL },
	{ "bantin", ALONE | PERIOD, PERIOD, ALONE | LONG, NULL, NULL },
	{ "baocao", PERIOD, PERIOD, PERIOD, NULL, NULL },
	{ "baihoc", PERIOD, PERIOD, PERIOD, NULL, NULL },
	{ "bosung", ALONE | ID | LABELS, LABELS, LABELS, NULL, NULL },
	{ "cauchuyen", ALONE | LINK, LINK, LINK, NULL, NULL },
	{ "chiase", ALONE | WORDS, LABELS, LABELS, NULL, "với voi cùng cung cho" },
	{ "chuyenmuc", ALONE | LINK | FIRST, LINK | FIRST, LINK, "thieu", NULL },
	{ "congnhan", 0, 0, 0, NULL, NULL },
	{ "dangky", ALONE | WORDS, WORDS, ALONE | LONG, NULL,
	  "a ạ à ah r rồi roi k ko không khong chưa chua nhé nhe nha thì thi là la cho nữa nua luôn luon mà ma đâu dau đó đấy day "
	  "em anh chị "
	  "chi bạn ban nào nao với hết het" },
	{ "diachido", ALONE | WORDS, WORDS, ALONE | LONG, NULL, "a ạ à anh chị chi em e c ơi oi nhé nhe" },
	{ "donvi", ALONE | WORDS, 0, ALONE | WORDS | LONG, NULL,
	  "tôi toi em mình minh chúng chung tớ đã da có co chưa chua đang dang của cua nào nao ta mới" },
	{ "dulieu", ALONE | FIRST, 0, ALONE | LONG, "xuat sua xoa rut rutdongy", NULL },
	{ "duyet", 0, 0, 0, NULL, NULL },
	{ "huy", ALONE, 0, ALONE, NULL, NULL },
	{ "ketqua", ID, ID, ID, NULL, NULL },
	{ "linhvuc", ALONE | WORDS, 0, ALONE | WORDS | LONG, NULL, "này nay của cua mà ma nào nao tôi toi em" },
	{ "lienket", ALONE | CODE, 0, 0, NULL, NULL },
	{ "luu", ALONE, 0, ALONE, NULL, NULL },
	{ "nhanquyen", ALONE | CODE, 0, 0, NULL, NULL },
	{ "nhiemvu", ALONE | FIRST, FIRST, 0, "giao", NULL },
	{ "nhom", 0, 0, 0, NULL, NULL },
	{ "rut", 0, 0, 0, NULL, NULL },
	{ "theodoi", ALONE | FIRST, FIRST, 0, "lv dv bo linh don linhvuc donvi", NULL },
	{ "thongbao", 0, 0, 0, NULL, NULL },
	{ "thongke", ALONE | PERIOD | FIRST, PERIOD, PERIOD, "dv lv tru trucot don linh", NULL },
	{ "tiep", ALONE, 0, ALONE, NULL, NULL },
	{ "tim", WORDS, WORDS, WORDS | LONG, NULL, TALK " hiểu hieu thấy thay ra cách cach" },
	{ "trogiup", ALONE | COMMAND, ALONE | COMMAND, ALONE | COMMAND, NULL, NULL },
	{ "tuchoi", 0, 0, 0, NULL, NULL },
	{ "vaitro", 0, 0, 0, NULL, NULL },
	{ "viettat", ALONE, 0, ALONE, NULL, NULL },
	{ "xuatban", 0, 0, 0, NULL, NULL },
	{ "yeucausua", 0, 0, 0, NULL, NULL },
};

/* "5 hộ", "12h", "3 xã": the number counts something and is no id. */
#define COUNTED                                                                                                                    \
	"ho xa phuong thon xom to nguoi don dv tuyen huyen cai diem mo phan lan ngay thang nam gio h phut trieu tr ty nghin "      \
	"truong "                                                                                                                  \
	"can bai van may loai buoc dong chi anh em tin muc chiec bo cho so tram vu quy tuan cau cho ban lop hoc"

static bool has_link(const char *args)
{
	static const char *const marks[] = { "://", "www.", ".vn", ".com", ".net", ".org" };

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		if (strstr(args, marks[i]))
			return true;
	}
	return false;
}

static bool is_period(char **words)
{
	size_t len = strlen(words[0]);

	if (reader_is_in(words[0], "thang quy nam tuan"))
		return true;
	return len == 4 && g_str_has_prefix(words[0], "20") && strspn(words[0], "0123456789") == len;
}

static bool fits_id(const struct command *c, const struct fit *f, unsigned shapes, const char *args)
{
	const char *implied = c->implied ? c->implied : "SK", *prefix, *rest;
	int64_t number;
	bool has_letters = reader_id(args, NULL, &prefix, &number, &rest);
	g_auto(GStrv) words = NULL;

	if (!has_letters && !reader_id(args, implied, &prefix, &number, &rest))
		return false;
	if (has_letters || reader_is_filler(rest))
		return true;
	words = reader_words(rest, UINT_MAX);
	if (shapes & ID_STRICT)
		return reader_is_in(words[0], f->first);
	return !reader_is_in(words[0], COUNTED);
}

static bool fits_labels(const char *args)
{
	const char *prefix, *rest;
	int64_t number;

	return reader_has_label(reader_id(args, "SK", &prefix, &number, &rest) ? rest : args);
}

static bool fits_words(const struct command *c, const struct fit *f, const char *args)
{
	const char *p = args;
	g_autofree char *first = reader_take_word(&p);

	if (!*first || (f->no && reader_is_in(first, f->no)))
		return false;
	return (c->flags & CMD_READS) || !strchr(args, '?');
}

static bool fits_code(char **words)
{
	return !words[1] && strpbrk(words[0], "0123456789") && strlen(words[0]) >= 4;
}

static bool fits_shapes(const struct command *const *commands, const struct command *c, const struct fit *f, unsigned shapes,
			const char *args)
{
	g_auto(GStrv) words = reader_words(args, UINT_MAX);
	g_autofree char *joined = g_strjoinv("", words);

	if (reader_is_filler(args))
		return shapes & ALONE;
	if (!words[0])
		return false; /* signs and emoji only */
	if ((shapes & (ID | ID_STRICT)) && fits_id(c, f, shapes, args))
		return true;
	if ((shapes & LABELS) && fits_labels(args))
		return true;
	if ((shapes & FIRST) && reader_is_in(words[0], f->first))
		return true;
	if ((shapes & PERIOD) && is_period(words))
		return true;
	if ((shapes & LINK) && has_link(args))
		return true;
	if ((shapes & CODE) && fits_code(words))
		return true;
	if ((shapes & COMMAND) && reader_find(commands, joined, false))
		return true;
	return (shapes & WORDS) && fits_words(c, f, args);
}

bool reader_fits(const struct command *const *commands, const struct command *c, enum typed_as as, const char *word,
		 const char *args)
{
	static const struct fit none = { 0 };
	const struct fit *f = &none;
	unsigned shapes = c->implied ? ID : as == TYPED_NAME ? ALONE : 0;

	for (size_t i = 0; i < ARRAY_SIZE(fits); i++) {
		if (strcmp(fits[i].name, c->name) == 0) {
			f = &fits[i];
			shapes = as == TYPED_NAME ? f->by_name : as == TYPED_BRIEF ? f->by_brief : f->by_other;
		}
	}
	if ((shapes & LONG) && strlen(word) < 6)
		return false;
	return fits_shapes(commands, c, f, shapes, args);
}
