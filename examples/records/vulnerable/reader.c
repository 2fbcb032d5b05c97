#include "records.h"

#include <stdio.h>

static unsigned char data[1 << 16];

int main(int argc, char **argv)
{
    struct card card = {NULL, 0};
    FILE *file;
    size_t size;
    int count;

    if (argc != 2 || (file = fopen(argv[1], "rb")) == NULL) {
        fprintf(stderr, "usage: reader FILE\n");
        return 2;
    }
    size = fread(data, 1, sizeof data, file);
    fclose(file);
    count = read_records(data, size, &card);
    if (count >= 0)
        printf("%d records, %s, %lu\n", count, card.name ? card.name : "no name", card.sum);
    else
        fprintf(stderr, "malformed: %.*s\n", (int)size, (const char *)data);
    free_card(&card);
    return count < 0;
}
