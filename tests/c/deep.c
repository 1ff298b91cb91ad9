/* A static program that knows no proxy: `deep KIND PORT`, for tests/tests/clients/deep.rs. It prints what it got. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_in there;

static int tcp(void) { return socket(AF_INET, SOCK_STREAM, 0); }

static int dial(int fd) { return connect(fd, (struct sockaddr *)&there, sizeof there); }

/* One request; the status, or minus the error. */
static int get(int fd, const char *target) {
    char text[512];
    int length = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: deep.test\r\nConnection: close\r\n\r\n", target);
    if (write(fd, text, length) != length) return -errno;
    int got = 0, part;
    while (got < 400 && (part = read(fd, text + got, sizeof text - 1 - got)) > 0) got += part;
    text[got] = 0;
    close(fd);
    return got > 12 ? atoi(text + 9) : -1;
}

static int request(const char *target) {
    int fd = tcp();
    return dial(fd) ? -errno : get(fd, target);
}

static void *in_thread(void *number) {
    char target[32];
    snprintf(target, sizeof target, "/json?thread=%ld", (long)number);
    return (void *)(long)request(target);
}

static void threads(long many) {
    pthread_t all[512];
    long good = 0;
    for (long i = 0; i < many; i++) pthread_create(&all[i], NULL, in_thread, (void *)i);
    for (long i = 0; i < many; i++) {
        void *status;
        pthread_join(all[i], &status);
        good += (long)status == 200;
    }
    printf("%ld\n", good);
}

/* A child, and a child of it that outlives it. */
static void children(void) {
    int ends[2];
    char byte;
    if (pipe(ends)) exit(2);
    if (!fork()) {
        int status = request("/json?child");
        if (!fork()) {
            setsid();
            printf("%d\n", request("/json?grandchild"));
            fflush(stdout);
            _exit(0);
        }
        printf("%d\n", status);
        fflush(stdout);
        _exit(0);
    }
    close(ends[1]);
    wait(NULL);
    /* Until the last of them has closed its end. */
    if (read(ends[0], &byte, 1) < 0) exit(2);
}

/* A socket that failed is connected again. */
static void again(void) {
    int fd = tcp();
    int port = there.sin_port;
    there.sin_port = htons(1);
    printf("%s\n", dial(fd) ? strerror(errno) : "connected");
    there.sin_port = port;
    printf("%d\n", dial(fd) ? -errno : get(fd, "/json?again"));
}

/* The peer as the program knows it; connecting twice; options that were set before. */
static void socket_is_its_own(void) {
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    int fd = tcp(), one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (dial(fd)) exit(3);
    getpeername(fd, (struct sockaddr *)&peer, &length);
    printf("%s\n", !memcmp(&peer, &there, length) && length == sizeof peer ? "peer" : "another peer");
    printf("%s\n", dial(fd) ? strerror(errno) : "connected");
    one = 0;
    length = sizeof one;
    getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, &length);
    printf("%d %d\n", one, get(fd, "/json?own"));
}

/* Ways past connect(2). */
static void other_ways(void) {
    char parameters[256] = {0};
    int on = 1, fd = tcp();
    printf("%s\n", syscall(SYS_io_uring_setup, 4, parameters) < 0 ? strerror(errno) : "a ring");
    long sent = sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&there, sizeof there);
    printf("%s\n", sent < 0 ? strerror(errno) : "sent");
    printf("%s\n", setsockopt(fd, IPPROTO_TCP, 30, &on, sizeof on) ? strerror(errno) : "set");
}

#ifdef __x86_64__
static long call32(long number, long first, long second, long third) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(second), "d"(third) : "memory", "r8", "r9", "r10", "r11");
    return (int)result;
}

/* As 32-bit programs connect. */
static void old_calls(void) {
    static uint32_t arguments[3];
    int fd = tcp();
    printf("%ld ", call32(362, fd, (long)&there, sizeof there));
    printf("%d\n", get(fd, "/json?direct"));
    fd = tcp();
    arguments[0] = fd;
    arguments[1] = (uint32_t)(uintptr_t)&there;
    arguments[2] = sizeof there;
    printf("%ld ", call32(102, 3, (long)arguments, 0));
    printf("%d\n", get(fd, "/json?socketcall"));
}
#else
static void old_calls(void) {}
#endif

/* Killed by a sibling while it connects, many times. */
static void killed(void) {
    for (int i = 0; i < 50; i++) {
        pid_t child = fork();
        if (!child) {
            for (;;) request("/json?killed");
        }
        usleep(300 * (i % 10));
        kill(child, 9);
        waitpid(child, NULL, 0);
    }
    printf("%d\n", request("/json?after"));
}

int main(int count, char **words) {
    if (count < 3) return 2;
    there.sin_family = AF_INET;
    there.sin_port = htons(atoi(words[2]));
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const char *kind = words[1];
    if (!strcmp(kind, "get")) printf("%d\n", request(count > 3 ? words[3] : "/json?static"));
    else if (!strcmp(kind, "threads")) threads(atol(words[3]));
    else if (!strcmp(kind, "children")) children();
    else if (!strcmp(kind, "again")) again();
    else if (!strcmp(kind, "own")) socket_is_its_own();
    else if (!strcmp(kind, "other-ways")) other_ways();
    else if (!strcmp(kind, "old-calls")) old_calls();
    else if (!strcmp(kind, "killed")) killed();
    else return 2;
    return 0;
}
