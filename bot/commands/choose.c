/* SPDX-License-Identifier: MIT */
/* The question that follows a half-right command word. Runs the chosen command with the arguments typed the first time. */
#include "choose.h"

#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"

/* "xóa dữ liệu", "dữ liệu của tôi": words of one command. */
#define WORDS_MAX 4

void choose_ask(struct cmd_ctx *ctx, const struct reading *r)
{
	g_autoptr(cJSON) data = cJSON_CreateObject();
	cJSON *names = cJSON_AddArrayToObject(data, "names");
	g_autofree char *text = NULL;

	for (guint i = 0; i < r->candidates->len; i++)
		cJSON_AddItemToArray(names, cJSON_CreateString(((const struct command *)r->candidates->pdata[i])->name));
	json_add_str(data, "args", r->args);
	text = json_text(data);
	cmd_ask_for(ctx, &cmd_choose, "command", text);
}

/* ctx->pending's names and arguments, or NULL. */
static cJSON *load(const struct cmd_ctx *ctx)
{
	return ctx->pending->data ? json_parse(ctx->pending->data, strlen(ctx->pending->data), NULL) : NULL;
}

static enum cmd_status choose_answer(struct cmd_ctx *ctx)
{
	g_autoptr(cJSON) data = load(ctx);
	const cJSON *names = data ? json_at(data, "names") : NULL;
	unsigned n = names ? reader_choice(ctx->u->text, (unsigned)cJSON_GetArraySize(names)) : 0;
	const cJSON *name = n ? cJSON_GetArrayItem(names, (int)n - 1) : NULL;
	const struct command *c = name && cJSON_IsString(name) ? command_find(name->valuestring) : NULL;
	struct reading again = { .kind = READING_COMMAND, .command = c, .has_slash = true };
	enum cmd_status status;

	if (!c)
		return CMD_PASS;
	if (cmd_role(ctx) < c->min_role && !(c->flags & CMD_HOLDS && !ctx->member))
		return cmd_say(ctx, ctx->member ? MSG_NOT_ALLOWED : MSG_NOT_REGISTERED, NULL);
	cmd_asked_done(ctx);
	ctx->command = c;
	/* What publishes, deletes or approves is typed whole, never reached by a number (domain §5.1). */
	if (c->flags & CMD_DECIDES)
		return CMD_USAGE;
	again.word = g_strconcat("/", c->name, NULL);
	again.args = json_dup(data, "args", "");
	ctx->reading = &again;
	status = c->run(ctx);
	ctx->reading = NULL;
	g_free(again.word);
	g_free(again.args);
	return status;
}

const struct command cmd_choose = {
	.name = "chonlenh",
	.min_role = ROLE_NONE,
	.answer = choose_answer,
};

void choose_fill(const struct cmd_ctx *ctx, struct reading *r)
{
	g_autoptr(cJSON) data = NULL;
	const cJSON *names, *name;

	if (!ctx->pending || strcmp(ctx->pending->command, cmd_choose.name) || r->kind != READING_COMMAND || *r->args)
		return;
	data = load(ctx);
	names = data ? json_at(data, "names") : NULL;
	if (!names)
		return;
	cJSON_ArrayForEach (name, names) {
		if (!cJSON_IsString(name) || strcmp(name->valuestring, r->command->name))
			continue;
		g_free(r->args);
		r->args = json_dup(data, "args", "");
		return;
	}
}

/* How far a word may be from one of the list: its own letters, or one slip in a longer word (domain §5.1: /thogke). */
static bool is_like(const char *typed, const char *word)
{
	return !strcmp(typed, word) || (strlen(typed) > 3 && strlen(word) > 3 && text_distance(typed, word, 1) <= 1);
}

static bool is_planned(const char *joined, bool may_slip)
{
	/* domain §5.2, folded; a row leaves this list when its command arrives. */
	static const char *const planned[] = {
		"hoi",	    "thacmac",	  "traloi",   "apdung",	   "a",	       "ad",	     "hoctap",	 "lamtheo",   "thamkhao",
		"ketqua",   "kq",	  "baihoc",   "bh",	   "tongket",  "rutkinhnghiem", "diachido", "d",	      "dcd",
		"diemsang", "guong",	  "thamquan", "tq",	   "dentham",  "hochoi",     "cauchuyen", "cc",	      "truyen",
		"t63",	    "c63",	  "dangbai",  "db",	   "dangtai",  "chialai",    "chuyenmuc", "cm",	      "trang",
		"cot",	    "nhiemvu",	  "n",	      "nv",	   "giaoviec", "viec",	     "trienkhai", "cachlam",  "thuchien",
		"baocao",   "b",	  "bc",	      "xuatbaocao", "thongke",  "k",	     "solieu",	 "dem",	      "theodoi",
		"f",	    "dangkynhan", "botheodoi", "bantin",   "m",	       "moi",	     "tinmoi",	 "congnhan",  "cn",
		"neuguong", "khen",	  "xuatban",  "xb",	   "dangcong", "goxuong",    "dulieu",	 "dulieucuatoi", "xuatdulieu",
		"xoadulieu", "rutdongy",
	};
	for (size_t i = 0; i < ARRAY_SIZE(planned); i++)
		if (may_slip ? is_like(joined, planned[i]) : !strcmp(joined, planned[i]))
			return true;
	return false;
}

