/* SPDX-License-Identifier: MIT */
#ifndef CDSBOT_BOT_CLI_CLI_CHECK_SERVICE_H
#define CDSBOT_BOT_CLI_CLI_CHECK_SERVICE_H

#include "adapters/adapter.h"
#include "config/config.h"

/* Says whether a service runs on the configuration's database and, if none does, whether the addresses of [http] are free for it. is_start:
 * asked by the service's own start, where "does not run" is no news. */
void cli_check_service(const struct config *config, bool is_start, adapter_finding_fn *say, void *arg);

#endif
