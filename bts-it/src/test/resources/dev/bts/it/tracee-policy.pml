/*
 * bts with the policy 'tracee' on a bounded machine, as dev.bts.sim.rules has it: PolicyRules, Transitions, Tasks,
 * Charges, Endings, Invariants. SpinTest and LabBenchmark run both and compare the numbers of states and steps.
 *
 * One process, and one d_step for each operation: its states are those of the machine, and one more, that before the
 * machine is set up. Operations that are not possible, or change nothing, are not executable, as they are no steps for
 * the explorer. What the policy and the bounds leave constant is left out: user namespaces, a second control group,
 * capabilities, pinned pages and users' counters, which 'tracee' charges never.
 *
 * References are counted from one, zero is none; sets of tasks and address spaces are bits.
 */
#ifndef TASKS
#define TASKS 3
#endif
#ifndef USERS
#define USERS 1
#endif
#ifndef BUFFERS
#define BUFFERS 2
#endif
#ifndef PAGES
#define PAGES 1
#endif
#ifndef LIMIT
#define LIMIT 3
#endif
#ifndef PROCESSES
#define PROCESSES 2
#endif
#define SPACES (TASKS + 1)

#if TASKS == 3
#define TASK_LIST(f) f(0) f(1) f(2)
#define PAIR_LIST(f) f(0,1) f(0,2) f(1,0) f(1,2) f(2,0) f(2,1)
#define TRIPLE_LIST(f) f(0,1,2) f(0,2,1) f(1,0,2) f(1,2,0) f(2,0,1) f(2,1,0)
#define ANY_TASK(f,x) (f(0,x) || f(1,x) || f(2,x))
#define ALL_SPACES(f) (f(0) && f(1) && f(2) && f(3))
#define ANY_SPACE(f) (f(0) || f(1) || f(2) || f(3))
#elif TASKS == 2
#define TASK_LIST(f) f(0) f(1)
#define PAIR_LIST(f) f(0,1) f(1,0)
#define TRIPLE_LIST(f)
#define ANY_TASK(f,x) (f(0,x) || f(1,x))
#define ALL_SPACES(f) (f(0) && f(1) && f(2))
#define ANY_SPACE(f) (f(0) || f(1) || f(2))
#else
#error TASKS is 2 or 3
#endif

#if BUFFERS == 2
#define BUFFER_LIST(f,t) f(t,0) f(t,1)
#define SUM_BUFFERS(f,x,y) (f(0,x,y) + f(1,x,y))
#define ALL_BUFFERS(f) (f(0) && f(1))
#define ANY_BUFFER(f,x) (f(0,x) || f(1,x))
#elif BUFFERS == 1
#define BUFFER_LIST(f,t) f(t,0)
#define SUM_BUFFERS(f,x,y) (f(0,x,y))
#define ALL_BUFFERS(f) (f(0))
#define ANY_BUFFER(f,x) (f(0,x))
#else
#error BUFFERS is 1 or 2
#endif

#if PAGES == 2
#define REQUESTS(t,o) RESERVE(t,o,1) RESERVE(t,o,2)
#elif PAGES == 1
#define REQUESTS(t,o) RESERVE(t,o,1)
#else
#error PAGES is 1 or 2
#endif

#if USERS == 2
#define BECOME(t) SET_USER(t,0) SET_USER(t,1)
#elif USERS == 1
#define BECOME(t) SET_USER(t,0)
#else
#error USERS is 1 or 2
#endif

/* States of a task, then phases of a buffer. */
#define ABSENT 0
#define LIVE 1
#define ZOMBIE 2
#define NONE 0
#define RESERVED 1
#define IN_USE 2

typedef Task { byte state; byte mm; byte user; byte tracer }
typedef Mm { bit lowered; bit foreign; byte total; byte locked }
/* 'payer' and 'paid' are the receipt: what total_vm and locked_vm of the payer were charged. */
typedef Buffer { byte size; byte phase; byte owner; byte holders; byte mappings; byte payer; byte paid }

