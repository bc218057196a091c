/* A plugin that does nothing: it reads its input and, for ADD, gives one fixed result. With DEL_MS, DEL takes that long. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef DEL_MS
#define DEL_MS 0
#endif

static const char result[] =
  "{\"cniVersion\":\"1.0.0\","
  "\"interfaces\":[{\"name\":\"eth0\",\"mac\":\"5e:29:0c:f1:7b:11\",\"sandbox\":\"/run/netns/bench\"}],"
  "\"ips\":[{\"interface\":0,\"address\":\"10.1.2.3/24\",\"gateway\":\"10.1.2.1\"}],"
  "\"routes\":[{\"dst\":\"0.0.0.0/0\"}],\"dns\":{\"nameservers\":[\"10.1.2.1\"]}}\n";

static const char versions[] =
  "{\"cniVersion\":\"1.0.0\",\"supportedVersions\":[\"0.3.1\",\"0.4.0\",\"1.0.0\"]}\n";

static int answer(const char *text, size_t length) {
  return write(1, text, length) == (ssize_t)length ? 0 : 1;
}

int main(void) {
  char input[65536];
  const char *command = getenv("CNI_COMMAND");
  while (read(0, input, sizeof input) > 0) {
  }
  if (command == NULL) return 1;
  if (strcmp(command, "ADD") == 0) return answer(result, sizeof result - 1);
  if (strcmp(command, "VERSION") == 0) return answer(versions, sizeof versions - 1);
  if (DEL_MS > 0 && strcmp(command, "DEL") == 0) {
    const struct timespec pause = { DEL_MS / 1000, DEL_MS % 1000 * 1000000L };
    nanosleep(&pause, NULL);
  }
  return 0;
}
