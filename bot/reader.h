/* SPDX-License-Identifier: MIT */
/* Reads what people type: command word, arguments, labelled lines, ids, numbers, dates, yes and no (domain §5.1). Pure: knows the
 * command table's words, nothing of store, chats or platforms. */
#ifndef CDSBOT_BOT_READER_H
#define CDSBOT_BOT_READER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct command;

enum reading_kind {
	READING_EMPTY,	  /* nothing readable */
	READING_COMMAND,  /* one command fits */
	READING_UNSURE,	  /* a command mark, but two or more fit: candidates */
	READING_UNKNOWN,  /* a command mark, nothing fits (candidates may hold the nearest, also such as must be typed: CMD_DECIDES) */
	READING_ID,	  /* "tb 7", "SK14" alone: means /xem; args is the id as typed */
	READING_TEXT	  /* no command */
};
struct reading {
	enum reading_kind kind;
	const struct command *command; /* READING_COMMAND */
	bool has_slash;		       /* a command mark was typed: / \ ／ */
	bool was_corrected;	       /* reached by a slip or keystroke residue, not exactly */
	char *word;		       /* the command word as typed, for "Chưa hiểu lệnh /cahi" */
	char *args;		       /* after the command word, trimmed; READING_TEXT: the whole text, trimmed. Never NULL */
	GPtrArray *candidates;	       /* const struct command*, best first; or NULL */
};

/* commands: NULL-terminated. in_private: words without a slash count (full words and listed short forms, and only if what follows fits:
 * "t ma qr", "x13"); in a group a mark (or `is_addressed`: a mention came first) is needed. slash_only: a question is open (§5.1).
 * Commands flagged CMD_DECIDES are never reached by correction and never without a slash; among candidates they only tell the person
 * what to type. What must follow a word without a mark stands in reader_fit.c, by the command's name. text: cleaned (text_clean). */
void reader_read(const struct command *const *commands, const char *text, bool in_private, bool is_addressed, bool slash_only,
		 struct reading *ret);
void reading_clear(struct reading *r);

/* Cheap tests for the loop thread, before anything is stored: does the text begin with a command mark and a letter ("/t …", not
 * "/ngày" in a date or a path "/etc/x", not "và/hoặc")? Is it nothing but a receipt ("đã nhận", "rõ", "ok a", "da nhan a")? */
bool reader_is_marked(const char *text);
bool reader_is_receipt(const char *text);

/* ĐỒNG Ý / KHÔNG, as typed: "dong y", "đồng ý ạ", "ok", "co", "y"... / "khong", "ko", "k", "thoi", "n". */
enum reader_answer { ANSWER_OTHER, ANSWER_YES, ANSWER_NO };
enum reader_answer reader_yes_no(const char *text);
/* "1", "1.", "so 2", "chon 1": a choice 1..max; 0 = none. */
unsigned reader_choice(const char *text, unsigned max);

/* An item id at the start of args: "SK14 …", "sk 14", "SK-014", "#14", "số 14", bare "14" (then the prefix is the one implied, e.g.
 * "SK"). implied NULL: a bare number is no id. *ret_prefix static ("SK", "DC", "CC", "NV", "TB", "TQ", "BH"). *ret_rest: what follows. */
bool reader_id(const char *args, const char *implied, const char **ret_prefix, int64_t *ret_number, const char **ret_rest);
/* Where another id begins in what reader_id has left of its args (rest is its *ret_rest): "SK12", "và SK12", and with the implied prefix ", 12" and
 * "và 12". NULL: what is left is no id. */
const char *reader_id_next(const char *rest, const char *implied);

/* Labelled text (domain §2.1 and §5.1): first line = title or argument unless it is itself labelled; then fields. */
struct labelled {
	char *head;	   /* first unlabelled line before any label, or "" */
	GPtrArray *fields; /* struct label_value, in order of first occurrence; repeated labels joined by \n */
	char *rest;	   /* unlabelled lines after the head, before any label, joined: content */
	GPtrArray *unknown; /* char*: labels that look like one but are none; their lines stay in the field or content they stand in */
};
struct label_value {
	const char *key; /* "ten", "noidung", "donvi", "linhvuc", ... static */
	char *value;	 /* trimmed, bullets and empty lines kept */
};
/* extra: further label words of one command, "key=den,gui den;key=han,han chot" or NULL. has_head: the first line may be a title. */
void reader_labels(const char *args, bool has_head, const char *extra, struct labelled *ret);
void labelled_clear(struct labelled *l);
const char *labelled_get(const struct labelled *l, const char *key); /* NULL none */
/* For people: "hieuqua" -> "hiệu quả"; NULL if it is no key. Short label of domain §5.3's lists. */
const char *reader_label_name(const char *key);

/* Filters before, inside and after the words of a search, in any order: "dv: …", "lv: …", "nam: 2023", "loai: …", "tt: …" (also written
 * out, with and without diacritics). They are taken off the text. Each as typed; "" where nothing stood behind the sign; NULL: not there. Of a
 * repeated one the last counts. "nam:" before what is no year belongs to the words ("Hà Nam: 5 bài học"), unless there are no others. Release with
 * search_words_clear. */
struct search_words {
	char *text, *unit, *field, *year, *type, *status;
	bool has_minus; /* one of them had a minus before it: "-dv: ..." */
};
void reader_search_words(const char *args, struct search_words *ret);
void search_words_clear(struct search_words *w);
/* "2023", "23": a year that items may be from. False: *ret is as it was. */
bool reader_year(const char *text, int *ret);

/* A date with or without an hour, as typed ("10/10", "10-10-2023", "mai", "thứ 6", "16h30 thu 6", "trước 16h30 hôm nay"), relative to
 * now. End of the working day (17:00) where no hour is given. False: not understood or no such day ("30/2"). domain §5.1: day and month
 * without a year mean this year, or next year when more than 60 days back. */
bool reader_date(const char *text, int64_t now_ms, int64_t *ret_ms, bool *ret_has_hour);
/* "1.200", "1,5", "5tr", "2 tỷ", "3tr in an" (number at the start). */
bool reader_number(const char *text, double *ret_value, const char **ret_rest);

/* Secrets and citizens' data (domain §4): a stamp word as a line of its own or after "Độ mật:", or a 12-digit ID number. */
enum sensitive { SENSITIVE_NONE, SENSITIVE_STAMP, SENSITIVE_ID_NUMBER };
enum sensitive reader_sensitive(const char *text);
/* Phone numbers and bank cards: only a warning. */
bool reader_has_phone(const char *text);

/* What kind of text it is before reading: converts TCVN3/VNI-encoded (not VNI-typed) text where it is plainly such; NULL = nothing to
 * convert. Caller frees. */
char *reader_convert_legacy(const char *text);

#endif
