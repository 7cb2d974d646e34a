/* SPDX-License-Identifier: MIT */
/* The question that follows a half-right command word. Runs the chosen command with the arguments typed the first time. */
#include "choose.h"

#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"

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

static enum cmd_status choose_answer(struct cmd_ctx *ctx)
{
	g_autoptr(cJSON) data = ctx->pending->data ? json_parse(ctx->pending->data, strlen(ctx->pending->data), NULL) : NULL;
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

bool choose_is_planned(const char *word)
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
		"xoadulieu", "rutdongy",  "tiep",     "xemtiep",   "lienket",
	};
	g_autofree char *folded = text_fold(word);
	g_auto(GStrv) words = g_strsplit(folded, " ", -1);
	g_autofree char *joined = g_strjoinv("", words);

	for (size_t i = 0; i < ARRAY_SIZE(planned); i++)
		if (!strcmp(joined, planned[i]))
			return true;
	return false;
}