bit gift_lowered;
Task task[TASKS];
Mm mm[SPACES];
Buffer buffer[BUFFERS];

/* Scratch within a step, no part of the state. */
hidden byte b, e, k, fresh, old, lowered, members, slot;

#define IS_LIVE(t) (task[t].state == LIVE)
#define LIVES_IN(t,m) (task[t].mm == (m) + 1)
#define IS_ALIVE(m) ANY_TASK(LIVES_IN, m)
#define IS_HOLDER(b,t) ((buffer[b].holders >> (t)) & 1)
#define IS_MAPPED(b,m) ((buffer[b].mappings >> (m)) & 1)
#define IN_PHASE(b,p) (buffer[b].phase == p)
#define LIMIT_OF(m) (mm[m].lowered -> LIMIT / 2 : LIMIT)
#define MM_OF(t) (task[t].mm - 1)
#define MAY_TRACE(t,o) (task[t].user == task[o].user)
#define REFERS(b,m) (IS_MAPPED(b, m) || buffer[b].payer == (m) + 1)
#define IS_FREE(m) (!IS_ALIVE(m) && !ANY_BUFFER(REFERS, m))
#define IS_TRACED_HOLDER(o,tb) (IS_HOLDER((tb) % 4, o) && task[o].tracer == (tb) / 4 + 1)
#define IS_LIVE_TRACED_HOLDER(o,tb) (IS_TRACED_HOLDER(o, tb) && IS_LIVE(o))
#define IS_ORPHAN_HOLDER(o,tb) (IS_HOLDER((tb) % 4, o) && IS_LIVE(o) && MAY_TRACE((tb) / 4, o))
#define BOTH(t,b) ((t) * 4 + (b))

/* What the ledger of a task's process has reserved on a payer, and what live buffers have charged to it. */
#define OWN(b,t,m) ((IN_PHASE(b, RESERVED) && buffer[b].owner != 0 && buffer[b].payer == (m) + 1 \
  && task[buffer[b].owner - 1].mm == task[t].mm) -> buffer[b].paid : 0)
#define CHARGED(b,m,unused) ((IN_PHASE(b, IN_USE) && buffer[b].payer == (m) + 1) -> buffer[b].paid : 0)

/* The invariants of a state: every counter is explained, every live buffer is held, charged and backed. */
#define COUNTERS_RIGHT(m) (!IS_ALIVE(m) \
  || (mm[m].total == mm[m].foreign + SUM_BUFFERS(CHARGED, m, 0) && mm[m].locked == mm[m].total))
#define FINDS(o,b) (IS_HOLDER(b, o) && (task[o].tracer != 0 || IS_LIVE(o)))
#define SOUND(b) (!IN_PHASE(b, IN_USE) || ((buffer[b].owner != 0 || ANY_TASK(FINDS, b)) \
  && buffer[b].payer != 0 && buffer[b].paid <= buffer[b].size \
  && IS_ALIVE(buffer[b].payer - 1) && buffer[b].paid >= buffer[b].size))
#define INVARIANTS assert(ALL_SPACES(COUNTERS_RIGHT) && ALL_BUFFERS(SOUND))

/* A buffer ends: who was charged is refunded, if it was. */
inline finish(n) {
  if
  :: IN_PHASE(n, IN_USE) ->
    mm[buffer[n].payer - 1].total = mm[buffer[n].payer - 1].total - buffer[n].paid;
    mm[buffer[n].payer - 1].locked = mm[buffer[n].payer - 1].locked - buffer[n].paid
  :: else
  fi;
  clear(n)
}

inline clear(n) {
  buffer[n].size = 0; buffer[n].phase = NONE; buffer[n].owner = 0; buffer[n].holders = 0;
  buffer[n].mappings = 0; buffer[n].payer = 0; buffer[n].paid = 0
}

inline find_buffer() {
  slot = 0;
  do
  :: IN_PHASE(slot, NONE) -> break
  :: else -> slot++
  od
}

inline find_mm() {
  fresh = 0;
  do
  :: IS_FREE(fresh) -> break
  :: else -> fresh++
  od;
  mm[fresh].total = 0; mm[fresh].locked = 0
}

