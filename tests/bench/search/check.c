/* SPDX-License-Identifier: MIT */
/* Prints figures with yes or no. */
#include <stdbool.h>
#include <stdio.h>

#include "check.h"

static void print(const char *what, double measured, const char *sign, double wanted, bool holds)
{
	printf("check %-48s %10.3f %s %-8.3g %s\n", what, measured, sign, wanted, holds ? "yes" : "no");
}

void check_at_least(const char *what, double measured, double wanted)
{
	print(what, measured, ">=", wanted, measured >= wanted);
}

void check_at_most(const char *what, double measured, double wanted)
{
	print(what, measured, "<=", wanted, measured <= wanted);
}
