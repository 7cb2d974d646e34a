/* SPDX-License-Identifier: MIT */
/* Stands for the peer Xapian where it or a C++ compiler is not installed. */
#include "engine.h"

const struct engine engine_xapian = { .name = "Xapian, folded", .missing = "libxapian-dev or g++ (scripts/deps --bench)" };
