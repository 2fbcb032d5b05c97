#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct rest {
    const unsigned char *data;
    size_t size;
};

static size_t fed(void *buffer, size_t most, void *given) {
    struct rest *rest = given;
    size_t now = rest->size < 7 ? rest->size : 7;
    now = now < most ? now : most;
    memcpy(buffer, rest->data, now);
    rest->data += now;
    rest->size -= now;
    return now;
}

static int taken(const char *buffer, size_t size, void *given) {
    (void)buffer;
    *(size_t *)given += size;
    return 0;
}

static void packed(const char *format) {
    json_error_t error;
    int one = 0, other = 0;
    const char *said = NULL;
    json_t *made = json_pack_ex(&error, 0, format, "one", "two", "three", "four", "five", "six");
    if (made != NULL) {
        json_unpack_ex(made, &error, 0, "{s?i,s?i,s?s}", "one", &one, "two", &other, "three", &said);
    }
    json_decref(made);
}

int exercise(int way, const unsigned char *data, size_t size, const char *text) {
    json_error_t error;
    json_t *value = NULL, *copy;
    size_t count = 0;
    struct rest rest = {data, size};
    json_object_seed(1);
    switch (way & 3) {
    case 0:
        value = json_loadb((const char *)data, size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
        break;
    case 1:
        value = json_loads(text, JSON_REJECT_DUPLICATES, &error);
        break;
    case 2:
        value = json_load_callback(fed, &rest, JSON_DECODE_INT_AS_REAL, &error);
        break;
    default:
        if (strspn(text, "[]{}s#%+oObnifI?*,: \n") == strlen(text) && strpbrk(text, "fioOIb%+#") == NULL) {
            packed(text);
            return 0;
        }
        value = json_loadb((const char *)data, size, JSON_DISABLE_EOF_CHECK, &error);
    }
    copy = json_deep_copy(value);
    json_equal(value, copy);
    if (json_is_object(copy)) {
        json_object_update_recursive(copy, value);
        json_object_set_new(copy, "added", json_string("x"));
        json_object_del(copy, "a");
    }
    if (json_is_array(copy)) {
        json_array_insert_new(copy, 0, json_integer(7));
        json_array_remove(copy, 1);
        json_array_extend(copy, value);
    }
    json_dump_callback(copy, taken, &count, way & 4 ? JSON_COMPACT | JSON_ENSURE_ASCII : JSON_INDENT(2) | JSON_SORT_KEYS);
    free(json_dumps(value, JSON_ENCODE_ANY | JSON_ESCAPE_SLASH));
    json_decref(copy);
    json_decref(value);
    return 0;
}
