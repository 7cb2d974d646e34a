/* SPDX-License-Identifier: MIT */
/* The SQL of the migrations, oldest first. A released one is never edited or reordered: append the next. */
#ifndef CDSBOT_STORE_SCHEMA_H
#define CDSBOT_STORE_SCHEMA_H

extern const char schema_1_kernel[];
extern const char schema_2_domain[];
extern const char schema_3_errand[];
extern const char schema_4_link[];
extern const char schema_5_search[];
extern const char schema_6_wanted[];
extern const char schema_7_fold[];

#endif
