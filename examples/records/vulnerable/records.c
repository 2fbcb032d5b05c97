#include "records.h"

#include <stdlib.h>
#include <string.h>

static void copy_field(char *to, const unsigned char *from, size_t length)
{
    memcpy(to, from, length);
    to[length] = '\0';
}

static int read_name(const unsigned char *value, size_t length, struct card *card)
{
    if (card->name == NULL && (card->name = malloc(NAME_SIZE)) == NULL)
        return -1;
    copy_field(card->name, value, length);
    return 0;
}

static int read_number(const unsigned char *value, size_t length, struct card *card)
{
    unsigned long number = 0;

    if (length > sizeof number)
        return -1;
    for (size_t at = 0; at < length; at++)
        number = number << 8 | value[at];
    card->sum += number;
    return 0;
}

int read_records(const unsigned char *data, size_t size, struct card *card)
{
    size_t at = 0;
    int count = 0;

    while (size - at >= 3) {
        unsigned char tag = data[at];
        size_t length = (size_t)data[at + 1] << 8 | data[at + 2];
        int failed;

        at += 3;
        if (length > size - at)
            return -1;
        if (tag == 'E')
            return count;
        if (tag == 'N')
            failed = read_name(data + at, length, card);
        else if (tag == 'V')
            failed = read_number(data + at, length, card);
        else
            failed = -1;
        if (failed)
            return -1;
        at += length;
        count++;
    }
    return -1;
}

void free_card(struct card *card)
{
    free(card->name);
    card->name = NULL;
}
