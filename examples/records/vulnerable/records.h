#ifndef RECORDS_H
#define RECORDS_H

#include <stddef.h>

#define NAME_SIZE 32

/* A card: a name, and the sum of its numbers. */
struct card {
    char *name;
    unsigned long sum;
};

/*
 * Read records from `size` bytes at `data`: a tag, a length of two bytes (the higher first), and that many bytes.
 * `N` is a name, `V` a number, `E` the end. Returns how many records there were, or -1 where they are malformed.
 */
int read_records(const unsigned char *data, size_t size, struct card *card);

void free_card(struct card *card);

#endif