/* A dead task goes, and the buffers that it was traced into. */
inline bury(n) {
  for (b : 0 .. BUFFERS - 1) {
    if
    :: IS_HOLDER(b, n) -> finish(b)
    :: else
    fi
  }
  task[n].state = ABSENT; task[n].mm = 0; task[n].user = 0; task[n].tracer = 0
}

/* What a task has made is no longer its own: reservations go, buffers stay behind. Its tracees are left. */
inline let_go(n) {
  for (b : 0 .. BUFFERS - 1) {
    if
    :: buffer[b].owner == n + 1 ->
      if
      :: IN_PHASE(b, RESERVED) -> clear(b)
      :: else -> buffer[b].owner = 0
      fi
    :: else
    fi
  }
  for (k : 0 .. TASKS - 1) {
    if
    :: task[k].tracer == n + 1 ->
      task[k].tracer = 0;
      if
      :: task[k].state == ZOMBIE -> bury(k)
      :: else
      fi
    :: else
    fi
  }
}

inline leave(n) {
  let_go(n);
  if
  :: task[n].tracer != 0 -> task[n].state = ZOMBIE
  :: else -> bury(n)
  fi
}

inline tear_down(m) {
  for (b : 0 .. BUFFERS - 1) {
    if
    :: IS_MAPPED(b, m) ->
      buffer[b].mappings = buffer[b].mappings & (255 - (1 << m));
      if
      :: buffer[b].mappings == 0 -> finish(b)
      :: else
      fi
    :: else
    fi
  }
  for (b : 0 .. BUFFERS - 1) {
    if
    :: IN_PHASE(b, IN_USE) && buffer[b].payer == m + 1 -> finish(b)
    :: else
    fi
  }
  mm[m].total = mm[m].total - mm[m].foreign;
  mm[m].locked = mm[m].locked - mm[m].foreign;
  mm[m].foreign = 0;
  mm[m].lowered = 0;
  if
  :: !ANY_BUFFER(REFERS, m) -> mm[m].total = 0; mm[m].locked = 0
  :: else
  fi
}

#define ATTACH(t,o) \
  :: d_step { \
    IS_LIVE(t) && IS_LIVE(o) && task[t].mm != task[o].mm && task[o].tracer == 0 && MAY_TRACE(t, o) -> \
    task[o].tracer = t + 1; \
    for (b : 0 .. BUFFERS - 1) { \
      if \
      :: IN_PHASE(b, IN_USE) && IS_HOLDER(b, o) && buffer[b].owner == 0 -> buffer[b].owner = t + 1 \
      :: else \
      fi \
    } \
    INVARIANTS }

#define ASKS(t,o) (IS_LIVE(t) && IS_LIVE(o) && task[o].tracer == t + 1 && ANY_BUFFER(IN_PHASE, NONE) && MAY_TRACE(t, o))
#define FITS(t,o,n) (mm[MM_OF(o)].locked + SUM_BUFFERS(OWN, t, MM_OF(o)) + n <= LIMIT_OF(MM_OF(o)))
#define WOULD_FIT(t,o,n) (mm[MM_OF(o)].foreign + SUM_BUFFERS(CHARGED, MM_OF(o), 0) + SUM_BUFFERS(OWN, t, MM_OF(o)) + n \
  <= LIMIT_OF(MM_OF(o)))

#define RESERVE(t,o,n) \
  :: d_step { \
    ASKS(t, o) && FITS(t, o, n) -> \
    find_buffer(); \
    buffer[slot].size = n; buffer[slot].phase = RESERVED; buffer[slot].owner = t + 1; buffer[slot].holders = 1 << o; \
    buffer[slot].payer = task[o].mm; buffer[slot].paid = n; \
    assert(task[t].user == task[o].user); /* consent */ \
    INVARIANTS } \
  :: d_step { ASKS(t, o) && !FITS(t, o, n) && WOULD_FIT(t, o, n) -> assert(false) } /* an unjustified refusal */

