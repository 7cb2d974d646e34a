/* SPDX-License-Identifier: MIT */
#include "zalo_oa_signature.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "zalo_oa.h"

#define MAC_LEN 64 /* hex digits of a SHA-256 */
/* Clocks of two computers differ; an event from further ahead than this is no event of now. */
#define EVENT_AHEAD_MAX_MS (15 * MINUTE_MS)
#define REJECTED_LOG_EVERY_MS MINUTE_MS

bool zalo_oa_signature_fits(const char *header, const char *first_term, const char *body, size_t len, const char *timestamp,
			    const char *secret)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	const char *mac;
	unsigned diff = 0;

	if (!g_ascii_strncasecmp(header, "mac=", 4))
		header += 4;
	if (strlen(header) != MAC_LEN)
		return false;
	g_checksum_update(sum, (const guchar *)first_term, (gssize)strlen(first_term));
	g_checksum_update(sum, (const guchar *)body, (gssize)len);
	g_checksum_update(sum, (const guchar *)timestamp, (gssize)strlen(timestamp));
	g_checksum_update(sum, (const guchar *)secret, (gssize)strlen(secret));
	mac = g_checksum_get_string(sum);
	for (size_t i = 0; i < MAC_LEN; i++)
		diff |= (unsigned char)g_ascii_tolower(header[i]) ^ (unsigned char)mac[i];
	return diff == 0;
}

static bool fits_one(const struct zalo_oa *z, const struct zalo_oa_event *e, const char *timestamp)
{
	return zalo_oa_signature_fits(e->signature, z->app_id, e->body, e->len, timestamp, z->oa_secret) ||
	       (z->takes_oa_id_signature &&
		zalo_oa_signature_fits(e->signature, z->oa_id, e->body, e->len, timestamp, z->oa_secret));
}

/* Retries carry the first timestamp for some two hours; what is older is a replay or comes from a clock gone wrong. Its dedupe key
 * may be forgotten by then. */
static bool is_timely(const struct zalo_oa *z, const char *timestamp)
{
	int64_t at, age;

	if (z->event_age_max_ms == 0)
		return true;
	if (!g_ascii_string_to_signed(timestamp, 10, 0, INT64_MAX / 2, &at, NULL))
		return false;
	age = clock_wall_ms() - at;
	return age <= z->event_age_max_ms && age >= -EVENT_AHEAD_MAX_MS;
}

/* The wrong secret drops every event: that must be heard, but not once a message. */
static void say_rejected(struct zalo_oa *z, const char *why)
{
	int64_t now = clock_mono_ms();

	if (z->rejected_said_ms != 0 && now - z->rejected_said_ms < REJECTED_LOG_EVERY_MS)
		return;
	z->rejected_said_ms = now;
	log_warn("zalo-oa",
		 "webhook: %s, refusing (further ones within a minute are only counted); if all events are refused, oa_secret is "
		 "not the \"OA secret key\" of the webhook page, or app_id is another app's",
		 why);
}

enum webhook_verdict zalo_oa_verify_event(struct zalo_oa *z, const struct zalo_oa_event *e)
{
	g_autoptr(cJSON) json = NULL;
	g_autofree char *inside = NULL;
	const char *timestamp = NULL;

	/* Saving the address in the console sends exactly this, unsigned, and wants 200 (zalo-oa.md §8). */
	if (!e->signature && e->len == 2 && !memcmp(e->body, "{}", 2))
		return WEBHOOK_PROBE;
	if (!e->signature || !*e->signature) {
		say_rejected(z, "a call without signature");
		return WEBHOOK_FORGED;
	}
	json = json_parse(e->body, e->len, NULL);
	json_id(json, "timestamp", &inside);
	if (inside && fits_one(z, e, inside))
		timestamp = inside;
	else if (e->timestamp && g_strcmp0(e->timestamp, inside) != 0 && fits_one(z, e, e->timestamp))
		timestamp = e->timestamp;
	if (!timestamp) {
		say_rejected(z, "a signature that does not fit");
		return WEBHOOK_FORGED;
	}
	if (!is_timely(z, timestamp)) {
		say_rejected(z, "an event that is too old or from the future");
		return WEBHOOK_FORGED;
	}
	return WEBHOOK_GENUINE;
}

enum webhook_verdict zalo_oa_verify(struct adapter *a, const struct http_server_request *r)
{
	const struct zalo_oa_event e = {
		.signature = http_server_header(r, "X-ZEvent-Signature"),
		.timestamp = http_server_header(r, "X-ZEvent-Timestamp"),
		.body = r->body,
		.len = r->body_len,
	};

	return zalo_oa_verify_event(a->state, &e);
}
