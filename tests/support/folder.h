/* tests/support/folder.h: a folder of files that goes when its test ends. */
#pragma once

#include "support/test.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

/* Removes the folder and the files in it; it has no folders within. One that is not there is fine. */
static inline void remove_folder(const char *path)
{
	DIR *folder = opendir(path);

	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		char name[512];

		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		if (entry->d_name[0] != '.')
			unlink(name);
	}
	if (folder)
		closedir(folder);
	rmdir(path);
}
