#include <string.h>
#include <yaml.h>

static void scanned(yaml_parser_t *parser) {
    yaml_token_t token;
    int done = 0;
    while (!done && yaml_parser_scan(parser, &token)) {
        done = token.type == YAML_STREAM_END_TOKEN;
        yaml_token_delete(&token);
    }
}

static void parsed(yaml_parser_t *parser) {
    yaml_event_t event;
    int done = 0;
    while (!done && yaml_parser_parse(parser, &event)) {
        done = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
}

static void loaded(yaml_parser_t *parser, yaml_emitter_t *emitter) {
    yaml_document_t document;
    yaml_emitter_open(emitter);
    while (yaml_parser_load(parser, &document)) {
        if (yaml_document_get_root_node(&document) == NULL) {
            yaml_document_delete(&document);
            break;
        }
        yaml_emitter_dump(emitter, &document);
    }
    yaml_emitter_close(emitter);
}

static void emitted(yaml_parser_t *parser, yaml_emitter_t *emitter) {
    yaml_event_t event;
    int done = 0;
    while (!done && yaml_parser_parse(parser, &event)) {
        done = event.type == YAML_STREAM_END_EVENT || !yaml_emitter_emit(emitter, &event);
    }
}

int exercise(int way, const unsigned char *data, size_t size, const char *text) {
    static unsigned char out[1 << 16];
    size_t written;
    yaml_parser_t parser;
    yaml_emitter_t emitter;
    (void)text;
    yaml_parser_initialize(&parser);
    yaml_parser_set_input_string(&parser, data, size);
    yaml_emitter_initialize(&emitter);
    yaml_emitter_set_output_string(&emitter, out, sizeof out, &written);
    yaml_emitter_set_canonical(&emitter, way & 4);
    yaml_emitter_set_unicode(&emitter, way & 1);
    switch (way & 3) {
    case 0:
        scanned(&parser);
        break;
    case 1:
        parsed(&parser);
        break;
    case 2:
        loaded(&parser, &emitter);
        break;
    default:
        emitted(&parser, &emitter);
    }
    yaml_emitter_delete(&emitter);
    yaml_parser_delete(&parser);
    return 0;
}