#define COMMIT(t,n) \
  :: d_step { \
    IS_LIVE(t) && IN_PHASE(n, RESERVED) && buffer[n].owner == t + 1 && ANY_TASK(IS_LIVE_TRACED_HOLDER, BOTH(t, n)) \
      && mm[buffer[n].payer - 1].locked + buffer[n].paid <= LIMIT_OF(buffer[n].payer - 1) \
      && IS_ALIVE(buffer[n].payer - 1) -> \
    mm[buffer[n].payer - 1].total = mm[buffer[n].payer - 1].total + buffer[n].paid; \
    mm[buffer[n].payer - 1].locked = mm[buffer[n].payer - 1].locked + buffer[n].paid; \
    buffer[n].phase = IN_USE; \
    buffer[n].mappings = 1 << (buffer[n].payer - 1); \
    INVARIANTS }

#define CANCEL(t,n) \
  :: d_step { IS_LIVE(t) && IN_PHASE(n, RESERVED) && buffer[n].owner == t + 1 -> clear(n); INVARIANTS }

#define FREE(t,n) \
  :: d_step { \
    IS_LIVE(t) && IN_PHASE(n, IN_USE) && buffer[n].owner == t + 1 && ANY_TASK(IS_TRACED_HOLDER, BOTH(t, n)) -> \
    finish(n); \
    INVARIANTS }

#define DETACH(t,o) \
  :: d_step { \
    IS_LIVE(t) && IS_LIVE(o) && task[o].tracer == t + 1 -> \
    for (b : 0 .. BUFFERS - 1) { \
      if \
      :: IS_HOLDER(b, o) -> finish(b) \
      :: else \
      fi \
    } \
    task[o].tracer = 0; \
    INVARIANTS }

#define RECLAIM(t,n) \
  :: d_step { \
    IS_LIVE(t) && IN_PHASE(n, IN_USE) && buffer[n].owner == 0 && ANY_TASK(IS_ORPHAN_HOLDER, BOTH(t, n)) -> \
    finish(n); \
    INVARIANTS }

#define MOVABLE(n,o) (!IS_HOLDER(n, o) || (IN_PHASE(n, IN_USE) && IS_MAPPED(n, MM_OF(o))))
#define IMMOVABLE(n,o) (!MOVABLE(n, o))

#define HAND_OVER(t,o,h) \
  :: d_step { \
    IS_LIVE(t) && task[o].tracer == t + 1 && IS_LIVE(o) && IS_LIVE(h) && task[h].mm != task[t].mm \
      && task[h].mm != task[o].mm && MAY_TRACE(h, o) && ANY_BUFFER(IS_HOLDER, o) && !ANY_BUFFER(IMMOVABLE, o) -> \
    task[o].tracer = h + 1; \
    for (b : 0 .. BUFFERS - 1) { \
      if \
      :: IS_HOLDER(b, o) -> buffer[b].owner = h + 1 \
      :: else \
      fi \
    } \
    INVARIANTS }

#define KILL(t) \
  :: d_step { \
    IS_LIVE(t) -> \
    old = task[t].mm - 1; \
    members = 0; \
    for (e : 0 .. TASKS - 1) { \
      if \
      :: task[e].mm == old + 1 -> members = members | (1 << e); task[e].mm = 0 \
      :: else \
      fi \
    } \
    tear_down(old); \
    for (e : 0 .. TASKS - 1) { \
      if \
      :: (members >> e) & 1 -> leave(e) \
      :: else \
      fi \
    } \
    INVARIANTS }

#define REAP(t,o) \
  :: d_step { \
    IS_LIVE(t) && task[o].state == ZOMBIE && task[o].tracer != 0 && task[task[o].tracer - 1].mm == task[t].mm -> \
    bury(o); \
    INVARIANTS }

