/* SPDX-License-Identifier: MIT */
/* `check`: whether the service runs, and if not, whether it could: its ports must be free. */
#include "cli_check_service.h"

#include <uv.h>

#include "adapters/http_server.h"
#include "store/store.h"

static void on_closed(void *arg)
{
}

/* Tries it as the service will: listens for a moment. */
static bool is_free(const char *address, GError **error)
{
	uv_loop_t loop;
	struct http_server *s;

	uv_loop_init(&loop);
	s = http_server_new(&loop, address, error);
	if (s)
		http_server_close(s, on_closed, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	return s != NULL;
}

void cli_check_service(const struct config *config, bool is_start, adapter_finding_fn *say, void *arg)
{
	static const char *const keys[] = { "listen", "status_listen" };
	g_autofree char *holder = store_holder(config_str(config, "store", "path"));
	g_autofree char *running = holder ? g_strdup_printf("đang chạy (%s)", holder) : NULL;

	if (running)
		say(arg, FINDING_OK, running, NULL);
	else if (!is_start)
		say(arg, FINDING_NOTE, "chưa chạy", "bật: systemctl start cdsbot; đã bật mà không lên: journalctl -u cdsbot -n 30");
	for (size_t i = 0; i < G_N_ELEMENTS(keys) && !running; i++) {
		const char *address = config_str(config, "http", keys[i]);
		g_autofree char *advice = g_strdup_printf("xem chương trình nào đang dùng: ss -ltnp; tắt nó, hoặc đổi [http] %s", keys[i]);
		g_autoptr(GError) error = NULL;

		if (address && !is_free(address, &error))
			say(arg, FINDING_ERROR, error->message, advice);
	}
}
