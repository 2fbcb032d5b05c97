#include "records.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct card card = {NULL, 0};

    read_records(data, size, &card);
    free_card(&card);
    return 0;
}
