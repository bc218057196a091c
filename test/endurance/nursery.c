/*
 * Runs a program with no descriptors but 0 to 3, and reaps what its plugins leave, since not every host has an init that
 * does. Ends when the program does, with its status.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **words) {
  if (count < 2 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) return 127;
  for (int descriptor = 4; descriptor < 1024; descriptor++) close(descriptor);
  pid_t program = fork();
  if (program == 0) {
    execv(words[1], words + 1);
    _exit(127);
  }
  for (;;) {
    int status;
    pid_t ended = wait(&status);
    if (ended == program) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (ended < 0 && errno != EINTR) return 127;
  }
}
