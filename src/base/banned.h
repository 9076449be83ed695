/* base/banned.h: calls that overflow, truncate or share hidden state; using one is a compile error.
 * Included on the compiler's command line, before everything else. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat sprintf vsprintf strncpy strncat strtok atoi atol atoll gets
#pragma GCC poison gmtime localtime ctime asctime
