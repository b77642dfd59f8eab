#include "core/work.h"

#include <stdlib.h>

#include "core/gzip.h"
#include "core/x509.h"

struct job {
  uv_work_t uv;
  void (*run)(struct job *job); /* on a pool thread: touches the job only */
  cso_buf input;
  int bits;
  struct work_result *result;
};

static int running;

void (*work_result_push)(void *lua_state, const struct completion *c);

static void push(void *L, const struct completion *c) { work_result_push(L, c); }

static void free_result(struct completion *c) {
  struct work_result *r = (struct work_result *)c;
  cso_buf_wipe(&r->value);
  free(r);
}

static const struct completion_kind kind = {push, free_result};

static void on_thread(uv_work_t *uv) {
  struct job *job = uv->data;
  job->run(job);
}

int work_running(void) { return running; }

static void on_done(uv_work_t *uv, int status) {
  struct job *job = uv->data;
  if (status != 0) job->result->error = "the work was cancelled";
  loop_post(&job->result->base);
  running--;
  loop_release();
  cso_buf_free(&job->input);
  free(job);
}

static uint64_t start(void (*run)(struct job *), const char *data, size_t len, int bits) {
  struct job *job = calloc(1, sizeof *job);
  struct work_result *result = calloc(1, sizeof *result);
  if (!job || !result) goto failed;
  cso_buf_add(&job->input, data, len);
  if (job->input.failed) goto failed;
  job->uv.data = job;
  job->run = run;
  job->bits = bits;
  job->result = result;
  result->base.kind = &kind;
  result->base.id = loop_new_id();
  if (uv_queue_work(loop_uv(), &job->uv, on_thread, on_done) != 0) goto failed;
  running++;
  loop_hold();
  return result->base.id;
failed:
  if (job) cso_buf_free(&job->input);
  free(job);
  free(result);
  return 0;
}

static void run_rsa(struct job *job) {
  if (cso_rsa_generate_pem(job->bits, &job->result->value) != 0)
    job->result->error = "OpenSSL could not make the key";
}

static void run_gzip(struct job *job) {
  job->result->error = cso_gzip_deflate(job->input.data, job->input.len, &job->result->value);
}

uint64_t work_rsa_key(int bits) { return start(run_rsa, NULL, 0, bits); }
uint64_t work_gzip(const char *data, size_t len) { return start(run_gzip, data, len, 0); }
