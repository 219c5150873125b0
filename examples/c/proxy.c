/*
 * A guarded stdio proxy:  proxy [--policy FILE] [--] COMMAND [ARG...]
 *
 *   client  in  ---> [ lane of the client ] ---> stdin   server
 *           out <--- [ lane of the server ] <--- stdout
 *        errors <--- noise, redactor        <--- stderr
 *
 * Interest follows state: what the engine does not want to read is not watched, so nothing is buffered.
 * The server runs in a group whose leader, a small shell, kills it when we are gone, however we went.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "portcullis.h"

enum { CLIENT_IN, CLIENT_OUT, SERVER_IN, SERVER_OUT, SERVER_ERR, ERRORS, SIGNALS, ENDS };
enum { TERM_MS = 1000, DRAIN_MS = 1500, KILL_MS = 1600, GONE_MS = 1800 }; /* clients kill us after two seconds */

static const struct { uint32_t peer; short wants; } ends[ENDS] = {
    [CLIENT_IN] = {PORTCULLIS_CLIENT, POLLIN}, [CLIENT_OUT] = {PORTCULLIS_CLIENT, POLLOUT},
    [SERVER_IN] = {PORTCULLIS_SERVER, POLLOUT}, [SERVER_OUT] = {PORTCULLIS_SERVER, POLLIN},
    [SERVER_ERR] = {0, POLLIN}, [ERRORS] = {PORTCULLIS_NOISE, POLLOUT}, [SIGNALS] = {0, POLLIN}};
static portcullis_engine *engine;
static portcullis_redactor *redactor;
static struct { const uint8_t *data; size_t len; } said; /* by the server's stderr; on loan */
static sigset_t heeded;
static pid_t group, server;
static int fds[ENDS], status = -1, told_to_leave; /* a descriptor of -1 is closed */
static uint64_t leaving_ms, left_ms; /* since when we are on the way out, the client is; 0: not yet */

static void check(uint32_t result, const char *what) {
    if (result != PORTCULLIS_STATUS_OK) errx(125, "%s: %s", what, portcullis_status_str(result));
}

static portcullis_time now(void) {
    struct timespec t[2];
    clock_gettime(CLOCK_MONOTONIC, &t[0]);
    clock_gettime(CLOCK_REALTIME, &t[1]);
    return (portcullis_time){(uint64_t)t[0].tv_sec * 1000 + (uint64_t)t[0].tv_nsec / 1000000,
                             (uint64_t)t[1].tv_sec * 1000 + (uint64_t)t[1].tv_nsec / 1000000};
}

static void drop(int end) {
    close(fds[end]), fds[end] = -1;
}

static void leave(int is_client) {
    leaving_ms = leaving_ms ? leaving_ms : now().monotonic_ms;
    if (is_client && !left_ms) left_ms = leaving_ms = now().monotonic_ms;
}

static int must_wait(ssize_t count) {
    return count < 0 && (errno == EAGAIN || errno == EINTR);
}

/* O_NONBLOCK on an inherited pipe is everybody's who holds it, so it is opened anew; a file has none. */
static int own(int fd, const char *path, int flags) {
    struct stat is;
    int opened = fstat(fd, &is) == 0 && !S_ISREG(is.st_mode) ? open(path, flags | O_NONBLOCK | O_CLOEXEC) : -1;
    if (opened < 0) opened = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (opened >= 0 && S_ISSOCK(is.st_mode)) fcntl(opened, F_SETFL, fcntl(opened, F_GETFL) | O_NONBLOCK);
    return opened;
}

/* Starts a process in the group, with these as its first descriptors; 0 in the process itself. */
static pid_t start(int in, int out, int said_to) {
    pid_t pid = fork();
    if (pid < 0) err(125, "fork");
    setpgid(pid, group); /* in both: whoever comes first */
    if (pid > 0) return pid;
    sigprocmask(SIG_UNBLOCK, &heeded, NULL);
    signal(SIGPIPE, SIG_DFL);
    dup2(in, 0), dup2(out, 1), dup2(said_to, 2);
    return 0;
}

static void start_all(char **command) {
    int life[2], in[2], out[2], said_to[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || pipe2(life, O_CLOEXEC) < 0 || pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0
        || pipe2(said_to, O_CLOEXEC) < 0) err(125, "pipe");
    group = start(life[0], null, null);
    if (group == 0)
        _exit(execl("/bin/sh", "sh", "-c", "trap '' HUP INT TERM; read -r _; kill -KILL 0", (char *)NULL));
    server = start(in[0], out[1], said_to[1]);
    if (server == 0) {
        execvp(command[0], command);
        err(errno == ENOENT ? 127 : 126, "%s", command[0]);
    }
    close(null), close(life[0]), close(in[0]), close(out[1]), close(said_to[1]);
    fds[SERVER_IN] = in[1], fds[SERVER_OUT] = out[0], fds[SERVER_ERR] = said_to[0];
    for (int end = SERVER_IN; end <= SERVER_ERR; end++) fcntl(fds[end], F_SETFL, O_NONBLOCK);
}

