/* SPDX-License-Identifier: ISC */
#include "lib/library.h"

#include <dlfcn.h>
#include <string.h>

const char *library_load(const char *name, const struct library_function *functions, size_t count)
{
	void *library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);

	for (size_t i = 0; i < count; i++) {
		void *found = library ? dlsym(library, functions[i].name) : NULL;

		if (!found)
			return dlerror();
		memcpy(functions[i].place, &found, sizeof(found));
	}
	return NULL;
}
