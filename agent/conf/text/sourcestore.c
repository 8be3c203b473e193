/* SPDX-License-Identifier: ISC */
/* The source as one run of octets in a descriptor; never leaves the host, so native order. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/conf/text/source.h"

#define STORE_MAGIC 0x32637276u

struct store_header {
	uint32_t magic;
	uint32_t texts;
	uint32_t includes;
	uint32_t children;
	uint64_t seed;
};

struct store_include {
	uint32_t parent, line, first, count;
	int32_t error;
	uint32_t has_failed;
};

/* A reader that remembers a failure, so that it is checked once. */
struct store {
	FILE *stream;
	size_t room; /* octets of strings that may still come */
	int error;
};

static void put(struct store *store, const void *bytes, size_t length)
{
	if (store->error == 0 && length > 0 && fwrite(bytes, length, 1, store->stream) != 1)
		store->error = errno ? -errno : -EIO;
}

static void put_string(struct store *store, const char *text, size_t length)
{
	const uint32_t size = (uint32_t)length;

	put(store, &size, sizeof(size));
	put(store, text, length);
}

/* With an octet before it which says whether there is one. */
static void put_folder(struct store *store, const char *folder)
{
	const uint8_t present = folder != NULL;

	put(store, &present, sizeof(present));
	if (folder)
		put_string(store, folder, strlen(folder));
}

static void get(struct store *store, void *bytes, size_t length)
{
	if (store->error == 0 && length > 0 && fread(bytes, length, 1, store->stream) != 1)
		store->error = -EBADMSG;
	if (store->error < 0)
		memset(bytes, 0, length);
}

static char *get_string(struct store *store, size_t *length)
{
	uint32_t size = 0;
	char *text;

	get(store, &size, sizeof(size));
	if (store->error == 0 && size > store->room)
		store->error = -EBADMSG;
	if (store->error < 0)
		return NULL;
	store->room -= size;
	text = malloc((size_t)size + 1);
	if (!text) {
		store->error = -ENOMEM;
		return NULL;
	}
	get(store, text, size);
	text[size] = '\0';
	*length = size;
	return text;
}

static int store_open(struct store *store, int fd, const char *mode)
{
	int copy = dup(fd);

	if (copy < 0)
		return -errno;
	if (lseek(copy, 0, SEEK_SET) < 0 || !(store->stream = fdopen(copy, mode))) {
		int error = -errno;

		close(copy);
		return error;
	}
	return 0;
}

int conf_source_save(const struct conf_source *source, int fd)
{
	const struct store_header header = {STORE_MAGIC, (uint32_t)source->text_count,
		(uint32_t)source->include_count, (uint32_t)source->child_count, source->seed};
	struct store store = {0};
	int result = store_open(&store, fd, "w");

	if (result < 0)
		return result;
	put(&store, &header, sizeof(header));
	put_string(&store, source->config_id, strlen(source->config_id));
	for (size_t i = 0; i < source->text_count; i++) {
		put_string(&store, source->texts[i].name, strlen(source->texts[i].name));
		put_string(&store, source->texts[i].text, source->texts[i].length);
		put_folder(&store, source->texts[i].folder);
	}
	for (size_t i = 0; i < source->include_count; i++) {
		const struct conf_include *include = &source->includes[i];
		const struct store_include stored = {include->parent, include->line, include->first,
			include->count, include->error, include->failed != NULL};

		put(&store, &stored, sizeof(stored));
		if (include->failed)
			put_string(&store, include->failed, strlen(include->failed));
	}
	put(&store, source->children, source->child_count * sizeof(source->children[0]));
	if (fclose(store.stream) != 0 && store.error == 0)
		store.error = -errno;
	return store.error;
}

static void get_texts(struct store *store, struct conf_source *source, uint32_t count)
{
	size_t ignored;

	for (uint32_t i = 0; i < count && store->error == 0; i++) {
		uint8_t has_folder = 0;
		struct conf_text *text = &source->texts[source->text_count++];

		text->name = get_string(store, &ignored);
		text->text = get_string(store, &text->length);
		get(store, &has_folder, sizeof(has_folder));
		if (has_folder)
			text->folder = get_string(store, &ignored);
	}
}

static void get_includes(struct store *store, struct conf_source *source, uint32_t count)
{
	size_t ignored;

	for (uint32_t i = 0; i < count && store->error == 0; i++) {
		struct conf_include *include = &source->includes[source->include_count++];
		struct store_include stored;

		get(store, &stored, sizeof(stored));
		*include = (struct conf_include){
			stored.parent, stored.line, stored.first, stored.count, stored.error, NULL};
		if (stored.has_failed)
			include->failed = get_string(store, &ignored);
	}
}

/* Each text but the first is the child of one earlier text: then walking the tree ends. */
static bool is_tree(const struct conf_source *source)
{
	bool *used = calloc(source->text_count, sizeof(*used)), sound = used != NULL;

	for (size_t i = 0; sound && i < source->include_count; i++) {
		const struct conf_include *include = &source->includes[i];

		sound = include->parent < source->text_count &&
			include->first <= source->child_count &&
			include->count <= source->child_count - include->first &&
			(include->error == 0 || include->failed);
		for (uint32_t j = 0; sound && j < include->count; j++) {
			uint32_t child = source->children[include->first + j];

			sound = child < source->text_count && child > include->parent &&
				!used[child];
			if (sound)
				used[child] = true;
		}
	}
	free(used);
	return sound;
}

int conf_source_restore(int fd, struct conf_source **source)
{
	struct store store = {.room = 2 * (size_t)CONF_SOURCE_BYTES_MAX};
	struct conf_source *made = calloc(1, sizeof(*made));
	struct store_header header;
	size_t ignored;
	int result = made ? store_open(&store, fd, "r") : -ENOMEM;

	if (result < 0) {
		free(made);
		return result;
	}
	get(&store, &header, sizeof(header));
	if (header.magic != STORE_MAGIC || header.texts == 0 || header.texts > 1u << 20 ||
		header.includes > 1u << 20 || header.children > 1u << 20)
		store.error = -EBADMSG;
	made->seed = header.seed;
	made->config_id = get_string(&store, &ignored);
	if (store.error == 0) {
		made->texts = calloc(header.texts, sizeof(*made->texts));
		made->includes = calloc(header.includes + 1, sizeof(*made->includes));
		made->children = calloc(header.children + 1, sizeof(*made->children));
		if (!made->texts || !made->includes || !made->children)
			store.error = -ENOMEM;
	}
	get_texts(&store, made, header.texts);
	get_includes(&store, made, header.includes);
	if (store.error == 0) {
		made->child_count = header.children;
		get(&store, made->children, made->child_count * sizeof(*made->children));
	}
	if (store.error == 0 && !is_tree(made))
		store.error = -EBADMSG;
	fclose(store.stream);
	if (store.error < 0) {
		conf_source_free(made);
		return store.error;
	}
	*source = made;
	return 0;
}
