#include "records.h"

#include <stdio.h>
#include <string.h>

static int failures;

static void expect(const char *what, int holds)
{
    if (!holds) {
        printf("failed: %s\n", what);
        failures++;
    }
}

int main(void)
{
    static const unsigned char good[] = "N\0\5countV\0\2\1\2V\0\1\3E\0\0";
    static const unsigned char cut[] = {'N', 0, 9, 'x'};
    unsigned char longest[3 + NAME_SIZE - 1 + 3] = {'N', 0, NAME_SIZE - 1};
    struct card card = {NULL, 0};

    expect("three records", read_records(good, sizeof good - 1, &card) == 3);
    expect("a name", card.name && strcmp(card.name, "count") == 0);
    expect("a sum", card.sum == 0x105);
    free_card(&card);
    expect("a record that was cut", read_records(cut, sizeof cut, &card) == -1);
    memset(longest + 3, 'x', NAME_SIZE - 1);
    longest[sizeof longest - 3] = 'E';
    expect("the longest name", read_records(longest, sizeof longest, &card) == 1 && strlen(card.name) == NAME_SIZE - 1);
    free_card(&card);
    return failures != 0;
}
