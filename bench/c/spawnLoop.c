/*
 * What a chain costs that runs no code but the plugins': spawnLoop PLUGIN CHAINS starts the plugin three times with ADD
 * and three times with DEL for every chain, by posix_spawn, with pipes for all three streams, and waits for each. It
 * prints how long each chain took, in ms, as a JSON array.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static const char config[] =
  "{\"cniVersion\":\"1.0.0\",\"name\":\"bench\",\"type\":\"noop-a\",\"prevResult\":{\"cniVersion\":\"1.0.0\","
  "\"ips\":[{\"address\":\"10.1.2.3/24\",\"gateway\":\"10.1.2.1\"}],\"routes\":[{\"dst\":\"0.0.0.0/0\"}]}}";

static void require(int holds, const char *what) {
  if (holds) return;
  perror(what);
  exit(1);
}

static void readAll(int fd) {
  char output[65536];
  while (read(fd, output, sizeof output) > 0) {
  }
  close(fd);
}

static void runPlugin(char *path) {
  int in[2], out[2], err[2], status;
  char *const argv[] = { path, NULL };
  pid_t pid;
  posix_spawn_file_actions_t actions;
  require(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0, "pipe2");
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_adddup2(&actions, err[1], 2);
  require(posix_spawn(&pid, path, &actions, NULL, argv, environ) == 0, "posix_spawn");
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  close(err[1]);
  require(write(in[1], config, sizeof config - 1) == (ssize_t)sizeof config - 1, "write");
  close(in[1]);
  readAll(out[0]);
  readAll(err[0]);
  require(waitpid(pid, &status, 0) == pid && status == 0, "waitpid");
}

static double nowMs(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

int main(int argc, char **argv) {
  require(argc == 3, "arguments");
  for (int chain = 0; chain < atoi(argv[2]); chain++) {
    double startedAt = nowMs();
    setenv("CNI_COMMAND", "ADD", 1);
    for (int plugin = 0; plugin < 3; plugin++) runPlugin(argv[1]);
    setenv("CNI_COMMAND", "DEL", 1);
    for (int plugin = 0; plugin < 3; plugin++) runPlugin(argv[1]);
    printf("%s%f", chain == 0 ? "[" : ",", nowMs() - startedAt);
  }
  printf("]\n");
  return 0;
}