/* Reads what the engine lends room for; at the end of it, says so. */
static void pull(int end, int is_last) {
    uint8_t *space;
    size_t len;
    check(portcullis_engine_recv_space(engine, ends[end].peer, &space, &len), "recv_space");
    if (len == 0) return;
    ssize_t count = read(fds[end], space, len);
    if (count > 0) {
        check(portcullis_engine_recv_commit(engine, NULL, ends[end].peer, (size_t)count, now()), "recv_commit");
    } else if (is_last || !must_wait(count)) {
        drop(end), leave(end == CLIENT_IN);
        check(portcullis_engine_recv_close(engine, NULL, ends[end].peer, now()), "recv_close");
    }
}

/* Writes what is ready; what nobody will ever read counts as written. */
static void push(int end) {
    const uint8_t *data;
    size_t len;
    check(portcullis_engine_send_ready(engine, ends[end].peer, &data, &len), "send_ready");
    ssize_t count = fds[end] < 0 ? (ssize_t)len : write(fds[end], data, len);
    if (must_wait(count)) return;
    if (count < 0) drop(end), count = (ssize_t)len;
    if (fds[end] < 0 && end != ERRORS) leave(end == CLIENT_OUT);
    check(portcullis_engine_send_commit(engine, NULL, ends[end].peer, (size_t)count), "send_commit");
}

/* Brings the server's standard error, without its secrets, to ours. */
static void relay_errors(int is_readable) {
    uint8_t chunk[8192];
    if (said.len > 0) {
        ssize_t count = fds[ERRORS] < 0 ? (ssize_t)said.len : write(fds[ERRORS], said.data, said.len);
        if (count > 0) said.data += count, said.len -= (size_t)count;
        else if (!must_wait(count)) drop(ERRORS);
    } else if (is_readable) {
        ssize_t count = read(fds[SERVER_ERR], chunk, sizeof chunk);
        if (count > 0) {
            check(portcullis_redactor_push(redactor, chunk, (size_t)count, &said.data, &said.len), "push");
        } else if (status >= 0 || !must_wait(count)) {
            drop(SERVER_ERR);
            check(portcullis_redactor_finish(redactor, &said.data, &said.len), "finish");
        }
    }
}

static void heed_signals(void) {
    struct signalfd_siginfo signal;
    while (read(fds[SIGNALS], &signal, sizeof signal) == sizeof signal) {
        if (signal.ssi_signo == SIGCHLD) {
            if (status < 0 && waitpid(server, &status, WNOHANG) == server) kill(-group, SIGKILL);
        } else if (told_to_leave++ == 0) {
            drop(CLIENT_IN), leave(1);
            check(portcullis_engine_begin_drain(engine, now(), leaving_ms + DRAIN_MS), "begin_drain");
        } else kill(-group, SIGKILL);
    }
}

/* Does what is due by the clock; gives the milliseconds until something is, or -1. */
static int heed_time(void) {
    static int step;
    const uint64_t gone_ms = left_ms ? left_ms + GONE_MS : PORTCULLIS_NEVER;
    const uint64_t due[] = {leaving_ms + TERM_MS, leaving_ms + KILL_MS, gone_ms, PORTCULLIS_NEVER};
    uint64_t at, time = now().monotonic_ms;
    uint32_t wake;
    check(portcullis_engine_tick(engine, NULL, now()), "tick");
    if (leaving_ms > 0 && time >= due[step]) kill(-group, step++ == 0 ? SIGTERM : SIGKILL);
    if (step == 3) /* nobody reads it any more */
        return drop(CLIENT_OUT), drop(SERVER_OUT), drop(SERVER_ERR), drop(ERRORS), said.len = 0, 0;
    check(portcullis_engine_deadline(engine, &at, &wake), "deadline");
    if (leaving_ms > 0 && due[step] < at) at = due[step];
    return at == PORTCULLIS_NEVER ? -1 : at <= time ? 0 : at - time < 60000 ? (int)(at - time) : 60000;
}

