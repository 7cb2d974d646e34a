/* SPDX-License-Identifier: MIT */
/* The conformance suite walks adapter_table. What it cannot know of a platform (how its answers look) stands in
 * tests/conformance/samples/NAME.json, one file a codec adapter; a new adapter passes by a line in the table and such a file:
 *
 *	options         values of its section for the tests; "@BASE@" is replaced by the address of the suite's own server
 *	saved           what an earlier run kept under the adapter's name (a token), if the platform needs such a thing
 *	webhook         further values that switch it to its webhook (if caps.webhook)
 *	webhook_call    {path, headers, body}: one genuine call with `count` updates; every header is a secret or a signature
 *	platform        [{match, status, body}]: answers of the platform by a part of the request's path; errands above all
 *	poll            {match, body, count}: one poll's answer with that many updates (if caps.polls); has_position false: the platform
 *	                forgets what it answered, `idle` is then its answer when there is nothing
 *	updates         [{name, body, count}]: bodies for decode and the number of updates in each
 *	sends           [{name, status, headers, body, expect, retry_ms: [least, most]}]: answers to a send and what they mean; all six
 *	                outcomes but "uncertain" must occur. A send is whatever request neither `platform` nor `poll` matches. */
#ifndef CDSBOT_TESTS_CONFORMANCE_SUITE_H
#define CDSBOT_TESTS_CONFORMANCE_SUITE_H

#include "adapters/adapter.h"
#include "adapters/codec.h"
#include "base/json.h"

/* NULL for direct adapters. Caller frees. */
cJSON *suite_samples(const struct adapter_ops *ops);
/* The configuration with the samples' options; with_webhook: its webhook options too. base may be NULL. */
struct config *suite_config(const struct adapter_ops *ops, const cJSON *samples, const char *base, bool with_webhook);
/* A codec opened without any network, for the pure functions. */
struct adapter *suite_codec_open(const struct adapter_ops *ops, const cJSON *samples);
void suite_codec_close(struct adapter *a);
/* An update that the core can work with: nothing half-filled. */
void suite_update_check(const struct adapter_ops *ops, const struct update *u);
/* Body of a sample: text as it stands, or the JSON of it. Caller frees. */
char *suite_body(const cJSON *sample);

void suite_add(const struct adapter_ops *ops, const char *name, void (*test)(const void *ops));
void suite_pure_add(const struct adapter_ops *ops);    /* codecs.c */
void suite_traffic_add(const struct adapter_ops *ops); /* traffic.c */

#endif