#define EXEC(t) \
  :: d_step { \
    IS_LIVE(t) && ANY_SPACE(IS_FREE) -> \
    old = task[t].mm - 1; \
    find_mm(); \
    for (e : 0 .. TASKS - 1) { \
      if \
      :: e != t && task[e].mm == old + 1 -> task[e].mm = 0; leave(e) \
      :: else \
      fi \
    } \
    task[t].mm = fresh + 1; \
    lowered = mm[old].lowered; \
    tear_down(old); \
    mm[fresh].lowered = lowered; \
    let_go(t); \
    INVARIANTS }

/* Slots are filled in order. */
#define IS_NEXT(c) (task[c].state == ABSENT && (c < 1 || task[0].state != ABSENT) && (c < 2 || task[1].state != ABSENT))

#define START(t,c,guard,prepare,space,follows) \
  :: d_step { \
    IS_LIVE(t) && IS_NEXT(c) && guard -> \
    prepare; \
    task[c].state = LIVE; task[c].mm = space; task[c].user = task[t].user; task[c].tracer = follows; \
    mm[space - 1].lowered = mm[task[t].mm - 1].lowered; \
    INVARIANTS }
#define FORK(t,c) START(t, c, ANY_SPACE(IS_FREE), find_mm(), (fresh + 1), 0)
#define FORK_TRACED(t,c) START(t, c, ANY_SPACE(IS_FREE) && task[t].tracer != 0, find_mm(), (fresh + 1), task[t].tracer)
#define CLONE(t,c) START(t, c, true, skip, task[t].mm, 0)

#define SET_USER(t,u) \
  :: d_step { \
    IS_LIVE(t) && task[t].user != u -> \
    for (e : 0 .. TASKS - 1) { \
      if \
      :: task[e].mm == task[t].mm -> task[e].user = u \
      :: else \
      fi \
    } \
    INVARIANTS }

#define LOWER_LIMIT(t) \
  :: d_step { IS_LIVE(t) && !mm[MM_OF(t)].lowered -> mm[MM_OF(t)].lowered = 1; INVARIANTS }

#define LOCK_PAGE(t) \
  :: d_step { \
    IS_LIVE(t) && !mm[MM_OF(t)].foreign && mm[MM_OF(t)].locked + 1 <= LIMIT_OF(MM_OF(t)) -> \
    old = MM_OF(t); \
    mm[old].foreign = 1; mm[old].total = mm[old].total + 1; mm[old].locked = mm[old].locked + 1; \
    INVARIANTS }

#define UNLOCK_PAGE(t) \
  :: d_step { \
    IS_LIVE(t) && mm[MM_OF(t)].foreign -> \
    old = MM_OF(t); \
    mm[old].foreign = 0; mm[old].total = mm[old].total - 1; mm[old].locked = mm[old].locked - 1; \
    INVARIANTS }

#define EACH_COMMIT(t) BUFFER_LIST(COMMIT, t)
#define EACH_CANCEL(t) BUFFER_LIST(CANCEL, t)
#define EACH_FREE(t) BUFFER_LIST(FREE, t)
#define EACH_RECLAIM(t) BUFFER_LIST(RECLAIM, t)

active proctype machine() {
  d_step {
    for (e : 0 .. PROCESSES - 1) {
      task[e].state = LIVE; task[e].mm = e + 1
    }
  }
end:
  do
  PAIR_LIST(ATTACH)
  PAIR_LIST(REQUESTS)
  TASK_LIST(EACH_COMMIT)
  TASK_LIST(EACH_CANCEL)
  TASK_LIST(EACH_FREE)
  PAIR_LIST(DETACH)
  TASK_LIST(EACH_RECLAIM)
  TRIPLE_LIST(HAND_OVER)
  TASK_LIST(KILL)
  PAIR_LIST(REAP)
  TASK_LIST(EXEC)
  PAIR_LIST(FORK)
  PAIR_LIST(FORK_TRACED)
  PAIR_LIST(CLONE)
  TASK_LIST(BECOME)
  TASK_LIST(LOWER_LIMIT)
  :: d_step { !gift_lowered -> gift_lowered = 1; INVARIANTS }
  TASK_LIST(LOCK_PAGE)
  TASK_LIST(UNLOCK_PAGE)
  od
}
