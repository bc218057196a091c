/*
 * A plugin that does what CNI_ARGS says, step by step: a letter each, with its numbers.
 *
 *   oN,K  write N bytes of the content, from its byte K on, to stdout   eN,K  the same to stderr
 *   i     copy stdin to stdout, to its end                              c     close stdout and stderr
 *   wN    wait N ms                                                     h     hang
 *   d     ignore SIGTERM                                                D     ignore it no longer
 *   f     leave a child that hangs and holds the pipes                  p     write its pid to stdout
 *   kN    kill itself with signal N                                     xN    exit with status N
 *
 * Whoever gets a descriptor that is not its own exits with 98 and says so; nobody hangs for more than five minutes.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { PERIOD = 251, PERIODS = 64, FOREIGN = 98, STUCK = 99, NO_SUCH_STEP = 97 };

static char content[PERIOD * (PERIODS + 1)];

static void all(int to, const char *bytes, long length) {
  while (length > 0) {
    ssize_t written = write(to, bytes, length);
    if (written < 0 && errno != EINTR) _exit(STUCK);
    if (written > 0) bytes += written, length -= written;
  }
}

static void put(int to, long length, long from) {
  for (int at = 0; at < (int)sizeof content; at++) content[at] = 'a' + at % PERIOD * (at % PERIOD) % PERIOD % 26;
  while (length > 0) {
    long part = length < PERIOD * PERIODS ? length : PERIOD * PERIODS;
    all(to, content + from % PERIOD, part);
    from += part, length -= part;
  }
}

static void echo(void) {
  static char bytes[65536];
  ssize_t length;
  while ((length = read(0, bytes, sizeof bytes)) > 0) all(1, bytes, length);
}

static void wait_ms(long ms) {
  struct timespec left = {ms / 1000, ms % 1000 * 1000000};
  while (nanosleep(&left, &left) < 0 && errno == EINTR) {}
}

static void hang(void) {
  wait_ms(300 * 1000);
  _exit(STUCK);
}

static void own_descriptors_only(void) {
  for (int descriptor = 3; descriptor < 256; descriptor++) {
    if (fcntl(descriptor, F_GETFD) < 0) continue;
    dprintf(2, "descriptor %d is not mine\n", descriptor);
    _exit(FOREIGN);
  }
}

int main(void) {
  char *step = getenv("CNI_ARGS");
  pid_t child = 0;
  own_descriptors_only();
  while (step && *step) {
    char letter = *step++;
    long number = strtol(step, &step, 10), from = *step == ',' ? strtol(step + 1, &step, 10) : 0;
    switch (letter) {
      case ' ': break;
      case 'o': put(1, number, from); break;
      case 'e': put(2, number, from); break;
      case 'i': echo(); break;
      case 'c': close(1), close(2); break;
      case 'w': wait_ms(number); break;
      case 'h': hang(); break;
      case 'd': signal(SIGTERM, SIG_IGN); break;
      case 'D': signal(SIGTERM, SIG_DFL); break;
      case 'f': if ((child = fork()) == 0) hang(); break;
      case 'p': dprintf(1, "%d\n", child); break;
      case 'k': prctl(PR_SET_DUMPABLE, 0), kill(getpid(), number); break;
      case 'x': _exit(number);
      default: _exit(NO_SUCH_STEP);
    }
  }
  return 0;
}