static bool is_about_data(const char *joined)
{
	static const char *const words[] = { "dulieu", "dulieucuatoi", "xuatdulieu", "xoadulieu", "rutdongy" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (is_like(joined, words[i]))
			return true;
	return false;
}

/* The planned command that the text begins with, in one word or in several ("/Xóa dữ liệu", "/nhiệm vụ giao …"): folded and joined. The
 * longest wins; a slip is only forgiven in a single word that is near nothing else. Caller frees; NULL: none. *ret_n: its words. */
static char *planned_start(const struct reading *r, unsigned *ret_n)
{
	g_autofree char *text = g_strconcat(r->word, " ", r->args, NULL);
	g_autofree char *folded = text_fold(text);
	g_auto(GStrv) words = g_strsplit(folded, " ", WORDS_MAX + 1);
	bool may_slip = !r->candidates || !r->candidates->len;

	for (unsigned n = MIN(g_strv_length(words), WORDS_MAX); n > 0; n--) {
		g_autoptr(GString) joined = g_string_new(NULL);

		for (unsigned i = 0; i < n; i++)
			g_string_append(joined, words[i]);
		if (!is_planned(joined->str, may_slip && n == 1))
			continue;
		*ret_n = n;
		return g_strdup(joined->str);
	}
	return NULL;
}

/* "/nhiệm vụ" as typed: the word and what of the arguments belongs to it. Caller frees. */
static char *as_typed(const struct reading *r, unsigned n_words)
{
	GString *s = g_string_new("/");
	g_auto(GStrv) args = g_strsplit_set(r->args, " \n\t", -1);

	g_string_append(s, r->word);
	for (unsigned i = 0, taken = 1; args[i] && taken < n_words; i++) {
		if (!*args[i])
			continue;
		g_string_append_printf(s, " %s", args[i]);
		taken++;
	}
	return g_string_free(s, FALSE);
}

bool choose_say_planned(struct cmd_ctx *ctx, const struct reading *r)
{
	const char *code = config_str(ctx->config, "bot", "standing_unit");
	const struct unit *u = code ? registry_unit(ctx->registry, code) : NULL;
	unsigned n;
	g_autofree char *planned = r->word ? planned_start(r, &n) : NULL;
	g_autofree char *word = planned ? as_typed(r, n) : NULL;

	if (!planned)
		return false;
	/* The consent notice names it: the right exists before the command does (domain §4). */
	if (is_about_data(planned))
		cmd_say(ctx, MSG_DULIEU_BY_HAND, "unit", u ? u->name : wording_raw(MSG_SYSTEM_NAME), NULL);
	else
		cmd_say(ctx, MSG_COMMAND_NOT_BUILT, "word", word, NULL);
	return true;
}

bool choose_say_slash(struct cmd_ctx *ctx)
{
	g_autofree char *marked = ctx->u->text ? g_strconcat("/", ctx->u->text, NULL) : NULL;
	g_autofree char *line = NULL;
	struct reading r;
	const char *prefix, *rest;
	int64_t number;
	bool is_meant;

	if (!marked || cmd_in_group(ctx))
		return false;
	reader_read(command_table, marked, true, true, false, &r);
	/* "ok 14", "rút SK14", but not "rút kinh nghiệm" or "ok". */
	is_meant = r.kind == READING_COMMAND && !r.was_corrected && r.command->flags & CMD_DECIDES &&
		   cmd_role(ctx) >= r.command->min_role && reader_id(r.args, r.command->implied, &prefix, &number, &rest);
	reading_clear(&r);
	if (!is_meant)
		return false;
	line = text_ellipsize(marked, 60);
	cmd_say(ctx, MSG_NEEDS_SLASH, "line", line, NULL);
	return true;
}
