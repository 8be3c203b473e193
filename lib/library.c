/* SPDX-License-Identifier: ISC */
#include "lib/library.h"

#include <dlfcn.h>
#include <string.h>

void *library_open(const char *name, const struct library_function *functions, size_t count)
{
	void *library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);

	for (size_t i = 0; library && i < count; i++) {
		void *found = dlsym(library, functions[i].name);

		if (!found)
			return NULL;
		memcpy(functions[i].place, &found, sizeof(found));
	}
	return library;
}

void library_close(void *library)
{
	if (library)
		dlclose(library);
}

const char *library_load(const char *name, const struct library_function *functions, size_t count)
{
	return library_open(name, functions, count) ? NULL : dlerror();
}

const char *library_problem(const char *name)
{
	void *library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);

	library_close(library);
	return library ? NULL : dlerror();
}
