#include <csv.h>
#include <stdlib.h>
#include <string.h>

static size_t met;

static void field(void *text, size_t size, void *given) {
    char *quoted = malloc(2 * size + 2);
    (void)given;
    met += csv_write(quoted, 2 * size + 2, text, size);
    free(quoted);
}

static void row(int end, void *given) {
    (void)given;
    met += (size_t)(end != -1);
}

int exercise(int way, const unsigned char *data, size_t size, const char *text) {
    static const unsigned char options[] = {0, CSV_STRICT | CSV_APPEND_NULL, CSV_REPALL_NL | CSV_EMPTY_IS_NULL,
                                            CSV_STRICT | CSV_STRICT_FINI};
    struct csv_parser parser;
    size_t step = way & 4 ? 5 : size, at;
    (void)text;
    csv_init(&parser, options[way & 3]);
    csv_set_blk_size(&parser, way & 4 ? 4 : 128);
    if (way & 2) {
        csv_set_delim(&parser, ';');
    }
    for (at = 0; at < size; at += step) {
        size_t rest = size - at < step ? size - at : step;
        if (csv_parse(&parser, data + at, rest, field, row, NULL) != rest) {
            break;
        }
    }
    csv_fini(&parser, field, row, NULL);
    csv_free(&parser);
    return 0;
}
