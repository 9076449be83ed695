/* pages/html.h: what the pages are made of, beyond text. */
#pragma once

#include "base/html.h"

/* <dt>name</dt><dd>value</dd>; nothing for an absent value. */
void html_pair(struct buf *b, struct str name, struct str value);
