/* SPDX-License-Identifier: MIT */
#include "finding.h"

void say_finding(adapter_finding_fn *say, void *arg, enum finding_level level, const char *advice, const char *fmt, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, fmt);
	text = g_strdup_vprintf(fmt, args);
	va_end(args);
	say(arg, level, text, advice);
}
