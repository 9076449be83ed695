/* tests/support/replay.c: stands in for libFuzzer. Gives every file of the folders named on the command line to the
 * fuzz target that it is linked with, and counts them as tests in TAP. A folder that is not there holds no files. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int count;

static void give_up(const char *what, const char *path)
{
	printf("Bail out! %s %s\n", what, path);
	exit(1);
}

/* The input is in a block of exactly its size, so that a sanitizer sees every byte read beyond it. */
static void replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	long size;

	if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0)
		give_up("cannot read", path);
	rewind(file);
	if (size && !(data = malloc((size_t)size)))
		give_up("no memory for", path);
	if (fread(data, 1, (size_t)size, file) != (size_t)size)
		give_up("cannot read", path);
	fclose(file);
	LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
	printf("ok %d - %s\n", ++count, path);
}

static void replay_folder(const char *folder)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		char path[4096];

		if (entries[i]->d_name[0] != '.') {
			if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name) >= sizeof(path))
				give_up("too long a path in", folder);
			replay_file(path);
		}
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

int main(int argc, char **argv)
{
	LLVMFuzzerTestOneInput(NULL, 0);
	printf("ok %d - nothing at all\n", ++count);
	for (int i = 1; i < argc; i++)
		replay_folder(argv[i]);
	printf("1..%d\n", count);
	return 0;
}
