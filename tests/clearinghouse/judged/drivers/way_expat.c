#include <expat.h>
#include <string.h>

static size_t met;

static void start(void *data, const XML_Char *name, const XML_Char **attributes) {
    (void)data;
    for (met += strlen(name); *attributes != NULL; attributes++) {
        met += strlen(*attributes);
    }
}

static void end(void *data, const XML_Char *name) {
    (void)data;
    met += strlen(name);
}

static void characters(void *data, const XML_Char *text, int length) {
    (void)data;
    for (; length > 0; length--) {
        met += (size_t)*text++;
    }
}

static void comment(void *data, const XML_Char *text) {
    (void)data;
    met += strlen(text);
}

static void instruction(void *data, const XML_Char *target, const XML_Char *text) {
    (void)data;
    met += strlen(target) + strlen(text);
}

static void element(void *data, const XML_Char *name, XML_Content *model) {
    met += strlen(name);
    XML_FreeContentModel((XML_Parser)data, model);
}

static void entity(void *data, const XML_Char *name, int parameter, const XML_Char *value, int length,
                   const XML_Char *base, const XML_Char *system, const XML_Char *public, const XML_Char *notation) {
    (void)data, (void)parameter, (void)base, (void)public, (void)notation;
    met += strlen(name) + (system ? strlen(system) : 0);
    if (value != NULL) {
        characters(data, value, length);
    }
}

static int external(XML_Parser parser, const XML_Char *context, const XML_Char *base, const XML_Char *system,
                    const XML_Char *public) {
    static const char dtd[] = "<!ENTITY more 'text'><!ATTLIST a x CDATA 'y' z ID #IMPLIED><!ELEMENT a (b|c)*>";
    XML_Parser inner = XML_ExternalEntityParserCreate(parser, context, NULL);
    (void)base, (void)system, (void)public;
    if (inner != NULL) {
        XML_Parse(inner, dtd, sizeof dtd - 1, 1);
        XML_ParserFree(inner);
    }
    return 1;
}

int exercise(int way, const unsigned char *data, size_t size, const char *text) {
    XML_Parser parser = way & 4 ? XML_ParserCreateNS(NULL, '|') : XML_ParserCreate(NULL);
    size_t step = way & 2 ? 3 : size, at;
    (void)text;
    XML_SetUserData(parser, parser);
    XML_SetHashSalt(parser, 1);
    XML_SetElementHandler(parser, start, end);
    XML_SetCharacterDataHandler(parser, characters);
    if (way & 1) {
        XML_SetCommentHandler(parser, comment);
        XML_SetProcessingInstructionHandler(parser, instruction);
        XML_SetElementDeclHandler(parser, element);
        XML_SetEntityDeclHandler(parser, entity);
        XML_SetParamEntityParsing(parser, XML_PARAM_ENTITY_PARSING_ALWAYS);
        XML_SetExternalEntityRefHandler(parser, external);
        XML_UseForeignDTD(parser, way & 2);
        XML_SetReturnNSTriplet(parser, 1);
    }
    for (at = 0; at < size; at += step) {
        size_t rest = size - at < step ? size - at : step;
        if (XML_Parse(parser, (const char *)data + at, (int)rest, at + rest == size) != XML_STATUS_OK) {
            break;
        }
    }
    XML_ParserReset(parser, NULL);
    XML_Parse(parser, (const char *)data, (int)size, 1);
    XML_ParserFree(parser);
    return 0;
}