/* One turn; 0 if nothing is left to do. */
static int turn(void) {
    struct pollfd polled[ENDS];
    const uint8_t *data;
    uint8_t *space;
    size_t room[ENDS] = {[SIGNALS] = 1, [SERVER_ERR] = said.len == 0};
    uint32_t stall, finished;
    for (int end = 0; end < ENDS; end++) {
        if (end == CLIENT_IN || end == SERVER_OUT)
            check(portcullis_engine_recv_space(engine, ends[end].peer, &space, &room[end]), "recv_space");
        while (ends[end].wants == POLLOUT) {
            check(portcullis_engine_send_ready(engine, ends[end].peer, &data, &room[end]), "send_ready");
            if (room[end] == 0 || fds[end] >= 0) break;
            push(end);
        }
        if (end == ERRORS) room[end] += said.len;
        polled[end] = (struct pollfd){room[end] > 0 ? fds[end] : -1, ends[end].wants, 0};
    }
    check(portcullis_engine_stalled(engine, PORTCULLIS_CLIENT, &stall), "stalled");
    if ((stall == PORTCULLIS_STALL_ENDED || told_to_leave) && room[SERVER_IN] == 0) drop(SERVER_IN);
    check(portcullis_engine_is_finished(engine, &finished), "is_finished");
    int is_dead = status >= 0; /* others may hold its pipes: what is not there now never comes */
    if (is_dead && fds[SERVER_OUT] < 0 && (finished || fds[CLIENT_OUT] < 0) && fds[SERVER_ERR] < 0 && !said.len)
        return 0;
    int timeout = heed_time(), more = polled[SERVER_OUT].fd >= 0 || polled[SERVER_ERR].fd >= 0;
    if (poll(polled, ENDS, is_dead && more ? 0 : timeout) < 0 && errno != EINTR) err(125, "poll");
    heed_signals();
    if (fds[CLIENT_IN] >= 0 && polled[CLIENT_IN].revents) pull(CLIENT_IN, 0);
    if (fds[SERVER_OUT] >= 0 && (polled[SERVER_OUT].revents || is_dead)) pull(SERVER_OUT, is_dead);
    if (polled[SERVER_IN].revents) push(SERVER_IN);
    if (polled[CLIENT_OUT].revents) push(CLIENT_OUT);
    relay_errors(fds[SERVER_ERR] >= 0 && (polled[SERVER_ERR].revents || is_dead));
    if (polled[ERRORS].revents && said.len == 0) push(ERRORS);
    return 1;
}

static portcullis_policy *load(const char *path) {
    static char json[1 << 20], why[1024];
    FILE *file = fopen(path ? path : "/dev/null", "rb");
    if (!file) err(125, "%s", path);
    size_t len = fread(json, 1, sizeof json, file);
    if (path && (ferror(file) || len == 0 || len == sizeof json)) errx(125, "%s: no file of 1 byte to 1 MiB", path);
    fclose(file);
    portcullis_policy *policy;
    uint32_t result = portcullis_policy_new(PORTCULLIS_ABI, json, len, NULL, 0, why, sizeof why, &policy);
    if (result == PORTCULLIS_STATUS_BAD_CONFIG) errx(125, "%s: %s", path, why);
    check(result, "policy");
    return policy;
}

int main(int count, char **given) {
    for (int fd = 0; fd >= 0 && fd < 3;) fd = open("/dev/null", O_RDWR | O_CLOEXEC); /* none of 0, 1, 2 is ours */
    int at = count > 2 && strcmp(given[1], "--policy") == 0 ? 3 : 1;
    portcullis_policy *policy = load(at == 3 ? given[2] : NULL);
    if (at < count && strcmp(given[at], "--") == 0) at++;
    if (at >= count || given[at][0] == '-')
        return fprintf(stderr, "usage: proxy [--policy FILE] [--] COMMAND [ARG...]\n"), 125;
    check(portcullis_engine_new(PORTCULLIS_ABI, policy, NULL, 0, now(), NULL, 0, &engine), "engine");
    check(portcullis_redactor_new(PORTCULLIS_ABI, policy, &redactor), "redactor");
    portcullis_policy_free(policy);
    for (int i = 0; i < 4; i++) sigaddset(&heeded, (const int[]){SIGCHLD, SIGHUP, SIGINT, SIGTERM}[i]);
    sigprocmask(SIG_BLOCK, &heeded, NULL);
    signal(SIGPIPE, SIG_IGN), signal(SIGCHLD, SIG_DFL);
    fds[SIGNALS] = signalfd(-1, &heeded, SFD_NONBLOCK | SFD_CLOEXEC);
    fds[CLIENT_IN] = own(0, "/dev/stdin", O_RDONLY), fds[CLIENT_OUT] = own(1, "/dev/stdout", O_WRONLY);
    fds[ERRORS] = own(2, "/dev/stderr", O_WRONLY);
    start_all(given + at);
    while (turn()) { /* there is more to do */ }
    portcullis_redactor_free(redactor), portcullis_engine_free(engine);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
