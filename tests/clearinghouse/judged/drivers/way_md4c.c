#include "md4c-html.h"
#include "md4c.h"
#include <stddef.h>

static void taken(const MD_CHAR *text, MD_SIZE size, void *given) {
    for (; size > 0; size--) {
        *(unsigned *)given += (unsigned char)*text++;
    }
}

int exercise(int way, const unsigned char *data, size_t size, const char *text) {
    static const unsigned flags[] = {
        MD_DIALECT_COMMONMARK,
        MD_DIALECT_GITHUB,
        MD_FLAG_TABLES | MD_FLAG_WIKILINKS | MD_FLAG_LATEXMATHSPANS | MD_FLAG_UNDERLINE,
        MD_FLAG_COLLAPSEWHITESPACE | MD_FLAG_PERMISSIVEAUTOLINKS | MD_FLAG_NOHTML | MD_FLAG_TASKLISTS,
    };
    unsigned sum = 0;
    (void)text;
    md_html((const MD_CHAR *)data, (MD_SIZE)size, taken, &sum, flags[way & 3], way & 4 ? MD_HTML_FLAG_XHTML : 0);
    return 0;
}
