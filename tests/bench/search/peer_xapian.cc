// SPDX-License-Identifier: MIT
// The peer Xapian: its own BM25 over text without marks, title five times, any of the words. Xapian has no interface in C.
#include <string>

#include <xapian.h>

#include "engine.h"

#define TITLE_WEIGHT 5
// Which value of a document holds its id.
#define ID_SLOT 0

namespace {

struct xapian_peer {
	Xapian::Database db;
	explicit xapian_peer(const std::string &path) : db(path) {}
};

// Lower case, no marks, d for đ.
std::string fold(const char *text)
{
	g_autofree char *lower = g_utf8_strdown(text, -1);
	g_autofree char *apart = g_utf8_normalize(lower, -1, G_NORMALIZE_NFD);
	std::string out;

	for (const char *c = apart; c && *c; c = g_utf8_next_char(c)) {
		const gunichar u = g_utf8_get_char(c);

		if (u == 0x111)
			out += 'd';
		else if (g_unichar_combining_class(u) == 0)
			out.append(c, static_cast<const char *>(g_utf8_next_char(c)));
	}
	return out;
}

void *peer_open(const char *dir, const GPtrArray *docs)
{
	g_autofree char *path = g_build_filename(dir, "xapian", NULL);

	try {
		Xapian::WritableDatabase db(path, Xapian::DB_CREATE_OR_OVERWRITE);
		Xapian::TermGenerator words;

		for (guint i = 0; i < docs->len; i++) {
			const struct doc *d = static_cast<const struct doc *>(g_ptr_array_index(docs, i));
			Xapian::Document x;

			x.add_value(ID_SLOT, d->id);
			words.set_document(x);
			words.index_text(fold(d->title), TITLE_WEIGHT);
			words.increase_termpos();
			words.index_text(fold(d->body));
			db.add_document(x);
		}
		db.commit();
		db.close();
		return new xapian_peer(path);
	} catch (const Xapian::Error &e) {
		g_error("peer: %s", e.get_description().c_str());
	}
}

void peer_ask(void *self, const char *text, GPtrArray *ids)
{
	const xapian_peer *p = static_cast<const xapian_peer *>(self);

	try {
		Xapian::TermGenerator words;
		Xapian::Document terms;
		Xapian::Enquire enquire(p->db);

		// The query is cut as the documents are.
		words.set_document(terms);
		words.index_text(fold(text));
		enquire.set_query(Xapian::Query(Xapian::Query::OP_OR, terms.termlist_begin(), terms.termlist_end()));
		const Xapian::MSet hits = enquire.get_mset(0, HITS_MAX);

		for (Xapian::MSetIterator i = hits.begin(); i != hits.end(); ++i)
			g_ptr_array_add(ids, g_strdup(i.get_document().get_value(ID_SLOT).c_str()));
	} catch (const Xapian::Error &e) {
		g_error("peer: %s", e.get_description().c_str());
	}
}

void peer_close(void *self)
{
	delete static_cast<xapian_peer *>(self);
}

} // namespace

extern "C" const struct engine engine_xapian = { "Xapian, folded", nullptr, peer_open, peer_ask, peer_close };
