#include <string.h>
#include <yajl/yajl_gen.h>
#include <yajl/yajl_parse.h>
#include <yajl/yajl_tree.h>

#define GEN ((yajl_gen)gen)
static int got_null(void *gen) { return yajl_gen_null(GEN) == yajl_gen_status_ok; }
static int got_boolean(void *gen, int value) { return yajl_gen_bool(GEN, value) == yajl_gen_status_ok; }
static int got_number(void *gen, const char *text, size_t size) {
    return yajl_gen_number(GEN, text, size) == yajl_gen_status_ok;
}
static int got_string(void *gen, const unsigned char *text, size_t size) {
    return yajl_gen_string(GEN, text, size) == yajl_gen_status_ok;
}
static int got_map(void *gen) { return yajl_gen_map_open(GEN) == yajl_gen_status_ok; }
static int ended_map(void *gen) { return yajl_gen_map_close(GEN) == yajl_gen_status_ok; }
static int got_array(void *gen) { return yajl_gen_array_open(GEN) == yajl_gen_status_ok; }
static int ended_array(void *gen) { return yajl_gen_array_close(GEN) == yajl_gen_status_ok; }

static void formatted(int way, const unsigned char *data, size_t size) {
    static yajl_callbacks callbacks = {got_null, got_boolean, NULL, NULL, got_number, got_string,
                                       got_map,  got_string,  ended_map, got_array, ended_array};
    yajl_gen gen = yajl_gen_alloc(NULL);
    yajl_handle parser = yajl_alloc(&callbacks, NULL, gen);
    size_t step = way & 2 ? 3 : size, at;
    const unsigned char *out;
    size_t length;
    unsigned char *error;
    yajl_gen_config(gen, yajl_gen_beautify, way & 4);
    yajl_gen_config(gen, yajl_gen_validate_utf8, 1);
    yajl_gen_config(gen, yajl_gen_escape_solidus, way & 2);
    yajl_config(parser, yajl_allow_comments, 1);
    yajl_config(parser, yajl_allow_multiple_values, way & 2);
    yajl_config(parser, yajl_dont_validate_strings, way & 4);
    for (at = 0; at < size; at += step) {
        size_t rest = size - at < step ? size - at : step;
        if (yajl_parse(parser, data + at, rest) != yajl_status_ok) {
            error = yajl_get_error(parser, 1, data + at, rest);
            yajl_free_error(parser, error);
            break;
        }
    }
    yajl_complete_parse(parser);
    yajl_gen_get_buf(gen, &out, &length);
    yajl_gen_clear(gen);
    yajl_free(parser);
    yajl_gen_free(gen);
}

int exercise(int way, const unsigned char *data, size_t size, const char *text) {
    static const char *path[] = {"a", "b", NULL};
    char error[64];
    yajl_val tree;
    if (way & 1) {
        formatted(way, data, size);
        return 0;
    }
    tree = yajl_tree_parse(text, error, sizeof error);
    if (YAJL_IS_OBJECT(tree)) {
        yajl_tree_get(tree, path, yajl_t_any);
    }
    yajl_tree_free(tree);
    return 0;
}
