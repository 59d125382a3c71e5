// Four threads that take turns by mutex and condition variable, and count together.
#include "tracee.h"

#include <pthread.h>

enum { THREADS = 4, ROUNDS = 5 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turned = PTHREAD_COND_INITIALIZER;
static int turn;
static long total;

static void *work(void *argument) {
  int self = (int)(long)argument;
  for (int round = 0; round < ROUNDS; round++) {
    pthread_mutex_lock(&mutex);
    while (turn != self) pthread_cond_wait(&turned, &mutex);
    printf("thread %d round %d collatz %u\n", self, round, collatz_steps(27 + self * ROUNDS + round));
    total += self;
    turn = (turn + 1) % THREADS;
    pthread_cond_broadcast(&turned);
    pthread_mutex_unlock(&mutex);
  }
  return argument;
}

int main(void) {
  pthread_t threads[THREADS];
  for (long i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, work, (void *)i) == 0);
  for (long i = 0; i < THREADS; i++) {
    void *result;
    CHECK(pthread_join(threads[i], &result) == 0);
    CHECK((long)result == i);
  }
  CHECK(total == ROUNDS * (0 + 1 + 2 + 3));
  printf("total %ld\n", total);
  return success();
}
