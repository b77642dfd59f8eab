/* cost FILE PROGRAM ARGUMENTS...: runs a program and writes to FILE what it and its children took:
   seconds of CPU, seconds of time, KiB of memory of the largest of them. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec / 1e6; }

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  struct timespec before, after;
  clock_gettime(CLOCK_MONOTONIC, &before);
  pid_t child = fork();
  if (child < 0) return 1;
  if (child == 0) {
    execvp(argv[2], argv + 2);
    _exit(127);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child) return 1;
  clock_gettime(CLOCK_MONOTONIC, &after);
  struct rusage all;
  getrusage(RUSAGE_CHILDREN, &all);
  FILE *file = fopen(argv[1], "w");
  if (!file) return 1;
  fprintf(file, "%f %f %ld\n", seconds(all.ru_utime) + seconds(all.ru_stime),
          (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9,
          all.ru_maxrss);
  if (fclose(file) != 0) return 1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
