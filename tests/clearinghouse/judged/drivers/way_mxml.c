#include "mxml-private.h"
#include "mxml.h"
#include <stdlib.h>
#include <string.h>

static void quiet(const char *message) { (void)message; }

static void event(mxml_node_t *node, mxml_sax_event_t kind, void *given) {
    (void)given;
    if (kind == MXML_SAX_ELEMENT_OPEN && mxmlElementGetAttr(node, "keep") != NULL) {
        mxmlRetain(node);
    }
}

int exercise(int way, const unsigned char *data, size_t size, const char *text) {
    static const mxml_load_cb_t loads[] = {MXML_OPAQUE_CALLBACK, MXML_TEXT_CALLBACK, MXML_INTEGER_CALLBACK,
                                           MXML_REAL_CALLBACK};
    static char buffer[1 << 14];
    mxml_node_t *tree, *node;
    mxml_index_t *index;
    (void)data, (void)size;
    mxmlSetErrorCallback(quiet);
    mxmlSetWrapMargin(way & 1 ? 10 : 72);
    tree = way & 4 ? mxmlSAXLoadString(NULL, text, loads[way & 3], event, NULL) : mxmlLoadString(NULL, text, loads[way & 3]);
    if (tree == NULL) {
        return 0;
    }
    index = mxmlIndexNew(tree, way & 1 ? "b" : NULL, way & 2 ? "id" : NULL);
    mxmlIndexReset(index);
    mxmlIndexFind(index, "b", way & 2 ? "x" : NULL);
    while (mxmlIndexEnum(index) != NULL) {
    }
    mxmlIndexDelete(index);
    node = mxmlFindElement(tree, tree, "b", way & 2 ? "id" : NULL, NULL, MXML_DESCEND);
    if (node != NULL) {
        mxmlElementSetAttr(node, "new", "value & more");
        mxmlElementSetAttrf(node, "id", "%d%s", 7, "<x>");
        mxmlElementDeleteAttr(node, "id");
        mxmlNewText(node, 1, "added");
    }
    mxmlFindPath(tree, "a/*/c");
    for (node = tree; node != NULL; node = mxmlWalkNext(node, tree, MXML_DESCEND)) {
        mxmlGetText(node, NULL);
        mxmlGetOpaque(node);
    }
    mxmlSaveString(tree, buffer, way & 2 ? 100 : (int)sizeof buffer, MXML_NO_CALLBACK);
    free(mxmlSaveAllocString(tree, MXML_NO_CALLBACK));
    mxmlDelete(tree);
    return 0;
}
