/* SPDX-License-Identifier: ISC */
/* The texts of a configuration in memory. */
#include "agent/conf/text/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *conf_source_problem(int error)
{
	switch (error) {
	case -EINVAL:
		return "it is not a regular file";
	case -EISDIR:
		return "it is a folder; name a file in it, or in an include all of them: "
		       "FOLDER/*.conf";
	case -EACCES:
		return "permission denied; the service reads as root, but without root's power to "
		       "ignore permissions: let it belong to root";
	case -EFBIG:
		return "the configuration would be larger than 256 MiB";
	default:
		return strerror(-error);
	}
}

struct conf_source *conf_source_free(struct conf_source *source)
{
	if (!source)
		return NULL;
	for (size_t i = 0; i < source->text_count; i++) {
		free(source->texts[i].name);
		free(source->texts[i].text);
		free(source->texts[i].folder);
	}
	for (size_t i = 0; i < source->include_count; i++)
		free(source->includes[i].failed);
	free(source->texts);
	free(source->includes);
	free(source->children);
	free(source->config_id);
	free(source);
	return NULL;
}

struct conf_source *conf_source_new(const char *config_id)
{
	struct conf_source *source = calloc(1, sizeof(*source));

	if (!source)
		return NULL;
	source->config_id = strdup(config_id);
	return source->config_id ? source : conf_source_free(source);
}

int conf_source_add(
	struct conf_source *source, const char *name, char *text, size_t length, const char *folder)
{
	struct conf_text added = {.name = strdup(name),
		.text = text,
		.length = length,
		.folder = folder ? strdup(folder) : NULL};
	struct conf_text *grown =
		reallocarray(source->texts, source->text_count + 1, sizeof(*grown));

	if (grown)
		source->texts = grown;
	if (!grown || !added.name || (folder && !added.folder)) {
		free(added.name);
		free(added.folder);
		free(text);
		return -ENOMEM;
	}
	source->texts[source->text_count] = added;
	return (int)source->text_count++;
}

int conf_source_from_text(
	const char *name, const char *text, size_t length, struct conf_source **source)
{
	struct conf_source *made;
	char *copy;
	int number;

	if (length > CONF_SOURCE_BYTES_MAX)
		return -EFBIG;
	made = conf_source_new("");
	copy = malloc(length + 1);
	if (!made || !copy) {
		conf_source_free(made);
		free(copy);
		return -ENOMEM;
	}
	memcpy(copy, text, length);
	copy[length] = '\0';
	number = conf_source_add(made, name, copy, length, NULL);
	if (number < 0) {
		conf_source_free(made);
		return number;
	}
	*source = made;
	return 0;
}
