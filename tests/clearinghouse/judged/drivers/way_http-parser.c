#include "http_parser.h"
#include <string.h>

static size_t met;

static int text_of(http_parser *parser, const char *at, size_t length) {
    (void)parser;
    for (; length > 0; length--) {
        met += (unsigned char)*at++;
    }
    return 0;
}

static int url_of(http_parser *parser, const char *at, size_t length) {
    struct http_parser_url url;
    unsigned part;
    http_parser_url_init(&url);
    if (http_parser_parse_url(at, length, parser->method == HTTP_CONNECT, &url) == 0) {
        for (part = 0; part < UF_MAX; part++) {
            if (url.field_set & (1u << part)) {
                text_of(parser, at + url.field_data[part].off, url.field_data[part].len);
            }
        }
    }
    return 0;
}

static int ended(http_parser *parser) {
    met += strlen(http_method_str((enum http_method)parser->method));
    met += strlen(http_errno_name(HTTP_PARSER_ERRNO(parser))) + (size_t)http_should_keep_alive(parser);
    return 0;
}

int exercise(int way, const unsigned char *data, size_t size, const char *text) {
    http_parser_settings settings;
    http_parser parser;
    size_t step = way & 4 ? 3 : size, at;
    (void)text;
    http_parser_settings_init(&settings);
    settings.on_url = url_of;
    settings.on_header_field = settings.on_header_value = settings.on_body = settings.on_status = text_of;
    settings.on_message_complete = settings.on_headers_complete = ended;
    if ((way & 3) == 3) {
        url_of(&parser, (const char *)data, size);
        return 0;
    }
    http_parser_init(&parser, (way & 3) == 0 ? HTTP_REQUEST : (way & 3) == 1 ? HTTP_RESPONSE : HTTP_BOTH);
    for (at = 0; at < size; at += step) {
        size_t rest = size - at < step ? size - at : step;
        if (http_parser_execute(&parser, &settings, (const char *)data + at, rest) != rest) {
            break;
        }
    }
    http_parser_execute(&parser, &settings, NULL, 0);
    return 0;
}
