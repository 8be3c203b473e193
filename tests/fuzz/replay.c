/* SPDX-License-Identifier: ISC */
/* A fuzz target without a fuzzer: every file of its corpus, whole, cut short and with octets
 * changed, is fed to it.  A finding ends the program, as it does under libFuzzer.
 *
 * Without arguments the corpus is $TOP_SRCDIR/tests/fuzz/corpus/NAME for a program called
 * fuzz-NAME; arguments are files to feed instead, once and unchanged. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How often a file is cut, and changed, at places spread over it. */
#define VARIANTS 100

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	uint8_t *octets;
	size_t length;
};

static bool read_input(const char *path, struct input *input)
{
	FILE *file = fopen(path, "rb");
	size_t size = 0, got;

	*input = (struct input){NULL, 0};
	if (!file)
		return false;
	do {
		if (input->length == size) {
			uint8_t *larger = realloc(input->octets, size = 2 * size + 4096);

			if (!larger)
				abort();
			input->octets = larger;
		}
		got = fread(input->octets + input->length, 1, size - input->length, file);
		input->length += got;
	} while (got > 0);
	got = ferror(file) != 0;
	fclose(file);
	return got == 0;
}

/* In memory of its own, so that reading beyond the end is seen by the address sanitizer. */
static void feed(const struct input *input, size_t length)
{
	uint8_t *copy = malloc(length ? length : 1);

	if (!copy)
		abort();
	memcpy(copy, input->octets, length);
	LLVMFuzzerTestOneInput(copy, length);
	free(copy);
}

static void feed_variants(struct input *input)
{
	static const uint8_t changes[] = {0x01, 0x80, 0xff};
	const size_t stride = input->length / VARIANTS + 1;

	for (size_t length = 0; length < input->length; length += stride)
		feed(input, length);
	for (size_t at = 0; at < input->length; at += stride) {
		for (size_t i = 0; i < sizeof(changes); i++) {
			input->octets[at] ^= changes[i];
			feed(input, input->length);
			input->octets[at] ^= changes[i];
		}
	}
}

static bool replay(unsigned int number, const char *path, const char *name, bool variants)
{
	struct input input;
	bool readable = read_input(path, &input);

	if (readable) {
		feed(&input, input.length);
		if (variants)
			feed_variants(&input);
		printf("ok %u - %s\n", number, name);
	} else {
		printf("not ok %u - %s: %s\n", number, name, strerror(errno));
	}
	fflush(stdout);
	free(input.octets);
	return readable;
}

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int replay_corpus(const char *folder)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, is_input, alphasort);
	bool good = count > 0;
	char path[4096 + 256];

	if (count <= 0) {
		printf("1..1\nnot ok 1 - no corpus in %s\n", folder);
		return EXIT_FAILURE;
	}
	printf("1..%d\n", count);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		good = replay((unsigned int)i + 1, path, entries[i]->d_name, true) && good;
		free(entries[i]);
	}
	free(entries);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	const char *top = getenv("TOP_SRCDIR");
	const char *name = strrchr(argv[0], '/');
	char folder[4000];
	bool good = true;

	if (argc > 1) {
		printf("1..%d\n", argc - 1);
		for (int i = 1; i < argc; i++)
			good = replay((unsigned int)i, argv[i], argv[i], false) && good;
		return good ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	name = name ? name + 1 : argv[0];
	if (strncmp(name, "fuzz-", 5) == 0)
		name += 5;
	snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", top ? top : ".", name);
	return replay_corpus(folder);
}
