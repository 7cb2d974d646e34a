/* SPDX-License-Identifier: MIT */
/* Percentiles. */
#include <math.h>
#include <time.h>

#include "latency.h"

static gboolean queries_by_cpu;

GArray *latency_new(void)
{
	return g_array_new(FALSE, FALSE, sizeof(double));
}

void latency_add(GArray *all, double ms)
{
	g_array_append_val(all, ms);
}

static int by_value(gconstpointer a, gconstpointer b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double latency_at(GArray *all, double share)
{
	guint at;

	if (all->len == 0)
		return 0;
	g_array_sort(all, by_value);
	at = (guint)ceil(share * all->len);
	return g_array_index(all, double, at > 0 ? at - 1 : 0);
}

double latency_mean(const GArray *all)
{
	double sum = 0;

	for (guint i = 0; i < all->len; i++)
		sum += g_array_index(all, double, i);
	return all->len > 0 ? sum / all->len : 0;
}

static double clock_ms(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

double latency_now_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

double latency_cpu_ms(void)
{
	return clock_ms(CLOCK_THREAD_CPUTIME_ID);
}

double latency_query_ms(void)
{
	return queries_by_cpu ? latency_cpu_ms() : latency_now_ms();
}

void latency_use_cpu(void)
{
	queries_by_cpu = TRUE;
}
