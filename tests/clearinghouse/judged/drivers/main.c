/* Runs a library on a proof. Its first line is "BUG WAY": the planted bug to wake, and the way into the library.
 *
 * driver PROOF             one proof, as a replay does it
 * driver --survey < LIST   lines "BUG PATH": each in a process of its own; prints those that ended badly, and of
 *                          bug 0, which is none, those that were met on the way
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int planted_now;
unsigned char planted_met[4096];

int exercise(int way, const unsigned char *data, size_t size, const char *text);

static void proof(const char *path, int bug) {
    FILE *file = fopen(path, "rb");
    static char raw[1 << 20];
    size_t size, head;
    int said, way;
    unsigned char *data;
    char *text;
    if (file == NULL) {
        exit(3);
    }
    size = fread(raw, 1, sizeof raw - 1, file);
    fclose(file);
    if (sscanf(raw, "%d %d", &said, &way) != 2) {
        exit(3);
    }
    head = strcspn(raw, "\n") + 1;
    size = size > head ? size - head : 0;
    data = malloc(size ? size : 1);
    text = malloc(size + 1);
    memcpy(data, raw + head, size);
    memcpy(text, raw + head, size);
    text[size] = '\0';
    planted_now = bug < 0 ? said : bug;
    exercise(way, data, size, text);
    free(data);
    free(text);
}

static void met(int bug, const char *path) {
    int id;
    for (id = 1; bug == 0 && id < 4096; id++) {
        if (planted_met[id]) {
            printf("%d %s met\n", id, path);
        }
    }
    fflush(stdout);
}

static void survey(void) {
    static int late[4096];
    char path[4096];
    int bug, status;
    while (scanf("%d %4095s", &bug, path) == 2) {
        pid_t child = late[bug] < 2 ? fork() : -1;
        if (child < 0) {
            continue;
        }
        if (child == 0) {
            alarm(2);
            proof(path, bug);
            met(bug, path);
            _exit(0);
        }
        waitpid(child, &status, 0);
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
            late[bug]++;
        } else if (status != 0) {
            printf("%d %s %d\n", bug, path, status);
            fflush(stdout);
        }
    }
}

int main(int argc, char **argv) {
    if (argc != 2) {
        return 3;
    }
    if (strcmp(argv[1], "--survey") == 0) {
        survey();
    } else {
        proof(argv[1], -1);
    }
    return 0;
}
