/* Which planted bug is awake: each stands in the code as PLANTED(id), and the first line of a proof names one. */
#ifndef PLANTED
#ifdef __cplusplus
extern "C" {
#endif
extern int planted_now;
extern unsigned char planted_met[4096];
#ifdef __cplusplus
}
#endif
#define PLANTED(id) (planted_met[id] = 1, planted_now == (id))
#endif
