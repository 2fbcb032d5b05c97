#include "cJSON.h"
#include "cJSON_Utils.h"
#include <stdlib.h>
#include <string.h>

static void shown(cJSON *item, int way) {
    char *text = way & 1 ? cJSON_PrintUnformatted(item) : way & 2 ? cJSON_PrintBuffered(item, 1, 1) : cJSON_Print(item);
    free(text);
}

static void patched(const char *text, int way) {
    char *first = strdup(text), *cut = strstr(first, "\n---\n");
    cJSON *one, *other, *change;
    if (cut != NULL) {
        *cut = '\0';
        one = cJSON_Parse(first);
        other = cJSON_Parse(cut + 5);
        change = way & 1 ? cJSONUtils_GeneratePatches(one, other) : cJSONUtils_GenerateMergePatch(one, other);
        shown(change, 1);
        if (way & 1) {
            cJSONUtils_ApplyPatches(one, change);
            cJSONUtils_ApplyPatches(one, other);
        } else {
            one = cJSONUtils_MergePatch(one, change);
        }
        cJSONUtils_SortObject(other);
        free(cJSONUtils_FindPointerFromObjectTo(other, other));
        cJSONUtils_GetPointer(other, "/a/0/b");
        cJSON_Compare(one, other, 1);
        cJSON_Delete(one);
        cJSON_Delete(other);
        cJSON_Delete(change);
    }
    free(first);
}

int exercise(int way, const unsigned char *data, size_t size, const char *text) {
    const char *end;
    cJSON *item, *copy;
    char *own;
    switch (way) {
    case 0:
        item = cJSON_ParseWithLength((const char *)data, size);
        break;
    case 1:
        item = cJSON_ParseWithOpts(text, &end, 1);
        break;
    case 2:
        own = strdup(text);
        cJSON_Minify(own);
        item = cJSON_Parse(own);
        free(own);
        break;
    default:
        patched(text, way);
        return 0;
    }
    copy = cJSON_Duplicate(item, 1);
    cJSON_Compare(item, copy, way & 1);
    cJSON_Delete(item);
    cJSON_AddItemToObject(copy, "added", cJSON_CreateString("x\ty\x01"));
    cJSON_ReplaceItemInObject(copy, "a", cJSON_CreateNumber(1e99));
    cJSON_DetachItemFromArray(copy, 1);
    shown(copy, way);
    cJSON_Delete(copy);
    return 0;
}
